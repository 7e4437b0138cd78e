"""What a person types, for one letter: checked, and passed on.

Only `active_fields` are checked. The other answers are passed on untouched, in hidden fields, so
that nothing is asked twice on the way from one letter to the next. `validate_<name>` says what one
answer requires of another (WTForms).
"""

import unicodedata
from datetime import date
from typing import Any

from wtforms import SelectField
from wtforms.validators import DataRequired, StopValidation

from letters.deadlines import months_after, opens_after
from letters.web.form import questions
from letters.web.form.asked import AskedForm
from letters.web.form.fields import Choice, LongText, Text, day_of
from letters.web.form.questions import FUND
from letters.web.formats import day as written_day
from letters.web.languages import gettext as _
from letters.wording import INFORMATION, LATER_STEPS

ADULT, SIGNS_ALONE = 18, 15  # years; LIL art. 70


class LetterForm(AskedForm):
    """One form for all letters: what a letter does not use is passed on, or ignored."""

    # Checks

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every answer that this letter uses; the messages are in `errors`, by field."""
        self.is_checked = True
        active = [field for field in self if field.name in self.active_fields]
        valid = [field.validate(self, self._rules_of(field.name)) for field in active]
        return self.tell_of_nirs() and all(valid)

    def _rules_of(self, name: str) -> list[Any]:
        rule = getattr(type(self), f"validate_{name}", None)
        return [rule] if rule else []

    def tell_of_nirs(self) -> bool:
        """Say where a NIR was taken out; returns whether there was none."""
        found = [field for field in self if isinstance(field, Text) and field.had_nir]
        for field in found:
            field.validate(self)
        return not found

    def validate_sending(self) -> bool:
        """Check the day of sending alone, which the calendar needs."""
        needed = DataRequired(questions.SENDING_NEEDED)
        return self.sent_on.validate(self, [needed, questions.DAY_OF_SENDING])

    def validate_first_letter(self, field: SelectField) -> None:
        if self.earlier_letter is None:
            raise StopValidation(_("Choisissez dans la liste la lettre que vous avez envoyée."))

    def validate_sent_on(self, field: Text) -> None:
        if self.context.wording.step in LATER_STEPS or field.data:
            DataRequired(questions.SENT_ON_NEEDED)(self, field)
            questions.DAY_OF_SENDING(self, field)

    def validate_outcome(self, field: Choice) -> None:
        """A letter about silence waits until the month is over (RGPD art. 12(3))."""
        due = self.answer_due
        if field.data == "silence" and due and self.today < (opens := opens_after(due)):
            message = _(
                "Attendez le %(day)s : l’organisme a un mois pour répondre (RGPD, article 12). "
                "S’il a déjà refusé ou répondu en partie, choisissez cette réponse."
            )
            raise StopValidation(message % {"day": written_day(opens)})

    def validate_answer_on(self, field: Text) -> None:
        day, sent_on = day_of(field), self.day("sent_on")
        if day > self.today or (sent_on and day < sent_on):
            message = _("Indiquez une date entre le jour de l’envoi et aujourd’hui.")
            raise StopValidation(message)

    validate_followed_up_on = validate_received_on = validate_answer_on

    def validate_recipient(self, field: SelectField) -> None:
        if not self.addresses.is_chosen:
            message = _("Choisissez votre caisse dans la liste, ou « Autre organisme ».")
            raise StopValidation(message)

    def validate_caisse_lines(self, field: LongText) -> None:
        self._is_not_the_sender_s(field)
        addresses = self.addresses
        if addresses.is_chosen and not addresses.address_lines(FUND):
            self._ask_for_address()
        if addresses.names_another():
            message = _(
                "Cette adresse porte le nom d’un autre organisme que votre choix dans la liste. "
                "Changez l’un ou l’autre."
            )
            raise StopValidation(message)
        written_for = self.lines_of.data.split() if field.data else []
        if addresses.is_chosen and written_for and self.recipient.data not in written_for:
            raise StopValidation(questions.FUND_CHANGED)

    def validate_soignant_lines(self, field: LongText) -> None:
        self._is_not_the_sender_s(field)
        if self.context.wording.speaks_of_earlier_letter and not field.data:
            self._ask_for_address()

    def _is_not_the_sender_s(self, field: LongText) -> None:
        """A browser may have written the sender's street where the recipient's name comes first."""
        own = {_signs(line.data) for line in (self.address_line1, self.address_line2)}
        if field.lines and _signs(field.lines[0]) in own - {""}:
            message = _(
                "Cette adresse commence par votre rue. Écrivez d’abord le nom du destinataire, "
                "puis son adresse, ou effacez tout."
            )
            raise StopValidation(message)

    validate_plateforme_lines = validate_cnil_lines = _is_not_the_sender_s

    def validate_represented_given_name(self, field: Text) -> None:
        """A browser may have written the signer's; father and son may also share a whole name."""
        signer = f"{self.given_name.data} {self.family_name.data}"
        represented = f"{field.data} {self.represented_family_name.data}"
        if represented.casefold() == signer.casefold():
            message = _(
                "Vous avez écrit le même nom pour vous et pour la personne que vous représentez. "
                "Est-ce une erreur ? Corrigez-la. Si vous portez le même, ajoutez ici un deuxième "
                "prénom, ou un mot comme « fils »."
            )
            raise StopValidation(message)

    def _ask_for_address(self) -> None:
        message = _(
            "Écrivez le nom et l’adresse, une ligne sous l’autre, par exemple : "
            "MSA de l’Exemple / 1 rue de l’Exemple / 29200 Brest."
        )
        raise StopValidation(message)

    def validate_reason(self, field: LongText) -> None:
        about_them = self.context.wording.options_with_reasons
        if not field.data and about_them.intersection(self.options.data):
            raise StopValidation(_("Écrivez vos raisons, ou décochez la case au-dessous."))

    def validate_birth_date(self, field: Text) -> None:
        if self.who.data == "minor" and not SIGNS_ALONE <= self._age(day_of(field)) < ADULT:
            message = _(
                "Avec cette date, vous n’avez pas de 15 à 17 ans. Corrigez-la, ou choisissez une "
                "autre réponse à « Pour qui écrivez-vous »."
            )
            raise StopValidation(message)

    def validate_represented_birth_date(self, field: Text) -> None:
        if self.who.data == "child" and self._age(day_of(field)) >= SIGNS_ALONE:
            message = _(
                "Avec cette date, cette personne a 15 ans ou plus. Sur ce site, elle signe "
                "elle-même : corrigez la date, ou écrivez la lettre à son nom."
            )
            raise StopValidation(message)

    def _age(self, born: date) -> int:
        years = self.today.year - born.year
        return years if months_after(born, 12 * years) <= self.today else years - 1

    def validate_postal_code(self, field: Text) -> None:
        if not self.lives_abroad and not (len(field.data) == 5 and field.data.isdecimal()):
            message = _(
                "Indiquez votre code postal : 5 chiffres, par exemple 29200. Si vous habitez à "
                "l’étranger, remplissez aussi le pays."
            )
            raise StopValidation(message)

    # What comes out

    def answers(self) -> list[tuple[str, str]]:
        """Every answer as the (name, value) pairs of a form, for the page of another letter."""
        wording = self.context.wording
        pairs = {field.name: field.data for field in self if isinstance(field, Text)}
        pairs |= {f.name: f.data for f in self if isinstance(f, Choice) and f.is_known}
        first = self.earlier_letter if wording.speaks_of_earlier_letter else wording
        pairs["first_letter"] = first.slug if first else ""
        if wording.step != INFORMATION:  # which passes on what another letter said
            told = f"{pairs['first_letter']} {self.channel.data}"
            pairs["channel_of"] = told if self.channel.is_known else ""
        pairs["recipient"] = self.recipient.data if self.addresses.is_chosen else ""
        pairs["lines_of"] = self._lines_are_of() if self.caisse_lines.data else ""
        pairs["from_letter"] = wording.slug
        ticked = [(f.name, value) for f in (self.options, self.shown) for value in f.data]
        return [*((name, value) for name, value in pairs.items() if value), *ticked]

    def _lines_are_of(self) -> str:
        """The funds that `caisse_lines` was written for, or was asked about with."""
        written_for, chosen = self.lines_of.data, self.recipient.data
        if not self.addresses.is_chosen:
            return written_for
        if questions.FUND_CHANGED in self.caisse_lines.errors:
            return f"{written_for} {chosen}"
        is_checked = self.is_checked and "caisse_lines" in self.active_fields
        is_right = is_checked and not self.caisse_lines.errors
        return chosen if is_right or not written_for else written_for

    def carried(self) -> list[tuple[str, str]]:
        """The answers that the form of this letter does not show, for its hidden fields."""
        beside = self.visible_fields - {"options"}
        own = {("options", name) for name in self.own_options}
        return [pair for pair in self.answers() if pair[0] not in beside and pair not in own]


def _signs(line: str) -> str:
    """The letters and digits of a line, without case or accents: what makes two streets one."""
    decomposed = unicodedata.normalize("NFD", line.casefold())
    return "".join(sign for sign in decomposed if sign.isalnum())
