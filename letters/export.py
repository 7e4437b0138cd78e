"""Read the public directory's export, in constant memory: it has over 60 000 services.

Format of July 2022 and later: a JSON object with a list `service`, or a CSV whose nested fields
are JSON strings. Limits: it gives the records as they are, and a CSV that is cut exactly at the
end of a line cannot be told from a whole one (a JSON that is cut always can).
"""

import codecs
import csv
import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

CHUNK = 1 << 16
LONGEST_RECORD = 1 << 20  # in characters; a real one has some thousands
COLUMNS = frozenset({"nom", "pivot", "adresse"})
CUT = "le fichier est coupé ou illisible"
NO_LIST = "la racine n’est pas un objet qui contient une liste « service »"

Record = dict[str, object]


class DirectoryError(Exception):
    """The export cannot be used; the message is one French sentence. Nothing was written."""


def records(path: Path, chunk: int = CHUNK) -> Iterator[Record]:
    """All services of the export, as they are. Raises DirectoryError, maybe at the very end."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            is_json = file.read(CHUNK).lstrip().startswith(("{", "["))
            file.seek(0)
            yield from (_Json(path.name, file, chunk) if is_json else _rows(path.name, file))
    except UnicodeDecodeError:
        line = _undecodable_line(path)
        raise DirectoryError(f"{path.name}, ligne {line} : ce n’est pas de l’UTF-8.") from None
    except OSError:
        raise DirectoryError(f"{path} n’existe pas ou ne peut pas être lu.") from None


def _undecodable_line(path: Path) -> int:
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    with path.open("rb") as file:
        while piece := file.readline(LONGEST_RECORD):
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                break
            line += piece.endswith(b"\n")
    return line


class _Json:
    """The members of `{"service": [...]}`, through a window that moves along the file.

    `json` does the decoding. A library (ijson) would bring a compiled parser to every server for
    one command, and would still leave the BOM, the root and the place of an error to do here.
    """

    _decoder = json.JSONDecoder()
    _blanks = re.compile(r"[ \t\r\n]*")
    _digits = re.compile(r"[-+.0-9eE]*\Z")  # at the edge of the window, 12. may become 12.5

    def __init__(self, name: str, file: TextIO, chunk: int) -> None:
        self.name, self.file, self.chunk = name, file, chunk
        self.window, self.at, self.line, self.count = "", 0, 1, 0

    def __iter__(self) -> Iterator[Record]:
        found = False
        self._expect("{", NO_LIST)
        for _ in self._until("}"):
            key = self._value()
            self._expect(":")
            if key == "service" and self._take("["):
                found = True
                yield from self._services()
            else:
                self._value()
        if self._mark():
            raise self._error("le fichier continue après sa fin")
        if not found:
            raise self._error(NO_LIST)

    def _services(self) -> Iterator[Record]:
        for _ in self._until("]"):
            service = self._value()
            if not isinstance(service, dict):
                raise self._error("ce n’est pas un service")
            self.count += 1
            yield service

    def _until(self, end: str) -> Iterator[None]:
        """Once for each member of a list or object, which the caller takes before the next."""
        if self._take(end):
            return
        yield
        while self._take(","):
            yield
        self._expect(end)

    def _value(self) -> object:
        self._mark()
        while True:
            try:
                value, end = self._decoder.raw_decode(self.window, self.at)
            except (ValueError, RecursionError):
                if not self._more():
                    raise self._error(CUT) from None
                continue
            is_number = isinstance(value, int | float)
            if not (is_number and self._digits.match(self.window, end) and self._more()):
                self.at = end
                return value

    def _mark(self) -> str:
        """The next character that is not blank, not taken yet; empty at the end of the file."""
        while True:
            blanks = self._blanks.match(self.window, self.at)
            self.at = blanks.end() if blanks else self.at
            if self.at < len(self.window) or not self._more():
                return self.window[self.at : self.at + 1]

    def _take(self, mark: str) -> bool:
        taken = self._mark() == mark
        self.at += taken
        return taken

    def _expect(self, mark: str, sentence: str = CUT) -> None:
        if not self._take(mark):
            raise self._error(sentence)

    def _more(self) -> bool:
        """Read on, and let go of what was taken; False at the end of the file."""
        if len(self.window) - self.at > LONGEST_RECORD:
            raise self._error(CUT)
        text = self.file.read(self.chunk)
        self.line += self.window.count("\n", 0, self.at)
        self.window, self.at = self.window[self.at :] + text, 0
        return bool(text)

    def _error(self, sentence: str) -> DirectoryError:
        line = self.line + self.window.count("\n", 0, self.at)
        place = f"{self.name}, ligne {line} (services lus : {self.count})"
        return DirectoryError(f"{place} : {sentence}.")


def _rows(name: str, file: TextIO) -> Iterator[Record]:
    lines = _whole_lines(name, file)
    header = next(lines, "")
    delimiter = max(",;\t", key=header.count)
    rows = csv.reader(itertools.chain([header], lines), delimiter=delimiter, strict=True)
    try:
        columns = next(rows, [])
        if not COLUMNS.issubset(columns):
            raise DirectoryError(f"{name}, ligne 1 : ce n’est pas un export de l’annuaire.")
        for row in rows:
            if row and len(row) != len(columns):
                raise DirectoryError(f"{name}, ligne {rows.line_num} : {CUT}.")
            if row:
                yield dict(zip(columns, row, strict=True))
    except csv.Error:
        raise DirectoryError(f"{name}, ligne {rows.line_num} : {CUT}.") from None


def _whole_lines(name: str, file: TextIO) -> Iterator[str]:
    lines = iter(lambda: file.readline(LONGEST_RECORD), "")
    for number, line in enumerate(lines, start=1):
        if not line.endswith("\n"):
            raise DirectoryError(f"{name}, ligne {number} : {CUT}.")
        yield line
