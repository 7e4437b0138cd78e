"""Turn a letter into plain text for a web form such as the ameli.fr messaging.

The letterhead is left out: the account identifies the sender and the form dates the message.
Lines are never wrapped; see `typography.portal` for the characters.
"""

from collections.abc import Iterable

from letters.model import Block, Items, Letter
from letters.typography import portal


def subject(letter: Letter) -> str:
    """The subject on one line."""
    return portal(letter.subject)


def message(letter: Letter) -> str:
    """The full message, from the greeting to the signature."""
    return _message(letter.blocks, letter.signature)


def short_message(letter: Letter) -> str:
    """The message without what was ticked or added."""
    return _message(letter.short, letter.signature)


def document(letter: Letter, *, short: bool = False) -> str:
    """What is downloaded: « Objet : … », an empty line, the message."""
    body = short_message(letter) if short else message(letter)
    return f"Objet : {subject(letter)}\n\n{body}\n"


def file_of(text: str) -> bytes:
    """A text as a file, with a BOM and CRLF line ends.

    Without that sign, older Windows and the preview of iPhones may read another encoding (« Ã© »
    for « é »); with it they read it right and show nothing of it. Notepad before 2018 knows no
    other line end.
    """
    return ("\ufeff" + text.replace("\n", "\r\n")).encode()


def _message(blocks: Iterable[Block], signature: str) -> str:
    return portal("\n\n".join([*(_block(block) for block in blocks), signature]))


def _block(block: Block) -> str:
    if isinstance(block, Items):
        return "\n".join(f"- {item}" for item in block.texts)
    return block.text
