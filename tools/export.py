"""Read the public directory's export, piece by piece: it has over 60 000 services.

Format of July 2022 and later: a JSON object with a list `service`, or a CSV whose nested fields
are JSON strings. Limits: it gives the records as they are, and a CSV that is cut exactly at the
end of a line cannot be told from a whole one (a JSON that is cut always can).
"""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import ijson  # type: ignore[import-untyped]

LONGEST_LINE = 1 << 20  # in bytes, of a CSV; a real one has some thousands
COLUMNS = frozenset({"nom", "pivot", "adresse"})
CUT = "le fichier est coupé ou illisible"
NO_LIST = "la racine n’est pas un objet qui contient une liste « service »"

Record = dict[str, object]


class DirectoryError(Exception):
    """The export cannot be used; the message is one French sentence. Nothing was written."""


class _Lines:
    """The export's text, line by line, and the number of the line that was given last."""

    def __init__(self, file: BinaryIO) -> None:
        self.number, self._file, self._has_ended = 1, file, False
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()

    def read(self, size: int = LONGEST_LINE) -> bytes:
        """What ijson asks for; never beyond the end of a line."""
        return self.next(size).encode()

    def next(self, size: int = LONGEST_LINE) -> str:
        if piece := self._file.readline(size):
            self.number += self._has_ended
            self._has_ended = piece.endswith(b"\n")
        return self._decoder.decode(piece, final=not piece and size > 0)

    def __iter__(self) -> Iterator[str]:
        while line := self.next():
            if not line.endswith("\n"):
                raise ValueError
            yield line


def records(path: Path) -> Iterator[Record]:
    """All services of the export, as they are. Raises DirectoryError, maybe at the very end."""
    try:
        with path.open("rb") as file:
            start = file.read(1 << 16).removeprefix(codecs.BOM_UTF8).lstrip()
            file.seek(0)
            lines = _Lines(file)
            is_json = start.startswith((b"{", b"["))
            yield from (_services(path, lines) if is_json else _rows(path.name, lines))
    except OSError:
        raise DirectoryError(f"{path} n’existe pas ou ne peut pas être lu.") from None
    except UnicodeDecodeError:
        place = f"{path.name}, ligne {lines.number}"
        raise DirectoryError(f"{place} : ce n’est pas de l’UTF-8.") from None


def _services(path: Path, lines: _Lines) -> Iterator[Record]:
    count, sentence = 0, CUT
    try:
        for service in ijson.items(lines, "service.item", use_float=True):
            if not isinstance(service, dict):
                sentence = "ce n’est pas un service"
                break
            count += 1
            yield service
        else:
            if count or _has_list(path):
                return
            sentence = NO_LIST
    except UnicodeDecodeError:
        raise
    except (ijson.JSONError, ValueError, RecursionError):
        pass
    place = f"{path.name}, ligne {lines.number} (services lus : {count})"
    raise DirectoryError(f"{place} : {sentence}.")


def _has_list(path: Path) -> bool:
    with path.open("rb") as file:
        events = ijson.parse(_Lines(file))
        return any((name, event) == ("service", "start_array") for name, event, _ in events)


def _rows(name: str, lines: _Lines) -> Iterator[Record]:
    sentence = CUT
    try:
        header = next(iter(lines), "")
        delimiter = max(",;\t", key=header.count)
        columns = next(csv.reader([header], delimiter=delimiter, strict=True), [])
        if not COLUMNS.issubset(columns):
            sentence = "ce n’est pas un export de l’annuaire"
            raise ValueError
        for row in csv.reader(lines, delimiter=delimiter, strict=True):
            if row:
                yield dict(zip(columns, row, strict=True))
    except UnicodeDecodeError:
        raise
    except (csv.Error, ValueError):
        raise DirectoryError(f"{name}, ligne {lines.number} : {sentence}.") from None
