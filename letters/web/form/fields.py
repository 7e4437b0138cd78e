"""What one value can tell: how an answer is cleaned, and what it must be by itself.

Answers are cleaned as they come in, so that what is shown again is what the letter would hold; a
social security number (NIR) is taken out before anything else looks at them. Messages say what to
do, with an example. A check stops at the first thing to mend, so that a person mends one thing at
a time. Limits: what one answer says of another is for `letter_form.py`.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from wtforms import SelectMultipleField, StringField
from wtforms.utils import unset_value
from wtforms.validators import AnyOf, DataRequired, Optional, StopValidation
from wtforms.widgets import TextArea

from letters.cleaning import (
    HYPHENS,
    LETTERS,
    NAME_CHARACTERS,
    clean_line,
    clean_lines,
    contains_nir,
    foreign_characters,
    has_short_year,
    has_stacked_marks,
    longest_run,
    parse_day,
    tells_more_than_names,
    without_nir,
)
from letters.postal import MAX_CHARACTERS, MAX_LINES
from letters.web.formats import enumeration, number
from letters.web.languages import gettext as _

NAME_LIMIT = 100
STREET_LIMIT = 60  # the sender's; only the recipient's shows in a window
CITY_LIMIT = 50
POSTAL_CODE_LIMIT = 12
EMAIL_LIMIT = 100
MEASURE_LIMIT = 60
DATE_LIMIT = 20
REASON_LIMIT = 1500
MISSING_LIMIT = 500
REASON_LINES = 20  # within these two limits prose stays on two pages; pdf.py shrinks the rest
RUN_LIMIT = 100  # a longer word takes the PDF engine quadratic time; no language has one
# Whose an answer is, if not the sender's: a browser fills in one section at a time. Where nothing
# is said, and even with `off`, Chromium guesses, and writes the sender's own name and street.
RECIPIENT, REPRESENTED = "section-destinataire", "section-represente"

Check = Callable[[Any, Any], None]  # of a form and its field; raises StopValidation


class Text(StringField):
    """One line of text; an answer that is missing is an empty text."""

    data: str
    had_nir: bool
    clean = staticmethod(clean_line)

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Clean what came in; a NIR goes no further than here (décret 2019-341)."""
        super().process(formdata, data, extra_filters)
        self.data = self.clean(self.data or "")
        self.had_nir = contains_nir(self.data)
        self.data = without_nir(self.data)
        self.raw_data = [self.data] if self.data else []

    def pre_validate(self, form: Any) -> None:
        """Say where a NIR was taken out."""
        if self.had_nir:
            message = _(
                "Ce texte contenait ce qui ressemble à un numéro de sécurité sociale. Nous l’avons "
                "retiré : ce site ne doit jamais le recevoir."
            )
            if "nir" in form.context.wording.handwritten:
                message += " " + _("Vous pourrez l’écrire à la main sur la lettre imprimée.")
            raise StopValidation(message)


class LongText(Text):
    """Several lines of text."""

    widget = TextArea()
    clean = staticmethod(clean_lines)

    @property
    def lines(self) -> tuple[str, ...]:
        """Its lines, without the empty ones."""
        return tuple(line for line in self.data.split("\n") if line)


class PostalCode(Text):
    """Digits typed with spaces, dots or dashes become five digits; the rest stays as typed."""

    @staticmethod
    def clean(text: str) -> str:
        text = clean_line(text)
        digits = "".join(c for c in text if c not in HYPHENS and c not in " .")
        return digits if digits.isdecimal() and digits.isascii() else text


class GivenNames(Text):
    """Given names, which some people separate with commas."""

    @staticmethod
    def clean(text: str) -> str:
        return clean_line(text.replace(",", " "))


class Email(Text):
    """An e-mail address, out of the signs that a paste brings along."""

    @staticmethod
    def clean(text: str) -> str:
        text = re.sub("^mailto:", "", clean_line(text).strip("<>‹›«» "), flags=re.IGNORECASE)
        return text.rstrip(".,; ")


class Ticks(SelectMultipleField):
    """Ticked boxes; the form keeps those that its letter knows."""

    data: list[str]


class Choice(StringField):
    """One of a few answers, (value, label), shown as radio buttons."""

    data: str

    def __init__(self, label: str, choices: list[tuple[str, str]], **settings: Any) -> None:
        super().__init__(label, **settings)
        self.choices = choices

    @property
    def is_known(self) -> bool:
        return self.data in dict(self.choices)


# Checks


def at_most(limit: int) -> Check:
    """Whether a text has at most `limit` characters."""

    def check(form: Any, field: Text) -> None:
        length = len(field.data)
        if length > limit:
            message = _(
                "Raccourcissez ce texte : %(limit)s caractères au plus, il en a %(length)s."
            )
            raise StopValidation(message % {"limit": number(limit), "length": number(length)})

    return check


def printable(form: Any, field: Text) -> None:
    """Whether the letter's font can show a text, and the engine lay it out."""
    if foreign := foreign_characters(field.data):
        message = _("Retirez ou remplacez %(signs)s : la lettre imprimée ne peut pas le montrer.")
        raise StopValidation(message % {"signs": _quoted(foreign, field.data)})
    if has_stacked_marks(field.data):
        message = _("Gardez au plus trois accents sur un même caractère.")
        raise StopValidation(message)
    if longest_run(field.data) > RUN_LIMIT:
        message = _("Ajoutez des espaces : un mot a plus de %(limit)s caractères.")
        raise StopValidation(message % {"limit": number(RUN_LIMIT)})


