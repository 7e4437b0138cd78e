"""Settings: read from the environment, checked once, refused with a sentence."""

from dataclasses import fields
from typing import Any

import pytest

from app import create_app
from letters.web.settings import Settings, SettingsError
from tests.test_form import RELANCE, SANTE
from tests.test_pages import (
    FORM,
    OPPOSITIONS,
    PAGES,
    PERSON,
    SLUGS,
    answers_of,
    checking,
    parse,
    text_of,
)

HOPS = "DROIT_DE_PLUME_PROXY_HOPS"
LIMIT = "DROIT_DE_PLUME_PORTAL_LIMIT"
CONTACT = "DROIT_DE_PLUME_CONTACT"
SLOTS = "DROIT_DE_PLUME_PDF_SLOTS"
DAYS = "DROIT_DE_PLUME_LOG_DAYS"
TEXTS = tuple(f"DROIT_DE_PLUME_{name}" for name in ("PUBLISHER", "DIRECTOR", "HOSTING"))
SOURCE = "DROIT_DE_PLUME_SOURCE"
COMMIT = "DROIT_DE_PLUME_COMMIT"
HOSTS = "DROIT_DE_PLUME_TRUSTED_HOSTS"
ASSOCIATION = "Association de l’Exemple, 1 rue de l’Exemple, 29200 Brest"


@pytest.mark.parametrize(
    ("environment", "settings"),
    [
        ({}, {}),
        (dict.fromkeys((HOPS, LIMIT, CONTACT, SLOTS, DAYS, SOURCE, COMMIT), ""), {}),
        ({"PROXY_HOPS": "3", "PORT": "80", "droit_de_plume_contact": "x", HOSTS: " ,, "}, {}),
        ({HOPS: "0", LIMIT: "0"}, {}),
        ({HOPS: " 9 ", HOSTS: "a.fr"}, {"proxy_hops": 9, "trusted_hosts": ("a.fr",)}),
        ({HOPS: "007", HOSTS: "a.fr"}, {"proxy_hops": 7, "trusted_hosts": ("a.fr",)}),
        ({LIMIT: "100000"}, {"portal_limit": 100_000}),
        ({CONTACT: "  contact@example.org "}, {"contact": "contact@example.org"}),
        ({CONTACT: "https://example.org/nous"}, {"contact": "https://example.org/nous"}),
        ({TEXTS[0]: f" {ASSOCIATION} "}, {"publisher": ASSOCIATION}),
        ({TEXTS[1]: "Camille Durand", TEXTS[2]: "x" * 300}, {"director": "Camille Durand"}),
        ({DAYS: "0"}, {"log_days": 0}),
        ({DAYS: "3660"}, {"log_days": 3660}),
        (
            {SOURCE: "https://forge.example:8443/a?c=d"},
            {"source": "https://forge.example:8443/a?c=d"},
        ),
        ({COMMIT: "0123ABC"}, {"commit": "0123abc"}),
        (
            {HOSTS: "Plume.example, .example.org  localhost"},
            {"trusted_hosts": ("plume.example", ".example.org", "localhost")},
        ),
        ({SLOTS: "64"}, {"pdf_slots": 64}),
    ],
)
def test_the_environment_is_read(environment: dict[str, str], settings: dict[str, Any]) -> None:
    more = {"hosting": "x" * 300} if TEXTS[2] in environment else {}
    assert Settings.from_environment(environment) == Settings(**settings, **more)


WRONG = (
    "-1",
    "+1",
    "1.5",
    "un",
    "0x1",
    "1e3",
    "1_0",
    "²",
    "٣",
    "1 0",
    "100001",
    "9" * 400,
    "1\x00",
)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [(HOPS, 0, 9), (LIMIT, 0, 100_000), (DAYS, 0, 3660), (SLOTS, 1, 64)],
)
def test_a_wrong_number_is_refused_with_a_sentence(name: str, least: int, most: int) -> None:
    for value in (*WRONG, str(most + 1), *(str(least - 1) if least else ())):
        with pytest.raises(SettingsError) as caught:
            Settings.from_environment({name: value})
        assert str(caught.value) == f"{name} doit être un nombre entier de {least} à {most}."


