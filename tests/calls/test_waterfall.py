"""The start-up of a call: its steps, their budgets, and where their bars are drawn."""

import pytest

from calls.models import Call, CallEvent, Utterance
from calls.waterfall import Stage, Step, waterfall
from calls.waterfall_picture import DESK, FORMATS, PHONE, Bar, Format, picture


def events(**at_ms: float) -> list[CallEvent]:
    return [CallEvent(name=name.replace("_", " "), at_ms=ms) for name, ms in at_ms.items()]


def steps(*stages: Stage) -> list[tuple[str, float, float]]:
    return [(step.label, step.from_ms, step.to_ms) for stage in stages for step in stage.steps]


def bar(form: Format, step: Step) -> Bar:
    (only,) = picture((Stage("A stage", "its zero", (step,)),), form).bars
    return only


def test_it_draws_nothing_for_a_call_of_which_nothing_is_known() -> None:
    assert waterfall(Call()) == ()


def test_it_tells_the_ringing_from_the_webhook_on() -> None:
    call = Call(webhook_ms=3.0, context_prefetch_ms=40.0)
    (ringing,) = waterfall(call, events(webhook=-350.0, upgrade=-50.0))
    assert steps(ringing) == [
        ("Answer to Twilio", 0.0, 3.0),
        ("Twilio opens the stream", 3.0, 300.0),
        ("Twilio starts it", 300.0, 350.0),
        ("Customer looked up", 0.0, 40.0),
    ]


def test_it_tells_what_happened_on_the_open_line() -> None:
    call = Call(first_audio_ms=2.0, agent_ready_ms=180.0, context_injected_ms=181.0)
    known = events(stt_connected=120.0, llm_connected=121.0, tts_connected=175.0)
    later = events(stt_connected=60_000.0, greeting_heard=5_002.0)
    (opening,) = waterfall(call, known + later)
    assert steps(opening) == [
        ("First audio", 0.0, 2.0),
        ("Greeting heard", 2.0, 5_002.0),
        ("Speech recognition connected", 0.0, 120.0),
        ("Language model at hand", 0.0, 121.0),
        ("Voice connected", 0.0, 175.0),
        ("Agent ready", 0.0, 180.0),
        ("Customer in the prompt", 0.0, 181.0),
    ]


def test_it_counts_the_first_answer_from_the_callers_last_word() -> None:
    call = Call(first_llm_response_ms=4_100.0, first_reply_audio_ms=4_600.0)
    (answer,) = waterfall(call, (), [Utterance(at_ms=4_600.0, reply_ms=700.0)])
    assert steps(answer) == [
        ("First word from the model", 0.0, 200.0),
        ("First reply heard", 0.0, 700.0),
    ]
    assert [step.over for step in answer.steps] == [False, True]


def test_a_model_that_opens_the_conversation_answers_nobody() -> None:
    call = Call(first_llm_response_ms=300.0, first_reply_audio_ms=9_000.0)
    opening, answer = waterfall(call, (), [Utterance(at_ms=9_000.0, reply_ms=500.0)])
    assert steps(opening) == [("First word from the model", 0.0, 300.0)]
    assert steps(answer) == [("First reply heard", 0.0, 500.0)]


@pytest.mark.parametrize(
    ("timing", "budget_ms"),
    [
        ("webhook_ms", 50.0),
        ("first_audio_ms", 50.0),
        ("agent_ready_ms", 500.0),
        ("context_prefetch_ms", 2_000.0),
        ("context_injected_ms", 2_000.0),
    ],
)
def test_it_says_when_a_budget_was_missed(timing: str, budget_ms: float) -> None:
    for ms, over in ((budget_ms, False), (budget_ms + 0.1, True)):
        (stage,) = waterfall(Call(**{timing: ms}))
        assert [step.over for step in stage.steps] == [over]


@pytest.mark.parametrize("form", FORMATS)
def test_two_milliseconds_and_three_seconds_are_both_seen(form: Format) -> None:
    plot = form.plot_right - form.plot_left
    assert bar(form, Step("Fast", 0.0, 2.0)).width > plot / 20
    assert bar(form, Step("Slow", 0.0, 3_000.0)).width == pytest.approx(plot)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("ms", [-5.0, 0.0, 1e-9, 3_600_000.0])
def test_no_bar_leaves_the_picture_or_vanishes(form: Format, ms: float) -> None:
    drawn = bar(form, Step("Odd", min(ms, 0.0), ms, 50.0))
    assert drawn.width >= 2.0
    assert form.plot_left <= drawn.x
    assert drawn.x + drawn.width <= form.plot_right + 0.1


def test_the_budget_stands_where_the_bar_would_end_in_time() -> None:
    assert bar(DESK, Step("Exact", 0.0, 50.0, 50.0)).budget_x == pytest.approx(
        DESK.plot_left + bar(DESK, Step("Exact", 0.0, 50.0, 50.0)).width, abs=0.2
    )
    assert bar(DESK, Step("None", 0.0, 50.0)).budget_x is None


def test_rows_do_not_overlap() -> None:
    stages = (
        Stage("One", "zero", (Step("A", 0.0, 1.0), Step("B", 0.0, 1.0))),
        Stage("Two", "zero", (Step("C", 0.0, 1.0),)),
    )
    for form in (DESK, PHONE):
        drawn = picture(stages, form)
        tops = [bar.y for bar in drawn.bars]
        assert all(
            after - before >= form.row for before, after in zip(tops, tops[1:], strict=False)
        )
        assert tops[-1] + drawn.bar_height < drawn.plot_bottom < drawn.height
