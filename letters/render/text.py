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
    """The short message, under 1 000 characters with its subject (tested for every letter)."""
    return _message(letter.short, letter.signature)


def document(letter: Letter, *, short: bool = False) -> str:
    """What is downloaded: « Objet : … », an empty line, the message."""
    body = short_message(letter) if short else message(letter)
    return f"Objet : {subject(letter)}\n\n{body}\n"


def _message(blocks: Iterable[Block], signature: str) -> str:
    return portal("\n\n".join([*(_block(block) for block in blocks), signature]))


def _block(block: Block) -> str:
    if isinstance(block, Items):
        return "\n".join(f"- {item}" for item in block.texts)
    return block.text
