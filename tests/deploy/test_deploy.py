"""What lies in deploy/ is about the figures that there are, and Prometheus takes it."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from calls import metrics

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PROMETHEUS = DEPLOY / "prometheus"
OF_PROMETHEUS = {"up"}
WORDS_OF_PROMQL = {"by", "on", "and", "or", "unless", "without", "ignoring", "bool", "offset"}


def samples() -> set[str]:
    """Every name that a query can ask for."""
    found = set()
    for family in metrics.registry.collect():
        if family.type == "histogram":
            found |= {f"{family.name}_{part}" for part in ("bucket", "count", "sum")}
        else:
            found.add(f"{family.name}_total" if family.type == "counter" else family.name)
    return found


def names_in(query: str) -> set[str]:
    """The metrics that a query asks for: what is neither a function, nor a label, nor a word."""
    bare = re.sub(r'"[^"]*"', "", query)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", bare)
    bare = re.sub(r"\b(by|on|without|ignoring)\s*\([^)]*\)", "", bare)
    names = re.findall(r"\b[a-zA-Z_:][\w:]*\b(?!\s*\()", bare)
    return set(names) - WORDS_OF_PROMQL


def rules() -> list[dict[str, Any]]:
    document = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())
    return [rule for group in document["groups"] for rule in group["rules"]]


def dashboard() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((DEPLOY / "grafana" / "voiceagent.json").read_text())
    return document


def panels() -> Iterator[dict[str, Any]]:
    yield from (panel for panel in dashboard()["panels"] if panel["type"] != "row")


def queries_of_panels() -> Iterator[str]:
    for panel in panels():
        yield from (target["expr"] for target in panel["targets"])


def test_queries_are_read_as_prometheus_reads_them() -> None:
    query = (
        'sum by (le, tool) (rate(tool_run_ms_bucket{tool=~"a.*"}[5m])) > 5 and on () hour() >= 9'
    )
    assert names_in(query) == {"tool_run_ms_bucket"}
    assert names_in('up{job="voiceagent"} == 0') == {"up"}


def test_alerts_are_about_figures_that_there_are() -> None:
    for rule in rules():
        asked = names_in(rule["expr"])
        assert asked and asked <= samples() | OF_PROMETHEUS, rule["alert"]


def test_there_is_an_alert_for_everything_that_callers_notice() -> None:
    names = {rule["alert"] for rule in rules()}
    assert names >= {"FirstAudioSlow", "ProviderErrors", "LoopLag", "NoCallsInAnHour"}
    for rule in rules():
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"] and rule["annotations"]["description"]


def test_every_alert_is_tried_out() -> None:
    document = yaml.safe_load((PROMETHEUS / "alerts_test.yml").read_text())
    tried = {it["alertname"] for test in document["tests"] for it in test["alert_rule_test"]}
    without = {"RepliesSlow", "RecordingsFail"}  # like others of their kind
    assert tried == {rule["alert"] for rule in rules()} - without


@pytest.mark.skipif(shutil.which("promtool") is None, reason="apt-get install prometheus")
@pytest.mark.parametrize(
    "command",
    [
        ("check", "rules", "alerts.yml"),
        ("test", "rules", "alerts_test.yml"),
        ("check", "config", "--syntax-only", "prometheus.yml"),
    ],
    ids=" ".join,
)
def test_promtool_takes_it(command: tuple[str, ...]) -> None:
    done = subprocess.run(
        ["promtool", *command], cwd=PROMETHEUS, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dashboard_shows_every_figure_and_no_other() -> None:
    asked = set().union(*map(names_in, queries_of_panels()))
    assert asked <= samples()
    families = {family.name for family in metrics.registry.collect()}
    shown = {re.sub(r"_(bucket|count|sum|total)$", "", name) for name in asked}
    assert shown == families


def test_the_dashboard_can_be_imported_anywhere() -> None:
    document = dashboard()
    (source, instance) = document["templating"]["list"]
    assert (source["type"], source["query"]) == ("datasource", "prometheus")
    assert instance["multi"] and instance["includeAll"]
    assert "id" not in document and document["schemaVersion"] >= 36
    ids = [panel["id"] for panel in document["panels"]]
    assert len(set(ids)) == len(ids)
    for panel in panels():
        for place in (panel, *panel["targets"]):
            assert place["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert all('instance=~"$instance"' in target["expr"] for target in panel["targets"])


def test_no_panel_covers_another() -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in dashboard()["panels"]:
        grid = panel["gridPos"]
        for x in range(grid["x"], grid["x"] + grid["w"]):
            assert x < 24
            for y in range(grid["y"], grid["y"] + grid["h"]):
                assert taken.setdefault((x, y), panel["title"]) is panel["title"], panel["title"]


def test_panels_show_the_budgets() -> None:
    budgets = {
        "First audio after the stream's start": 50,
        "Answer to Twilio's webhook": 50,
        "Reply after the caller's last word": 600,
        "Lag of the event loop, p99": 20,
        "Agent ready after the stream's start": 100,
    }
    shown = {
        panel["title"]: panel["fieldConfig"]["defaults"]["thresholds"]["steps"][-1]["value"]
        for panel in panels()
    }
    assert {title: shown[title] for title in budgets} == budgets
