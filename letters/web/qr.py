"""The QR code of an address, to open on a phone the page that a computer shows.

It holds the address of the empty form and nothing else: no answer goes with it.
"""

from functools import lru_cache

import segno
from markupsafe import Markup


@lru_cache(maxsize=64)  # one a letter and a name of the site, whatever a visitor calls it
def qr_code(address: str) -> Markup:
    """An SVG fragment: black on white in any colour scheme, with the empty border it needs.

    Raises segno.DataOverflowError beyond 2,331 bytes, which the limit on a host's name prevents.
    """
    code = segno.make_qr(address, error="m")
    drawing = code.svg_inline(scale=4, light="#fff", svgclass=None, lineclass=None, omitsize=True)
    return Markup(drawing)  # noqa: S704  squares only: the address is not in it as text
