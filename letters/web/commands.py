"""`flask lettre …`: the letters without a browser.

The answers come from a TOML file whose names are those of the form; they go through the same
form, so that the same answers give the same bytes. Nothing is written but the file asked for.
"""

import tomllib
from pathlib import Path

import click
from flask.cli import with_appcontext
from werkzeug.datastructures import MultiDict

from letters import review
from letters.gloss import to_translate
from letters.model import Letter
from letters.render import text
from letters.render.font import FontError
from letters.web.form.asked import Context
from letters.web.form.letter_form import LetterForm
from letters.web.form.request import composed
from letters.web.site import site, today

_PATH = click.Path(path_type=Path)
_HELP = "Fichier TOML : les mêmes noms que dans le formulaire."
answers_option = click.option("--reponses", "answers", type=_PATH, required=True, help=_HELP)


@click.group(help="Vérifier, montrer et imprimer les lettres.")
def lettre() -> None:
    pass


@lettre.command("verifier", help="Vérifie tous les textes de lettres.")
@with_appcontext
def check() -> None:
    # A text that cannot be used has already stopped the program, with every error at once.
    wordings = site().catalogue.wordings.values()
    for wording in wordings:
        if not review.is_due(wording.reviewed_on, today()):
            told = f"relu le {wording.reviewed_on:%d/%m/%Y} par {wording.reviewed_by}"
            click.echo(f"{wording.slug} : rien à signaler, {told}.")
    for sentence in review.to_review(site().facts.values(), wordings, today()):
        click.echo(sentence)
    for sentence in to_translate(site().sources, site().glosses):
        click.echo(sentence)


@lettre.command("montrer", help="Écrit la lettre dans le terminal, comme pour ameli.fr.")
@click.argument("slug")
@answers_option
@with_appcontext
def show(slug: str, answers: Path) -> None:
    letter = _letter(slug, answers)
    # As bytes: a terminal that is not in UTF-8 would refuse some names.
    click.echo(text.document(letter).encode(), nl=False)


@lettre.command("pdf", help="Écrit la lettre en PDF, prête à poster.")
@click.argument("slug")
@answers_option
@click.option("-o", "output", type=_PATH, required=True, help="Le fichier PDF à écrire.")
@with_appcontext
def write_pdf(slug: str, answers: Path, output: Path) -> None:
    from letters.render import pdf  # needs Pango, which the other commands do without

    letter = _letter(slug, answers)
    try:
        output.write_bytes(pdf.pdf(letter))
    except (FontError, pdf.PdfError) as error:
        raise click.ClickException(str(error)) from None
    except OSError:
        raise click.ClickException(f"{output} ne peut pas être écrit.") from None


def _letter(slug: str, answers: Path) -> Letter:
    wording = site().catalogue.get(slug)
    if wording is None:
        known = ", ".join(site().catalogue.wordings)
        raise click.ClickException(f"« {slug} » n’existe pas ; lettres connues : {known}.")
    form = LetterForm(Context(wording, site(), today()), _read(answers))
    if not form.validate():
        lines = (f"{field.name} : {field.errors[0]}" for field in form if field.errors)
        raise click.ClickException("\n".join(lines))
    return composed(form)


def _read(path: Path) -> "MultiDict[str, str]":
    """The answers as the form gets them; a list stands for a repeated field."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise click.ClickException(f"{path} n’existe pas ou ne peut pas être lu.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise click.ClickException(f"{path.name} n’est pas un fichier TOML lisible.") from None
    pairs = ((name, value if isinstance(value, list) else [value]) for name, value in data.items())
    return MultiDict([(name, str(value)) for name, values in pairs for value in values])
