"""Once answered, a request leaves nothing of what a person typed in the program's memory.

A word that stands nowhere else is typed into every field; then every object that the garbage
collector knows is looked into: a cache, a global, a closure that kept an answer would be found.
Limits: memory that was freed and not yet written over is the system's; a core dump could hold it,
so deploy/ forbids them.
"""

import gc
import secrets
from collections.abc import Iterator

import pytest
from flask import Flask

from app import create_app
from tests.kit.pages import FOLLOW_UP, FORM, OUTPUTS, SLUGS

ALPHABET = "bcdfghjklmnpqrstvwxz"


def new_word() -> str:
    """A word that no other object of the process holds."""
    return "Zy" + "".join(secrets.choice(ALPHABET) for _ in range(10))


def answers(word: str) -> dict[str, str | list[str]]:
    """Answers to all questions, `word` in each that takes free text."""
    lines = f"Mutuelle {word}\r\n3 rue {word}\r\n29200 Brest"
    names = ("given_name", "family_name", "represented_given_name", "represented_family_name")
    areas = ("caisse_lines", "soignant_lines", "cnil_lines", "plateforme_lines")
    return {
        **dict.fromkeys((*names, "city", "measure", "missing", "unknown", word), word),
        **dict.fromkeys(areas, lines),
        "represented_given_name": f"{word} Anne",  # whoever signs is somebody else
        "address_line1": f"7 impasse {word}",
        "reason": f"Mon métier : {word}.",
        "email": f"{word}@example.org",
        "recipient": "other",
        "who": "protected",
        "first_letter": SLUGS[0],
        "sent_on": "09/10/2025",
        "channel": "post",
        "outcome": "partial",
        "options": ["hebergement", "cnil"],
        "also": list(SLUGS),
    }


def send_everything(app: Flask, word: str) -> None:
    """Every output of every letter, then answers that are refused, that crash or are too long."""
    client = app.test_client()
    for slug in SLUGS:
        path = f"/fr/lettres/{slug}"
        for output in (*OUTPUTS, "erase"):
            response = client.post(path, data={**answers(word), "output": output})
            assert response.status_code == 200, (slug, output)
        assert client.post(path, data={"given_name": word}).status_code == 422
        assert client.post(path, data={word: word * 5000}).status_code == 413
        headers = {"Sec-Fetch-Site": "cross-site"}
        assert client.post(path, data=answers(word), headers=headers).status_code == 403
    assert client.post(FOLLOW_UP, data=answers(word)).status_code == 200


def holders_of(word: str) -> Iterator[str]:
    """What kind of object holds a text with `word` in it, `word` itself left out."""
    gc.collect()
    sought = word.casefold()
    for holder in gc.get_objects():
        for held in gc.get_referents(holder):
            if held is word or not isinstance(held, str | bytes | bytearray):
                continue
            told = held if isinstance(held, str) else held.decode(errors="replace")
            if sought in told.casefold():
                yield f"{type(holder).__name__}: {type(held).__name__}"


@pytest.fixture
def app(drawn_anew: None) -> Flask:
    return create_app()  # its own; and the tests' own store of PDFs keeps no letter


def test_no_answer_stays_in_memory(app: Flask) -> None:
    send_everything(app, word := new_word())
    assert list(holders_of(word)) == []


def test_no_answer_stays_in_memory_after_a_crash(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = new_word()

    def fail(*given: object, **_: object) -> None:
        raise ValueError(f"{given}")

    with monkeypatch.context() as patch:
        patch.setattr("letters.render.pdf.pdf", fail)
        patch.setattr("letters.render.html.sheet", fail)
        for output in ("pdf", "bundle", "preview"):
            sent = app.test_client().post(FORM, data={**answers(word), "output": output})
            assert sent.status_code == 500
            del sent  # it holds what was sent
    assert list(holders_of(word)) == []


def test_no_answer_reaches_the_next_visitor(app: Flask) -> None:
    """Whoever comes next, with another browser or the same, sees an empty form."""
    paths = [f"/fr/lettres/{slug}" for slug in SLUGS] + [FOLLOW_UP, "/fr/", "/sante", "/version"]
    before = [app.test_client().get(path).data for path in paths]
    same_browser = app.test_client()
    for slug in SLUGS:
        for output in OUTPUTS:
            same_browser.post(f"/fr/lettres/{slug}", data={**answers("Zyx"), "output": output})
    for client in (same_browser, app.test_client()):
        assert [client.get(path).data for path in paths] == before
    blank = {"given_name": "Camille", "family_name": "Durand", "recipient": "01751"}
    assert "Zyx" not in app.test_client().post(paths[0], data=blank).text
