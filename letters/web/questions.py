"""Every question that a letter may ask: its words, its hint, and what an answer must be.

A new kind of question is added here; which letter asks it, and of whom, is for `forms.py`.
"""

from typing import TYPE_CHECKING

from wtforms import Form
from wtforms.validators import StopValidation

from letters.postal import MAX_CHARACTERS
from letters.recipients import OTHER
from letters.web import fields
from letters.web.fields import Listed, Text, Ticks
from letters.web.i18n import gettext as _
from letters.web.i18n import mark

if TYPE_CHECKING:
    from letters.web.forms import LetterForm

ADULT, SIGNS_ALONE = 18, 15  # years; LIL art. 70


def _known_recipient(form: "LetterForm", field: Listed) -> None:
    if field.data != OTHER and not form.body:
        raise StopValidation(_("Choisissez votre caisse dans la liste, ou « Autre organisme »."))


def _known_letter(form: "LetterForm", field: Listed) -> None:
    if form.first is None:
        raise StopValidation(_("Choisissez dans la liste la lettre que vous avez envoyée."))


def _whole_address(form: "LetterForm", field: Text) -> None:
    if form.needs_typed_address and not form.block_of(form.lines_for):
        message = _(
            "Écrivez le nom et l’adresse, une ligne sous l’autre, par exemple : "
            "MSA de l’Exemple / 1 rue de l’Exemple / 29200 Brest."
        )
        raise StopValidation(message)


def _age_of_minor(form: "LetterForm", field: Text) -> None:
    if form.who.data == "minor" and not SIGNS_ALONE <= form.age(field) < ADULT:
        message = _(
            "Avec cette date, vous n’avez pas de 15 à 17 ans. Corrigez-la, ou choisissez une "
            "autre réponse à « Pour qui écrivez-vous »."
        )
        raise StopValidation(message)


def _age_of_child(form: "LetterForm", field: Text) -> None:
    if form.who.data == "child" and form.age(field) >= SIGNS_ALONE:
        message = _(
            "Avec cette date, cette personne a 15 ans ou plus. Sur ce site, elle signe elle-même : "
            "corrigez la date, ou écrivez la lettre à son nom."
        )
        raise StopValidation(message)


OUTCOMES_TO_CHOOSE = [
    ("silence", mark("Pas de réponse")),
    ("refusal", mark("Un refus")),
    ("partial", mark("Une réponse incomplète")),
]
OUTCOME_NEEDED = mark("Choisissez ce qui s’est passé depuis votre lettre.")


