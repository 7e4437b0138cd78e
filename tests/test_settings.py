"""Settings: read from the environment, checked once, refused with a sentence."""

import tomllib
from itertools import product
from typing import Any

import pytest

from app import create_app
from letters.errors import ContentError
from letters.web.settings import PREFIX, Settings
from tests.kit.forms import RELANCE, SANTE
from tests.kit.pages import (
    FORM,
    OPPOSITIONS,
    PAGES,
    PERSON,
    SLUGS,
    answers_of,
    checking,
    parse,
    site_with,
    text_of,
)
from tests.server import ROOT

MISTAKES = tomllib.loads((ROOT / "tests/mistakes/settings.toml").read_text(encoding="utf-8"))
ASSOCIATION = "Association de l’Exemple, 1 rue de l’Exemple, 29200 Brest"
EMPTY = ("PROXY_HOPS", "PORTAL_LIMIT", "CONTACT", "PDF_SLOTS", "LOG_DAYS", "SOURCE", "COMMIT")


def given(**values: str) -> Settings:
    return Settings.from_environment({f"{PREFIX}{name}": value for name, value in values.items()})


@pytest.mark.parametrize(
    ("environment", "settings"),
    [
        (dict.fromkeys(EMPTY, ""), {}),
        ({"PROXY_HOPS": "0", "PORTAL_LIMIT": "0", "TRUSTED_HOSTS": " ,, "}, {}),
        (
            {"PROXY_HOPS": " 009 ", "TRUSTED_HOSTS": "A.example, .b.org  c"},
            {"proxy_hops": 9, "trusted_hosts": ("a.example", ".b.org", "c")},
        ),
        (
            {"PORTAL_LIMIT": "100000", "PDF_SLOTS": "64"},
            {"portal_limit": 100_000, "pdf_slots": 64},
        ),
        ({"CONTACT": "  contact@example.org "}, {"contact": "contact@example.org"}),
        ({"CONTACT": "https://example.org/nous"}, {"contact": "https://example.org/nous"}),
        ({"PUBLISHER": f" {ASSOCIATION} "}, {"publisher": ASSOCIATION}),
        (
            {"DIRECTOR": "Camille", "HOSTING": "x" * 300},
            {"director": "Camille", "hosting": "x" * 300},
        ),
        ({"LOG_DAYS": "0"}, {"log_days": 0}),
        ({"LOG_DAYS": "3660", "COMMIT": "0123ABC"}, {"log_days": 3660, "commit": "0123abc"}),
        ({"SOURCE": "https://a.example:8443/a?c=d"}, {"source": "https://a.example:8443/a?c=d"}),
    ],
)
def test_the_environment_is_read(environment: dict[str, str], settings: dict[str, Any]) -> None:
    assert given(**environment) == Settings(**settings)


def test_what_is_not_ours_is_left_alone() -> None:
    others = {"PROXY_HOPS": "3", "PORT": "80", "droit_de_plume_contact": "x"}
    assert Settings.from_environment(others) == Settings()


def test_a_wrong_setting_is_refused_with_one_sentence_that_does_not_repeat_it() -> None:
    cases = [
        (name, value, mistake["sentence"])
        for mistake in MISTAKES["mistakes"]
        for name, value in product(mistake["names"], mistake["values"])
    ]
    [numbers] = MISTAKES["numbers"]
    for name, (least, most) in numbers["names"].items():
        wrong = [*numbers["values"], "9" * 400, str(most + 1), *(str(least - 1) if least else ())]
        sentence = f"doit être un nombre entier de {least} à {most}."
        cases += [(name, value, sentence) for value in wrong]
    for name, value, sentence in cases:
        with pytest.raises(ContentError) as caught:
            given(**{name: value})
        assert str(caught.value) == f"{PREFIX}{name} {sentence}", value


@pytest.mark.check(15)
def test_a_proxy_that_is_believed_asks_for_the_names_of_the_site() -> None:
    """It passes on whatever name a visitor sends, unless its own settings say otherwise."""
    sentence = f"^{PREFIX}TRUSTED_HOSTS doit dire le nom du site quand {PREFIX}PROXY_HOPS n’est pas"
    with pytest.raises(ContentError, match=sentence):
        given(PROXY_HOPS="1")


def test_a_wrong_setting_stops_the_program_with_its_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(f"{PREFIX}PROXY_HOPS", "beaucoup")
    with pytest.raises(SystemExit, match="PROXY_HOPS doit être un nombre entier de 0 à 9"):
        create_app()


@pytest.mark.parametrize("limit", [0, 100, 100_000])
def test_the_limit_of_the_messaging_is_told_where_a_message_to_a_fund_is_longer(
    limit: int,
) -> None:
    client = checking(site_with(portal_limit=limit))
    told = f"la messagerie accepte {limit} caractères. "
    advice = {(): "Passez par la poste.", ("hebergement",): "Prenez la version courte"}
    for slug, first, options in product(SLUGS, OPPOSITIONS, advice):
        answers = answers_of(first=first, options=[*options])
        page = parse(client.post(f"/fr/lettres/{slug}", data=answers).text)
        shorter = options if slug == SANTE else ()
        to_fund = slug == SANTE or (slug, first) == (RELANCE, SANTE)
        sentence = told + advice[shorter]
        assert (sentence in text_of(page.main)) is (to_fund and limit == 100), (slug, first)


