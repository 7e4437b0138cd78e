"""What a letter is, as its author wrote it: texts with places for values, and when each is kept.

Also what any letter may name: recipients, steps, values, conditions. `wording_parser` reads one
from its file, `compose` puts a person's answers in. Limits: nothing here is of a person.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from letters.model import CHANNELS, OUTCOMES, REPRESENTED, WHO

OPTIONAL_FIELDS = frozenset({"reason", "missing"})
HANDWRITTEN = frozenset({"nir"})
SAME_AS_EARLIER = "premier-destinataire"  # whoever got the letter that this one speaks of
RECIPIENT_KINDS = frozenset({"caisse", "plateforme", "soignant", "cnil", SAME_AS_EARLIER})

# The steps of the journey. A letter of the last two speaks of an opposition that was answered
# badly or not at all; a letter of the last three speaks of an opposition.
OPPOSITION, INFORMATION, FOLLOW_UP, COMPLAINT = "opposition", "information", "relance", "plainte"
STEPS = frozenset({OPPOSITION, INFORMATION, FOLLOW_UP, COMPLAINT})
LATER_STEPS = frozenset({FOLLOW_UP, COMPLAINT})

# What `compose` can put in; an optional field of the letter adds its own name.
VALUES = frozenset(
    {"given_name", "family_name", "name", "recipient", "today", "represented_name", "measure"}
)
EARLIER_VALUES = frozenset(
    {"earlier_recipient", "earlier_address", "earlier_subject", "earlier_basis"}
    | {"sent_on", "deadline"}
)
OUTCOME_VALUES = frozenset({"received_on", "answer_on", "followed_up_on"})
# What a condition may name beside an option or a field of the letter.
WHO_CONDITIONS = frozenset({*WHO, "represented"})
OUTCOME_CONDITIONS = frozenset({*CHANNELS, *OUTCOMES, *OUTCOME_VALUES, "followed_up_first"})
# No option can have one of these names.
RESERVED = OPTIONAL_FIELDS | WHO_CONDITIONS | OUTCOME_CONDITIONS | {"sent_on"}
# A value that may be missing, and the conditions that each make sure of it.
GUARDS = {
    **{name: {name} for name in OPTIONAL_FIELDS},
    "represented_name": {"represented", *REPRESENTED},
    "measure": {"protected"},
    "received_on": {"received_on"},
    "answer_on": {"answer_on", "followed_up_first"},
    "followed_up_on": {"followed_up_on", "followed_up_first"},
}
GUARDS_OF_INFORMATION = {"sent_on": {"sent_on"}, "deadline": {"sent_on"}}

_PLACEHOLDER = re.compile(r"\(\(([a-z_]+)\)\)")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """The place of a value in a text."""

    name: str


Template = tuple[str | Placeholder, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """`[si name]` when `wanted`, `[sauf name]` when not."""

    name: str
    wanted: bool


Conditions = tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class TemplateBlock:
    """A paragraph (one template) or a list (`is_list`, one template an item).

    It is kept when all its conditions hold.
    """

    templates: tuple[Template, ...]
    is_list: bool
    conditions: Conditions
    line: int


@dataclass(frozen=True, slots=True)
class Option:
    """A tick box: `default` on a first visit, `label` and `hint` as the person reads them.

    `after` is what the result page says when it is ticked; empty for most.
    """

    name: str
    default: bool
    label: str
    hint: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """One letter as its author wrote it, checked and with French typography set.

    `digest` tells one version of its file from another: the SHA-256 of its text, in hexadecimal.
    """

    slug: str
    digest: str = field(compare=False)
    order: int
    step: str
    title: str
    summary: str
    reach: str
    limits: tuple[str, ...]
    subject: str
    basis: str
    sources: tuple[str, ...]
    recipient_kind: str
    options: tuple[Option, ...]
    fields: tuple[str, ...]
    handwritten: tuple[str, ...]
    reason_hint: str
    reviewed_by: str
    reviewed_on: date
    body: tuple[TemplateBlock, ...]
    spoken: tuple[TemplateBlock, ...]

    @property
    def default_options(self) -> frozenset[str]:
        return frozenset(option.name for option in self.options if option.default)

    def blocks_for(self, name: str) -> tuple[TemplateBlock, ...]:
        """The blocks that an option or a field adds."""
        return tuple(b for b in self.body if Condition(name, wanted=True) in b.conditions)

    @property
    def options_with_reasons(self) -> frozenset[str]:
        """The options that say something only of a person's reasons."""
        given = Condition("reason", wanted=True)
        names = (option.name for option in self.options)
        return frozenset(n for n in names if all(given in b.conditions for b in self.blocks_for(n)))

    @property
    def additions(self) -> frozenset[str]:
        """The options and fields that the letter stands without."""
        return frozenset(option.name for option in self.options).union(self.fields)

    @property
    def speaks_of_earlier_letter(self) -> bool:
        return self.step != OPPOSITION

    @property
    def asks_birth_date(self) -> bool:
        """Whether whoever gets it holds a named file in which to find the person."""
        return self.recipient_kind not in {"cnil", "plateforme"}


@dataclass(frozen=True, slots=True)
class Rules:
    """What the text of one letter may name: conditions, values, and what these must stand under."""

    conditions: frozenset[str]
    values: frozenset[str]
    guards: dict[str, set[str]]

    @classmethod
    def of(cls, step: str, options: set[str], fields: list[str]) -> "Rules":
        conditions = WHO_CONDITIONS | options | set(fields)
        values = VALUES.union(fields)
        guards = GUARDS
        if step != OPPOSITION:
            values |= EARLIER_VALUES
        if step == INFORMATION:
            conditions |= {"sent_on"}
            guards = GUARDS | GUARDS_OF_INFORMATION
        if step in LATER_STEPS:
            conditions |= OUTCOME_CONDITIONS
            values |= OUTCOME_VALUES
        return cls(conditions, values, guards)


def source_of(template: Template) -> str:
    """A text with its values as its author wrote them: "Le ((sent_on)), …"."""
    return "".join(part if isinstance(part, str) else f"(({part.name}))" for part in template)


def template_of(text: str) -> Template:
    """The text with the place of each of its values; the opposite of `source_of`."""
    parts = enumerate(_PLACEHOLDER.split(text))
    return tuple(Placeholder(part) if i % 2 else part for i, part in parts if i % 2 or part)
