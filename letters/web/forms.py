"""What a person types: cleaned, checked, and turned into a `LetterRequest`.

Answers are cleaned as they come in, so that what is shown again is what the letter would hold.
Every message says what to do, with an example, and is our own: WTForms' stock messages never
show. A social security number is taken out of an answer before anything else looks at it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Form, SelectField, SelectMultipleField, StringField
from wtforms.validators import StopValidation
from wtforms.widgets import TextArea

from letters.cleaning import (
    HYPHENS,
    LETTERS,
    NAME_CHARACTERS,
    clean_line,
    clean_lines,
    contains_nir,
    foreign_characters,
    has_stacked_marks,
    longest_run,
    parse_day,
    without_nir,
)
from letters.model import LetterRequest, Person, PostalAddress
from letters.postal import MAX_CHARACTERS, MAX_LINES
from letters.recipients import OTHER, Body, Recipients
from letters.typography import NBSP
from letters.web.content import Content
from letters.web.i18n import gettext as _
from letters.web.i18n import mark
from letters.wording import Wording

NAME_LIMIT = 100
CITY_LIMIT = 50
POSTAL_CODE_LIMIT = 12
EMAIL_LIMIT = 100
REASON_LIMIT = 1500
REASON_LINES = 20  # within these two limits prose stays on two pages; pdf.py shrinks the rest
RUN_LIMIT = 100  # a longer word takes the PDF engine quadratic time; no language has one
EARLIEST_BIRTH = date(1900, 1, 1)


class Text(StringField):
    """One line of text; cleaning makes an answer that is missing an empty text."""

    data: str


class LongText(Text):
    """Several lines of text."""

    widget = TextArea()


class Ticks(SelectMultipleField):
    """Ticked boxes; the form keeps those that its letter knows."""

    data: list[str]


Validator = Callable[["LetterForm", Text], None]


@dataclass(frozen=True, slots=True)
class Context:
    """What the form is about: the letter, what else there is to choose from, and today."""

    wording: Wording
    content: Content
    today: date


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


# Checks: each stops at the first thing to mend, so that a person mends one thing at a time.


def _needed(message: str) -> Validator:
    def check(form: "LetterForm", field: Text) -> None:
        if not field.data:
            raise StopValidation(_(message))

    return check


def _stop_when_empty(form: "LetterForm", field: Text) -> None:
    if not field.data:
        raise StopValidation


def _at_most(limit: int) -> Validator:
    def check(form: "LetterForm", field: Text) -> None:
        length = len(field.data)
        if length > limit:
            message = _(
                "Raccourcissez ce texte : %(limit)d caractères au plus, il en a %(length)d."
            )
            raise StopValidation(message % {"limit": limit, "length": length})

    return check


def _printable(form: "LetterForm", field: Text) -> None:
    if foreign := foreign_characters(field.data):
        message = _("Retirez ou remplacez %(signs)s : la lettre imprimée ne peut pas le montrer.")
        raise StopValidation(message % {"signs": _quoted(foreign)})
    if has_stacked_marks(field.data):
        message = _("Gardez au plus trois accents sur un même caractère.")
        raise StopValidation(message)
    if longest_run(field.data) > RUN_LIMIT:
        message = _("Ajoutez des espaces : un mot a plus de %(limit)d caractères.")
        raise StopValidation(message % {"limit": RUN_LIMIT})


def _name(form: "LetterForm", field: Text) -> None:
    if foreign := foreign_characters(field.data, NAME_CHARACTERS):
        message = _(
            "Retirez ou remplacez %(signs)s. Écrivez ce nom en lettres latines, grecques ou "
            "cyrilliques, tel qu’il figure sur votre carte Vitale."
        )
        raise StopValidation(message % {"signs": _quoted(foreign)})
    if not LETTERS.intersection(field.data):
        raise StopValidation(_("Écrivez ce nom avec au moins une lettre, par exemple Camille."))


def _quoted(characters: tuple[str, ...]) -> str:
    """« 字 », « ♥ »: at most five of them, so that a message stays a message."""
    return ", ".join(f"«{NBSP}{character}{NBSP}»" for character in characters[:5])


def _birth_date(form: "LetterForm", field: Text) -> None:
    day = parse_day(field.data)
    if day is None:
        message = _("Indiquez une date qui existe, jour/mois/année, par exemple 03/03/1958.")
        raise StopValidation(message)
    if not EARLIEST_BIRTH <= day <= form.context.today:
        message = _("Indiquez une date entre 1900 et aujourd’hui, par exemple 03/03/1958.")
        raise StopValidation(message)


def _five_digits(form: "LetterForm", field: Text) -> None:
    abroad = form.country.data.casefold() not in {"", "france"}
    if not abroad and not (len(field.data) == 5 and field.data.isdecimal()):
        raise StopValidation(_("Indiquez votre code postal : 5 chiffres, par exemple 29200."))


def _email(form: "LetterForm", field: Text) -> None:
    local, _at, domain = field.data.partition("@")
    whole = local and "." in domain.strip(".") and "@" not in domain and " " not in field.data
    if not whole:
        raise StopValidation(_("Indiquez une adresse comme camille.durand@example.org."))


def _few_lines(form: "LetterForm", field: Text) -> None:
    length = field.data.count("\n") + 1
    if length > REASON_LINES:
        message = _("Gardez au plus %(limit)d lignes : il y en a %(length)d.")
        raise StopValidation(message % {"limit": REASON_LINES, "length": length})


def _known_recipient(form: "LetterForm", field: SelectField) -> None:
    if field.data != OTHER and not form.body:
        raise StopValidation(_("Choisissez votre caisse dans la liste, ou « Autre organisme »."))


def _recipient_lines(form: "LetterForm", field: Text) -> None:
    lines = form.typed_lines
    if form.needs_typed_address and not form.recipient_block:
        message = _(
            "Écrivez le nom et l’adresse de l’organisme, une ligne sous l’autre, par exemple : "
            "MSA de l’Exemple / 1 rue de l’Exemple / 29200 Brest."
        )
        raise StopValidation(message)
    if len(lines) > MAX_LINES:
        message = _("Gardez au plus %(limit)d lignes : il y en a %(length)d.")
        raise StopValidation(message % {"limit": MAX_LINES, "length": len(lines)})
    for line in lines:
        if len(line) > MAX_CHARACTERS:
            message = _(
                "Raccourcissez la ligne « %(line)s » : %(limit)d caractères au plus, "
                "elle en a %(length)d."
            )
            values = {"line": line[:60], "limit": MAX_CHARACTERS, "length": len(line)}
            raise StopValidation(message % values)


def _optional(limit: int, *more: Validator) -> list[Any]:
    return [_stop_when_empty, _at_most(limit), _printable, *more]


def _person_name(message: str) -> list[Any]:
    return [_needed(message), _at_most(NAME_LIMIT), _name, _printable]


def _text(label: str, hint: str, validators: list[Any], **attributes: object) -> Text:
    return Text(label, validators, filters=[_line], description=hint, render_kw=attributes or None)


class LetterForm(Form):
    """One form for all letters: what a letter does not use is taken out, or ignored."""

    given_name = _text(
        mark("Prénom"),
        "",
        _person_name(mark("Indiquez votre prénom, par exemple Camille.")),
        autocomplete="given-name",
        spellcheck="false",
        required=True,
    )
    family_name = _text(
        mark("Nom"),
        "",
        _person_name(mark("Indiquez votre nom, par exemple Durand.")),
        autocomplete="family-name",
        spellcheck="false",
        required=True,
    )
    recipient = SelectField(
        mark("Votre caisse"),
        [_known_recipient],
        description=mark(
            "La caisse qui vous rembourse : le plus souvent une CPAM (caisse primaire d’assurance "
            "maladie). Son nom figure sur votre attestation de droits."
        ),
        validate_choice=False,
        render_kw={"required": True},
    )
    recipient_lines = LongText(
        mark("Nom et adresse à imprimer"),
        [_recipient_lines, _printable],
        filters=[_lines],
        description=mark(
            "À remplir pour un autre organisme, ou pour corriger l’adresse connue. Six lignes au "
            "plus, nom compris, de 38 caractères chacune. Votre texte remplace tout le bloc."
        ),
        render_kw={"rows": 6, "spellcheck": "false"},
    )
    birth_date = _text(
        mark("Date de naissance"),
        mark("Elle aide la caisse à trouver votre dossier. Par exemple 03/03/1958."),
        _optional(20, _birth_date),
        autocomplete="bday",
    )
    address_line1 = _text(
        mark("Numéro et rue"),
        mark("Pour la réponse par courrier. 38 caractères au plus."),
        _optional(MAX_CHARACTERS),
        autocomplete="address-line1",
    )
    address_line2 = _text(
        mark("Complément d’adresse"),
        mark("Bâtiment, lieu-dit, « chez »… 38 caractères au plus."),
        _optional(MAX_CHARACTERS),
        autocomplete="address-line2",
    )
    postal_code = Text(
        mark("Code postal"),
        _optional(POSTAL_CODE_LIMIT, _five_digits),
        filters=[_postal_code],
        description=mark("5 chiffres, par exemple 29200."),
        render_kw={"autocomplete": "postal-code"},
    )
    city = _text(
        mark("Ville"),
        mark("Elle figure aussi à côté de la date."),
        _optional(CITY_LIMIT),
        autocomplete="address-level2",
    )
    country = _text(
        mark("Pays"),
        mark("Seulement si vous n’habitez pas en France."),
        _optional(MAX_CHARACTERS),
        autocomplete="country-name",
    )
    email = _text(
        mark("Adresse électronique"),
        mark("Pour que la caisse puisse vous répondre. Nous ne vous écrivons jamais."),
        _optional(EMAIL_LIMIT, _email),
        type="email",
        autocomplete="email",
        spellcheck="false",
    )
    reason = LongText(
        mark("Vos raisons"),
        _optional(REASON_LIMIT, _few_lines),
        filters=[_lines],
        description=mark("Dans vos mots. 1 500 caractères et 20 lignes au plus."),
        render_kw={"rows": 8},
    )
    options = Ticks(validate_choice=False)

    def __init__(self, context: Context, formdata: "MultiDict[str, str] | None" = None) -> None:
        self.context = context
        defaults = {"options": sorted(context.wording.default_options)}
        super().__init__(formdata, data=defaults)
        if "reason" not in context.wording.fields:
            del self.reason
        known = {option.name for option in context.wording.options}
        self.options.data = [name for name in self.options.data or () if name in known]
        self._had_nir = self._take_out_nirs()

    def _take_out_nirs(self) -> frozenset[str]:
        """Names of the answers that held a NIR, which now hold it no more (décret 2019-341)."""
        found = [field for field in self._texts() if contains_nir(field.data)]
        for field in found:
            field.data = without_nir(field.data)
            field.raw_data = None
        return frozenset(field.name for field in found)

    def _texts(self) -> Iterator[Text]:
        return (field for field in self if isinstance(field, Text))

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every answer; the messages are in `errors`, by field."""
        valid = super().validate(extra_validators)
        return self.tell_of_nirs() and valid

    def tell_of_nirs(self) -> bool:
        """Say where a NIR was taken out; returns whether there was none."""
        for name in self._had_nir:
            message = _(
                "Ce texte contenait ce qui ressemble à un numéro de sécurité sociale. Nous l’avons "
                "retiré : ce site ne doit jamais le recevoir. Vous pourrez l’écrire à la main sur "
                "la lettre imprimée."
            )
            self[name].errors = [message]
        return not self._had_nir

    @property
    def body(self) -> Body | None:
        """The known body that the person chose."""
        return self.context.content.recipients.find(self.recipient.data or "")

    @property
    def needs_typed_address(self) -> bool:
        """Whether no address is known for what the person chose."""
        return not self.body.has_address if self.body else self.recipient.data == OTHER

    @property
    def typed_lines(self) -> tuple[str, ...]:
        return tuple(line for line in self.recipient_lines.data.split("\n") if line)

    @property
    def recipient_block(self) -> tuple[str, ...]:
        """The address to print: what was typed, else what is known.

        The form shows the known address in the text area so that it can be corrected. If it
        comes back unchanged with another body chosen, the other body's address is meant.
        """
        typed = self.typed_lines
        if self.body and (not typed or self.context.content.recipients.is_known_address(typed)):
            return self.body.lines
        return typed

    @property
    def uses_known_address(self) -> bool:
        """Whether the letter goes to the known address of the chosen body, uncorrected."""
        return bool(self.body and self.body.has_address and self.recipient_block == self.body.lines)

    def show_known_address(self) -> None:
        """Put the chosen body's address into the text area, to be corrected there."""
        self.recipient_lines.data = "\n".join(self.recipient_block)

    def to_request(self) -> LetterRequest:
        """The request that valid answers make."""
        fields = {name: self[name].data for name in self.context.wording.fields}
        address = PostalAddress(
            line1=self.address_line1.data,
            line2=self.address_line2.data,
            postal_code=self.postal_code.data,
            city=self.city.data,
            country=self.country.data,
        )
        sender = Person(
            given_name=self.given_name.data,
            family_name=self.family_name.data,
            birth_date=parse_day(self.birth_date.data),
            address=address,
            email=self.email.data,
        )
        options = frozenset(self.options.data)
        return LetterRequest(sender, self.recipient_block, options, fields)

    def answers(self) -> list[tuple[str, str]]:
        """Every answer as the (name, value) pairs of a form, for hidden fields."""
        texts = [(field.name, field.data) for field in self._texts() if field.data]
        options = [("options", option) for option in self.options.data]
        return [("recipient", self.recipient.data or ""), *texts, *options]


def recipient_choices(recipients: Recipients) -> dict[str, list[tuple[str, str]]]:
    """The bodies for a `<select>`, grouped: {group: [(code, label), …]}."""
    choices: dict[str, list[tuple[str, str]]] = {"": [("", _("Choisissez votre caisse"))]}
    for department, bodies in recipients.by_department():
        several = bool(department) and len(bodies) > 1
        name = f"{department} – {bodies[0].department_name}" if department else _("Autres régimes")
        choices[name] = [(body.code, _body_label(body, several)) for body in bodies]
    choices[_("Autres régimes")].append((OTHER, _("Autre organisme : j’écris son adresse")))
    return choices


def _body_label(body: Body, several: bool) -> str:
    # The three middle digits of the organism code stand on every « attestation de droits ».
    return f"{body.name} ({body.code[2:]})" if several else body.name
