"""Settings: read from the environment, checked once, refused with a sentence."""

import tomllib
from dataclasses import fields
from itertools import product
from typing import Any

import pytest

from app import create_app
from letters.web.settings import PREFIX, Settings, SettingsError
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
    text_of,
)
from tests.server import ROOT

MISTAKES = tomllib.loads((ROOT / "tests/mistakes/settings.toml").read_text(encoding="utf-8"))
HOPS, LIMIT, CONTACT, SLOTS, DAYS, SOURCE, COMMIT, HOSTS, *TEXTS = (
    f"{PREFIX}{name}"
    for name in (
        *("PROXY_HOPS", "PORTAL_LIMIT", "CONTACT", "PDF_SLOTS", "LOG_DAYS"),
        *("SOURCE", "COMMIT", "TRUSTED_HOSTS", "PUBLISHER", "DIRECTOR", "HOSTING"),
    )
)
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
        ({LIMIT: "100000", SLOTS: "64"}, {"portal_limit": 100_000, "pdf_slots": 64}),
        ({CONTACT: "  contact@example.org "}, {"contact": "contact@example.org"}),
        ({CONTACT: "https://example.org/nous"}, {"contact": "https://example.org/nous"}),
        ({TEXTS[0]: f" {ASSOCIATION} "}, {"publisher": ASSOCIATION}),
        ({TEXTS[1]: "Camille", TEXTS[2]: "x" * 300}, {"director": "Camille", "hosting": "x" * 300}),
        ({DAYS: "0"}, {"log_days": 0}),
        ({DAYS: "3660", COMMIT: "0123ABC"}, {"log_days": 3660, "commit": "0123abc"}),
        ({SOURCE: "https://a.example:8443/a?c=d"}, {"source": "https://a.example:8443/a?c=d"}),
        ({HOSTS: "A.example, .b.org  c"}, {"trusted_hosts": ("a.example", ".b.org", "c")}),
    ],
)
def test_the_environment_is_read(environment: dict[str, str], settings: dict[str, Any]) -> None:
    assert Settings.from_environment(environment) == Settings(**settings)


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
        with pytest.raises(SettingsError) as caught:
            Settings.from_environment({f"{PREFIX}{name}": value})
        assert str(caught.value) == f"{PREFIX}{name} {sentence}", value


@pytest.mark.check(15)
def test_a_proxy_that_is_believed_asks_for_the_names_of_the_site() -> None:
    """It passes on whatever name a visitor sends, unless its own settings say otherwise."""
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({HOPS: "1"})
    assert str(caught.value) == f"{HOSTS} doit dire le nom du site quand {HOPS} n’est pas 0."


LEADS_ELSEWHERE = ["https://zyx.example", "//zyx.example", "/a//b", "/é", "/a?b", "/a%0a", "plume"]


@pytest.mark.check(15)
def test_a_prefix_that_could_lead_elsewhere_is_refused() -> None:
    client = create_app(Settings(proxy_hops=1)).test_client()
    statuses = dict.fromkeys(("", "/plume", "/a/b.c/~d-e_f", "/plume/"), 200)
    for prefix, status in (statuses | dict.fromkeys(LEADS_ELSEWHERE, 400)).items():
        answer = client.get("/fr/", headers={"X-Forwarded-Prefix": prefix})
        assert answer.status_code == status, prefix
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
    assert names == {name.removeprefix(PREFIX).lower() for name in tried}
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
    for first in OPPOSITIONS if slug == RELANCE else OPPOSITIONS[:1]:
        response = client.post(f"/fr/lettres/{slug}", data=answers_of(first=first))
        to_fund = slug == SANTE or (slug, first) == (RELANCE, SANTE)
        assert ("La messagerie en accepte" in response.text) is to_fund


# Who answers for the site


DEMO = "Site de démonstration."
NAMED = {"publisher": ASSOCIATION, "contact": "ici@example.org"}
ANSWERED_FOR = [
    ({}, "plume.example", True),
    ({"publisher": ASSOCIATION}, "plume.example", True),
    ({"contact": "ici@example.org"}, "plume.example:8000", True),
    (NAMED, "plume.example", False),
    # On one's own machine, until somebody is named.
    ({}, "127.0.0.1:8000", False),
    ({}, "localhost", False),
    ({"contact": "ici@example.org"}, "[::1]:8000", False),
    ({"publisher": ASSOCIATION}, "localhost:8000", True),
    ({}, "localhost.example", True),
]


@pytest.mark.parametrize(("settings", "host", "demo"), ANSWERED_FOR)
def test_a_site_that_nobody_answers_for_says_so(
    settings: dict[str, str], host: str, demo: bool
) -> None:
    page = create_app(Settings(**settings)).test_client().get("/fr/", headers={"Host": host}).text
    assert (DEMO in page) is demo


@pytest.mark.parametrize("settings", [{}, NAMED])
def test_it_says_so_on_every_page_or_on_none(settings: dict[str, str]) -> None:
    client = create_app(Settings(**settings)).test_client()
    sent = {"Host": "plume.example"}
    texts = [client.get(path, headers=sent).text for path in (*PAGES, "/absente")]
    for text in (*texts, client.post(FORM, data=PERSON, headers=sent).text):
        assert (DEMO in text) is (not settings)


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

OURS = ("plume.example", "Plume.EXAMPLE:8443", "a.plus.example", "localhost:8000", "127.0.0.1:8000")
OTHERS = ("zyx.example", "plume.example.zyx.example", "xplus.example", "a.plume.example", "1.2.3.4")


@pytest.mark.check(15)
def test_only_the_names_of_the_site_are_answered() -> None:
    client = create_app(Settings(trusted_hosts=("plume.example", ".plus.example"))).test_client()
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
    app = create_app(Settings(trusted_hosts=("plume.example",), proxy_hops=1))
    for host, status in (("plume.example", 200), ("zyx.example", 400)):
        sent = {"X-Forwarded-Host": host, "Origin": "https://plume.example"}
        assert app.test_client().post(FORM, data=PERSON, headers=sent).status_code == status
    believed_by_nobody = {**sent, "X-Forwarded-Host": "plume.example"}
    answer = create_app().test_client().post(FORM, data=PERSON, headers=believed_by_nobody)
    assert answer.status_code == 403
