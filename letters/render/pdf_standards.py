"""What the engine does not do for a PDF that is accessible and made to last.

PDF/UA-1 (ISO 14289-1) beside PDF/A-3a (ISO 19005-3): the engine declares one standard a file,
gives a sign the text of its cluster, and embeds a large colour profile. veraPDF judges the whole
in the tests. Limits: what is drawn, and its tags, are the engine's (`pdf.py`).
"""

import re
from functools import cache

import pydyf
from PIL.ImageCms import ImageCmsProfile, createProfile

from letters.render.font import characters
from letters.render.html import TEMPLATES


def finish(document: object, pdf: pydyf.PDF) -> None:
    """Do what the engine does not, just before the file is written."""
    _say_each_sign(pdf)
    _declare_accessible(pdf)
    # The first object is none: it heads the list of free ones.
    pdf.objects[1:] = [_Written(thing) for thing in pdf.objects[1:]]


class _Written(pydyf.Object):  # type: ignore[misc]  # pydyf has no types
    """An object in its final bytes.

    The writer asks each object for its bytes twice, for the identifier of the file and for the
    file, and compressing them is a tenth of the whole work.
    """

    data, compressible = b"", False  # values, where the engine reckons each time anew

    def __init__(self, thing: pydyf.Object) -> None:
        super().__init__()
        self.number, self.data = thing.number, thing.data
        self.compressible = thing.compressible


_SAID = re.compile(rb"<([0-9a-f]{4})> <[0-9a-f]*>")


def _say_each_sign(pdf: pydyf.PDF) -> None:
    """Have each glyph of the font read as its own character.

    The engine gives a glyph the text of the first cluster it comes in. Where an accent below
    follows a composed letter (é̩, ō̧), HarfBuzz draws two glyphs for one cluster: one of them
    would say both, the other nothing, there and wherever else they come.
    """
    for stream in pdf.objects:
        if isinstance(stream, pydyf.Stream) and b"begincmap" in stream.stream:
            stream.stream = [_SAID.sub(_own_character, line) for line in stream.stream]


def _own_character(said: re.Match[bytes]) -> bytes:
    character = characters().get(int(said[1], 16))
    if character is None:
        return said[0]
    return b"<%s> <%s>" % (said[1], character.encode("utf-16-be").hex().encode())


def _declare_accessible(pdf: pydyf.PDF) -> None:
    """Say in the metadata that the file follows PDF/UA-1 too.

    The engine declares one standard a file. PDF/A wants every other property described where it
    is used, in an extension schema; hence the length of what is added.
    """
    metadata = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    end = b"</rdf:RDF>"
    metadata.stream = [part.replace(end, _pdfua() + end) for part in metadata.stream]


@cache
def srgb() -> bytes:
    """The colour profile that PDF/A wants in the file."""
    profile = bytearray(ImageCmsProfile(createProfile("sRGB")).tobytes())
    profile[24:36] = bytes(12)  # the time when it was made: the same letter gives the same bytes
    return bytes(profile)


@cache
def _pdfua() -> bytes:
    return (TEMPLATES / "pdfua.xmp").read_bytes()
