"""Run the whole bench: `python -m bench [--rapide]`, by `script/bench`.

The short run shows in two minutes that it works: its figures mean nothing, so it leaves
bench/RESULTS.md and bench/growth.svg alone, writes in build/bench and judges no target.
"""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from bench import growth, plot, race, report, scale, serving, specimen, stages, timing
from bench.plot import Panel
from bench.report import Section, Target
from letters.web.content import today
from tests import load

SHORT = "--rapide"
ROUNDS, SHORT_ROUNDS = 100, 3
HERE = Path(__file__).parent
BUILD = HERE.parent / "build" / "bench"

Part = tuple[list[Section], list[Target], list[Panel]]


def engine(rounds: int) -> Part:
    """Our own letter, stage by stage, and beside those of others."""
    say("Les étapes de notre lettre…")
    with timing.one_core():
        stage_section, profile = stages.measure(*specimen.asked(), rounds)
    say("La même lettre par chacun, à tour de rôle…")
    entries = race.run(rounds)
    bare = race.without_archive(specimen.example())
    targets = race.targets(entries, profile, race.longest_on_one_sheet(), bare)
    return [race.section(entries), stage_section], [*targets, stages.target(profile)], []


def measure(*, short: bool) -> list[Part]:
    """Every part, in the order of the report."""
    rounds = SHORT_ROUNDS if short else ROUNDS
    say("La croissance…")
    parts = [growth.measure(max(3, rounds // 5))]
    if not short:
        say("Le serveur…")
        parts.append(serving.measure())
        say("Plusieurs copies derrière un répartiteur…")
        parts.append(scale.measure())
    # Last, for it starts a browser and a Java machine; first to be read.
    return [engine(rounds), *parts]


def write(parts: Sequence[Part], folder: Path, day: date) -> list[Target]:
    """Write RESULTS.md and growth.svg into `folder`, and print the first."""
    sections = [section for part in parts for section in part[0]]
    targets = [target for part in parts for target in part[1]]
    panels = [panel for part in parts for panel in part[2]]
    text = report.document(day, targets, sections)
    (folder / report.RESULTS).write_text(text, encoding="utf-8")
    plot.draw(panels, folder / report.PLOT)
    print(text)
    return targets


def run(*, short: bool) -> list[str]:
    """Measure and write; what is wrong, in French."""
    targets = write(measure(short=short), BUILD if short else HERE, today())
    return [] if short else report.problems(targets)


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def main() -> None:
    load.end(lambda: run(short=sys.argv[1:] == [SHORT]))


if __name__ == "__main__":
    main()
