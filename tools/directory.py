"""Bring recipients.csv up to date from the public directory: `python -m tools.directory FILE`.

Source: « Annuaire de l'administration, base de données locales », Service-Public.gouv.fr / DILA,
Licence Ouverte 2.0, format of July 2022 and later. The report says what changes, what does not and
why; with `--essai` nothing is written.
"""

from collections.abc import Iterator
from pathlib import Path

import click

from letters.errors import ContentError
from letters.recipients import RECIPIENTS_FILE, Recipient
from letters.web.site import today
from tools.export import DirectoryError, records
from tools.refresh import Outcome, Refresh, refresh

CONFIDENCES = {"high": "sûre", "medium": "assez sûre", "low": "peu sûre", "none": "aucune"}


@click.command(
    help="Met à jour recipients.csv d’après un export de l’annuaire de l’administration, base de "
    "données locales (DILA). Préférez le JSON : un CSV coupé en fin de ligne ne se voit pas."
)
@click.argument("export", metavar="FICHIER", type=click.Path(path_type=Path))
@click.option("--essai", "trial", is_flag=True, help="Dit ce qui changerait, sans rien écrire.")
def main(export: Path, trial: bool) -> None:
    """Refresh the file, and tell in French what changes."""
    try:
        found = refresh(RECIPIENTS_FILE, records(export), today())
        if not trial:
            found.write()
    except (DirectoryError, ContentError) as error:
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


def _named(fund: Recipient) -> str:
    return f"{fund.code} {fund.name}"


def _moved(outcome: Outcome) -> str:
    old, new = (", ".join(fund.places) for fund in (outcome.old, outcome.new))
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


if __name__ == "__main__":
    main()
