"""The letter's font, as `tools.font` builds it at set-up.

Two static fonts in the virtual environment, beside a fontconfig file that knows no other: a letter
looks the same on every machine.
"""

import sys
from functools import cache
from pathlib import Path

FAMILY = "Lettre Noto Serif"
FOLDER = Path(sys.prefix) / "share" / "droit-de-plume"
FONTCONFIG_FILE = FOLDER / "fonts.conf"
FACES = {"regular": 400, "semibold": 600}


class FontError(Exception):
    """The letter's font cannot be built or is not there; the message is one French sentence."""


def check_font() -> None:
    """Raise FontError when the fonts have not been built."""
    if not all(path.is_file() for path in (FONTCONFIG_FILE, *map(_path, FACES))):
        raise FontError("La police de la lettre manque : lancez « script/setup ».")


@cache
def characters() -> dict[int, str]:
    """The character of each glyph number, the same in both faces."""
    from fontTools.ttLib import TTFont

    with TTFont(_path("regular"), lazy=True) as font:
        return {font.getGlyphID(name): chr(code) for code, name in font.getBestCmap().items()}


@cache
def widths() -> dict[str, int]:
    """The width of each character in thousandths of the type size, without kerning."""
    from fontTools.ttLib import TTFont

    with TTFont(_path("regular"), lazy=True) as font:
        advances, scale = font["hmtx"].metrics, 1000 / font["head"].unitsPerEm
        return {chr(c): round(advances[name][0] * scale) for c, name in font.getBestCmap().items()}


def _path(name: str) -> Path:
    return FOLDER / f"{name}.ttf"
