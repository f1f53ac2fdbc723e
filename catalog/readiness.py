"""What is left to do before this business answers its own calls: number, greeting, prompt."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from catalog.models import Agent, PhoneNumber
from catalog.shipped import is_shipped_prompt, is_shipped_sound


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    done: bool
    sentence: str
    link: str  # the page where it is done, or can be seen
    link_text: str


def default_agent() -> Agent | None:
    """Who answers where nobody else does, with what it plays and is told."""
    agents = Agent.objects.filter(is_default=True, enabled=True)
    # The recording's audio is a quarter of a megabyte, and nothing here plays it.
    unread = ("greeting_clip__published__mulaw", "greeting_clip__published__words")
    related = ("greeting_clip__published", "prompt__published")
    return agents.select_related(*related).defer(*unread).first()


def steps() -> tuple[Step, Step, Step]:
    agent = default_agent()
    return _number(), _greeting(agent), _prompt(agent)


def _number() -> Step:
    title = _("A phone number")
    first = PhoneNumber.objects.select_related("agent").filter(agent__enabled=True).first()
    if first is None:
        return Step(
            title,
            False,
            _("Enter the number your callers dial, and choose who answers it."),
            reverse("admin:catalog_phonenumber_add"),
            _("Add a phone number"),
        )
    return Step(
        title,
        True,
        _("Calls to %(number)s are answered by %(agent)s.")
        % {"number": first.number, "agent": first.agent},
        reverse("admin:catalog_phonenumber_changelist"),
        _("See the phone numbers"),
    )


def _greeting(agent: Agent | None) -> Step:
    title = _("Your own greeting")
    if agent is None:
        return Step(title, False, _no_agent(), reverse("admin:catalog_agent_changelist"), _agents())
    clip = agent.greeting_clip
    if clip is None or clip.published is None:
        return Step(
            title,
            False,
            _("%(agent)s has no greeting clip yet. Record one, then choose it here.")
            % {"agent": agent},
            reverse("admin:catalog_agent_change", args=(agent.pk,)),
            _("Open %(agent)s") % {"agent": agent},
        )
    link = reverse("admin:catalog_clip_change", args=(clip.pk,))
    if is_shipped_sound(clip.published):
        sentence = _("Callers hear the example greeting. Record, upload or type your own.")
        return Step(title, False, sentence, link, _("Make your greeting"))
    sentence = _("Callers hear “%(clip)s”, version %(version)d.") % {
        "clip": clip,
        "version": clip.published.version,
    }
    return Step(title, True, sentence, link, _("Listen to it"))


def _prompt(agent: Agent | None) -> Step:
    title = _("Your own prompt")
    if agent is None:
        return Step(title, False, _no_agent(), reverse("admin:catalog_agent_changelist"), _agents())
    version = agent.prompt.published
    link = reverse("admin:catalog_prompt_change", args=(agent.prompt_id,))
    if version is None:
        sentence = _("The prompt of %(agent)s is not published yet.") % {"agent": agent}
        return Step(title, False, sentence, link, _("Publish it"))
    if is_shipped_prompt(version):
        sentence = _("%(agent)s works for an example business. Write down what it has to know.") % {
            "agent": agent
        }
        return Step(title, False, sentence, link, _("Write your prompt"))
    sentence = _("%(agent)s is told “%(prompt)s”, version %(version)d.") % {
        "agent": agent,
        "prompt": agent.prompt,
        "version": version.version,
    }
    return Step(title, True, sentence, link, _("Read it"))


def _no_agent() -> str:
    return _("No agent answers every other number: choose one first.")


def _agents() -> str:
    return _("See the agents")