# Who answers for the site

DEMO = "Site de démonstration."
NAMED = {"publisher": ASSOCIATION, "contact": "ici@example.org"}
ANSWERED_FOR = [
    ({"publisher": ASSOCIATION}, "plume.example", True),
    ({"contact": "ici@example.org"}, "plume.example:8000", True),
    # On one's own machine, until somebody is named.
    ({}, "127.0.0.1:8000", False),
    ({}, "localhost", False),
    ({"contact": "ici@example.org"}, "[::1]:8000", False),
    ({"publisher": ASSOCIATION}, "localhost:8000", True),
    ({}, "localhost.example", True),
]


def test_a_site_that_nobody_answers_for_says_so() -> None:
    for settings, host, demo in ANSWERED_FOR:
        page = site_with(**settings).test_client().get("/fr/", headers={"Host": host})
        assert (DEMO in page.text) is demo, host


@pytest.mark.parametrize("settings", [{}, NAMED])
def test_it_says_so_on_every_page_or_on_none(settings: dict[str, str]) -> None:
    client, sent = site_with(**settings).test_client(), {"Host": "plume.example"}
    texts = [client.get(path, headers=sent).text for path in (*PAGES, "/absente")]
    for text in (*texts, client.post(FORM, data=PERSON, headers=sent).text):
        assert (DEMO in text) is (not settings)


@pytest.mark.parametrize("path", ["/fr/mentions-legales", "/fr/confidentialite"])
@pytest.mark.check(29)
def test_who_publishes_and_hosts_is_told_as_it_was_set_and_never_as_markup(path: str) -> None:
    told = {"publisher": "A <b>& Cie</b>", "hosting": "<i>Hébergeur</i>, 01 23 45 67 89"}
    directed = told | {"director": "Camille <u>Durand</u>"}
    main = text_of(parse(checking(site_with(**directed)).get(path).text).main)
    for text in directed.values() if "legal" in path else told.values():
        assert text in main
    assert main.count("Pas encore indiqué.") == 1, "the contact"


@pytest.mark.check(29)
def test_how_long_addresses_are_kept_is_told_as_it_was_set() -> None:
    for days, sentence in {
        None: "n’ont pas encore dit combien de temps leurs serveurs les gardent.",
        0: "déclarent que leurs serveurs ne les écrivent nulle part.",
        1: "déclarent que leurs serveurs les gardent 1 jour au plus.",
        14: "déclarent que leurs serveurs les gardent 14 jours au plus.",
    }.items():
        page = checking(site_with(log_days=days)).get("/fr/confidentialite")
        assert sentence in text_of(parse(page.text).main)


# Trusted hosts and proxies

OURS = ("plume.example", "Plume.EXAMPLE:8443", "a.plus.example", "localhost:8000", "127.0.0.1:8000")
OTHERS = ("zyx.example", "plume.example.zyx.example", "xplus.example", "a.plume.example", "1.2.3.4")


@pytest.mark.check(15)
def test_only_the_names_of_the_site_are_answered() -> None:
    client = site_with(trusted_hosts=("plume.example", ".plus.example")).test_client()
    for host in (*OURS, *OTHERS):
        sent, status = {"Host": host}, 200 if host in OURS else 400
        for path in ("/fr/", "/sante", "/static/style.css"):
            assert client.get(path, headers=sent, buffered=True).status_code == status, host
        answer = client.post(FORM, data=PERSON, headers=sent)
        assert answer.status_code == status, host
        assert "zyx" not in answer.text


@pytest.mark.check(15)
def test_a_name_that_a_proxy_passes_on_is_checked_too() -> None:
    """It is also the one that forms must come from."""
    client = site_with(trusted_hosts=("plume.example",), proxy_hops=1).test_client()
    for host, status in (("plume.example", 200), ("zyx.example", 400)):
        sent = {"X-Forwarded-Host": host, "Origin": "https://plume.example"}
        assert client.post(FORM, data=PERSON, headers=sent).status_code == status
    believed_by_nobody = {**sent, "X-Forwarded-Host": "plume.example"}
    answer = site_with().test_client().post(FORM, data=PERSON, headers=believed_by_nobody)
    assert answer.status_code == 403


LEADS_ELSEWHERE = ["https://zyx.example", "//zyx.example", "/a//b", "/é", "/a?b", "/a%0a", "plume"]


@pytest.mark.check(15)
def test_a_prefix_that_could_lead_elsewhere_is_refused() -> None:
    client = site_with(proxy_hops=1).test_client()
    statuses = dict.fromkeys(("", "/plume", "/a/b.c/~d-e_f", "/plume/"), 200)
    for prefix, status in (statuses | dict.fromkeys(LEADS_ELSEWHERE, 400)).items():
        answer = client.get("/fr/", headers={"X-Forwarded-Prefix": prefix})
        assert answer.status_code == status, prefix
        assert "zyx" not in answer.text
