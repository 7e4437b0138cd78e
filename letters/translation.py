"""Read a file of translations (gettext PO) and check it before anybody reads it.

One format for the interface and for the reading aid, so that translators need one tool. Files are
read when the program starts: a value that a translation lost, or a tag that it brought along,
stops the program and not a person's page. Limits: whether a translation says the same is for
people; who has read it is named in the file's first comment, « # Relu par : Prénom Nom, le… ».
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import Translations

from letters.errors import ContentError

# What a message holds beside words: values of a page or of a letter, a percent sign, tags.
_NOT_WORDS = re.compile(r"%\([a-z_]+\)[sd]|%%|\(\([a-z_]+\)\)|<[^<>]*>")
# What would break a page, or bring markup along, outside of these: messages are formatted with
# `%` and printed as they are, the texts of the aid are not.
_UNSAFE = {True: re.compile(r"[%<>\"&]|\(\(|\)\)"), False: re.compile(r"[<>]|\(\(|\)\)")}


@dataclass(frozen=True, slots=True)
class TranslationFile:
    """A file of translations that was read and checked; `reviewers` is empty if nobody is named."""

    catalog: Catalog
    reviewers: tuple[str, ...]

    def texts(self) -> dict[str, str]:
        """What has a translation that is up to date, by its French text."""
        return {
            message.id: message.string
            for message in translated(self.catalog)
            if isinstance(message.id, str) and isinstance(message.string, str)
        }

    def compiled(self) -> Translations:
        """The same for gettext, which knows the plural rule of the language."""
        binary = BytesIO()
        write_mo(binary, self.catalog)
        binary.seek(0)
        return Translations(binary)


def read(path: Path, *, messages: bool = False) -> TranslationFile:
    """Read and check the file at `path`. Raises ContentError, with file and line.

    `messages` tells that its texts are messages of the interface, which are formatted.
    """
    name = "/".join(path.parts[-3:] if messages else path.parts[-1:])
    try:
        with path.open("rb") as file:
            catalog = read_po(file, abort_invalid=True)
    except OSError:
        raise ContentError(f"{name} n’existe pas ou ne peut pas être lu.") from None
    except (PoFileError, ValueError, LookupError):  # LookupError: an encoding nobody knows
        raise ContentError(f"{name} n’est pas un fichier PO lisible, en UTF-8.") from None
    problems = [
        f"{name}, ligne {message.lineno} : {sentence}"
        for message in catalog
        if message.id and not message.fuzzy
        for sentence in _problems(message, _UNSAFE[messages])
    ]
    if problems:
        raise ContentError(*problems)
    return TranslationFile(catalog, tuple(_reviewers(catalog.header_comment)))


def _reviewers(comment: str) -> Iterator[str]:
    for line in comment.splitlines():
        before, _colon, names = line.partition(":")
        if before.strip("# ") == "Relu par" and names.strip():
            yield names.strip()


def translated(catalog: Catalog) -> Iterator[Message]:
    """The messages that have a translation in use: whole, and not marked as doubtful."""
    for message in catalog:
        if message.id and not message.fuzzy and all(_forms(message.string)):
            yield message


def _forms(texts: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (texts or "",) if texts is None or isinstance(texts, str) else tuple(texts)


def _problems(message: Message, unsafe: re.Pattern[str]) -> Iterator[str]:
    """What a translation has lost or added; a form for a few numbers may spell its number out."""
    wanted, forms = values_of(_forms(message.id)[0]), _forms(message.string)
    if any(forms) and not all(forms):
        yield "il manque une forme du pluriel."
    for form in filter(None, forms):
        found = values_of(form)
        spelt_out = len(forms) > 1 and set(found) < set(wanted)
        if _tags(found) != _tags(wanted) or (sorted(found) != sorted(wanted) and not spelt_out):
            told = f"la traduction doit garder tels quels, sans en ajouter : {', '.join(wanted)}."
            none = "le français n’a ni valeur ni balise : retirez celles de la traduction."
            yield told if wanted else none
        elif sign := unsafe.search(_NOT_WORDS.sub("", form)):
            yield f"le signe « {sign[0]} » n’a pas sa place dans une traduction."


def _tags(values: list[str]) -> list[str]:
    return [value for value in values if value.startswith("<")]


def values_of(text: str) -> list[str]:
    return _NOT_WORDS.findall(text)


def has_words(text: str) -> bool:
    return any(character.isalpha() for character in _NOT_WORDS.sub("", text))