A_LINE = "doit tenir sur une ligne de 300 caractères au plus."
A_CONTACT = "doit être une adresse électronique, ou une adresse en https://."
AN_ADDRESS = "doit être une adresse en https://."
A_COMMIT = "doit être un numéro de version git, comme celui de « git rev-parse HEAD »."
NAMES = "doit être une liste de noms sans https://, comme « plume.example.org »."


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        *((name, ("x" * 301, "a\nb", "a\x00b", "a\u202eb"), A_LINE) for name in TEXTS),
        (
            CONTACT,
            (
                "Ici",
                "@",
                "a@b",
                "a b@example.org",
                "a@b@c.org",
                "http://example.org",
                "<a@b.c>",
                "mailto:a@example.org",
                "javascript:alert(1)",
                "a@example.org\nb@example.org",
            ),
            A_CONTACT,
        ),
        (
            SOURCE,
            (
                "forge",
                "http://forge.example",
                "https://",
                "https:forge",
                "https://a b",
                "javascript:1",
                "https://forge.example\n/",
            ),
            AN_ADDRESS,
        ),
        (COMMIT, ("main", "0123", "g" * 7, "0" * 65, "0123abc dirty"), A_COMMIT),
        (
            HOSTS,
            (
                "*",
                "https://plume.example",
                "plume.example:443",
                "é.example",
                "a/b",
                "[::1]",
                "plume.example, *",
            ),
            NAMES,
        ),
        ("DROIT_DE_PLUME_CONTCAT", ("", "x"), "n’est pas un réglage : vérifiez son nom."),
        ("DROIT_DE_PLUME_", ("",), "n’est pas un réglage : vérifiez son nom."),
    ],
)
def test_a_wrong_setting_is_refused_with_one_sentence_that_does_not_repeat_it(
    name: str, values: tuple[str, ...], sentence: str
) -> None:
    for value in values:
        with pytest.raises(SettingsError) as caught:
            Settings.from_environment({name: value})
        assert str(caught.value) == f"{name} {sentence}"


@pytest.mark.check(15)
def test_a_proxy_that_is_believed_asks_for_the_names_of_the_site() -> None:
    """It passes on whatever name a visitor sends, unless its own settings say otherwise."""
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({HOPS: "1"})
    assert str(caught.value) == f"{HOSTS} doit dire le nom du site quand {HOPS} n’est pas 0."


@pytest.mark.check(15)
@pytest.mark.parametrize(
    ("prefix", "status"),
    [
        ("", 200),
        ("/plume", 200),
        ("/a/b.c/~d-e_f", 200),
        ("/plume/", 200),
        ("https://zyx.example", 400),
        ("//zyx.example", 400),
        ("/a//b", 400),
        ("/é", 400),
        ("/a?b", 400),
        ("/a%0a", 400),
        ("plume", 400),
    ],
)
def test_a_prefix_that_could_lead_elsewhere_is_refused(prefix: str, status: int) -> None:
    app = create_app(Settings(proxy_hops=1))
    answer = app.test_client().get("/fr/", headers={"X-Forwarded-Prefix": prefix})
    assert answer.status_code == status
    assert "zyx" not in answer.text


def test_the_first_wrong_setting_stops_the_program_with_its_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(HOPS, "beaucoup")
    with pytest.raises(SystemExit) as caught:
        create_app()
    assert caught.value.code == f"{HOPS} doit être un nombre entier de 0 à 9."


def test_every_setting_is_tried_here_and_can_be_left_out() -> None:
    names = {field.name for field in fields(Settings)}
    tried = {*TEXTS, HOPS, LIMIT, CONTACT, SLOTS, DAYS, SOURCE, COMMIT, HOSTS}
    assert names == {name.removeprefix("DROIT_DE_PLUME_").lower() for name in tried}
    nothing = {**dict.fromkeys(names, ""), "log_days": None, "trusted_hosts": ()}
    nothing |= {"proxy_hops": 0, "portal_limit": 0, "pdf_slots": 8}
    assert Settings() == Settings(**nothing)


@pytest.mark.parametrize(("limit", "told"), [(0, False), (100, True), (100_000, False)])
def test_the_limit_of_the_messaging_is_told_when_the_message_is_longer(
    limit: int, told: bool
) -> None:
    client = checking(create_app(Settings(portal_limit=limit)))
    text = text_of(parse(client.post(FORM, data=PERSON).text).main)
    sentence = f"La messagerie en accepte {limit}\u00a0: prenez la version courte."
    assert (sentence in text) is told


@pytest.mark.parametrize("slug", SLUGS)
def test_the_limit_is_told_of_letters_to_a_fund_only(slug: str) -> None:
    client = checking(create_app(Settings(portal_limit=100)))
    for first in OPPOSITIONS:
        response = client.post(f"/fr/lettres/{slug}", data=answers_of(first=first))
        to_fund = slug == SANTE or (slug, first) == (RELANCE, SANTE)
        assert ("La messagerie en accepte" in response.text) is to_fund


