"""Turn finished files into one zip file, with a LISEZMOI.txt that says what to do with them.

The zip is made in memory, and the same files give the same bytes: no clock, no name of a person
or a machine. Format: PKWARE APPNOTE, in its oldest form, that every phone opens. Limits: another
zlib may compress to other bytes, with the same contents.

LISEZMOI.txt is French whatever the page's language, like the letters, so its sentences live
here. It holds no personal data: it names the letters, never who writes them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from stat import S_IFREG
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from letters.typography import french, long_date

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
_UNIX = 3  # said on every system, else the bytes depend on the server's
_FILE_MODE = S_IFREG | 0o644
_LEVEL = 9

# Names that mean the same on every system that unpacks them: none climbs out of the folder, ends
# in a dot or differs from another by its case alone.
_NAME = re.compile(rf"{re.escape(READ_ME)}|[a-z0-9]+(?:[.-][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class BundledLetter:
    """A letter of the bundle, as LISEZMOI.txt speaks of it.

    `title` has no full stop; `how_to_send` and each of `limits` is a sentence. `files` holds the
    names of its files, told apart by how they end (`_USES`).
    """

    title: str
    how_to_send: str
    files: tuple[str, ...]
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BundleContents:
    """What LISEZMOI.txt tells, without any personal data; the letters in the order to send them.

    `reminder_day` is the day of rappel.ics, None without that file; `follow_up_url` the address
    of the page that writes a follow-up or a complaint, empty if there is none.
    """

    letters: tuple[BundledLetter, ...]
    reminder_day: date | None = None
    follow_up_url: str = ""


def bundle(files: Sequence[tuple[str, bytes]]) -> bytes:
    """A zip of `files`, (name, content) in the order given; the same files give the same bytes.

    Raises ValueError for too many or too large files, a name that is neither READ_ME nor made of
    small ASCII letters and digits with single dots and dashes between them, or a name used twice.
    """
    _check(files)
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name, data in files:
            archive.writestr(_entry(name), data, ZIP_DEFLATED, _LEVEL)
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


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _NO_DATE)
    entry.create_system = _UNIX
    entry.external_attr = _FILE_MODE << 16
    return entry


# LISEZMOI.txt

# Without this sign, older Windows and the preview of iPhones may read UTF-8 as another encoding
# (« Ã© » for « é »); with it they read it right and show nothing of it. Lines end in CRLF because
# Notepad before 2018 knows no other end. They are short, since not every reader wraps them.
_UTF8_SIGN = "\ufeff"
_END_OF_LINE = "\r\n"

# The first ending that fits.
_USES = (
    ("-version-courte.txt", "Texte court, si le message est refusé car trop long : "),
    (".txt", "Texte à coller dans un message : "),
    ("-a-dire.pdf", "Feuille à imprimer et à lire à voix haute : "),
    (".pdf", "Lettre à imprimer et à signer, à poster ou à remettre : "),
    ("", "Autre fichier : "),
)


def read_me(contents: BundleContents) -> str:
    """The text of LISEZMOI.txt, with its BOM and CRLF line ends: to be encoded as plain UTF-8."""
    parts = (
        _opening(len(contents.letters)),
        *(_step(number, letter) for number, letter in enumerate(contents.letters, 1)),
        _reminder(len(contents.letters) + 1, contents.reminder_day),
        _proofs(contents.letters),
        _afterwards(contents.follow_up_url),
        _limits(contents.letters),
    )
    text = "\n\n".join("\n".join(part) for part in map(list, parts) if part)
    return _UTF8_SIGN + f"{text}\n".replace("\n", _END_OF_LINE)


def _french(*lines: str) -> Iterator[str]:
    return map(french, lines)


def _opening(letters: int) -> Iterator[str]:
    if letters == 1:
        yield from _french("Votre lettre : que faire maintenant", "")
        yield from _french("Rien n’est encore envoyé.", "Un seul envoi suffit.")
    else:
        yield from _french("Vos lettres : que faire, et dans quel ordre", "")
        yield from _french("Rien n’est encore envoyé.", "Suivez les étapes dans l’ordre.")
        yield from _french("Pour chaque lettre, un seul envoi suffit.")


def _step(number: int, letter: BundledLetter) -> Iterator[str]:
    yield from _french(f"{number}. {letter.title}", letter.how_to_send)
    for name in letter.files:
        use = next(use for ending, use in _USES if name.endswith(ending))
        yield f"- {french(use)}{name}"


def _reminder(number: int, day: date | None) -> Iterator[str]:
    if day is not None:
        yield from _french(
            f"{number}. Ajouter le rappel à votre agenda",
            f"Le fichier du rappel est {REMINDER}.",
            f"Ouvrez-le : votre agenda vous dira, le {long_date(day)}, de vérifier la réponse.",
        )


def _proofs(letters: Iterable[BundledLetter]) -> Iterator[str]:
    yield from _french("Ce qu’il faut garder comme preuve")
    if any(name.endswith(".pdf") for letter in letters for name in letter.files):
        yield from _french(
            "- Le PDF, tel que vous l’avez envoyé. "
            "Son format, PDF/A-3, est fait pour être gardé longtemps."
        )
    yield from _french(
        "- Une capture d’écran du message envoyé, avec sa date.",
        "- Le reçu, ou l’accusé de réception.",
        "- La réponse, et la date où elle vous est arrivée.",
        "Rangez tout ensemble, dans un endroit à vous.",
    )


def _afterwards(follow_up_url: str) -> Iterator[str]:
    yield from _french(
        "Après un mois sans réponse, ou après un refus",
        "L’organisme qui reçoit votre demande a un mois pour y répondre.",
        "Il peut prendre deux mois de plus si elle est complexe. "
        "Il vous prévient alors dans le premier mois.",
        "Sans réponse, ou après un refus, vous pouvez envoyer une lettre de relance.",
        "Vous pouvez aussi déposer une plainte à la CNIL "
        "(Commission nationale de l’informatique et des libertés).",
        "Joignez à la plainte vos lettres, vos preuves d’envoi et la réponse, s’il y en a une.",
    )
    if follow_up_url:
        yield from (french("Cette page prépare la relance et la plainte :"), follow_up_url)


def _limits(letters: Iterable[BundledLetter]) -> Iterator[str]:
    limited = [letter for letter in letters if letter.limits]
    if limited:
        yield from _french("Jusqu’où va chaque lettre")
    for letter in limited:
        yield from _french(f"{letter.title} :", *(f"- {limit}" for limit in letter.limits))
