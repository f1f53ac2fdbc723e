"""Of which models every change is written down, of which every read, and what of it is hidden."""

from dataclasses import dataclass

from auditlog.registry import AuditlogModelRegistry, auditlog
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models

HIDDEN = "•••"


@dataclass(frozen=True, slots=True)
class Rules:
    """How the rows about one model ("app.model") are written."""

    model: str
    hidden: tuple[str, ...] = ()  # fields: a row says that they changed, and not from what to what
    left_out: tuple[str, ...] = ()  # fields whose change alone is no row
    many: tuple[str, ...] = ()  # many-to-many fields
    part_of: str = ""  # the field that names the owner, whose history shows these rows as well
    personal: bool = False  # rows call it by its number: its name is somebody's
    reads_alone: bool = False  # it is written by calls and tasks, many times a second


# What is worked out from the sound, and the sound itself.
_SOUND = (
    "mulaw",
    "words",
    "duration_ms",
    "loudness_before_lufs",
    "loudness_after_lufs",
    "sha256",
)
# What each row of the audit log says itself.
_WRITTEN_BESIDE = ("author_name", "created_at", "published_at")

RULES = (
    Rules("catalog.agent"),
    Rules("catalog.phonenumber", part_of="agent"),
    Rules("catalog.openinghours", part_of="agent"),
    Rules("catalog.transfertarget", part_of="agent"),
    Rules("catalog.clip", left_out=("created_at",)),
    Rules("catalog.recording", part_of="clip", left_out=(*_SOUND, *_WRITTEN_BESIDE)),
    Rules("catalog.prompt"),
    Rules("catalog.promptversion", part_of="prompt", left_out=_WRITTEN_BESIDE),
    Rules("catalog.tool"),
    Rules("catalog.httptool", hidden=("headers",)),
    Rules("catalog.httptoolparameter", part_of="tool"),
    Rules("catalog.mcpserver", hidden=("headers",)),
    # Going back to a revision is the making of a new one, which names its cause.
    Rules("catalog.catalogrevision", left_out=("document", "author_name", "created_at")),
    Rules(
        "customers.customer",
        hidden=("name", "phone", "notes"),
        left_out=("created_at",),
        personal=True,
    ),
    Rules(
        "customers.customerfact",
        hidden=("text",),
        left_out=("created_at",),
        part_of="customer",
        personal=True,
    ),
    Rules("customers.customerphone", hidden=("number",), part_of="customer", personal=True),
    # That somebody moved it, and from when to when, is what is asked about an appointment.
    Rules(
        "customers.appointment",
        hidden=("reason",),
        left_out=("created_at",),
        part_of="customer",
        personal=True,
    ),
    Rules(
        "auth.user",
        hidden=("password", "email", "first_name", "last_name"),
        left_out=("last_login", "date_joined"),
        many=("groups", "user_permissions"),
    ),
    Rules("auth.group", many=("permissions",)),
    Rules("calls.call", reads_alone=True),
    Rules("calls.webhook", hidden=("secret",)),
    Rules("calls.webhookdelivery", reads_alone=True),  # "send again" writes its row itself
    Rules(
        "calls.callreview",
        hidden=("note", "tags"),
        left_out=("author_name", "changed_at"),
        part_of="call",
    ),
)
_BY_MODEL = {rules.model: rules for rules in RULES}

# Reads of rows whose changes are nobody's doing.
_reads = AuditlogModelRegistry(create=False, update=False, delete=False, m2m=False)


def connect() -> None:
    """Raises LookupError if a model of the rules is gone."""
    for rules in RULES:
        model = apps.get_model(rules.model)
        if rules.reads_alone:
            _reads.register(model)
            continue
        auditlog.register(
            model,
            # By name: the library would take relations from elsewhere for fields.
            include_fields=[
                field.name
                for field in model._meta.concrete_fields
                if not field.primary_key and field.name not in rules.left_out
            ],
            mask_fields=list(rules.hidden),
            mask_callable="staff.audit.masked",
            m2m_fields=rules.many,
        )


def masked(value: str) -> str:
    """Whether there is a value, and nothing else of it."""
    return HIDDEN if value not in ("", "None") else value


def rules_of(kind: ContentType) -> Rules:
    label = f"{kind.app_label}.{kind.model}"
    return _BY_MODEL.get(label) or Rules(label)


def parts_of(model: type[models.Model]) -> list[tuple[type[models.Model], str]]:
    """The models whose rows belong to rows of this one, each with the field that names it."""
    parts = [(apps.get_model(rules.model), rules.part_of) for rules in RULES if rules.part_of]
    return [
        (part, name) for part, name in parts if part._meta.get_field(name).related_model == model
    ]
