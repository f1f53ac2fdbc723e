"""The knee, the ratios, the page, the document and the chart, from figures that are made up."""

import json
import xml.etree.ElementTree as ElementTree

import pytest

from benchmarks.load import ablations, chart, ratios, table
from benchmarks.load.knee import holds, knee, next_level
from benchmarks.load.without import OPTIMISATIONS, named
from tests.benchmarks.a_level import a_level, levels


@pytest.mark.parametrize(
    "broken",
    [
        {"loop_lag_p99_ms": 20.1},
        {"heard_gaps": 1},
        {"reply_p95_ms": 1_501.0},
        {"reply_p95_ms": None},
    ],
)
def test_a_level_does_not_hold_when_one_thing_breaks(broken: dict[str, float | None]) -> None:
    assert holds(a_level(10))
    assert not holds(a_level(10, **broken))


def test_the_knee_is_the_most_that_held_below_the_first_that_broke() -> None:
    found = levels(a_level(1), a_level(5), a_level(10, heard_gaps=2), a_level(20))
    assert knee(found) == 5
    assert knee(levels(a_level(1, heard_gaps=1))) == 0


def test_the_knee_is_looked_for_in_the_middle_and_beyond() -> None:
    assert next_level(levels(a_level(20), a_level(40, heard_gaps=1))) == 30
    assert next_level(levels(a_level(40))) == 60
    assert next_level(levels(a_level(1), a_level(2, heard_gaps=1))) is None


def test_ratios_are_ours_divided_by_the_peers() -> None:
    peer = levels(
        a_level(5, cpu_silent=0.2, cpu_talking=0.16),
        a_level(10, first_audio_p50_ms=400.0, memory_per_call_mb=16.0, heard_gaps=1),
    )
    ours = levels(a_level(5), a_level(10), a_level(20), a_level(40, heard_gaps=1))
    assert ratios.compare(peer, ours).ratios() == {
        "first_audio_10": pytest.approx(0.01),
        "cpu_silent": pytest.approx(0.25),
        "cpu_talking": pytest.approx(0.5),
        "memory_per_call": pytest.approx(1 / 16),
        "knee": pytest.approx(4.0),
    }


def test_what_was_not_measured_has_no_ratio_and_a_knee_of_nobody_counts_as_one() -> None:
    found = ratios.compare(levels(a_level(1, heard_gaps=1)), levels(a_level(1), a_level(5)))
    assert found.first_audio_10.ratio is None
    assert found.knee.ratio == 5.0


def test_a_run_that_did_not_look_for_the_knee_says_none() -> None:
    """With 1 and 10 calls alone, a side that breaks at 10 would be taken to hold but one."""
    found = levels(a_level(1), a_level(10))
    assert ratios.compare(found, found, with_knee=False).knee.ratio is None
    page = table.section(found, found, None, with_knee=False)
    assert "| knee (looked for by the full run) | – | – | – |" in page


def test_a_quick_run_compares_cpu_where_both_were_silent() -> None:
    found = ratios.compare(levels(a_level(10)), levels(a_level(10)))
    assert found.cpu_silent.what.endswith("10 calls")


def test_the_document_has_both_sides_by_level_and_the_ratios() -> None:
    found = ratios.document(levels(a_level(10)), levels(a_level(10)))
    document = json.loads(json.dumps(found))
    assert set(document) == {"peer", "ours", "ratios"}
    assert document["ours"]["10"]["first_audio_p50_ms"] == 4.0
    assert set(document["ratios"]) == {
        "first_audio_10",
        "cpu_silent",
        "cpu_talking",
        "memory_per_call",
        "knee",
    }


def test_the_page_begins_with_ratios_and_has_every_level_of_both() -> None:
    peer = levels(a_level(1), a_level(10, reply_p95_ms=None))
    page = table.section(peer, levels(a_level(1), a_level(10), a_level(20)), "results.svg")
    assert page.index("ours ÷ peer") < page.index("results.svg") < page.index("first audio p50 |")
    assert page.count("| voiceagent |") == 6
    assert page.count("| Pipecat's flow |") == 4
    assert "| no |" in page


def test_the_chart_is_an_image_with_both_lines_in_every_panel() -> None:
    peer = levels(a_level(1), a_level(10, reply_p95_ms=None))
    image = ElementTree.fromstring(chart.svg(peer, levels(a_level(1), a_level(10), a_level(40))))
    lines = image.findall(".//{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 2 * len(chart.PANELS)
    assert "prefers-color-scheme:dark" in chart.STYLE


def test_an_ablation_is_told_by_how_much_worse_it_is() -> None:
    everything = ablations.Row("", "everything on", 5.0, a_level(10))
    without = ablations.Row("shared models", "", 10.0, a_level(10, ready_p50_ms=120.0))
    page = ablations.report([everything, without])
    assert "| shared models |  | 2.00 | 1.00 | 10.00 | 1.00 | 1.00 | 1.00 | 1.00 |" in page


def test_the_three_switches_are_among_the_optimisations() -> None:
    for switch in (
        "EAGER_TOOL_LOADING",
        "DIRECT_GREETING_INJECTION",
        "PARALLEL_CONTEXT_PREFETCH",
    ):
        assert named(switch).settings == {switch: "false"}
    assert len({it.name for it in OPTIMISATIONS}) == len(OPTIMISATIONS)
