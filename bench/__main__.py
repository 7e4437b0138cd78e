"""Run the bench: `python -m bench`, by `script/bench`, which sets up what it needs.

The whole run writes bench/RESULTS.md; the short one (`--rapide`) shows in a minute that all works:
its figures mean nothing, so it writes in build/bench. `--contre` adds the server of another
checkout to the serving measure. `--endurance` and `--surcharge` judge the server of this folder.
"""

import argparse
import sys
from pathlib import Path

from bench import growth, race, report, serving, specimen, stages
from bench.report import StopError
from letters.typography import long_date
from letters.web.site import today

HERE = Path(__file__).parent
BUILD = HERE.parent / "build" / "bench"


def measure(*, short: bool, beside: Path | None) -> str:
    """Every part, in the order of the report; what starts a browser comes last."""
    rounds = 2 if short else 60
    folders = {"ici": serving.HERE} | ({"l’autre": beside} if beside else {})
    parts = {
        "Servir": serving.compare(folders, 1.5 if short else 9, 1 if short else 3),
        "Où passe le temps": stages.measure(*specimen.asked(), rounds),
        "Croissance": growth.measure(max(2, rounds // 4), BUILD / "growth.svg"),
        "Côte à côte": race.measure(rounds),
    }
    lines = [
        "# Vitesse",
        "",
        f"Écrit par `script/bench` le {long_date(today())}. {report.machine()}",
        "",
        "Comparez les rapports. Les millisecondes ne valent que pour cette machine.",
    ]
    for title, part in parts.items():
        lines += ["", f"## {title}", "", *part]
    return "\n".join(lines).replace("\n\n\n", "\n\n").rstrip() + "\n"


def main() -> None:
    parser = argparse.ArgumentParser("script/bench", description="Mesure la vitesse et le serveur.")
    parser.add_argument("--rapide", action="store_true", help="en une minute, sans rien juger")
    parser.add_argument("--contre", type=Path, metavar="DOSSIER", help="une autre version, prête")
    parser.add_argument(
        "--endurance", type=int, nargs="?", const=10_000, metavar="LETTRES", help="des milliers"
    )
    parser.add_argument("--surcharge", action="store_true", help="quatre fois trop de demandes")
    given = parser.parse_args()
    problems = []
    try:
        if given.endurance or given.surcharge:
            problems += serving.endure(given.endurance) if given.endurance else []
            problems += serving.overload(6 if given.rapide else 30) if given.surcharge else []
        else:
            BUILD.mkdir(parents=True, exist_ok=True)
            text = measure(short=given.rapide, beside=given.contre and given.contre.resolve())
            folder = BUILD if given.rapide else HERE
            (folder / "RESULTS.md").write_text(text, encoding="utf-8")
            print(text)
    except StopError as error:
        problems.append(str(error))
    for problem in problems:
        print(f"Problème : {problem}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
