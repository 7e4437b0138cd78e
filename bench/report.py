"""French figures and Markdown tables, and what machine it was."""

import os
import platform
import re
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from math import isnan
from pathlib import Path

NBSP = "\u00a0"
LIBRARIES = ("weasyprint", "fpdf2", "reportlab", "typst", "waitress", "pebble")


class StopError(Exception):
    """The bench has to end early; the message is one French sentence."""


def french(number: float, decimals: int = 1) -> str:
    """« 12 345,6 »: a comma, and no-break spaces between thousands; a dash for what is unknown."""
    if isnan(number):
        return "–"
    return f"{number:,.{decimals}f}".replace(",", NBSP).replace(".", ",")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table: the first column is text, the others are figures."""
    ruler = ["---", *["---:"] * (len(headings) - 1)]
    return ["", *("| " + " | ".join(row) + " |" for row in (headings, ruler, *rows)), ""]


def machine() -> str:
    """The model of the processor, its cores, and the versions of what takes part."""
    model = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).is_file():
        found = re.search(r"^model name\s*: (.+)$", info.read_text(encoding="utf-8"), re.MULTILINE)
        model = found[1] if found else model
    versions = ", ".join(f"{name} {_version(name)}" for name in LIBRARIES)
    return (
        f"Machine : {model}, {os.cpu_count()} cœurs, {platform.system()}. "
        f"Versions : Python {platform.python_version()}, {versions}."
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
