"""Turn finished files into one zip file, with a LISEZMOI.txt that says what to do with them.

The zip is made in memory, and the same files give the same bytes: no clock, no name of a person
or a machine. Format: PKWARE APPNOTE, in its oldest form, that every phone opens. Limits: another
zlib may compress to other bytes, with the same contents.

LISEZMOI.txt is a template (templates/letter/lisezmoi.txt), without any personal data: it names
the letters, never who writes them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from stat import S_IFREG
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from letters.render.html import template

READ_ME = "LISEZMOI.txt"
REMINDER = "rappel.ics"

MOST_FILES = 32  # six letters of four files each, and room to spare
MOST_BYTES = 8 * 1024 * 1024  # before compression; a letter is some tens of kilobytes

# How each kind of letter is sent, by the kind of its recipient; a complaint by its own.
HOW_TO_SEND = {
    "caisse": "Envoyez-la par la messagerie de votre caisse (ameli.fr), ou par la poste.",
    "plateforme": "Envoyez-la par courriel, ou par la poste.",
    "soignant": "Remettez-la au soignant, ou envoyez-la par la poste.",
    "cnil": "Elle est facultative : envoyez-la par la poste si vous le souhaitez.",
    "plainte": "Déposez-la sur le site de la CNIL, ou postez-la, avec ses pièces jointes.",
}

# The oldest date that a zip can say: a file's own would tell when the letters were made.
_NO_DATE = (1980, 1, 1, 0, 0, 0)
# Names that mean the same on every system that unpacks them: none climbs out of the folder, ends
# in a dot or differs from another by its case alone.
_NAME = re.compile(rf"{re.escape(READ_ME)}|[a-z0-9]+(?:[.-][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class BundledLetter:
    """A letter of the bundle, as LISEZMOI.txt speaks of it.

    `title` has no full stop; `how_to_send` and each of `limits` is a sentence. `files` holds the
    names of its files, told apart by how they end.
    """

    title: str
    how_to_send: str
    files: tuple[str, ...]
    limits: tuple[str, ...] = ()


def bundle(files: Sequence[tuple[str, bytes]]) -> bytes:
    """A zip of `files`, (name, content) in the order given; the same files give the same bytes.

    Raises ValueError for too many or too large files, a name that is neither READ_ME nor made of
    small ASCII letters and digits with single dots and dashes between them, or a name used twice.
    """
    _check(files)
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name, data in files:
            entry = ZipInfo(name, _NO_DATE)
            entry.create_system = 3  # Unix, said on every system: else the bytes depend on it
            entry.external_attr = (S_IFREG | 0o644) << 16
            archive.writestr(entry, data, ZIP_DEFLATED, compresslevel=9)
    return content.getvalue()


def _check(files: Sequence[tuple[str, bytes]]) -> None:
    """No message quotes a name: what is wrong with it may be that it is a person's."""
    if len(files) > MOST_FILES:
        raise ValueError(f"plus de {MOST_FILES} fichiers")
    if sum(len(data) for _, data in files) > MOST_BYTES:
        raise ValueError(f"plus de {MOST_BYTES} octets")
    names = [name for name, _ in files]
    if not all(map(_NAME.fullmatch, names)):
        raise ValueError("un nom de fichier n’est pas permis")
    if len(set(names)) < len(names):
        raise ValueError("deux fichiers ont le même nom")


def read_me(
    letters: Sequence[BundledLetter], reminder_day: date | None = None, follow_up_url: str = ""
) -> str:
    """The text of LISEZMOI.txt.

    `letters` come in the order to send them; `reminder_day` is the day of rappel.ics, None without
    that file; `follow_up_url` the address of the page that writes a follow-up or a complaint.
    """
    names = [name for letter in letters for name in letter.files]
    return template("lisezmoi.txt").render(
        letters=letters,
        has_pdf=any(name.endswith(".pdf") for name in names),
        reminder=REMINDER,
        reminder_day=reminder_day,
        follow_up_url=follow_up_url,
    )
