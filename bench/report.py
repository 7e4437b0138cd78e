"""Write down what was measured: bench/RESULTS.md, in French, the targets first.

A target is met, or missed with a sentence that says what the floor is and which profile shows it;
one that is missed without a word makes the bench fail.
"""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from math import isnan
from pathlib import Path
from typing import Literal

from letters import typography

NBSP = "\u00a0"
DASH = "–"  # what has no figure
MISSING = "absent"
LIBRARIES = ("weasyprint", "pydyf", "fpdf2", "reportlab", "typst", "matplotlib")
RESULTS, PLOT = "RESULTS.md", "growth.svg"
PROGRAMS = ("chromium", "wkhtmltopdf", "nginx")


@dataclass(frozen=True, slots=True)
class Target:
    """What was wanted of a figure, and what was found.

    `floor` says in French why it cannot be met, and where the profile that shows it stands; it is
    needed when the target is missed, and told then only.
    """

    name: str
    limit: float
    measured: float
    unit: str
    best_is: Literal["less", "more"]
    floor: str = ""

    @property
    def is_met(self) -> bool:
        if self.best_is == "less":
            return self.measured <= self.limit
        return self.measured >= self.limit

    @property
    def is_explained(self) -> bool:
        return self.is_met or bool(self.floor)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report; its lines are Markdown."""

    title: str
    lines: list[str]


# French figures


def french(number: float, decimals: int = 2) -> str:
    """« 12 345,60 »: a comma, and no-break spaces between thousands."""
    return f"{number:,.{decimals}f}".replace(",", NBSP).replace(".", ",")


def figure(number: float, unit: str) -> str:
    """A number with as many decimals as its size makes useful, and its unit."""
    if isnan(number):
        return DASH
    decimals = 0 if abs(number) >= 1000 or number == int(number) else 1 if abs(number) >= 10 else 2
    return NBSP.join(filter(None, [french(number, decimals), unit]))


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table: the first column is text, the others are figures."""
    ruler = ["---", *["---:"] * (len(headings) - 1)]
    return ["| " + " | ".join(row) + " |" for row in (headings, ruler, *rows)]


# The report


def machine() -> str:
    """The model of the processor and its cores."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        found = re.search(r"^model name\s*: (.+)$", info.read_text(encoding="utf-8"), re.MULTILINE)
        model = found[1] if found else model
    return f"{model}, {os.cpu_count()} cœurs, {platform.system()}"


def versions() -> list[str]:
    """What took part, each with its version, as far as it is on this machine."""
    found = [f"Python {platform.python_version()}"]
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} {MISSING}")
    return found + [f"{name} {_version_of(name)}" for name in PROGRAMS]


def _version_of(program: str) -> str:
    path = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        return MISSING
    option = "-v" if program == "nginx" else "--version"
    said = subprocess.run(  # noqa: S603  one of PROGRAMS, asked its version
        [path, option], capture_output=True, encoding="utf-8", check=False
    )
    number = re.search(r"\d+(\.\d+)+", said.stdout + said.stderr)
    return number[0] if number else "?"


def targets_table(targets: Sequence[Target]) -> list[str]:
    """Every target with what was measured, then a sentence for each that is missed."""
    rows = [
        [
            target.name,
            f"{'≤' if target.best_is == 'less' else '≥'}{NBSP}{figure(target.limit, target.unit)}",
            figure(target.measured, target.unit),
            "tenue" if target.is_met else "manquée",
        ]
        for target in targets
    ]
    missed = [target for target in targets if not target.is_met]
    told = [f"- **{target.name}.** {target.floor or 'Sans explication.'}" for target in missed]
    return [*table(["Cible", "Limite", "Mesuré", "Verdict"], rows), *([""] if told else []), *told]


def document(day: date, targets: Sequence[Target], sections: Sequence[Section]) -> str:
    """The whole of RESULTS.md."""
    met = sum(target.is_met for target in targets)
    lines = [
        "# Vitesse et croissance",
        "",
        f"Écrit par `script/bench` le {typography.long_date(day)}. Machine : {machine()}.",
        f"Versions : {', '.join(versions())}.",
        "",
        "Comparez les rapports. Les millisecondes ne valent que pour cette machine.",
        "",
        "## Cibles",
        "",
        f"Tenues : {met} sur {len(targets)}.",
        "",
        *targets_table(targets),
    ]
    for section in sections:
        lines += ["", f"## {section.title}", "", *section.lines]
    lines += ["", "## Courbes", "", f"![Courbes de croissance]({PLOT})", ""]
    return "\n".join(map(typography.french, lines))


def problems(targets: Iterable[Target]) -> list[str]:
    """A French sentence for each target that is missed without a word."""
    return [
        f"La cible « {t.name} » est manquée sans explication."
        for t in targets
        if not t.is_explained
    ]
