"""`flask lettre …` and `flask destinataires …`: the letters without a browser, and upkeep.

The answers come from a TOML file whose names are those of the form; they go through the same
form, so that the same answers give the same bytes. Nothing is written but the file asked for,
or the recipients file when its addresses are brought up to date.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import with_appcontext
from werkzeug.datastructures import MultiDict

from letters import review
from letters.compose import compose
from letters.directory import Outcome, Refresh, refresh
from letters.export import DirectoryError, records
from letters.model import Letter
from letters.reading import to_translate
from letters.recipients import RECIPIENTS_FILE, Body, RecipientsError
from letters.render import text
from letters.render.font import FontError
from letters.web.content import content, today
from letters.web.extraction import refreshed
from letters.web.forms import Context, LetterForm

CONFIDENCES = {"high": "sûre", "medium": "assez sûre", "low": "peu sûre", "none": "aucune"}

answers_option = click.option(
    "--reponses",
    "answers",
    type=click.Path(path_type=Path),
    required=True,
    help="Fichier TOML : les mêmes noms que dans le formulaire.",
)


@click.group(help="Vérifier, montrer et imprimer les lettres.")
def lettre() -> None:
    pass


@lettre.command("verifier", help="Vérifie tous les textes de lettres.")
@with_appcontext
def check() -> None:
    # A text that cannot be used has already stopped the program, with every error at once.
    wordings = content().catalogue.wordings.values()
    for wording in wordings:
        if not review.is_due(wording.reviewed_on, today()):
            click.echo(f"{wording.slug} : rien à signaler, relu le {wording.reviewed_on:%d/%m/%Y}.")
    for sentence in review.to_review(content().facts.values(), wordings, today()):
        click.echo(sentence)
    for sentence in to_translate(content().sources, content().readings):
        click.echo(sentence)


@lettre.command("montrer", help="Écrit la lettre dans le terminal, comme pour ameli.fr.")
@click.argument("slug")
@answers_option
@with_appcontext
def show(slug: str, answers: Path) -> None:
    letter = _letter(slug, answers)
    # As bytes: a terminal that is not in UTF-8 would refuse some names.
    click.echo(text.document(text.subject(letter), text.message(letter)).encode(), nl=False)


@lettre.command("pdf", help="Écrit la lettre en PDF, prête à poster.")
@click.argument("slug")
@answers_option
@click.option(
    "-o",
    "output",
    type=click.Path(path_type=Path),
    required=True,
    help="Le fichier PDF à écrire.",
)
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
    wording = content().catalogue.get(slug)
    if wording is None:
        known = ", ".join(content().catalogue.wordings)
        raise click.ClickException(f"« {slug} » n’existe pas ; lettres connues : {known}.")
    form = LetterForm(Context(wording, content(), today()), _read(answers))
    if not form.validate():
        lines = (f"{name} : {' '.join(errors)}" for name, errors in form.errors.items())
        raise click.ClickException("\n".join(lines))
    return compose(wording, form.to_request(), form.context.today)


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


@click.group(help="Tenir à jour les traductions.")
def traductions() -> None:
    pass


@traductions.command(
    "actualiser",
    help="Ajoute aux fichiers de traduction les textes nouveaux et retire ceux qui n’existent "
    "plus. Un texte qui a changé garde son ancienne traduction, marquée « fuzzy » : à revoir.",
)
@with_appcontext
def refresh_translations() -> None:
    for file in refreshed(content()):
        file.write()
        done = not file.empty and not file.doubtful
        todo = "à jour" if done else f"à traduire : {file.empty}, à revoir : {file.doubtful}"
        click.echo(f"{file.path.relative_to(Path(__file__).parents[1])} : {todo}.")


@click.group(help="Tenir à jour les adresses des caisses.")
def destinataires() -> None:
    pass


@destinataires.command(
    "importer",
    help="Met à jour recipients.csv d’après un export de l’annuaire de l’administration, base de "
    "données locales (DILA). Préférez le JSON : un CSV coupé en fin de ligne ne se voit pas.",
)
@click.argument("export", metavar="FICHIER", type=click.Path(path_type=Path))
@click.option("--essai", "trial", is_flag=True, help="Dit ce qui changerait, sans rien écrire.")
def import_directory(export: Path, trial: bool) -> None:
    try:
        found = refresh(RECIPIENTS_FILE, records(export), today())
        if not trial:
            found.write()
    except (DirectoryError, RecipientsError) as error:
        raise click.ClickException(str(error)) from None
    except OSError:
        raise click.ClickException(f"{RECIPIENTS_FILE} ne peut pas être écrit.") from None
    # As bytes: a terminal that is not in UTF-8 would refuse the arrows.
    click.echo("\n".join([*_report(found), "", _last_words(found, trial)]).encode())


def _report(found: Refresh) -> Iterator[str]:
    yield (
        f"{found.read} services lus, dont {found.funds} de caisses. "
        f"Laissés de côté : fermés {found.closed}, en double {found.twice}."
    )
    outcomes = found.outcomes
    quiet = [o for o in outcomes if o.is_found and not o.refusal and o.new == o.old]
    yield from _section("Adresses changées", [_moved(o) for o in outcomes if o.is_moved])
    yield from _section("Adresses confirmées", [_confirmed(o) for o in outcomes if o.is_confirmed])
    yield from _section("Lignes inchangées", [_named(o.old) for o in quiet])
    refused = [f"{_named(o.old)} : {o.refusal}." for o in outcomes if o.refusal]
    yield from _section("Adresses refusées, l’ancienne reste", refused)
    missing = [_named(o.old) for o in outcomes if not o.is_found]
    yield from _section("Caisses introuvables, l’ancienne adresse reste", missing)
    strays = [f"« {service.name} » : {reason}." for service, reason in found.strays]
    yield from _section("Services sans caisse chez nous", strays)
    yield ""
    yield "Les régimes nationaux ne sont pas dans cet annuaire : leurs lignes restent."


def _section(title: str, lines: list[str]) -> Iterator[str]:
    yield from ("", f"{title} : {len(lines)}", *(f"  {line}" for line in lines))


def _named(body: Body) -> str:
    return f"{body.code} {body.name}"


def _moved(outcome: Outcome) -> str:
    old, new = (", ".join(body.places) for body in (outcome.old, outcome.new))
    return (
        f"{_named(outcome.old)} : {old or 'aucune'} → {new} ({_details(outcome)}).{_note(outcome)}"
    )


def _confirmed(outcome: Outcome) -> str:
    return f"{_named(outcome.old)} : {_details(outcome)}.{_note(outcome)}"


def _details(outcome: Outcome) -> str:
    """What changes beside the address, with what a person should know of it."""
    old, new = outcome.old, outcome.new
    day = f"{old.observed_on:%d/%m/%Y}" if old.observed_on else "sans date"
    parts = [f"{day} → {new.observed_on:%d/%m/%Y}"]
    if new.confidence != old.confidence:
        parts.append(f"{CONFIDENCES[old.confidence]} → {CONFIDENCES[new.confidence]}")
    if new.agencies != old.agencies:
        parts.append(f"accueils : {old.agencies} → {new.agencies}")
    return " ; ".join([*parts, *filter(None, [outcome.remark])])


def _note(outcome: Outcome) -> str:
    return f" Note à relire : {outcome.old.note}" if outcome.old.note else ""


def _last_words(found: Refresh, trial: bool) -> str:
    if trial:
        return "Essai : rien n’est écrit."
    if all(outcome.new == outcome.old for outcome in found.outcomes):
        return "Rien à changer : le fichier reste tel quel."
    return f"Relisez la comparaison avant de l’enregistrer : git diff {RECIPIENTS_FILE}"
