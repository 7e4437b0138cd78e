"""`flask lettre …`: the same letters as the web form, byte for byte, and errors in French."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from letters import catalogue as catalogue_module
from letters.catalogue import Catalogue
from letters.web.content import Content
from tests.conftest import TODAY
from tests.test_form import NIR, NIR_MESSAGE, WHOLE
from tests.test_pages import FORM, PERSON, SLUGS, checking

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


@pytest.fixture(autouse=True)
def same_day(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("routes", "commands"):
        monkeypatch.setattr(f"letters.web.{module}.today", lambda: TODAY)


@pytest.fixture
def runner(app: Flask) -> CliRunner:
    return app.test_cli_runner()


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    return written(tmp_path, ANSWERS)


def written(folder: Path, text: str) -> Path:
    path = folder / "reponses.toml"
    path.write_text(text, encoding="utf-8")
    return path


def run(runner: CliRunner, *arguments: object) -> Result:
    return runner.invoke(args=["lettre", *map(str, arguments)])


def show(runner: CliRunner, answers: Path, slug: str = SLUG) -> Result:
    return run(runner, "montrer", slug, "--reponses", answers)


def posted(app: Flask, output: str, **data: Any) -> bytes:
    response = checking(app).post(FORM, data={**data, "output": output})
    assert response.status_code == 200
    return response.data


def test_there_are_three_commands_and_each_has_french_help(runner: CliRunner) -> None:
    text = run(runner, "--help").output
    assert "Vérifier, montrer et imprimer les lettres." in text
    for name in ("verifier", "montrer", "pdf"):
        assert name in text
        done = run(runner, name, "--help")
        assert done.exit_code == 0
    assert "Fichier TOML" in run(runner, "montrer", "--help").output


def test_checking_names_every_letter_and_its_last_reading(
    runner: CliRunner, catalogue: Catalogue
) -> None:
    done = run(runner, "verifier")
    wanted = [
        f"{wording.slug} : rien à signaler, relu le {wording.reviewed_on:%d/%m/%Y}."
        for wording in catalogue.wordings.values()
    ]
    assert done.exit_code == 0
    assert done.output.splitlines() == wanted


def test_checking_warns_of_old_checks_and_does_not_fail(
    app: Flask, runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: Content = app.extensions["content"]
    first, *others = loaded.catalogue.wordings.values()
    wordings = [replace(first, reviewed_on=date(2026, 5, 20)), *others]
    fact = next(iter(loaded.facts.values()))
    old = replace(
        loaded,
        catalogue=Catalogue({wording.slug: wording for wording in wordings}),
        facts={**loaded.facts, fact.id: replace(fact, checked_on=date(2026, 5, 20))},
    )
    monkeypatch.setitem(app.extensions, "content", old)
    done = run(runner, "verifier")
    assert done.exit_code == 0
    assert f"{first.slug} : rien à signaler" not in done.output
    assert done.output.splitlines()[len(others) :] == [
        f"à revoir : la lettre « {first.slug} », relue le 20/05/2026.",
        f"à revoir : le fait « {fact.id} », vérifié le 20/05/2026.",
    ]


def test_checking_tells_all_that_stops_the_program_at_once(tmp_path: Path) -> None:
    root = Path(catalogue_module.__file__).parents[1]
    for name in ("letters", "templates", "static"):
        shutil.copytree(root / name, tmp_path / name)
    shutil.copy(root / "app.py", tmp_path)
    texts, data = tmp_path / "letters/texts", tmp_path / "letters/data"
    (texts / "sans-texte.md").write_text("+++\n", encoding="utf-8")
    (texts / "vide.md").write_text("", encoding="utf-8")
    for name in ("recipients.csv", "addressees.csv"):
        with (data / name).open("a", encoding="utf-8") as file:
            file.write("01,\n02,\n")
    with (data / "facts.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[fact]]\nid = "un"\n\n[[fact]]\nid = "deux"\n')
    done = subprocess.run(
        [sys.executable, "-m", "flask", "lettre", "verifier"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    lines = done.stderr.splitlines()
    assert done.returncode == 1
    assert done.stdout == ""
    assert [line.replace(" :", ",").partition(",")[0] for line in lines] == [
        *(["facts.toml"] * 2),
        "sans-texte.md",
        "vide.md",
        *(["recipients.csv"] * 2),
        *(["addressees.csv"] * 2),
    ]
    assert all(line.endswith(".") for line in lines)


def test_showing_gives_the_bytes_of_the_text_download(
    app: Flask, runner: CliRunner, answers: Path
) -> None:
    done = show(runner, answers)
    assert done.exit_code == 0
    assert done.stdout_bytes == posted(app, "text", **WHOLE)


def test_the_smallest_answers_are_enough(app: Flask, runner: CliRunner, tmp_path: Path) -> None:
    done = show(runner, written(tmp_path, SMALLEST))
    assert done.stdout_bytes == posted(app, "text", **PERSON)


def test_the_pdf_has_the_bytes_of_the_pdf_of_the_form(
    app: Flask, runner: CliRunner, answers: Path, tmp_path: Path
) -> None:
    target = tmp_path / "lettre.pdf"
    done = run(runner, "pdf", SLUG, "--reponses", answers, "-o", target)
    assert done.exit_code == 0
    assert done.output == ""
    assert target.read_bytes() == posted(app, "pdf", **WHOLE)
    assert {path.name for path in tmp_path.iterdir()} == {"lettre.pdf", "reponses.toml"}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_letter_can_be_shown(runner: CliRunner, tmp_path: Path, slug: str) -> None:
    sent_on = "sent_on = 2026-03-03\n"  # of the earlier letter, for those that speak of one
    assert show(runner, written(tmp_path, SMALLEST + sent_on), slug).exit_code == 0


# Errors


def check_refused(done: Result, *parts: str) -> None:
    assert done.exit_code != 0
    assert isinstance(done.exception, SystemExit), "a trace is no message"
    for part in parts:
        assert part in done.output
    assert "Traceback" not in done.output
    for english in ("does not exist", "No such file", "Invalid", "is a directory", "Permission"):
        assert english not in done.output


def test_an_unknown_letter_is_named_with_those_that_exist(runner: CliRunner, answers: Path) -> None:
    done = show(runner, answers, "absente")
    check_refused(done, f"« absente » n’existe pas ; lettres connues : {', '.join(SLUGS)}.")


@pytest.mark.parametrize(
    "content",
    [b'given_name = "Camille', b"= 1", b"{", b"\xff\xfe", b'nom = "\x00"', b"a = 1\na = 2"],
)
@pytest.mark.parametrize("command", ["montrer", "pdf"])
def test_a_file_that_is_no_toml_is_refused_in_french(
    runner: CliRunner, tmp_path: Path, content: bytes, command: str
) -> None:
    path = tmp_path / "reponses.toml"
    path.write_bytes(content)
    target = tmp_path / "lettre.pdf"
    more = ["-o", target] if command == "pdf" else []
    done = run(runner, command, SLUG, "--reponses", path, *more)
    check_refused(done, "reponses.toml n’est pas un fichier TOML lisible.")
    assert not target.exists()


def test_wrong_answers_are_told_as_in_the_form(runner: CliRunner, tmp_path: Path) -> None:
    path = written(tmp_path, 'given_name = "R2"\nrecipient = "01751"\nbirth_date = "hier"\n')
    check_refused(
        show(runner, path),
        "given_name : Retirez ou remplacez «\u00a02\u00a0».",
        "family_name : Indiquez votre nom, par exemple Durand.",
        "birth_date : Indiquez une date qui existe, jour/mois/année, par exemple ",
    )


def test_a_wrong_answer_writes_no_pdf(runner: CliRunner, tmp_path: Path) -> None:
    target = tmp_path / "lettre.pdf"
    path = written(tmp_path, 'given_name = "Camille"\n')
    check_refused(run(runner, "pdf", SLUG, "--reponses", path, "-o", target), "family_name")
    assert not target.exists()


def test_a_number_of_social_security_is_refused_and_not_repeated(
    runner: CliRunner, tmp_path: Path
) -> None:
    done = show(runner, written(tmp_path, SMALLEST + f'reason = "{NIR}"\n'))
    check_refused(done, f"reason : {NIR_MESSAGE}")
    assert "123" not in done.output


@pytest.mark.parametrize(
    "line",
    [
        "given_name = { a = 1 }",
        "given_name = [[1], [2]]",
        "family_name = 12",
        "recipient = 1751",
        "recipient = true",
        "birth_date = 99999",
    ],
)
def test_an_answer_of_the_wrong_kind_is_refused_in_french(
    runner: CliRunner, tmp_path: Path, line: str
) -> None:
    name = line.partition(" ")[0]
    kept = [given for given in SMALLEST.splitlines() if not given.startswith(name)]
    check_refused(show(runner, written(tmp_path, "\n".join([*kept, line]))), f"{name} : ")


def test_unknown_names_and_options_are_ignored_as_in_the_form(
    app: Flask, runner: CliRunner, tmp_path: Path
) -> None:
    more = 'nir = "x"\noptions = ["cnil", "racine"]\n'
    done = show(runner, written(tmp_path, SMALLEST + more))
    assert done.stdout_bytes == posted(app, "text", **PERSON, options="cnil")


def test_a_missing_answers_file_is_told_in_french(runner: CliRunner, tmp_path: Path) -> None:
    check_refused(show(runner, tmp_path / "absent.toml"), "absent.toml")


def test_a_folder_instead_of_an_answers_file_is_told_in_french(
    runner: CliRunner, tmp_path: Path
) -> None:
    check_refused(show(runner, tmp_path), tmp_path.name)


@pytest.mark.parametrize("target", ["absent/lettre.pdf", "."])
def test_a_pdf_that_cannot_be_written_is_told_in_french(
    runner: CliRunner, tmp_path: Path, answers: Path, target: str
) -> None:
    done = run(runner, "pdf", SLUG, "--reponses", answers, "-o", tmp_path / target)
    check_refused(done)


def test_a_pdf_that_cannot_be_drawn_is_told_in_french(
    runner: CliRunner, tmp_path: Path, answers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from letters.render import pdf

    def fail(letter: object) -> bytes:
        raise pdf.PdfError("le moteur a émis 1 avertissement(s)")

    monkeypatch.setattr(pdf, "pdf", fail)
    target = tmp_path / "lettre.pdf"
    check_refused(run(runner, "pdf", SLUG, "--reponses", answers, "-o", target), "avertissement")
    assert not target.exists()


# The addresses of the funds
