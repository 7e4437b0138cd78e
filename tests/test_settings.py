"""Settings: read from the environment, checked once, refused with a sentence."""

from dataclasses import fields

import pytest

from app import create_app
from letters.web.settings import Settings, SettingsError
from tests.test_form import RELANCE, SANTE
from tests.test_pages import FORM, OPPOSITIONS, PERSON, SLUGS, answers_of, checking, parse, text_of

HOPS = "DROIT_DE_PLUME_PROXY_HOPS"
LIMIT = "DROIT_DE_PLUME_PORTAL_LIMIT"
CONTACT = "DROIT_DE_PLUME_CONTACT"


@pytest.mark.parametrize(
    ("environment", "settings"),
    [
        ({}, Settings()),
        ({HOPS: "", LIMIT: "", CONTACT: ""}, Settings()),
        ({HOPS: "0", LIMIT: "0"}, Settings()),
        ({HOPS: "1"}, Settings(proxy_hops=1)),
        ({HOPS: " 9 "}, Settings(proxy_hops=9)),
        ({HOPS: "007"}, Settings(proxy_hops=7)),
        ({LIMIT: "2000"}, Settings(portal_limit=2000)),
        ({LIMIT: "100000"}, Settings(portal_limit=100_000)),
        ({CONTACT: "  contact@example.org "}, Settings(contact="contact@example.org")),
        ({"PROXY_HOPS": "3", "PORT": "80", "droit_de_plume_contact": "x"}, Settings()),
        (
            {HOPS: "2", LIMIT: "3", CONTACT: "Ici"},
            Settings(proxy_hops=2, portal_limit=3, contact="Ici"),
        ),
    ],
)
def test_the_environment_is_read(environment: dict[str, str], settings: Settings) -> None:
    assert Settings.from_environment(environment) == settings


@pytest.mark.parametrize(
    ("name", "most"),
    [(HOPS, 9), (LIMIT, 100_000)],
)
@pytest.mark.parametrize(
    "value",
    [
        "-1",
        "+1",
        "1.5",
        "1,5",
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
    ],
)
def test_a_wrong_number_is_refused_with_a_sentence(name: str, most: int, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({name: value})
    assert str(caught.value) == f"{name} doit être un nombre entier de 0 à {most}."


def test_a_number_too_large_for_its_setting_is_refused() -> None:
    with pytest.raises(SettingsError, match=f"^{HOPS} doit être un nombre entier de 0 à 9\\.$"):
        Settings.from_environment({HOPS: "10"})


def test_the_first_wrong_setting_stops_the_program_with_its_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(HOPS, "beaucoup")
    with pytest.raises(SystemExit) as caught:
        create_app()
    assert caught.value.code == f"{HOPS} doit être un nombre entier de 0 à 9."


def test_the_program_reads_its_own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (HOPS, LIMIT):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(CONTACT, "ici@example.org")
    assert Settings.from_environment() == Settings(contact="ici@example.org")
    assert "ici@example.org" in checking(create_app()).get("/fr/confidentialite").text


def test_every_setting_is_tried_here_and_can_be_left_out() -> None:
    assert {field.name for field in fields(Settings)} == {"proxy_hops", "portal_limit", "contact"}
    assert Settings() == Settings(proxy_hops=0, portal_limit=0, contact="")


def test_settings_cannot_change_while_the_program_runs() -> None:
    with pytest.raises(AttributeError):
        Settings().contact = "ailleurs"  # type: ignore[misc]


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
