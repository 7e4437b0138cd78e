"""Build the letter's font at set-up: `python -m letters.render.font`.

Noto Serif (PyPI's `fontpkg-noto-serif`, SIL Open Font License) is a variable font of 1.9 MB.
WeasyPrint is faster and its PDFs smaller with static fonts that hold only what a letter can
contain, so two of them, regular and semibold, are cut from it: slightly narrow, so that the
letter fits on one page, and with exactly the characters of `cleaning.REPERTOIRE`. They go into
the virtual environment beside a fontconfig file that knows no other font: a letter looks the
same on every machine.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from letters.cleaning import REPERTOIRE
from letters.typography import NNBSP, outside_cp1252

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

FAMILY = "Lettre Noto Serif"
FOLDER = Path(sys.prefix) / "share" / "droit-de-plume"
FONTCONFIG_FILE = FOLDER / "fonts.conf"
WIDTH = (
    83  # per cent: a line in 10.25 pt holds what one in 10 pt held of the "semi-condensed" (87.5)
)
FACES = {"regular": 400, "semibold": 600}

_FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{folder}</dir>
</fontconfig>
"""


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


def build(folder: Path = FOLDER) -> None:
    """Write the two fonts and the fontconfig file into `folder`."""
    source = _source()
    folder.mkdir(parents=True, exist_ok=True)
    for name, weight in FACES.items():
        _build_face(source, weight, folder / f"{name}.ttf")
    (folder / FONTCONFIG_FILE.name).write_text(
        _FONTCONFIG.format(folder=escape(str(folder))), encoding="utf-8"
    )


def _path(name: str) -> Path:
    return FOLDER / f"{name}.ttf"


def _source() -> Path:
    import fontpkg

    return Path(fontpkg.path("Noto Serif"))


def _build_face(source: Path, weight: int, target: Path) -> None:
    # Imported here: only set-up needs these, and they take a third of a second to load.
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    font = TTFont(source, recalcTimestamp=False)  # the same bytes at every build
    missing = sorted(c for c in REPERTOIRE if ord(c) not in font.getBestCmap())
    if missing:
        raise FontError(f"{source.name} n’a pas de signe pour : {' '.join(missing)}")
    font = instantiateVariableFont(font, {"wght": weight, "wdth": WIDTH})
    options = Options(hinting=False, layout_features=["kern", "mark", "mkmk", "ccmp", "locl"])
    options.notdef_outline = True
    options.drop_tables += ["STAT", "gasp"]  # axes that it has no more, and dots on a screen
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[ord(c) for c in REPERTOIRE])
    subsetter.subset(font)
    _separate_dotless(font)
    _put_french_first(font)
    _rename(font, weight)
    # A server that runs has the old file mapped: written in place, it would die of SIGBUS.
    fresh = target.with_suffix(".new")
    font.save(fresh)
    fresh.replace(target)


def _separate_dotless(font: TTFont) -> None:
    """Give ı and ȷ glyphs of their own.

    Under an accent, i and j turn into the very glyphs of ı and ȷ; the PDF can say only one
    character a glyph, so that « Işıl i̋ » would be read with one letter wrong.
    """
    order = font.getGlyphOrder()
    for character in "ıȷ":
        shared = font.getBestCmap()[ord(character)]
        own = f"{shared}.own"
        font.setGlyphOrder(order := [*order, own])
        font["glyf"].glyphs[own] = font["glyf"].glyphs[shared]
        font["glyf"].glyphOrder = order
        font["hmtx"].metrics[own] = font["hmtx"].metrics[shared]
        for table in font["cmap"].tables:
            table.cmap[ord(character)] = own


def _put_french_first(font: TTFont) -> None:
    """Number the signs of a French letter before all others.

    What is embedded in a PDF has tables as long as the highest number used.
    """
    from fontTools.ttLib.reorderGlyphs import reorderGlyphs

    rare = set(outside_cp1252("".join(REPERTOIRE))) - {NNBSP}
    signs = [sign for code, sign in sorted(font.getBestCmap().items()) if chr(code) not in rare]
    others = [sign for sign in font.getGlyphOrder()[1:] if sign not in set(signs)]
    reorderGlyphs(font, [".notdef", *signs, *others])


def _rename(font: TTFont, weight: int) -> None:
    style = "Regular" if weight == FACES["regular"] else "SemiBold"
    names = {1: FAMILY, 2: "Regular", 4: f"{FAMILY} {style}", 6: f"LettreNotoSerif-{style}"}
    names |= {16: FAMILY, 17: style}
    kept = {0, 5, 7, 13, 14, *names}  # with whose it is, and its licence
    font["name"].names = [record for record in font["name"].names if record.nameID in kept]
    for name_id, text in names.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)
    font["OS/2"].usWeightClass = weight


if __name__ == "__main__":
    try:
        build()
    except (FontError, ImportError, OSError) as error:
        sys.exit(f"La police de la lettre n’a pas pu être construite : {error}")
