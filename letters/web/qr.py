"""The QR code of an address, to open on a phone the page that a computer shows.

It holds the address of the empty form and nothing else: no answer goes with it.
"""

from functools import lru_cache
from typing import Final

import segno
from markupsafe import Markup

_MODULE: Final = 4  # of the drawing's own units, for one square of the code
_MOST: Final = 64  # addresses: one a letter and a name of the site, whatever a visitor calls it


@lru_cache(maxsize=_MOST)
def qr_code(address: str) -> Markup:
    """An SVG fragment: black on white in any colour scheme, with the empty border it needs.

    Raises segno.DataOverflowError beyond 2,331 bytes, which the limit on a host's name prevents.
    """
    code = segno.make_qr(address, error="m")
    drawing = code.svg_inline(
        scale=_MODULE, light="#fff", svgclass=None, lineclass=None, omitsize=True
    )
    return Markup(drawing)  # noqa: S704  squares only: the address is not in it as text
