"""`flask lettre …`: the same letters as the web form, byte for byte, and errors in French."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from letters.catalogue import Catalogue
from letters.render import pdf
from letters.render.text import file_of
from letters.web.site import Site
from tests.conftest import TODAY
from tests.kit import CLOCK, clock
from tests.kit.forms import NIR, NIR_MESSAGE, WHOLE
from tests.kit.pages import FORM, PERSON, SLUGS

SLUG = SLUGS[0]
ANSWERS = """\
given_name = "Camille"
family_name = "Durand"
recipient = "01751"
birth_date = 1958-03-03
address_line1 = "12 rue de l’Église"
address_line2 = "Bâtiment B"
postal_code = 29200
city = "Brest"
email = "camille@example.org"
reason = \"\"\"
Première ligne.

Seconde ligne.\"\"\"
options = ["cnil", "deces"]
"""
SMALLEST = 'given_name = "Camille"\nfamily_name = "Durand"\nrecipient = "01751"\n'

Lettre = Callable[..., Result]


@pytest.fixture(autouse=True)
def same_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CLOCK, clock(TODAY))


@pytest.fixture
def lettre(app: Flask, tmp_path: Path) -> Lettre:
    """Run `flask lettre <command> <slug>`, with a file of answers if there are any."""

    def run(*arguments: object, answers: str | bytes | None = None) -> Result:
        words = ["lettre", *map(str, arguments)]
        if answers is not None:
            path = tmp_path / "reponses.toml"
            path.write_bytes(answers if isinstance(answers, bytes) else answers.encode())
            words += ["--reponses", str(path)]
        return app.test_cli_runner().invoke(args=words)

    return run


def posted(app: Flask, output: str, **data: Any) -> bytes:
    response = app.test_client().post(FORM, data={**data, "output": output})
    assert response.status_code == 200
    return response.data


def test_checking_names_every_letter_and_warns_of_old_checks_without_failing(
    app: Flask, lettre: Lettre, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: Site = app.extensions["site"]
    first, *others = loaded.catalogue.wordings.values()
    old = replace(first, reviewed_on=date(2026, 5, 20))
    fact = replace(next(iter(loaded.facts.values())), checked_on=date(2026, 5, 20))
    catalogue = Catalogue({wording.slug: wording for wording in (old, *others)})
    content = replace(loaded, catalogue=catalogue, facts={**loaded.facts, fact.id: fact})
    monkeypatch.setitem(app.extensions, "site", content)
    done = lettre("verifier")
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        *(
            f"{w.slug} : rien à signaler, relu le {w.reviewed_on:%d/%m/%Y} par {w.reviewed_by}."
            for w in others
        ),
        f"à revoir : la lettre « {first.slug} », relue le 20/05/2026.",
        f"à revoir : le fait « {fact.id} », vérifié le 20/05/2026.",
    ]


def test_the_text_and_the_pdf_have_the_bytes_of_those_of_the_form(
    app: Flask, lettre: Lettre, tmp_path: Path
) -> None:
    shown = lettre("montrer", SLUG, answers=ANSWERS)
    assert (shown.exit_code, file_of(shown.stdout)) == (0, posted(app, "text", **WHOLE))
    target = tmp_path / "lettre.pdf"
    done = lettre("pdf", SLUG, "-o", target, answers=ANSWERS)
    assert (done.exit_code, done.output) == (0, "")
    assert target.read_bytes() == posted(app, "pdf", **WHOLE)
    assert {path.name for path in tmp_path.iterdir()} == {"lettre.pdf", "reponses.toml"}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_letter_can_be_shown(lettre: Lettre, slug: str) -> None:
    sent_on = "sent_on = 2026-03-03\n"  # of the earlier letter, for those that speak of one
    assert lettre("montrer", slug, answers=SMALLEST + sent_on).exit_code == 0


def test_unknown_names_and_options_are_ignored_as_in_the_form(app: Flask, lettre: Lettre) -> None:
    done = lettre("montrer", SLUG, answers=f'{SMALLEST}nir = "x"\noptions = ["cnil", "racine"]\n')
    assert file_of(done.stdout) == posted(app, "text", **PERSON, options="cnil")


# Errors


def check_refused(done: Result, *parts: str) -> None:
    assert done.exit_code != 0
    assert isinstance(done.exception, SystemExit), "a trace is no message"
    for part in parts:
        assert part in done.output
    for english in ("Traceback", "does not exist", "No such", "Invalid", "directory", "Permission"):
        assert english not in done.output


NO_TOML = "reponses.toml n’est pas un fichier TOML lisible."


@pytest.mark.parametrize(
    ("slug", "answers", "told"),
    [
        ("absente", SMALLEST, f"« absente » n’existe pas ; lettres connues : {', '.join(SLUGS)}."),
        (SLUG, 'given_name = "Camille', NO_TOML),
        (SLUG, b"\xff\xfe", NO_TOML),
        (SLUG, 'given_name = "R2"\n', "given_name : Retirez ou remplacez «\u00a02\u00a0»."),
        (SLUG, 'given_name = "R2"\n', "\nfamily_name : Indiquez votre nom, par exemple Durand."),
        (SLUG, "given_name = { a = 1 }", "given_name : "),
        (SLUG, "given_name = [[1], [2]]", "given_name : "),
        (SLUG, "family_name = 12", "family_name : "),
        (SLUG, "recipient = true", "recipient : "),
        (SLUG, f"{SMALLEST}birth_date = 99999", "birth_date : "),
        (SLUG, f'{SMALLEST}reason = "{NIR}"\n', f"reason : {NIR_MESSAGE}"),
    ],
)
def test_what_is_wrong_is_told_in_french_and_writes_no_pdf(
    lettre: Lettre, tmp_path: Path, slug: str, answers: str | bytes, told: str
) -> None:
    for command in (["montrer", slug], ["pdf", slug, "-o", tmp_path / "lettre.pdf"]):
        done = lettre(*command, answers=answers)
        check_refused(done, told)
        assert "123" not in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["reponses.toml"]


def test_a_file_that_cannot_be_read_or_written_is_told_in_french(
    lettre: Lettre, tmp_path: Path
) -> None:
    for name in ("absent.toml", "."):
        check_refused(lettre("montrer", SLUG, "--reponses", tmp_path / name), tmp_path.name)
    for name in ("absent/lettre.pdf", "."):
        check_refused(lettre("pdf", SLUG, "-o", tmp_path / name, answers=SMALLEST), tmp_path.name)


def test_a_pdf_that_cannot_be_drawn_is_told_in_french(
    lettre: Lettre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(letter: object) -> bytes:
        raise pdf.PdfError("le moteur a émis 1 avertissement(s)")

    monkeypatch.setattr(pdf, "pdf", fail)
    done = lettre("pdf", SLUG, "-o", tmp_path / "lettre.pdf", answers=SMALLEST)
    check_refused(done, "avertissement")
    assert not (tmp_path / "lettre.pdf").exists()