class Questions(Form):
    """All questions, in the order in which a mistake is told."""

    who = fields.choice(
        mark("Pour qui écrivez-vous"),
        [
            ("self", mark("Pour moi")),
            ("child", mark("Pour mon enfant de moins de 15 ans")),
            ("minor", mark("Pour moi, et j’ai de 15 à 17 ans")),
            ("protected", mark("Pour un majeur protégé que je représente")),
        ],
        "self",
        mark("Choisissez pour qui vous écrivez."),
    )
    given_name = fields.person_name(
        mark("Prénom"),
        mark("Indiquez votre prénom, par exemple Camille."),
        autocomplete="given-name",
    )
    family_name = fields.person_name(
        mark("Nom"),
        mark("Indiquez votre nom, par exemple Durand."),
        autocomplete="family-name",
    )
    represented_given_name = fields.person_name(
        mark("Son prénom"),
        mark("Indiquez le prénom de la personne que vous représentez, par exemple Léo."),
        autocomplete="off",
    )
    represented_family_name = fields.person_name(
        mark("Son nom"),
        mark("Indiquez le nom de la personne que vous représentez, par exemple Durand."),
        autocomplete="off",
    )
    represented_birth_date = fields.optional(
        mark("Sa date de naissance"),
        mark("Elle aide à trouver son dossier. Par exemple 03/03/2015."),
        fields.DATE_LIMIT,
        fields.birth_day,
        _age_of_child,
        autocomplete="off",
    )
    measure = fields.text(
        mark("La mesure de protection"),
        mark("Par exemple : tutelle, habilitation familiale, mandat de protection future."),
        [
            fields.needed(mark("Indiquez la mesure de protection, par exemple tutelle.")),
            fields.at_most(fields.MEASURE_LIMIT),
            fields.printable,
        ],
        autocomplete="off",
        required=True,
    )
    first_letter = Listed(
        mark("La lettre déjà envoyée"),
        [_known_letter],
        validate_choice=False,
        render_kw={"required": True},
    )
    sent_on = fields.text(
        mark("Le jour de l’envoi"),
        mark("Le jour où vous avez envoyé cette lettre. Par exemple 03/03/2026."),
        [],
        autocomplete="off",
    )
    channel = fields.choice(
        mark("Comment l’avez-vous envoyée"),
        [
            ("ameli", mark("Par une messagerie en ligne (ameli.fr, espace patient…)")),
            ("post", mark("Par la poste")),
            ("email", mark("Par courriel")),
            ("hand", mark("Je l’ai remise sur place")),
        ],
        "",
        mark("Choisissez comment vous avez envoyé la lettre, ou ne répondez pas."),
    )
    outcome = fields.choice(
        mark("Que s’est-il passé depuis"),
        OUTCOMES_TO_CHOOSE,
        "silence",
        OUTCOME_NEEDED,
    )
    answer_on = fields.optional(
        mark("Le jour de la réponse"),
        mark("La date écrite sur la réponse. Par exemple 03/04/2026."),
        fields.DATE_LIMIT,
        fields.after_sending,
        autocomplete="off",
    )
    missing = fields.prose(
        mark("Ce qui manque dans la réponse"),
        mark("Les demandes restées sans réponse. 500 caractères au plus."),
        fields.MISSING_LIMIT,
    )
    followed_up_on = fields.optional(
        mark("Le jour de votre relance"),
        mark("Si vous avez envoyé une relance. Par exemple 03/04/2026."),
        fields.DATE_LIMIT,
        fields.after_sending,
        autocomplete="off",
    )
    recipient = Listed(
        mark("Votre caisse"),
        [_known_recipient],
        description=mark(
            "La caisse qui vous rembourse : le plus souvent la CPAM (caisse primaire d’assurance "
            "maladie) de votre département. La liste suit les numéros de département."
        ),
        validate_choice=False,
        render_kw={"required": True},
    )
    recipient_lines = fields.address(
        mark("Nom et adresse à imprimer"),
        mark("Le nom, puis l’adresse. Six lignes au plus, de 38 caractères chacune."),
        _whole_address,
    )
    plateforme_lines = fields.address(
        mark("Adresse de la Plateforme"),
        mark("Corrigez-la si elle a changé. Six lignes au plus, de 38 caractères chacune."),
    )
    cnil_lines = fields.address(
        mark("Adresse de la CNIL"),
        mark("Corrigez-la si elle a changé. Six lignes au plus, de 38 caractères chacune."),
    )
    birth_date = fields.optional(
        mark("Date de naissance"),
        mark("Elle aide à trouver votre dossier. Par exemple 03/03/1958."),
        fields.DATE_LIMIT,
        fields.birth_day,
        _age_of_minor,
        autocomplete="bday",
    )
    address_line1 = fields.optional(
        mark("Numéro et rue"),
        mark("Pour la réponse par courrier. 38 caractères au plus."),
        MAX_CHARACTERS,
        autocomplete="address-line1",
    )
    address_line2 = fields.optional(
        mark("Complément d’adresse"),
        mark("Bâtiment, lieu-dit, « chez »… 38 caractères au plus."),
        MAX_CHARACTERS,
        autocomplete="address-line2",
    )
    postal_code = fields.postal_code()
    city = fields.optional(
        mark("Ville"),
        mark("Elle figure aussi à côté de la date."),
        fields.CITY_LIMIT,
        autocomplete="address-level2",
    )
    country = fields.optional(
        mark("Pays"),
        mark("Seulement si vous n’habitez pas en France."),
        MAX_CHARACTERS,
        autocomplete="country-name",
    )
    email = fields.optional(
        mark("Adresse électronique"),
        mark("Pour que l’on puisse vous répondre. Nous ne vous écrivons jamais."),
        fields.EMAIL_LIMIT,
        fields.email_address,
        type="email",
        autocomplete="email",
        spellcheck="false",
    )
    reason = fields.prose(
        mark("Vos raisons"),
        mark("Dans vos mots. 1 500 caractères et 20 lignes au plus."),
        fields.REASON_LIMIT,
    )
    options = Ticks(validate_choice=False)
    # The `recipient_lines` of the other kind of recipient, while this letter has its own.
    carried_lines = fields.address(mark("Nom et adresse à imprimer"), "")
    # The `recipient_lines` that the form showed, to tell whether the person changed them there.
    shown_lines = fields.address(mark("Nom et adresse à imprimer"), "")
