"""What a letter asks, and of whom: which answers its form shows, and which it uses.

One form serves all letters. `visible_fields` names what a letter may use, `active_fields` what it
uses for this person. A form is settled when it is made: nothing changes an answer afterwards.
Limits: what an answer must be is for `questions.py` and `letter_form.py`.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from werkzeug.datastructures import MultiDict

from letters.cleaning import parse_day
from letters.deadlines import answer_due
from letters.model import CHANNELS, REPRESENTED
from letters.postal import department_of
from letters.web.form import questions
from letters.web.form.addresses import Addresses
from letters.web.form.carried import arriving
from letters.web.form.questions import ADDRESS, CARER, CNIL, FUND, PLATFORM
from letters.web.site import Site
from letters.wording import COMPLAINT, LATER_STEPS, OPPOSITION, SAME_AS_EARLIER, Wording

FIELDS_OF_KIND = {
    FUND: {"recipient", "caisse_lines"},
    CARER: {"soignant_lines"},
    PLATFORM: {"plateforme_lines"},
    CNIL: {"cnil_lines"},
}
_ALWAYS = frozenset(
    {"who", "given_name", "family_name", "options", "email", *ADDRESS}
    | {"represented_given_name", "represented_family_name", "measure"}
)


@dataclass(frozen=True, slots=True)
class Context:
    """What the form is about: the letter, what else there is to choose from, and today."""

    wording: Wording
    site: Site
    today: date


class AskedForm(questions.Questions):
    """All questions, and those of them that one letter asks one person."""

    shows_options = True

    def __init__(self, context: Context, answers: "MultiDict[str, str] | None" = None) -> None:
        self.context, self.today = context, context.today
        wording, catalogue = context.wording, context.site.catalogue
        options = wording.options if self.shows_options else ()
        self.own_options = frozenset(option.name for option in options)
        ways = [*dict(self.ways)]
        defaults: dict[str, Any] = {
            "options": sorted(wording.default_options),
            "shown": sorted(self.own_options),
            "first_letter": next(iter(catalogue.earlier_letters)),
            "channel": ways[0] if ways and wording.step == OPPOSITION else "",
        }
        if answers is not None:
            answers = arriving(answers, wording, catalogue, self.own_options, ways)
        super().__init__(answers, data=defaults)
        self.channel.choices = self.ways or self.channel.choices
        if wording.step in LATER_STEPS:
            self.channel.label.text = questions.HOW_SENT
        self.is_checked = False

    # What the letter is about

    @property
    def represents(self) -> bool:
        return self.who.data in REPRESENTED

    @property
    def earlier_letter(self) -> Wording | None:
        """The wording of the earlier letter that this one speaks of."""
        return self.context.site.catalogue.earlier_letters.get(self.first_letter.data)

    @property
    def earlier_kind(self) -> str:
        return self.earlier_letter.recipient_kind if self.earlier_letter else FUND

    @property
    def recipient_kind(self) -> str:
        kind = self.context.wording.recipient_kind
        return self.earlier_kind if kind == SAME_AS_EARLIER else kind

    @cached_property
    def addresses(self) -> Addresses:
        """The addresses, known and typed, by kind of recipient."""
        site = self.context.site
        typed = {kind: getattr(self, f"{kind}_lines").lines for kind in FIELDS_OF_KIND}
        return Addresses(site.recipients, site.addressees, self.recipient.data or "", typed)

    # When an answer is due

    @property
    def received(self) -> date | None:
        """The day from which the month runs: of receipt, if known; of sending, at the soonest."""
        told = self.day("received_on") if "received_on" in self.active_fields else None
        return told or self.day("sent_on")

    @property
    def answer_due(self) -> date | None:
        """The last day for an answer to the earlier letter; none if it is sent in the future."""
        received = self.received
        if received is None or received > self.today + questions.AHEAD:
            return None
        return answer_due(received, self.departments)

    @property
    def departments(self) -> frozenset[str]:
        """Where the answer may have to be given: where the sender lives, and where the fund is."""
        own = "" if self.lives_abroad else department_of(self.postal_code.data)
        fund = self.addresses.fund
        return frozenset({own, fund.department if fund else ""} - {""})

    @property
    def lives_abroad(self) -> bool:
        return self.country.data.casefold() not in {"", "france"}

    # How it is sent

    @property
    def ways(self) -> list[tuple[str, str]]:
        """The ways to choose from, with their labels; none where only one is known.

        Of this letter, or, for a later one, of the earlier letter.
        """
        wording = self.context.wording
        if wording.step in LATER_STEPS:
            return questions.WAYS_TAKEN
        return questions.WAYS.get(wording.recipient_kind, []) if wording.step == OPPOSITION else []

    @property
    def on_paper(self) -> bool:
        """Whether the page of the letter tells first how to print it, and not how to paste it."""
        return not self.ways or self.channel.data in questions.ON_PAPER

    # What is asked

    @cached_property
    def visible_fields(self) -> frozenset[str]:
        """Names of the answers that this letter may use: what its form shows."""
        wording = self.context.wording
        kinds, names = {wording.recipient_kind}, _ALWAYS.union(wording.fields)
        if wording.asks_birth_date:
            names |= {"birth_date", "represented_birth_date"}
        if wording.speaks_of_earlier_letter:
            earlier = self.context.site.catalogue.earlier_letters.values()
            kinds |= {first.recipient_kind for first in earlier}
            names |= {"first_letter", "sent_on"}
        if self.ways:
            names |= {"channel"}
        if wording.step in LATER_STEPS:
            names |= {"received_on", "outcome", "answer_on"}
        if wording.step == COMPLAINT:
            names |= {"followed_up_on"}
        return names.union(*(FIELDS_OF_KIND.get(kind, ()) for kind in kinds))

    @cached_property
    def active_fields(self) -> frozenset[str]:
        """Names of the answers that this letter uses, for this person."""
        kinds = {self.recipient_kind}  # that it goes to or names
        if self.context.wording.speaks_of_earlier_letter:
            kinds.add(self.earlier_kind)
        answered = {"who": {self.who.data}, "outcome": {self.outcome.data}, "kind": kinds}
        answered["channel"] = {*CHANNELS}  # a PDF bears what was typed, whichever way is told first
        return frozenset(n for n in self.visible_fields if questions.counts(n, answered))

    def classes(self, *names: str) -> str:
        """The classes that take answers off the page where they do not count, or are not needed.

        All of `names` count together; where one has to be mended, they stay. How the first letter
        went does not say how a complaint goes.
        """
        own = FIELDS_OF_KIND.get(self.context.wording.recipient_kind, ())
        stays = names[0] in own or any(self[name].errors for name in names)
        other_way = {"channel"} if self.context.wording.step == COMPLAINT else set()
        return "" if stays else questions.classes(names[0], but=other_way)

    def day(self, name: str) -> date | None:
        """The day that an answer names, if it names one."""
        return parse_day(self[name].data)
