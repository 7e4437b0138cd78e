"""Build the letter's font at set-up: `python -m tools.font`.

Noto Serif (PyPI's `fontpkg-noto-serif`, SIL Open Font License) is a variable font of 1.9 MB.
WeasyPrint is faster and its PDFs smaller with static fonts that hold only what a letter can
contain, so two of them, regular and semibold, are cut from it: slightly narrow, so that the
letter fits on one page, and with exactly the characters of `cleaning.REPERTOIRE`.

Where that package cannot be had, the system's Noto Serif (Debian's `fonts-noto-core`) serves.
Limits: its letters are narrowed as they are, its bold stands for the semibold.
"""

import sys
from copy import deepcopy
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import escape

from fontTools.misc.roundTools import otRound
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.reorderGlyphs import reorderGlyphs
from fontTools.ttLib.tables import otTables
from fontTools.ttLib.ttVisitor import TTVisitor
from fontTools.varLib.instancer import instantiateVariableFont

from letters.cleaning import REPERTOIRE
from letters.render.font import FACES, FAMILY, FOLDER, FONTCONFIG_FILE, FontError
from letters.typography import NNBSP, outside_cp1252

WIDTH = (
    83  # per cent: a line in 10.25 pt holds what one in 10 pt held of the "semi-condensed" (87.5)
)
NARROWED = 0.9  # what that width makes of a line
SYSTEM_FOLDERS = tuple(
    Path(folder)
    for folder in (
        "/usr/share/fonts/truetype/noto",  # Debian, Ubuntu
        "/usr/share/fonts/noto",  # Arch, Alpine
        "/usr/share/fonts/google-noto",  # Fedora
        "/Library/Fonts",
    )
)
SYSTEM_FILES = {"regular": "NotoSerif-Regular.ttf", "semibold": "NotoSerif-Bold.ttf"}
# Debian's lacks the minus sign: a sign of the same look stands for it.
LOOKS_LIKE = {"−": "–"}

_FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{folder}</dir>
</fontconfig>
"""


def build(folder: Path = FOLDER) -> None:
    """Write the two fonts and the fontconfig file into `folder`. Raises FontError."""
    sources = {name: source(name) for name in FACES}
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in sources.items():
        build_face(path, name, folder / f"{name}.ttf")
    (folder / FONTCONFIG_FILE.name).write_text(
        _FONTCONFIG.format(folder=escape(str(folder))), encoding="utf-8"
    )


def source(name: str) -> Path:
    """The font file that a face is cut from: the package's, else the system's."""
    if find_spec("fontpkg") and find_spec("fontpkg_noto_serif"):
        import fontpkg

        return Path(fontpkg.path("Noto Serif"))
    for folder in SYSTEM_FOLDERS:
        if (path := folder / SYSTEM_FILES[name]).is_file():
            return path
    raise FontError(
        "ni le paquet Python « fontpkg-noto-serif » ni la police Noto Serif du système ne sont "
        "là ; sur Debian, tapez : sudo apt-get install fonts-noto-core"
    )


def build_face(path: Path, name: str, target: Path) -> None:
    """Write one face, cut from the font at `path`. Raises FontError."""
    font = TTFont(path, recalcTimestamp=False)  # the same bytes at every build
    is_variable = "fvar" in font
    for character, other in LOOKS_LIKE.items():
        if ord(character) not in font.getBestCmap():
            _give_own_glyph(font, character, font.getBestCmap()[ord(other)])
    if missing := sorted(c for c in REPERTOIRE if ord(c) not in font.getBestCmap()):
        raise FontError(f"{path.name} n’a pas de signe pour : {' '.join(missing)}")
    if is_variable:
        font = instantiateVariableFont(font, {"wght": FACES[name], "wdth": WIDTH})
    _cut(font)
    if not is_variable:
        _narrow(font)
    for character in "ıȷ":
        # Under an accent, i and j turn into the very glyphs of ı and ȷ; the PDF can say only
        # one character a glyph, so that « Işıl i̋ » would be read with one letter wrong.
        _give_own_glyph(font, character, font.getBestCmap()[ord(character)])
    _put_french_first(font)
    _rename(font, FACES[name])
    # A server that runs has the old file mapped: written in place, it would die of SIGBUS.
    fresh = target.with_suffix(".new")
    font.save(fresh)
    fresh.replace(target)


def _cut(font: TTFont) -> None:
    options = Options(hinting=False, layout_features=["kern", "mark", "mkmk", "ccmp", "locl"])
    options.notdef_outline = True
    options.drop_tables += ["STAT", "gasp"]  # axes that it has no more, and dots on a screen
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[ord(c) for c in REPERTOIRE])
    subsetter.subset(font)


def _give_own_glyph(font: TTFont, character: str, shared: str) -> None:
    """Draw `character` by a copy of the glyph `shared`."""
    own = f"{shared}.own"
    font.setGlyphOrder(order := [*font.getGlyphOrder(), own])
    font["glyf"].glyphs[own] = deepcopy(font["glyf"].glyphs[shared])
    font["glyf"].glyphOrder = order
    font["hmtx"].metrics[own] = font["hmtx"].metrics[shared]
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[ord(character)] = own


class _Narrower(TTVisitor):  # type: ignore[misc]  # fontTools carries no types
    """Narrows the kerning and the places of accents."""


_ACROSS = ((otTables.ValueRecord, ("XPlacement", "XAdvance")), (otTables.Anchor, ("XCoordinate",)))


@_Narrower.register_attrs(_ACROSS)  # type: ignore[untyped-decorator]
def visit(_visitor: object, record: object, name: str, value: float) -> None:
    setattr(record, name, otRound(value * NARROWED))


def _narrow(font: TTFont) -> None:
    for glyph in font["glyf"].glyphs.values():
        glyph.expand(font["glyf"])
        if glyph.isComposite():
            for part in glyph.components:
                part.x = otRound(part.x * NARROWED)
        elif glyph.numberOfContours:
            glyph.coordinates.scale((NARROWED, 1))
            glyph.coordinates.toInt()
    for name, (advance, _) in font["hmtx"].metrics.items():
        glyph = font["glyf"][name]
        glyph.recalcBounds(font["glyf"])
        font["hmtx"].metrics[name] = (otRound(advance * NARROWED), getattr(glyph, "xMin", 0))
    _Narrower().visit(font["GPOS"].table)


def _put_french_first(font: TTFont) -> None:
    """Number the signs of a French letter before all others.

    What is embedded in a PDF has tables as long as the highest number used.
    """
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
    except (FontError, OSError) as error:
        sys.exit(f"La police de la lettre n’a pas pu être construite : {error}")
