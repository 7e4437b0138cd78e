"""What the privacy page promises, and the tests that prove each promise.

The privacy page shows the sentences, numbered; the page on how to check them shows, for each
number, the name of its tests. `tests/trust/test_checks.py` fails when a promise has no test, or
one that is not there. Limits: a test proves what this program does, not what a server in front of
it or a browser does.
"""

from letters.web.languages import lazy_gettext

_PROCESS = "tests/trust/test_process.py::"
_LOG = "tests/trust/test_log.py::"
_HEADERS = "tests/trust/test_headers.py::"
# A whole journey in a browser that is watched, and what the watch notices.
_WATCHED = (
    "tests/pages/test_journey.py::test_from_the_home_page_to_the_pdf",
    "tests/pages/test_window.py::test_what_a_page_must_not_do_is_noticed",
)
_OUTPUTS = "tests/test_outputs.py::"


class Promise:
    """A promise, and its tests ("file::function"). Its text is a message (tools/messages.py)."""

    def __init__(self, text: str, *tests: str) -> None:
        self.text, self.tests = lazy_gettext(text), tests


class Section:
    """Promises under one heading, a message too."""

    def __init__(self, heading: str, *promises: Promise) -> None:
        self.heading, self.promises = lazy_gettext(heading), promises


SECTIONS = (
    Section(
        "Ce qui se passe avec vos réponses",
        Promise(
            "Elles arrivent au serveur quand vous appuyez sur un bouton du formulaire. Le "
            "serveur compose la lettre, la renvoie, et oublie les réponses.",
            "tests/trust/test_forgotten.py::test_no_answer_stays_in_memory",
        ),
        Promise(
            "Elles ne sont écrites dans aucun fichier, aucune base de données, aucun journal.",
            _PROCESS + "test_no_file_is_opened_for_writing",
            _PROCESS + "test_nothing_typed_is_written_but_to_the_visitor",
            _LOG + "test_a_letter_that_is_made_writes_nothing",
            _LOG + "test_answers_that_are_refused_write_nothing",
            _LOG + "test_a_crash_writes_its_type_and_place_only",
        ),
        Promise(
            "La page de résultat les contient, cachées, pour que vous puissiez les modifier. "
            "Elle demande au navigateur de ne pas en garder de copie.",
            _HEADERS + "test_every_dynamic_answer_has_every_header_and_is_stored_only_if_empty",
            "tests/pages/test_journey.py::test_changing_ones_answers_brings_them_all_back",
        ),
        Promise(
            "La lettre n’est envoyée à personne. C’est vous qui l’envoyez.",
            _PROCESS + "test_the_server_speaks_to_nobody_who_has_not_come",
        ),
        Promise(
            "Quand vous passez d’une lettre à l’autre, la page transporte vos réponses. Le "
            "serveur les oublie chaque fois.",
            "tests/trust/test_forgotten.py::test_no_answer_stays_in_memory",
            "tests/trust/test_forgotten.py::test_no_answer_reaches_the_next_visitor",
        ),
        Promise(
            "Le rappel pour l’agenda ne contient ni nom ni adresse. Son lien dit quelle lettre "
            "vous avez envoyée, quel jour, et la langue de la page.",
            _OUTPUTS + "test_a_calendar_file_tells_nothing_of_anybody",
        ),
        Promise(
            "Le carré pour les téléphones (code QR) contient l’adresse du formulaire vide, dans "
            "la langue de la page, et aucune de vos réponses.",
            "tests/pages/test_elsewhere.py::test_the_code_never_holds_an_answer",
        ),
        Promise(
            "Le lien qui ouvre un courriel ne contient que l’adresse de l’organisme et l’objet. "
            "Le message, c’est vous qui le collez.",
            "tests/pages/test_elsewhere.py::"
            "test_a_mail_is_begun_only_for_the_body_that_has_an_address",
        ),
        Promise(
            "Les noms des fichiers disent quelle lettre c’est, et rien d’autre. Les lettres, "
            "elles, portent votre nom : rangez-les bien.",
            _OUTPUTS + "test_every_file_has_the_name_of_its_letter_and_no_other",
            _OUTPUTS
            + "test_nothing_of_a_person_is_in_a_name_in_the_explanations_or_in_the_reminder",
        ),
        Promise(
            "Votre adresse IP n’est notée nulle part par ce programme.",
            _PROCESS + "test_a_server_in_trouble_prints_types_and_places_only_with_every_log_open",
        ),
        Promise(
            "Ce que vous tapez ne passe pas dans l’adresse d’une page. Seuls y passent la lettre "
            "et le jour du rappel, et vos choix pour une lettre vierge.",
            "tests/trust/test_routes.py::test_no_answer_is_in_an_address",
            "tests/test_follow_up.py::test_the_page_keeps_a_persons_answers_out_of_its_addresses",
        ),
        Promise(
            "Quand vous changez de langue, la page transporte vos réponses. Le serveur les "
            "oublie chaque fois. La langue est dans l’adresse de la page.",
            "tests/test_languages.py::test_every_answer_of_a_form_changes_language",
            "tests/trust/test_routes.py::test_no_cookie_is_set",
        ),
        Promise(
            "Votre navigateur dit quelles langues vous lisez. Ce programme s’en sert pour "
            "choisir la langue de la première page, et ne les garde pas.",
            "tests/test_languages.py::test_the_first_page_is_in_the_browsers_language",
            _PROCESS + "test_nothing_typed_is_written_but_to_the_visitor",
        ),
    ),
    Section(
        "Ce que le site n’utilise pas",
        Promise(
            "Ni compte, ni cookie, ni stockage dans le navigateur.",
            "tests/trust/test_routes.py::test_no_cookie_is_set",
            *_WATCHED,
        ),
        Promise(
            "Ni mesure d’audience, ni publicité, ni police ou image prise ailleurs.",
            "tests/trust/test_routes.py::test_nothing_is_loaded_from_elsewhere",
            *_WATCHED,
        ),
        Promise(
            "Aucune demande à un autre serveur : tout vient d’ici.",
            _PROCESS + "test_the_server_speaks_to_nobody_who_has_not_come",
            *_WATCHED,
        ),
    ),
    Section(
        "Votre numéro de sécurité sociale",
        Promise(
            "Le formulaire ne le demande pas : vous l’ajoutez au stylo sur la lettre imprimée.",
            "tests/trust/test_routes.py::test_no_form_asks_for_the_number",
        ),
        Promise(
            "Si vous le tapez par erreur et que nous le reconnaissons, il est retiré aussitôt et "
            "la lettre n’est pas faite.",
            "tests/test_form.py::test_a_number_of_social_security_never_comes_back_from_any_text",
            _LOG + "test_a_number_of_social_security_writes_nothing",
        ),
    ),
)
