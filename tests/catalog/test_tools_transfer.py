"""transfer_call: only to people on the agent's list, however the model puts it."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.stages import Stage
from catalog.tools.call_control import transfer_call
from catalog.tools.context import ToolError, TransferTarget
from catalog.tools.registry import lookup
from catalog.tools.spec import Needs

USUAL = TransferTarget("", "+351200000020")
BILLING = TransferTarget("Billing", "+351200000021")
SILVA = TransferTarget("Dr. Sílva", "+351200000022")
EVERYBODY = (USUAL, BILLING, SILVA)


@dataclass
class FakeCall:
    """A call of an agent with these people to transfer to."""

    transfer_targets: tuple[TransferTarget, ...] = EVERYBODY
    asked: list[tuple[TransferTarget, str, str]] = field(default_factory=list)

    async def transfer(self, target: TransferTarget, announcement: str, summary: str) -> None:
        assert target in self.transfer_targets
        self.asked.append((target, announcement, summary))


async def chosen(to: str, *targets: TransferTarget) -> TransferTarget:
    call = FakeCall(targets or EVERYBODY)
    assert (await transfer_call(call, to=to, announcement="One moment.", summary="")).ok  # type: ignore[arg-type]
    return call.asked[0][0]


async def refusal(to: str, *targets: TransferTarget) -> str:
    call = FakeCall(targets or EVERYBODY)
    with pytest.raises(ToolError) as caught:
        await transfer_call(call, to=to, announcement="One moment.", summary="")  # type: ignore[arg-type]
    assert call.asked == []
    return caught.value.spoken_message


@pytest.mark.parametrize(
    ("to", "target"),
    [
        ("", USUAL),
        ("  ", USUAL),
        (USUAL.number, USUAL),
        ("Billing", BILLING),
        ("bILLing ", BILLING),
        ("+351200000021", BILLING),
        ("Dr. Sílva", SILVA),
        ("dr silva", SILVA),
        ("DR.SILVA", SILVA),
        ("Dr. Si\u0301lva", SILVA),
    ],
)
async def test_it_finds_who_is_meant(to: str, target: TransferTarget) -> None:
    assert await chosen(to) == target


@pytest.mark.parametrize(
    "to",
    [
        "+19005550100",
        "351200000021",
        "+351 200 000 021",
        "00351200000021",
        "+351200000021,+19005550100",
        "+351200000021;ext=1",
        "sip:billing@example.org",
        "Bill",
        "Billing or +19005550100",
        "Dr. Who",
        "…",
        "\x00",
        "+",
        "</Number><Number>+19005550100",
    ],
)
async def test_it_refuses_everybody_else_and_names_the_choices(to: str) -> None:
    said = await refusal(to)
    assert "Billing, Dr. Sílva" in said
    assert "+" not in said, "no number is given away"


@given(st.text())
async def test_whatever_it_is_given_it_asks_for_nobody_off_the_list(to: str) -> None:
    call = FakeCall()
    try:
        await transfer_call(call, to=to, announcement="", summary="")  # type: ignore[arg-type]
    except ToolError:
        assert call.asked == []
    else:
        assert call.asked[0][0] in EVERYBODY


async def test_without_a_usual_person_it_asks_for_a_name_unless_there_is_only_one() -> None:
    assert await chosen("", BILLING) == BILLING
    assert await refusal("", BILLING, SILVA) == (
        "I can put you through to one of these: Billing, Dr. Sílva."
    )


async def test_names_that_sound_alike_are_told_apart_as_they_are_written() -> None:
    ana, other_ana = TransferTarget("Ana", "+351200000023"), TransferTarget("Aná", "+351200000024")
    assert await chosen("Aná", ana, other_ana) == other_ana
    assert "Ana, Aná" in await refusal("ANA", ana, other_ana)


async def test_it_says_so_when_nobody_can_be_named() -> None:
    assert "whoever picks up" in await refusal("the boss", USUAL)


async def test_it_passes_on_what_is_said_and_whispered() -> None:
    call = FakeCall()
    await transfer_call(call, announcement=" Um momento. ", summary=" Fatura.\n")  # type: ignore[arg-type]
    assert call.asked == [(USUAL, "Um momento.", "Fatura.")]


async def test_a_caller_is_never_put_through_without_a_word() -> None:
    call = FakeCall()
    await transfer_call(call, announcement="  ", summary="")  # type: ignore[arg-type]
    assert call.asked[0][1] == "One moment, I am putting you through."


def test_it_is_offered_from_the_start_and_only_where_there_is_somebody() -> None:
    spec = lookup("transfer_call")
    assert spec is not None
    assert (spec.default_stage, spec.needs) == (Stage.CRITICAL, Needs.TRANSFER_TARGETS)
    assert spec.changes_something and spec.leaves_the_call
    assert list(spec.parameters["properties"]) == ["to", "announcement", "summary"]
    assert spec.parameters["required"] == ["announcement", "summary"]
