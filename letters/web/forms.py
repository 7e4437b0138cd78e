"""What a person types: checked, carried along, and turned into a `LetterRequest`.

One form serves all letters. `asked` names the answers that a letter uses for this person; only
these are checked. The others are carried along untouched, in hidden fields, so that nothing is
asked twice on the way from one letter to the next. A social security number is taken out of an
answer before anything else looks at it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms.validators import StopValidation

from letters.cleaning import contains_nir, parse_day, without_nir
from letters.deadlines import months_after, opens_on
from letters.model import (
    CHANNELS,
    OUTCOMES,
    REPRESENTED,
    LetterRequest,
    Objection,
    Person,
    PostalAddress,
    Representation,
)
from letters.recipients import OTHER, Body, Recipients
from letters.web import fields
from letters.web.content import Content
from letters.web.fields import Check, Choice, Text, lines_of
from letters.web.i18n import day as written_day
from letters.web.i18n import gettext as _
from letters.web.i18n import mark
from letters.web.questions import OUTCOME_NEEDED, OUTCOMES_TO_CHOOSE, Questions
from letters.wording import COMPLAINT, LATER_STEPS, SAME_AS_FIRST, Wording

FUND, CARER = "caisse", "soignant"  # the kinds of recipient whose address is in `recipient_lines`
# Which fields hold the address of each kind of recipient.
FIELDS_OF_KIND = {
    FUND: {"recipient", "recipient_lines"},
    CARER: {"recipient_lines"},
    "plateforme": {"plateforme_lines"},
    "cnil": {"cnil_lines"},
}
NAMED_FILES = frozenset({FUND, CARER})  # the others know no name, or need no date of birth
BIRTH_DATES = frozenset({"birth_date", "represented_birth_date"})
FOR_REPRESENTED = frozenset({"represented_given_name", "represented_family_name", "measure"})
ALWAYS_ASKED = frozenset(
    {"who", "given_name", "family_name", "options", "email"}
    | {"address_line1", "address_line2", "postal_code", "city", "country"}
)


@dataclass(frozen=True, slots=True)
class Context:
    """What the form is about: the letter, what else there is to choose from, and today."""

    wording: Wording
    content: Content
    today: date


def _open_yet(form: "LetterForm", field: Choice) -> None:
    """A letter about silence waits until the month is over (RGPD art. 12(3))."""
    sent_on, today = parse_day(form.sent_on.data), form.context.today
    if sent_on is None or sent_on > today:  # its own message says so
        return
    opens = opens_on(sent_on, field.data)
    if today < opens:
        message = _(
            "Attendez le %(day)s : l’organisme a un mois pour répondre (RGPD, article 12). "
            "S’il a déjà refusé ou répondu en partie, choisissez cette réponse."
        )
        raise StopValidation(message % {"day": written_day(opens)})


_SENT_BEFORE: list[Check] = [
    fields.needed(mark("Indiquez le jour où vous avez envoyé la lettre, par exemple 03/03/2026.")),
    fields.day_of_sending,
]


class LetterForm(Questions):
    """One form for all letters: what a letter does not use is carried, or ignored."""

    def __init__(self, context: Context, formdata: "MultiDict[str, str] | None" = None) -> None:
        self.context = context
        defaults = {
            "options": sorted(context.wording.default_options),
            "first_letter": next(iter(context.content.catalogue.oppositions)),
        }
        super().__init__(formdata, data=defaults)
        self.shown = sorted(self.own_options)
        self.is_checked = False
        self._had_nir = self._take_out_nirs()
        if formdata is None:
            self.show_known_addresses()
        else:
            self._settle_options(formdata)
            self._forget_other_history(formdata)
            self._forget_other_fund(formdata)
            self._settle_lines(formdata)
            self._settle_fixed_address()

    # What came in

    def _settle_options(self, formdata: "MultiDict[str, str]") -> None:
        """Tick what was ticked, and the defaults of options that no letter has shown so far."""
        known = self.context.content.catalogue.option_names
        shown = set(formdata.getlist("shown"))
        ticked = [name for name in self.options.data if name in known]
        if shown or "lines_for" in formdata:  # from a letter of ours; some have no options
            ticked += sorted(self.context.wording.default_options - shown - set(ticked))
        self.options.data = list(dict.fromkeys(ticked))
        self.shown = sorted((shown & known) | self.own_options)

    def _forget_other_history(self, formdata: "MultiDict[str, str]") -> None:
        """What came of another letter says nothing of a new objection."""
        slug, told = self.context.wording.slug, self.first_letter.data
        if self.context.wording.speaks_of_objection or told == slug:
            return
        for field in (self.answer_on, self.followed_up_on, self.missing):
            field.data = ""
        self.channel.data, self.outcome.data = "", "silence"
        if "lines_for" in formdata:  # from another letter's page, and so is its day of sending
            self.sent_on.data = ""

    def _forget_other_fund(self, formdata: "MultiDict[str, str]") -> None:
        """Drop the address that the form showed for one fund when another is chosen above it."""
        shown_for = formdata.get("shown_recipient", self.recipient.data)
        if shown_for != self.recipient.data and self.recipient_lines.data == self.shown_lines.data:
            self.recipient_lines.data = ""

    def _settle_lines(self, formdata: "MultiDict[str, str]") -> None:
        """Exchange the two addresses when these answers come from a letter of the other kind.

        So they do when another earlier letter is chosen; what is typed then stays.
        """
        if formdata.get("lines_for") not in {FUND, CARER} - {self.lines_for}:
            return
        typed, carried = self.recipient_lines, self.carried_lines
        shown = self.shown_lines.data if "shown_lines" in formdata else typed.data
        # The script writes a fund's known address there, which is nothing that was typed.
        if typed.data == shown or (self.lines_for == CARER and self._is_known(lines_of(typed))):
            typed.data = carried.data
        carried.data = shown

    def _settle_fixed_address(self) -> None:
        """Move an address that names the CNIL or the platform to the field that this letter has.

        There it is checked, and shown, as any other correction of it.
        """
        lines = lines_of(self.recipient_lines)
        named = self._fixed_named_by(lines[0]) if lines else None
        if named and not self[f"{named.code}_lines"].data:
            area, typed = self[f"{named.code}_lines"], self.recipient_lines
            area.data, typed.data = typed.data, ""

    def _take_out_nirs(self) -> frozenset[str]:
        """Names of the answers that held a NIR, which now hold it no more (décret 2019-341)."""
        found = [field for field in self._texts() if contains_nir(field.data)]
        for field in found:
            field.data = without_nir(field.data)
            field.raw_data = None
        return frozenset(field.name for field in found)

    def _texts(self) -> Iterator[Text]:
        return (field for field in self if isinstance(field, Text))

    # What is asked

    @property
    def represents(self) -> bool:
        """Whether the person who signs writes for somebody else."""
        return self.who.data in REPRESENTED

    @property
    def own_options(self) -> frozenset[str]:
        return frozenset(option.name for option in self.context.wording.options)

    @property
    def first(self) -> Wording | None:
        """The wording of the letter that this one speaks of."""
        return self.context.content.catalogue.oppositions.get(self.first_letter.data)

    @property
    def kind(self) -> str:
        """The kind of recipient that this letter goes to."""
        kind = self.context.wording.recipient
        return self._kind_of_first if kind == SAME_AS_FIRST else kind

    @property
    def _kind_of_first(self) -> str:
        return self.first.recipient if self.first else FUND

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of bodies that this letter goes to or names."""
        named = {self._kind_of_first} if self.context.wording.speaks_of_objection else set()
        return frozenset({self.kind} | named)

    @property
    def possible_kinds(self) -> frozenset[str]:
        """The same, whichever earlier letter the person chooses."""
        wording = self.context.wording
        oppositions = self.context.content.catalogue.oppositions.values()
        firsts = {first.recipient for first in oppositions if wording.speaks_of_objection}
        return frozenset({wording.recipient} | firsts) & FIELDS_OF_KIND.keys()

    @property
    def lines_for(self) -> str:
        """Whether `recipient_lines` is the address of a fund or of a carer."""
        return CARER if CARER in self.kinds else FUND

    @property
    def printed(self) -> frozenset[str]:
        """Names of the answers that this letter may use: what its form shows."""
        wording = self.context.wording
        kinds = (FIELDS_OF_KIND[kind] for kind in self.possible_kinds)
        names = ALWAYS_ASKED.union(FOR_REPRESENTED, wording.fields, *kinds)
        if wording.asks_birth_date:
            names |= BIRTH_DATES
        if wording.speaks_of_objection:
            names |= {"first_letter", "sent_on"}
        if wording.step in LATER_STEPS:
            names |= {"channel", "outcome", "answer_on"}
        if wording.step == COMPLAINT:
            names |= {"followed_up_on"}
        return names

    @property
    def asked(self) -> frozenset[str]:
        """Names of the answers that this letter uses, for this person."""
        kinds = self.possible_kinds - self.kinds
        unused = frozenset[str]().union(*(FIELDS_OF_KIND[kind] for kind in kinds))
        used = frozenset[str]().union(*(FIELDS_OF_KIND[kind] for kind in self.kinds))
        not_needed = set(unused - used)
        if self.represents:
            not_needed |= {"birth_date"}
        else:
            not_needed |= FOR_REPRESENTED | {"represented_birth_date"}
        if self.who.data != "protected":
            not_needed |= {"measure"}
        if self.kind not in NAMED_FILES:
            not_needed |= BIRTH_DATES
        if self.outcome.data == "silence":
            not_needed |= {"answer_on"}
        if self.outcome.data != "partial":
            not_needed |= {"missing"}
        return self.printed - not_needed

    # Checks

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every answer that this letter uses; the messages are in `errors`, by field."""
        self.is_checked = True
        more = {"sent_on": self.checks_of_sent_on, "outcome": self.checks_of_outcome}
        asked = self.asked
        valid = [field.validate(self, more.get(field.name, ())) for field in self._in(asked)]
        return self.tell_of_nirs() and all(valid)

    @property
    def checks_of_outcome(self) -> list[Check]:
        return [_open_yet]

    def _in(self, names: frozenset[str]) -> Iterator[Any]:
        return (field for field in self if field.name in names)

    @property
    def checks_of_sent_on(self) -> list[Check]:
        if self.context.wording.step not in LATER_STEPS and not self.sent_on.data:
            return []
        return _SENT_BEFORE

    def validate_sending(self) -> bool:
        """Check the day of sending alone, which the calendar needs."""
        message = mark("Indiquez le jour où vous envoyez la lettre, par exemple 03/03/2026.")
        return bool(self.sent_on.validate(self, [fields.needed(message), fields.day_of_sending]))

    def tell_of_nirs(self) -> bool:
        """Say where a NIR was taken out; returns whether there was none."""
        message = _(
            "Ce texte contenait ce qui ressemble à un numéro de sécurité sociale. Nous l’avons "
            "retiré : ce site ne doit jamais le recevoir."
        )
        if "nir" in self.context.wording.handwritten:
            message += " " + _("Vous pourrez l’écrire à la main sur la lettre imprimée.")
        for name in self._had_nir:
            self[name].errors = [message]
        return not self._had_nir

    def day(self, name: str) -> date | None:
        """The day that an answer names, if it names one."""
        return parse_day(self[name].data)

    def age(self, field: Text) -> int:
        """Age in whole years today of the person born on the day that `field` holds."""
        born, today = parse_day(field.data), self.context.today
        if born is None:
            return 0
        years = today.year - born.year
        return years if months_after(born, 12 * years) <= today else years - 1

    # Addresses

    @property
    def body(self) -> Body | None:
        """The known fund that the person chose."""
        return self.context.content.recipients.find(self.recipient.data or "")

    @property
    def needs_typed_address(self) -> bool:
        """Whether no address is known for whom the letter goes to or speaks of."""
        if self.lines_for == CARER:
            return self.context.wording.speaks_of_objection
        return not self.body.has_address if self.body else self.recipient.data == OTHER

    @property
    def lines(self) -> tuple[str, ...]:
        """The typed address of the fund or the carer."""
        lines = lines_of(self.recipient_lines)
        if not lines or self._fixed_named_by(lines[0]):
            return ()
        # A fund's address stays in its box when a letter to a carer is chosen above it.
        return () if self._is_known(lines) and self.lines_for == CARER else lines

    def _is_known(self, lines: tuple[str, ...]) -> bool:
        return self.context.content.recipients.is_known_address(lines)

    @property
    def fund_address(self) -> str:
        """Whether the address of the chosen fund is `known`, `typed` over, or `unknown`.

        `none` before one is chosen, and empty where there is nothing to tell. `address.js` tells
        the same.
        """
        if self.lines_for == CARER:
            return ""
        if not self.body and self.recipient.data != OTHER:
            return "none"
        known = self.body.lines if self.body else ()
        if self.lines and not self._is_known(self.lines):
            return "typed" if known else ""
        return "known" if known else "unknown"

    def _fixed_named_by(self, line: str) -> Body | None:
        """The body that everybody writes to, if an address that begins with `line` is its own."""
        addressees = [self.context.content.addressees.find(kind) for kind in sorted(self.kinds)]
        return next((body for body in addressees if body and body.is_named_by(line)), None)

    def block_of(self, kind: str) -> tuple[str, ...]:
        """The address to print for a kind of recipient: what was typed, else what is known.

        The form shows a known address in the text area so that it can be corrected. If it comes
        back unchanged with another fund chosen, the other fund's address is meant.
        """
        if kind == CARER:
            return self.lines
        if kind == FUND:
            known = not self.lines or self._is_known(self.lines)
            return self.body.lines if self.body and known else self.lines
        return lines_of(self[f"{kind}_lines"]) or self.addressee(kind).lines

    def addressee(self, kind: str) -> Body:
        found = self.context.content.addressees.find(kind)
        assert found is not None  # noqa: S101  a test reads the file
        return found

    @property
    def known_address(self) -> Body | None:
        """The body whose known address the letter bears uncorrected, if it does."""
        if self.kind == CARER:
            return None
        body = self.body if self.kind == FUND else self.addressee(self.kind)
        return (
            body if body and body.has_address and self.block_of(self.kind) == body.lines else None
        )

    def show_known_addresses(self) -> None:
        """Put the known addresses into their text areas, to be corrected there."""
        for kind in self.kinds - {CARER}:
            area = self.recipient_lines if kind == FUND else self[f"{kind}_lines"]
            area.data = "\n".join(self.block_of(kind))

    # What comes out

    def to_request(self) -> LetterRequest:
        """The request that valid answers make."""
        wording = self.context.wording
        return LetterRequest(
            sender=self._sender(),
            recipient=self.block_of(self.kind),
            options=self.own_options.intersection(self.options.data),
            fields={field.name: field.data for field in self._in(self.asked & set(wording.fields))},
            named_file=self.kind in NAMED_FILES,
            who=self.who.data,
            represented=self._represented() if self.represents else None,
            objection=self._objection() if wording.speaks_of_objection else None,
        )

    def _sender(self) -> Person:
        address = PostalAddress(
            line1=self.address_line1.data,
            line2=self.address_line2.data,
            postal_code=self.postal_code.data,
            city=self.city.data,
            country=self.country.data,
        )
        return Person(
            given_name=self.given_name.data,
            family_name=self.family_name.data,
            birth_date=parse_day(self.birth_date.data),
            address=address,
            email=self.email.data,
        )

    def _represented(self) -> Representation:
        person = Person(
            given_name=self.represented_given_name.data,
            family_name=self.represented_family_name.data,
            birth_date=parse_day(self.represented_birth_date.data),
        )
        return Representation(person, self.measure.data)

    def _objection(self) -> Objection | None:
        if self.first is None:
            return None
        asked = self.asked
        days = {
            name: parse_day(self[name].data) if name in asked else None
            for name in ("sent_on", "answer_on", "followed_up_on")
        }
        return Objection(
            subject=self.first.subject,
            basis=self.first.basis,
            body=self.block_of(self._kind_of_first),
            channel=self.channel.data if self.channel.data in CHANNELS else "",
            outcome=self.outcome.data if self.outcome.data in OUTCOMES else "",
            **days,
        )

    def answers(self) -> list[tuple[str, str]]:
        """Every answer as the (name, value) pairs of a form, for hidden fields.

        `shown` and `lines_for` tell the next letter which options were seen, and whose address
        `recipient_lines` is.
        """
        wording = self.context.wording
        choices = (self.who, self.channel, self.outcome)
        chosen = {field.name: field.data for field in choices if field.data in field.values}
        chosen["first_letter"] = self.first.slug if self.first else ""
        if not wording.speaks_of_objection:
            chosen["first_letter"] = wording.slug
        if self.body or self.recipient.data == OTHER:
            chosen["recipient"] = self.recipient.data
        texts = {field.name: field.data for field in self._texts()}
        del texts["shown_lines"]
        pairs = {**chosen, **texts, "lines_for": self.lines_for}
        return [*((n, v) for n, v in pairs.items() if v), *self._option_pairs(self.options.data)]

    def carried(self) -> list[tuple[str, str]]:
        """The answers that the form of this letter does not show, for its hidden fields."""
        others = [name for name in self.options.data if name not in self.own_options]
        named = {"options", "shown", *self.printed}
        pairs = [pair for pair in self.answers() if pair[0] not in named]
        if "recipient_lines" in self.printed:
            pairs.append(("shown_lines", self.recipient_lines.data))
        if "recipient" in self.printed and (self.body or self.recipient.data == OTHER):
            pairs.append(("shown_recipient", self.recipient.data))
        return [*pairs, *self._option_pairs(others)]

    def _option_pairs(self, ticked: list[str]) -> list[tuple[str, str]]:
        return [*(("options", o) for o in ticked), *(("shown", o) for o in self.shown)]


class FollowUpForm(LetterForm):
    """What `/suivi` asks: which letter, when, and what came of it."""

    outcome = fields.choice(
        mark("Que s’est-il passé depuis"),
        [*OUTCOMES_TO_CHOOSE, ("accepted", mark("Une acceptation"))],
        "",
        OUTCOME_NEEDED,
    )

    @property
    def own_options(self) -> frozenset[str]:
        return frozenset()  # the page shows none of the letter that it would open

    @property
    def checks_of_sent_on(self) -> list[Check]:
        return _SENT_BEFORE

    @property
    def checks_of_outcome(self) -> list[Check]:
        return [fields.needed(OUTCOME_NEEDED)]  # the page itself says from when a letter opens

    @property
    def printed(self) -> frozenset[str]:
        return frozenset({"first_letter", "sent_on", "outcome", "answer_on"})

    @property
    def asked(self) -> frozenset[str]:
        answered = self.outcome.data not in {"", "silence"}
        return self.printed if answered else self.printed - {"answer_on"}


def recipient_choices(recipients: Recipients) -> dict[str, list[tuple[str, str, Body | None]]]:
    """The bodies for a `<select>`, grouped: {group: [(code, label, body), …]}.

    A local fund's label begins with its department: people know theirs, and a keyboard finds it.
    """
    choices: dict[str, list[tuple[str, str, Body | None]]] = {
        "": [("", _("Choisissez votre caisse"), None)]
    }
    for department, bodies in recipients.by_department():
        group = choices.setdefault(_("Par département") if department else _("Autres régimes"), [])
        for body in bodies:
            group.append((body.code, _body_label(body, among_several=len(bodies) > 1), body))
    choices[_("Autres régimes")].append((OTHER, _("Autre organisme : j’écris son adresse"), None))
    return choices


def _body_label(body: Body, *, among_several: bool) -> str:
    if not body.department:
        return body.name
    if not among_several:
        return f"{body.department} – {body.name}"
    # The three middle digits of the organism code stand on every « attestation de droits ».
    return f"{body.department} ({body.code[2:]}) – {body.department_name}, {body.name}"
