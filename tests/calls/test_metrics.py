"""The figures that operators and the contract rely on by name."""

import re
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from calls import metrics
from calls.models import EndedBy

ROOT = Path(__file__).resolve().parents[2]
OF_THE_CONTRACT = {
    "greeting_start_latency_ms",
    "pipeline_creation_time_ms",
    "context_prefetch_time_ms",
    "context_injection_time_ms",
    "first_llm_response_time_ms",
}


def families() -> dict[str, str]:
    text = metrics.exposition().decode()
    return {family.name: family.type for family in text_string_to_metric_families(text)}


def documented() -> dict[str, str]:
    """The rows of the table in docs/operations.md: figure, kind."""
    page = (ROOT / "docs" / "operations.md").read_text()
    return dict(re.findall(r"^\| `(\w+)` \| (histogram|gauge|counter) \|", page, re.MULTILINE))


def test_it_exposes_the_histograms_of_the_contract_under_their_names() -> None:
    kinds = families()
    assert {kinds[name] for name in OF_THE_CONTRACT} == {"histogram"}


def test_the_page_of_operations_explains_exactly_the_figures_that_there_are() -> None:
    # What prometheus_client adds, the moment at which each began, explains itself.
    there = {name: kind for name, kind in families().items() if not name.endswith("_created")}
    assert documented() == there


def test_a_counter_is_there_before_it_counts() -> None:
    """Prometheus sees no increase in one that first appears with 1."""
    counted = metrics.registry.get_sample_value
    for by in EndedBy.values:
        assert counted("calls_ended_total", {"by": by}) is not None
    for provider in metrics.PROVIDERS:
        assert counted("provider_errors_total", {"provider": provider}) is not None


def test_every_provider_that_is_counted_is_known_beforehand() -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "calls").rglob("*.py"))
    counted = set(re.findall(r'provider_errors\.labels\(provider="([^"]+)"\)', sources))
    assert counted and counted <= set(metrics.PROVIDERS)


def test_its_buckets_resolve_the_budgets() -> None:
    assert {5, 20, 50, 100} <= set(metrics.FAST_MS)
    assert {500, 750, 1_000} <= set(metrics.SLOW_MS)
    assert list(metrics.FAST_MS) == sorted(metrics.FAST_MS)
    assert list(metrics.SLOW_MS) == sorted(metrics.SLOW_MS)


def test_it_counts_in_milliseconds() -> None:
    def total() -> float:
        return metrics.registry.get_sample_value("reply_latency_ms_sum") or 0.0

    before = total()
    metrics.reply_latency_ms.observe(640.0)
    assert total() == before + 640.0