def test_a_proxy_gives_the_host_that_forms_must_come_from() -> None:
    sent = {"X-Forwarded-Host": "plume.example", "Origin": "https://plume.example"}
    for hops, status in ((0, 403), (1, 200)):
        client = checking(create_app(Settings(proxy_hops=hops)))
        assert client.post(FORM, data=PERSON, headers=sent).status_code == status


# Who answers for the site


@pytest.mark.parametrize(
    ("publisher", "contact", "host", "demo"),
    [
        ("", "", "plume.example", True),
        (ASSOCIATION, "", "plume.example", True),
        ("", "ici@example.org", "plume.example:8000", True),
        (ASSOCIATION, "ici@example.org", "plume.example", False),
        # On one's own machine, until somebody is named.
        ("", "", "127.0.0.1:8000", False),
        ("", "", "localhost", False),
        ("", "ici@example.org", "[::1]:8000", False),
        (ASSOCIATION, "", "localhost:8000", True),
        ("", "", "localhost.example", True),
    ],
)
def test_a_site_that_nobody_answers_for_says_so_on_every_page(
    publisher: str, contact: str, host: str, demo: bool
) -> None:
    client = create_app(Settings(publisher=publisher, contact=contact)).test_client()
    sent = {"Host": host}
    texts = [client.get(path, headers=sent).text for path in (*PAGES, "/absente")]
    texts.append(client.post(FORM, data=PERSON, headers=sent).text)
    for text in texts:
        assert ("Site de démonstration." in text) is demo


@pytest.mark.parametrize("path", ["/fr/mentions-legales", "/fr/confidentialite"])
@pytest.mark.check(29)
def test_who_publishes_and_hosts_is_told_as_it_was_set_and_never_as_markup(path: str) -> None:
    told = {"publisher": "A <b>& Cie</b>", "hosting": "<i>Hébergeur</i>, 01 23 45 67 89"}
    directed = told | {"director": "Camille <u>Durand</u>"}
    shown = [*told.values(), *(["Camille <u>Durand</u>"] if "legal" in path else [])]
    main = text_of(parse(checking(create_app(Settings(**directed))).get(path).text).main)
    assert [text for text in shown if text not in main] == []
    assert main.count("Pas encore indiqué.") == 1, "the contact"


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (None, "n’ont pas encore dit combien de temps leurs serveurs les gardent."),
        (0, "déclarent que leurs serveurs ne les écrivent nulle part."),
        (1, "déclarent que leurs serveurs les gardent 1 jour au plus."),
        (14, "déclarent que leurs serveurs les gardent 14 jours au plus."),
    ],
)
@pytest.mark.check(29)
def test_how_long_addresses_are_kept_is_told_as_it_was_set(days: int | None, sentence: str) -> None:
    client = checking(create_app(Settings(log_days=days)))
    assert sentence in text_of(parse(client.get("/fr/confidentialite").text).main)


# Trusted hosts


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("plume.example", 200),
        ("Plume.EXAMPLE:8443", 200),
        ("fr.plus.example", 200),
        ("localhost:8000", 200),
        ("127.0.0.1:8000", 200),
        ("zyx.example", 400),
        ("plume.example.zyx.example", 400),
        ("xplus.example", 400),
        ("fr.plume.example", 400),
        ("192.0.2.1", 400),
    ],
)
@pytest.mark.check(15)
def test_only_the_names_of_the_site_are_answered(host: str, status: int) -> None:
    app = create_app(Settings(trusted_hosts=("plume.example", ".plus.example")))
    for path in ("/fr/", "/sante", "/static/style.css"):
        answer = app.test_client().get(path, headers={"Host": host}, buffered=True)
        assert answer.status_code == status
    answer = app.test_client().post(FORM, data=PERSON, headers={"Host": host})
    assert answer.status_code == status
    assert "zyx" not in answer.text


@pytest.mark.check(15)
def test_a_name_that_a_proxy_passes_on_is_checked_too() -> None:
    app = create_app(Settings(trusted_hosts=("plume.example",), proxy_hops=1))
    for host, status in (("plume.example", 200), ("zyx.example", 400)):
        answer = app.test_client().get("/fr/", headers={"X-Forwarded-Host": host})
        assert answer.status_code == status
