"""The fields of a form: how an answer is cleaned, and what it must be.

Answers are cleaned as they come in, so that what is shown again is what the letter would hold.
Every message says what to do, with an example, and is our own: WTForms' stock messages never
show. A check stops at the first thing to mend, so that a person mends one thing at a time.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from wtforms import Field, SelectField, SelectMultipleField, StringField
from wtforms.validators import StopValidation
from wtforms.widgets import TextArea

from letters.cleaning import (
    HYPHENS,
    LETTERS,
    NAME_CHARACTERS,
    clean_line,
    clean_lines,
    foreign_characters,
    has_stacked_marks,
    longest_run,
    parse_day,
)
from letters.postal import MAX_CHARACTERS, MAX_LINES
from letters.web.i18n import enumeration, mark, number
from letters.web.i18n import gettext as _

if TYPE_CHECKING:
    from letters.web.forms import LetterForm

NAME_LIMIT = 100
CITY_LIMIT = 50
POSTAL_CODE_LIMIT = 12
EMAIL_LIMIT = 100
MEASURE_LIMIT = 60
DATE_LIMIT = 20
REASON_LIMIT = 1500
MISSING_LIMIT = 500
REASON_LINES = 20  # within these two limits prose stays on two pages; pdf.py shrinks the rest
RUN_LIMIT = 100  # a longer word takes the PDF engine quadratic time; no language has one
EARLIEST_BIRTH = date(1900, 1, 1)
EARLIEST_SENDING = date(2018, 1, 1)  # the right as it is since the RGPD


class Text(StringField):
    """One line of text; cleaning makes an answer that is missing an empty text."""

    data: str


class LongText(Text):
    """Several lines of text."""

    widget = TextArea()


class Choice(StringField):
    """One of a few answers, (value, label), shown as radio buttons; the checks are our own."""

    data: str

    def __init__(self, label: str, choices: list[tuple[str, str]], **settings: Any) -> None:
        super().__init__(label, **settings)
        self.choices = choices

    @property
    def values(self) -> frozenset[str]:
        return frozenset(value for value, _label in self.choices)


class Listed(SelectField):
    """One of many answers, in a list; the checks are our own."""

    data: str


class Ticks(SelectMultipleField):
    """Ticked boxes; the form keeps those that its letter knows."""

    data: list[str]


Check = Callable[["LetterForm", Any], None]


# Cleaning


def _line(value: str | None) -> str:
    return clean_line(value or "")


def _lines(value: str | None) -> str:
    return clean_lines(value or "")


def _postal_code(value: str | None) -> str:
    """Digits typed with spaces, dots or dashes become five digits; the rest stays as typed."""
    text = _line(value)
    digits = "".join(c for c in text if c not in HYPHENS and c not in " .")
    return digits if digits.isdecimal() and digits.isascii() else text


# Checks


def needed(message: str) -> Check:
    def check(form: "LetterForm", field: Field) -> None:
        if not field.data:
            raise StopValidation(_(message))

    return check


def _stop_when_empty(form: "LetterForm", field: Field) -> None:
    if not field.data:
        raise StopValidation


def one_of(values: Iterable[str], message: str) -> Check:
    known = frozenset(values)

    def check(form: "LetterForm", field: Field) -> None:
        if field.data not in known:
            raise StopValidation(_(message))

    return check


def at_most(limit: int) -> Check:
    def check(form: "LetterForm", field: Field) -> None:
        length = len(field.data)
        if length > limit:
            message = _(
                "Raccourcissez ce texte : %(limit)s caractères au plus, il en a %(length)s."
            )
            raise StopValidation(message % {"limit": number(limit), "length": number(length)})

    return check


def printable(form: "LetterForm", field: Field) -> None:
    if foreign := foreign_characters(field.data):
        message = _("Retirez ou remplacez %(signs)s : la lettre imprimée ne peut pas le montrer.")
        raise StopValidation(message % {"signs": _quoted(foreign)})
    if has_stacked_marks(field.data):
        message = _("Gardez au plus trois accents sur un même caractère.")
        raise StopValidation(message)
    if longest_run(field.data) > RUN_LIMIT:
        message = _("Ajoutez des espaces : un mot a plus de %(limit)s caractères.")
        raise StopValidation(message % {"limit": number(RUN_LIMIT)})


def _name(form: "LetterForm", field: Field) -> None:
    if foreign := foreign_characters(field.data, NAME_CHARACTERS):
        message = _(
            "Retirez ou remplacez %(signs)s. Écrivez ce nom en lettres latines, grecques ou "
            "cyrilliques, tel qu’il figure sur la carte Vitale."
        )
        raise StopValidation(message % {"signs": _quoted(foreign)})
    if not LETTERS.intersection(field.data):
        raise StopValidation(_("Écrivez ce nom avec au moins une lettre, par exemple Camille."))


def _quoted(characters: tuple[str, ...]) -> str:
    """« 字 » et « ♥ »: at most five of them, so that a message stays a message."""
    return enumeration(_("« %(sign)s »") % {"sign": character} for character in characters[:5])


def _day(form: "LetterForm", field: Field) -> date:
    day = parse_day(field.data)
    if day is None:
        message = _("Indiquez une date qui existe, jour/mois/année, par exemple 03/03/2026.")
        raise StopValidation(message)
    return day


def birth_day(form: "LetterForm", field: Field) -> None:
    if not EARLIEST_BIRTH <= _day(form, field) <= form.context.today:
        message = _("Indiquez une date entre 1900 et aujourd’hui, par exemple 03/03/1958.")
        raise StopValidation(message)


def day_of_sending(form: "LetterForm", field: Field) -> None:
    if not EARLIEST_SENDING <= _day(form, field) <= form.context.today:
        message = _("Indiquez une date entre 2018 et aujourd’hui, par exemple 03/03/2026.")
        raise StopValidation(message)


def after_sending(form: "LetterForm", field: Field) -> None:
    day, sent_on = _day(form, field), parse_day(form.sent_on.data)
    if day > form.context.today or (sent_on and day < sent_on):
        message = _("Indiquez une date entre le jour de l’envoi et aujourd’hui.")
        raise StopValidation(message)


def five_digits(form: "LetterForm", field: Field) -> None:
    abroad = form.country.data.casefold() not in {"", "france"}
    if not abroad and not (len(field.data) == 5 and field.data.isdecimal()):
        raise StopValidation(_("Indiquez votre code postal : 5 chiffres, par exemple 29200."))


def email_address(form: "LetterForm", field: Field) -> None:
    local, _at, domain = field.data.partition("@")
    whole = local and "." in domain.strip(".") and "@" not in domain and " " not in field.data
    if not whole:
        raise StopValidation(_("Indiquez une adresse comme camille.durand@example.org."))


def few_lines(form: "LetterForm", field: Field) -> None:
    length = field.data.count("\n") + 1
    if length > REASON_LINES:
        message = _("Gardez au plus %(limit)s lignes : il y en a %(length)s.")
        raise StopValidation(message % {"limit": number(REASON_LINES), "length": number(length)})


def address_lines(form: "LetterForm", field: Field) -> None:
    """What an envelope takes (NF Z 10-011): six lines of 38 characters."""
    lines = lines_of(field)
    if len(lines) > MAX_LINES:
        message = _("Gardez au plus %(limit)s lignes : il y en a %(length)s.")
        raise StopValidation(message % {"limit": number(MAX_LINES), "length": number(len(lines))})
    for line in lines:
        if len(line) > MAX_CHARACTERS:
            message = _(
                "Raccourcissez la ligne « %(line)s » : %(limit)s caractères au plus, "
                "elle en a %(length)s."
            )
            limit, length = number(MAX_CHARACTERS), number(len(line))
            raise StopValidation(message % {"line": line[:60], "limit": limit, "length": length})


def lines_of(field: Field) -> tuple[str, ...]:
    """The lines of an answer, without the empty ones."""
    return tuple(line for line in field.data.split("\n") if line)


# Fields


def text(label: str, hint: str, checks: list[Any], **attributes: object) -> Text:
    """A line of text that must be right if it is asked for."""
    return Text(label, checks, filters=[_line], description=hint, render_kw=attributes or None)


def optional(label: str, hint: str, limit: int, *checks: Check, **attributes: object) -> Text:
    """A line of text that may be left empty."""
    return text(label, hint, [_stop_when_empty, at_most(limit), printable, *checks], **attributes)


def person_name(label: str, message: str, **attributes: object) -> Text:
    """A given or a family name; `message` asks for it."""
    checks = [needed(message), at_most(NAME_LIMIT), _name, printable]
    return text(label, "", checks, spellcheck="false", required=True, **attributes)


def postal_code() -> Text:
    """A French postal code, or any code abroad."""
    return Text(
        mark("Code postal"),
        [_stop_when_empty, at_most(POSTAL_CODE_LIMIT), printable, five_digits],
        filters=[_postal_code],
        description=mark("5 chiffres, par exemple 29200."),
        render_kw={"autocomplete": "postal-code"},
    )


def address(label: str, hint: str, *checks: Check) -> LongText:
    """The lines of an address block."""
    return LongText(
        label,
        [*checks, address_lines, printable],
        filters=[_lines],
        description=hint,
        render_kw={"rows": 6, "spellcheck": "false"},
    )


def prose(label: str, hint: str, limit: int) -> LongText:
    """A free text of some paragraphs."""
    return LongText(
        label,
        [_stop_when_empty, at_most(limit), printable, few_lines],
        filters=[_lines],
        description=hint,
        render_kw={"rows": 8},
    )


def choice(label: str, choices: list[tuple[str, str]], default: str, message: str) -> Choice:
    """Radio buttons; an empty default leaves the question open."""
    known = [default, *(value for value, _label in choices)]
    return Choice(label, choices, validators=[one_of(known, message)], default=default)
