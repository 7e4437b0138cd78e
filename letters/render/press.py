"""Draw a letter where it may fail: what goes wrong comes out as a type and a place, no more.

The only way from the web layer to `pdf.py`, in this process or in one that does nothing else
(deploy/serve.py). Imports the engine when first asked: pages and texts do without Pango.
"""

from letters.model import Letter
from letters.render.font import check_font
from letters.trace import described


class PressError(Exception):
    """A PDF could not be drawn; holds nothing of the letter.

    `origin` is the type and place of what was raised, `reason` what an operator is told.
    """

    def __init__(self, origin: str, reason: str) -> None:
        super().__init__(origin, reason)  # both, so that it travels between processes
        self.origin, self.reason = origin, reason


def draw(letter: Letter, spoken: bool = False, large: bool = False) -> bytes:
    """The PDF of a letter, or of what to say aloud. Raises PressError."""
    try:
        check_font()  # first: fontconfig would complain on stderr, in English
        from letters.render import pdf

        return (pdf.spoken if spoken else pdf.pdf)(letter, large=large)
    except Exception as error:
        kind = type(error).__name__
        # That one's message is ours, and without any path or value.
        raise PressError(described(error), str(error) if kind == "PdfError" else kind) from None
