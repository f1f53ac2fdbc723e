"""What does the page of one call show? Made with one query for each kind of row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from calls.budgets import REPLY
from calls.call_cost import CallCost, call_cost
from calls.call_record import offered_at
from calls.durations import milliseconds, minutes, moment
from calls.masking import document_with_masked_numbers, masked, with_masked_numbers
from calls.models import Call, CallEvent, RecordingState, Survey, ToolRun, Utterance
from calls.titles import EVENTS, OUTCOMES
from calls.waterfall import Stage, waterfall
from calls.waterfall_picture import FORMATS, Picture, picture, value_of

Shown = Callable[[object], object]  # as it is, or without numbers


@dataclass(frozen=True, slots=True)
class Line:
    said: Utterance
    text: str
    at: str
    reply: str  # "" for what answers nothing
    late: bool
    offered: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Run:
    run: ToolRun
    at: str
    took: str
    outcome: str
    went_well: bool
    arguments: Sequence[tuple[str, object]]
    told: Sequence[tuple[str, object]]


@dataclass(frozen=True, slots=True)
class Event:
    title: str
    at: str
    detail: str


@dataclass(frozen=True, slots=True)
class RanWith:
    """One thing of the catalog, and where it is found by those who may."""

    label: str
    name: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class CallPage:
    call: Call
    caller: str
    duration: str
    usual_reply: str
    usual_reply_late: bool
    survey: Survey | None
    player: str  # its address; "" if there is nothing to hear, or not for this person
    why_no_player: str
    lines: Sequence[Line]
    runs: Sequence[Run]
    stages: Sequence[Stage]
    pictures: Sequence[Picture]
    table: Sequence[tuple[str, Sequence[tuple[str, str]]]]  # the picture's numbers, by stage
    events: Sequence[Event]
    ran_with: Sequence[RanWith]
    cost: CallCost
    summary: str
    details: Sequence[tuple[str, object]]


def call_page(call: Call, request: HttpRequest) -> CallPage:
    said, runs = list(call.utterances.all()), list(call.tool_runs.all())
    events, offers = list(call.events.all()), list(call.tool_offers.all())
    stages = waterfall(call, events, said)
    player = recording_address(call, request)
    shown = _as_it_is if sees_numbers(request) else document_with_masked_numbers
    return CallPage(
        call=call,
        caller=caller_of(call, sees_numbers(request)),
        duration=minutes(call.duration_ms),
        usual_reply=milliseconds(call.usual_reply_ms),
        usual_reply_late=(call.usual_reply_ms or 0.0) > REPLY.most_ms,
        survey=getattr(call, "survey", None),
        player=player,
        why_no_player="" if player else _why_no_player(call, request),
        lines=[_line(line, offered_at(offers, line), shown) for line in said],
        runs=[_run(run, shown) for run in runs],
        stages=stages,
        pictures=[picture(stages, form) for form in FORMATS] if stages else [],
        table=[
            (f"{s.title} – {s.zero}", [(step.label, value_of(step)) for step in s.steps])
            for s in stages
        ],
        events=[_event(event, shown) for event in events],
        ran_with=_ran_with(call, request),
        cost=call_cost(call),
        summary=str(shown(call.summary)),
        details=_pairs(shown(call.details)),
    )


def sees_numbers(request: HttpRequest) -> bool:
    return request.user.has_perm("calls.see_phone_numbers")


def caller_of(call: Call, numbers_seen: bool) -> str:
    """Their name and their number, as much of it as may be seen."""
    name, number = call.customer_name, call.from_number
    if not numbers_seen:
        name, number = with_masked_numbers(name), masked(number)
    return " · ".join(part for part in (name, number) if part) or _("Withheld number")


def _as_it_is(document: object) -> object:
    return document


def _line(said: Utterance, offered: Sequence[str] | None, shown: Shown) -> Line:
    late = said.reply_ms is not None and said.reply_ms > REPLY.most_ms
    reply = "" if said.reply_ms is None else milliseconds(said.reply_ms)
    return Line(said, str(shown(said.text)), moment(said.at_ms), reply, late, offered)


def _event(event: CallEvent, shown: Shown) -> Event:
    title, at = str(EVENTS.get(event.name, event.name)), milliseconds(event.at_ms)
    return Event(title, at, str(shown(event.detail)))


def _run(run: ToolRun, shown: Shown) -> Run:
    return Run(
        run,
        moment(run.at_ms),
        milliseconds(run.ms),
        str(OUTCOMES.get(run.outcome, run.outcome)),
        run.outcome in {"ok", "repeated"},
        # A template would look up an argument named "items" before the method.
        _pairs(shown(run.arguments)),
        [(name, value) for name, value in _pairs(shown(run.result)) if name != "ok"],
    )


def _pairs(document: object) -> Sequence[tuple[str, object]]:
    return list(document.items()) if isinstance(document, Mapping) else []


def recording_address(call: Call, request: HttpRequest) -> str:
    """ "" where there is nothing to hear, or not for this person."""
    if call.recording_state != RecordingState.READY:
        return ""
    if not request.user.has_perm("calls.hear_recording"):
        return ""
    try:
        return reverse("admin:calls_call_recording", args=(call.pk,))
    except NoReverseMatch:
        return ""


def _why_no_player(call: Call, request: HttpRequest) -> str:
    if call.recording_state == RecordingState.READY:
        return _("This call was recorded. Your role does not include hearing recordings.")
    return call.get_recording_state_display()


def _ran_with(call: Call, request: HttpRequest) -> Sequence[RanWith]:
    def link(model: str, pk: int | None) -> str:
        if not pk or not request.user.has_perm(f"catalog.view_{model}"):
            return ""
        return reverse(f"admin:catalog_{model}_change", args=(pk,))

    def version(name: str, number: int | None) -> str:
        if not name:
            return "–"
        numbered = _("%(name)s, version %(version)d") % {"name": name, "version": number or 0}
        return numbered if number else name

    clip = link("clip", call.clip_key)
    return (
        RanWith(_("Agent"), call.agent_name or "–", link("agent", call.agent_key)),
        RanWith(_("Prompt"), version(call.prompt_name, call.prompt_version)),
        RanWith(_("Greeting clip"), version(call.clip_name, call.clip_version), clip),
        RanWith(
            _("Catalog revision"),
            str(call.revision) if call.revision else "–",
            link("catalogrevision", call.revision),
        ),
        RanWith(_("Server"), call.process_id or "–"),
    )
