"""The figures that operators and the contract rely on by name."""

from prometheus_client.parser import text_string_to_metric_families

from calls import metrics

HISTOGRAMS = {
    "greeting_start_latency_ms",
    "pipeline_creation_time_ms",
    "context_prefetch_time_ms",
    "context_injection_time_ms",
    "first_llm_response_time_ms",
    "reply_latency_ms",
    "webhook_ms",
    "tool_run_ms",
}


def families() -> dict[str, str]:
    text = metrics.exposition().decode()
    return {family.name: family.type for family in text_string_to_metric_families(text)}


def test_it_exposes_the_histograms_under_their_names() -> None:
    kinds = families()
    assert {name for name, kind in kinds.items() if kind == "histogram"} == HISTOGRAMS


def test_it_exposes_what_is_counted_and_what_is_live() -> None:
    kinds = families()
    assert kinds["live_calls"] == kinds["warm"] == "gauge"
    for name in ("calls_ended", "provider_errors", "malformed_messages"):
        assert kinds[name] == "counter"


def test_its_buckets_resolve_the_budgets() -> None:
    assert {5, 50, 100} <= set(metrics.FAST_MS)
    assert {500, 750, 1_000} <= set(metrics.SLOW_MS)
    assert list(metrics.FAST_MS) == sorted(metrics.FAST_MS)
    assert list(metrics.SLOW_MS) == sorted(metrics.SLOW_MS)


def test_it_counts_in_milliseconds() -> None:
    def total() -> float:
        return metrics.registry.get_sample_value("reply_latency_ms_sum") or 0.0

    before = total()
    metrics.reply_latency_ms.observe(640.0)
    assert total() == before + 640.0