def _is_name(form: Any, field: Text) -> None:
    if tells_more_than_names(field.data):
        message = _(
            "Écrivez seulement les noms, à la suite, par exemple Durand Martin : sans parenthèses "
            "ni mot comme « épouse »."
        )
        raise StopValidation(message)
    if foreign := foreign_characters(field.data, NAME_CHARACTERS):
        message = _(
            "Retirez ou remplacez %(signs)s. Écrivez ce nom en lettres latines, grecques ou "
            "cyrilliques, tel qu’il figure sur la carte Vitale."
        )
        raise StopValidation(message % {"signs": _quoted(foreign, field.data)})
    if not LETTERS.intersection(field.data):
        raise StopValidation(_("Écrivez ce nom avec au moins une lettre, par exemple Camille."))


def _quoted(characters: tuple[str, ...], text: str) -> str:
    """« 字 » et « ♥ »: at most five of them, so that a message stays a message.

    A sign that nobody sees is named by its code and by what stands before it.
    """
    return enumeration(_named(character, text) for character in characters[:5])


def _named(sign: str, text: str) -> str:
    if sign.isprintable():
        return _("« %(sign)s »") % {"sign": sign}
    before = text[: text.index(sign)].split()
    if not before:
        return _("le signe invisible U+%(code)s, au début") % {"code": f"{ord(sign):04X}"}
    told = {"code": f"{ord(sign):04X}", "before": before[-1][-20:]}
    return _("le signe invisible U+%(code)s, après « %(before)s »") % told


def since(earliest: date, message: str, *, ahead: timedelta = timedelta()) -> Check:
    """Whether a text names a day between `earliest` and today, or so many days `ahead` of it."""

    def check(form: Any, field: Text) -> None:
        if not earliest <= day_of(field) <= form.today + ahead:
            raise StopValidation(message)

    return check


def day_of(field: Text) -> date:
    """The day that a text names. Raises StopValidation if it names none."""
    day = parse_day(field.data)
    if day is None and has_short_year(field.data):
        raise StopValidation(_("Écrivez l’année avec quatre chiffres, par exemple 03/03/1958."))
    if day is None:
        message = _("Indiquez une date qui existe, jour/mois/année, par exemple 03/03/2026.")
        raise StopValidation(message)
    return day


def email_address(form: Any, field: Text) -> None:
    """Whether a text has the shape of an e-mail address."""
    local, _at, domain = field.data.partition("@")
    whole = local and "." in domain.strip(".") and "@" not in domain and " " not in field.data
    if not whole:
        raise StopValidation(_("Indiquez une adresse comme camille.durand@example.org."))


def _at_most_lines(limit: int, length: int) -> None:
    if length > limit:
        message = _("Gardez au plus %(limit)s lignes : il y en a %(length)s.")
        raise StopValidation(message % {"limit": number(limit), "length": number(length)})


def _few_lines(form: Any, field: LongText) -> None:
    _at_most_lines(REASON_LINES, field.data.count("\n") + 1)


def _fits_an_envelope(form: Any, field: LongText) -> None:
    """NF Z 10-011: six lines of 38 characters."""
    _at_most_lines(MAX_LINES, len(field.lines))
    for line in field.lines:
        if len(line) > MAX_CHARACTERS:
            message = _(
                "Raccourcissez la ligne « %(line)s » : %(limit)s caractères au plus, "
                "elle en a %(length)s."
            )
            limit, length = number(MAX_CHARACTERS), number(len(line))
            raise StopValidation(message % {"line": line[:60], "limit": limit, "length": length})


# Fields


def text(label: str, hint: str, checks: Any, kind: type[Text] = Text, **attributes: Any) -> Text:
    """An answer in words; `attributes` are those of its tag. A browser fills in what they name."""
    return kind(label, checks, description=hint, render_kw={"autocomplete": "off", **attributes})


def needed(label: str, hint: str, message: str, *checks: Check, **attributes: Any) -> Text:
    """A line of text that must be there; `message` asks for it."""
    return text(label, hint, [DataRequired(message), *checks, printable], **attributes)


def optional(label: str, hint: str, limit: int, *checks: Check, **attributes: Any) -> Text:
    """A line of text that may be left empty."""
    return text(label, hint, [Optional(), at_most(limit), printable, *checks], **attributes)


def person_name(label: str, message: str, **attributes: Any) -> Text:
    """A given or a family name; `message` asks for it."""
    checks = (at_most(NAME_LIMIT), _is_name)
    return needed(label, "", message, *checks, spellcheck="false", **attributes)


def address(label: str, hint: str) -> LongText:
    """The postal address of somebody else."""
    attributes = {"rows": 6, "spellcheck": "false", "autocomplete": f"{RECIPIENT} street-address"}
    return LongText(label, [_fits_an_envelope, printable], description=hint, render_kw=attributes)


def prose(label: str, hint: str, limit: int) -> LongText:
    checks = [at_most(limit), printable, _few_lines]
    return LongText(label, checks, description=hint, render_kw={"rows": 8})


def choice(label: str, choices: list[tuple[str, str]], default: str, message: str) -> Choice:
    """Radio buttons; an empty default leaves the question open."""
    known = {default, *dict(choices)}
    return Choice(label, choices, validators=[AnyOf(known, message)], default=default)
