"""Every question that a letter may ask: its words, its hint, what an answer must be by itself, and
for whom and when it counts.

A new kind of question is added here; which letter asks it is for `asked.py`. `COUNTS_IF` is
the one table that form, templates and style sheet share: an answer counts if each question named
there was answered in one of these ways. On a page, the class `unless-<question>-<answer>` takes
away what that answer makes useless (style.css); where a browser does not know `:has()`, all is
shown. What `channel` takes away counts all the same. `kind` is not asked: it is the kind of
recipient of the letter, and of the earlier one that it speaks of.
"""

from collections.abc import Mapping, Set
from datetime import date, timedelta

from wtforms import Form, SelectField

from letters.model import CHANNELS, REPRESENTED, WHO
from letters.postal import MAX_CHARACTERS
from letters.web.form import fields
from letters.web.languages import lazy_gettext as _

FUND, CARER, PLATFORM, CNIL = "caisse", "soignant", "plateforme", "cnil"  # kinds of recipient
NAMED_FILES = frozenset({FUND, CARER})  # the others know no name, or need no date of birth
ANSWERS: dict[str, frozenset[str]] = {
    "who": frozenset(WHO),
    "outcome": frozenset({"silence", "refusal", "partial", "accepted"}),
    "kind": frozenset({FUND, CARER, PLATFORM}),
    "channel": frozenset(CHANNELS),
}
_ANSWERED = ANSWERS["outcome"] - {"silence"}
ON_PAPER = frozenset({"post", "hand"})
ADDRESS = ("address_line1", "address_line2", "postal_code", "city", "country")  # the sender's

COUNTS_IF: dict[str, dict[str, frozenset[str]]] = {
    "represented_given_name": {"who": REPRESENTED},
    "represented_family_name": {"who": REPRESENTED},
    "represented_birth_date": {"who": REPRESENTED, "kind": NAMED_FILES, "channel": ON_PAPER},
    "measure": {"who": frozenset({"protected"})},
    "birth_date": {
        "who": ANSWERS["who"] - REPRESENTED,
        "kind": NAMED_FILES,
        "channel": ON_PAPER,
    },
    **{name: {"channel": ON_PAPER} for name in (*ADDRESS, "email")},
    "answer_on": {"outcome": _ANSWERED},
    "missing": {"outcome": frozenset({"partial"})},
    "recipient": {"kind": frozenset({FUND})},
    "caisse_lines": {"kind": frozenset({FUND})},
    "soignant_lines": {"kind": frozenset({CARER})},
    "plateforme_lines": {"kind": frozenset({PLATFORM})},
}

EARLIEST_SENDING = date(2018, 1, 1)  # the right as it is since the RGPD
WHOLE_ADDRESS = _("Le nom, puis l’adresse : six lignes au plus.")
SENT_ON_NEEDED = _("Indiquez le jour où vous avez envoyé la lettre, par exemple 03/03/2026.")
SENDING_NEEDED = _("Indiquez le jour où vous envoyez la lettre, par exemple 03/03/2026.")
FUND_CHANGED = _(
    "Vous avez changé de caisse. Vérifiez que cette adresse est celle de la nouvelle, ou "
    "effacez-la."
)
OUTCOME_NEEDED = _("Choisissez ce qui s’est passé depuis votre lettre.")
OUTCOMES_TO_CHOOSE = [
    ("silence", _("Pas de réponse")),
    ("refusal", _("Un refus")),
    ("partial", _("Une réponse incomplète")),
]
_BY_POST = ("post", _("Par la poste : à imprimer et à signer"))
WAYS = {  # to send a letter, by kind of recipient; where another answer comes, the first is meant
    FUND: [
        ("ameli", _("En ligne, dans votre compte : gratuit, le jour même")),
        _BY_POST,
    ],
    CARER: [
        ("ameli", _("En ligne, dans une messagerie de santé ou un espace patient")),
        _BY_POST,
        ("email", _("Par courriel")),
        ("hand", _("En main propre : à imprimer et à signer")),
    ],
    PLATFORM: [
        ("email", _("Par courriel : gratuit, le jour même")),
        _BY_POST,
    ],
}
HOW_SENT = _("Comment l’avez-vous envoyée ?")
WAYS_TAKEN = [
    ("ameli", _("Par une messagerie en ligne")),
    ("post", _("Par la poste")),
    ("email", _("Par courriel")),
    ("hand", _("En main propre")),
]
BIRTH_DAY = fields.since(
    date(1900, 1, 1), _("Indiquez une date entre 1900 et aujourd’hui, par exemple 03/03/1958.")
)
AHEAD = timedelta(days=1)  # where France is overseas, tomorrow may have begun
DAY_OF_SENDING = fields.since(
    EARLIEST_SENDING,
    _("Indiquez une date entre 2018 et aujourd’hui, par exemple 03/03/2026."),
    ahead=AHEAD,
)


class Questions(Form):
    """All questions, in the order in which a mistake is told."""

    who = fields.choice(
        _("Pour qui écrivez-vous ?"),
        [
            ("self", _("Pour moi")),
            ("child", _("Pour mon enfant de moins de 15 ans")),
            ("minor", _("Pour moi, et j’ai de 15 à 17 ans")),
            ("protected", _("Pour un majeur protégé que je représente")),
        ],
        "self",
        _("Choisissez pour qui vous écrivez."),
    )
    given_name = fields.person_name(
        _("Prénom"),
        _("Indiquez votre prénom, par exemple Camille."),
        kind=fields.GivenNames,
        autocomplete="given-name",
    )
    family_name = fields.person_name(
        _("Nom"), _("Indiquez votre nom, par exemple Durand."), autocomplete="family-name"
    )
    represented_given_name = fields.person_name(
        _("Son prénom"),
        _("Indiquez le prénom de la personne que vous représentez, par exemple Léo."),
        kind=fields.GivenNames,
        autocomplete=f"{fields.REPRESENTED} given-name",
    )
    represented_family_name = fields.person_name(
        _("Son nom"),
        _("Indiquez le nom de la personne que vous représentez, par exemple Durand."),
        autocomplete=f"{fields.REPRESENTED} family-name",
    )
    represented_birth_date = fields.optional(
        _("Sa date de naissance"),
        _("Elle aide à trouver son dossier. Par exemple 03/03/2015."),
        fields.DATE_LIMIT,
        BIRTH_DAY,
        autocomplete=f"{fields.REPRESENTED} bday",
    )
    measure = fields.needed(
        _("La mesure de protection"),
        _("Par exemple : tutelle, habilitation familiale, mandat de protection future."),
        _("Indiquez la mesure de protection, par exemple tutelle."),
        fields.at_most(fields.MEASURE_LIMIT),
    )
    first_letter = SelectField(_("La lettre déjà envoyée"), validate_choice=False)
    sent_on = fields.text(
        _("Le jour de l’envoi"),
        _("Le jour où vous avez envoyé cette lettre. Par exemple 03/03/2026."),
        [],
    )
    received_on = fields.optional(
        _("Le jour de la réception"),
        _("Si vous le savez : la date de l’avis de réception. Par exemple 05/03/2026."),
        fields.DATE_LIMIT,
    )
    outcome = fields.choice(
        _("Que s’est-il passé depuis ?"), OUTCOMES_TO_CHOOSE, "silence", OUTCOME_NEEDED
    )
    answer_on = fields.optional(
        _("Le jour de la réponse"),
        _("La date écrite sur la réponse. Par exemple 03/04/2026."),
        fields.DATE_LIMIT,
    )
    missing = fields.prose(
        _("Ce qui manque dans la réponse"),
        _("Les demandes restées sans réponse."),
        fields.MISSING_LIMIT,
    )
    followed_up_on = fields.optional(
        _("Le jour de votre relance"),
        _("Si vous avez envoyé une relance. Par exemple 03/04/2026."),
        fields.DATE_LIMIT,
    )
    recipient = SelectField(
        _("Votre caisse"),
        description=_(
            "Celle qui vous rembourse. Le plus souvent, c’est la CPAM (caisse primaire d’assurance "
            "maladie) de votre département."
        ),
        validate_choice=False,
    )
    caisse_lines = fields.address(_("Nom et adresse à imprimer"), WHOLE_ADDRESS)
    soignant_lines = fields.address(_("Nom et adresse du soignant"), WHOLE_ADDRESS)
    plateforme_lines = fields.address(_("Adresse de la Plateforme"), WHOLE_ADDRESS)
    channel = fields.choice(
        _("Comment l’enverrez-vous ?"),
        WAYS_TAKEN,
        "",
        _("Choisissez comment la lettre est envoyée."),
    )
    cnil_lines = fields.address(_("Adresse de la CNIL"), WHOLE_ADDRESS)
    birth_date = fields.optional(
        _("Date de naissance"),
        _("Elle aide à trouver votre dossier. Par exemple 03/03/1958."),
        fields.DATE_LIMIT,
        BIRTH_DAY,
        autocomplete="bday",
    )
    address_line1 = fields.optional(
        _("Numéro et rue"),
        _("Pour la réponse par courrier."),
        fields.STREET_LIMIT,
        autocomplete="address-line1",
    )
    address_line2 = fields.optional(
        _("Complément d’adresse"),
        _("Bâtiment, lieu-dit, « chez »."),
        fields.STREET_LIMIT,
        autocomplete="address-line2",
    )
    postal_code = fields.optional(
        _("Code postal"),
        _("5 chiffres, par exemple 29200."),
        fields.POSTAL_CODE_LIMIT,
        kind=fields.PostalCode,
        autocomplete="postal-code",
    )
    city = fields.optional(
        _("Ville"),
        _("Elle figure aussi à côté de la date."),
        fields.CITY_LIMIT,
        autocomplete="address-level2",
    )
    country = fields.optional(
        _("Pays"),
        _("Seulement si vous n’habitez pas en France."),
        MAX_CHARACTERS,
        autocomplete="country-name",
    )
    email = fields.optional(
        _("Adresse électronique"),
        _("Pour que l’on puisse vous répondre. Nous ne vous écrivons jamais."),
        fields.EMAIL_LIMIT,
        fields.email_address,
        kind=fields.Email,
        type="email",
        autocomplete="email",
        spellcheck="false",
    )
    reason = fields.prose(
        _("Vos raisons"),
        _("Dans vos mots, en quelques phrases."),
        fields.REASON_LIMIT,
    )
    options = fields.Ticks(validate_choice=False)

    # Hidden: what a page of ours tells the next one.
    from_letter = fields.Text()  # the letter whose page it was
    shown = fields.Ticks(validate_choice=False)  # the options that a person has seen so far
    channel_of = fields.Text()  # the letter that `channel` was said of, and what was said
    lines_of = fields.Text()  # the fund that `caisse_lines` is of, then those asked about


def counts(name: str, answers: Mapping[str, Set[str]]) -> bool:
    """Whether the answer called `name` counts, where `answers` holds those given, by question."""
    return all(answers[question] & wanted for question, wanted in COUNTS_IF.get(name, {}).items())


def classes(name: str, but: Set[str] = frozenset()) -> str:
    """The classes of what asks for the answer called `name`, whatever the questions `but` say."""
    return " ".join(
        useless_if_not(question, *wanted)
        for question, wanted in COUNTS_IF.get(name, {}).items()
        if question not in but
    )


def useless_if_not(question: str, *wanted: str) -> str:
    """The classes of what is shown for some answers of a question only."""
    return " ".join(f"unless-{question}-{other}" for other in sorted(ANSWERS[question] - {*wanted}))
