"""Read one wording file and check it, in words its author understands.

A wording file is TOML between two `+++` lines, then plain text: an empty line starts a new
paragraph, `- ` an item, `((name))` stands for a value, `[si x]` or `[sauf x]` alone on a line
makes the next block depend on an option or on an optional field, and `=== version courte ===`
starts the short version. There is no nesting, no else, no inline condition (they break French
sentences apart) and no markup. Files are read when the program starts, so that a mistake stops
the program and not a person's letter. Values are put in after reading (`compose.py`), once.

Limits: the parser knows nothing of law or style; `catalogue.py` checks the sources.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from letters.typography import french

SHORT_VERSION = "=== version courte ==="
# What `compose` can always put in; an optional field of the letter adds its own name.
VALUES = frozenset({"given_name", "family_name", "name", "recipient", "today"})
OPTIONAL_FIELDS = frozenset({"reason"})
HANDWRITTEN = frozenset({"nir"})
RECIPIENTS = frozenset({"caisse"})


class WordingError(Exception):
    """A wording file cannot be used. The message is one French sentence with file and line."""

    def __init__(self, file: str, line: int, sentence: str) -> None:
        super().__init__(f"{file}, ligne {line} : {sentence}")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """The place of a value in a text."""

    name: str


Template = tuple[str | Placeholder, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """`[si name]` when `wanted`, `[sauf name]` when not."""

    name: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class TemplateBlock:
    """A paragraph (one template) or a list (`is_list`, one template an item)."""

    templates: tuple[Template, ...]
    is_list: bool
    condition: Condition | None
    line: int


@dataclass(frozen=True, slots=True)
class Option:
    """A tick box: `default` on a first visit, `label` and `hint` as the person reads them.

    `after` is what the result page says when it is ticked; empty for most.
    """

    name: str
    default: bool
    label: str
    hint: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """One letter as its author wrote it, checked and with French typography set."""

    slug: str
    order: int
    title: str
    summary: str
    reach: str
    subject: Template
    basis: str
    sources: tuple[str, ...]
    recipient: str
    options: tuple[Option, ...]
    fields: tuple[str, ...]
    handwritten: tuple[str, ...]
    reviewed_by: str
    reviewed_on: date
    body: tuple[TemplateBlock, ...]
    short: tuple[TemplateBlock, ...]

    @property
    def default_options(self) -> frozenset[str]:
        return frozenset(option.name for option in self.options if option.default)

    def blocks_for(self, name: str) -> tuple[TemplateBlock, ...]:
        """The blocks of the full version that an option or a field adds."""
        return tuple(b for b in self.body if b.condition == Condition(name, wanted=True))


_KEYS: dict[str, type] = {
    "order": int,
    "title": str,
    "summary": str,
    "reach": str,
    "subject": str,
    "basis": str,
    "sources": list,
    "recipient": str,
    "options": list,
    "fields": list,
    "handwritten": list,
    "reviewed_by": str,
    "reviewed_on": date,
}
_OPTION_KEYS: dict[str, type] = {"name": str, "default": bool, "label": str, "hint": str}
_OPTION_MAY_HAVE: dict[str, type] = {"after": str}
_CONDITION = re.compile(r"\[(si|sauf) ([a-z_]+)\]")
_PLACEHOLDER = re.compile(r"\(\(([a-z_]+)\)\)")
_FORBIDDEN = re.compile(r"[\[\]{}<>]|\(\(|\)\)")
_DASHES = ("-", "–", "—", "*", "•")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.md")
_IDENTIFIER = re.compile(r"[a-z][a-z_]*")


def read_wording(path: Path) -> Wording:
    """Read and check the wording file at `path`; its slug is the file's name.

    Raises WordingError with a French sentence that names the file and the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        sentence = "le fichier n’est pas en UTF-8 ; enregistrez-le dans cet encodage."
        raise WordingError(path.name, line, sentence) from None
    return parse(text, path.name)


def parse(text: str, file: str) -> Wording:
    """Parse the text of a wording file called `file`."""
    return _Parser(text, file).wording()


class _Parser:
    """Keeps the file's name and lines at hand for the error sentences."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")

    def error(self, line: int, sentence: str) -> WordingError:
        return WordingError(self.file, line, sentence)

    # The front matter

    def wording(self) -> Wording:
        if not _SLUG.fullmatch(self.file):
            sentence = "nommez le fichier en minuscules sans accent, comme « ma-lettre.md »."
            raise self.error(1, sentence)
        end = self._end_of_front_matter()
        data = self._front_matter(end)
        options = self._options(data["options"], end)
        self._check_lists(data, options, end)
        conditions = frozenset(option.name for option in options).union(data["fields"])
        values = VALUES.union(data["fields"])
        body, short = self._blocks(end + 1, conditions, values)
        self._check_uses(options, data["fields"], body, end)
        subject_line = self._line_of("subject", end)
        return Wording(
            slug=self.file.removesuffix(".md"),
            order=data["order"],
            title=french(data["title"]),
            summary=french(data["summary"]),
            reach=french(data["reach"]),
            subject=self._template(data["subject"], subject_line, VALUES, None),
            basis=french(data["basis"]),
            sources=tuple(data["sources"]),
            recipient=data["recipient"],
            options=options,
            fields=tuple(data["fields"]),
            handwritten=tuple(data["handwritten"]),
            reviewed_by=data["reviewed_by"],
            reviewed_on=data["reviewed_on"],
            body=body,
            short=short,
        )

    def _end_of_front_matter(self) -> int:
        """Index of the line that closes the front matter."""
        if self.lines[0].strip() != "+++":
            raise self.error(1, "la première ligne doit être « +++ ».")
        for index, line in enumerate(self.lines[1:], start=1):
            if line.strip() == "+++":
                return index
        raise self.error(len(self.lines), "il manque le second « +++ » qui ferme l’en-tête.")

    def _front_matter(self, end: int) -> dict[str, Any]:
        try:
            data = tomllib.loads("\n".join(self.lines[1:end]))
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"at line (\d+)", str(error))
            line = int(found[1]) + 1 if found else end + 1
            sentence = "l’en-tête n’est pas lisible ; vérifiez les guillemets et les virgules."
            raise self.error(line, sentence) from None
        self._check_table(data, _KEYS, {}, end, "l’en-tête")
        return data

    def _check_table(
        self,
        data: object,
        needed: dict[str, type],
        more: dict[str, type],
        end: int,
        what: str,
        after: int = 0,
    ) -> None:
        """Check that `data` has the needed keys and at most `more`, on lines after `after`."""
        if not isinstance(data, dict):
            raise self.error(end + 1, f"{what} doit être une liste de « nom = valeur ».")
        for name in needed:
            if name not in data:
                raise self.error(end + 1, f"il manque « {name} » dans {what}.")
        for name, value in data.items():
            line = self._line_of(name, end, after)
            if name not in needed | more:
                raise self.error(line, f"« {name} » n’est pas connu dans {what}.")
            if type(value) is not (needed | more)[name]:
                raise self.error(line, f"« {name} » n’a pas la bonne forme ; voyez LISEZMOI.md.")
            if value == "":
                raise self.error(line, f"« {name} » est vide.")

    def _options(self, entries: list[Any], end: int) -> tuple[Option, ...]:
        marks = [i for i, line in enumerate(self.lines[:end]) if line.strip() == "[[options]]"]
        starts = [*marks, *([0] * len(entries))]  # none when written as a list on one line
        return tuple(self._option(entry, end, starts[i]) for i, entry in enumerate(entries))

    def _option(self, entry: object, end: int, start: int) -> Option:
        self._check_table(entry, _OPTION_KEYS, _OPTION_MAY_HAVE, end, "une option", start)
        assert isinstance(entry, dict)  # noqa: S101  narrowed by _check_table
        if not _IDENTIFIER.fullmatch(entry["name"]):
            sentence = f"l’option « {entry['name']} » doit s’écrire en minuscules sans accent."
            raise self.error(self._line_of("name", end, start), sentence)
        shown = (french(entry.get(key, "")) for key in ("label", "hint", "after"))
        return Option(entry["name"], entry["default"], *shown)

    def _check_lists(self, data: dict[str, Any], options: tuple[Option, ...], end: int) -> None:
        names = [option.name for option in options]
        known = {"fields": OPTIONAL_FIELDS, "handwritten": HANDWRITTEN}
        for key, allowed in known.items():
            for value in data[key]:
                if not isinstance(value, str) or value not in allowed:
                    raise self.error(
                        self._line_of(key, end),
                        f"« {value} » n’est pas connu dans « {key} » ; connus : {_names(allowed)}.",
                    )
        if data["recipient"] not in RECIPIENTS:
            sentence = f"« recipient » doit être l’un de : {_names(RECIPIENTS)}."
            raise self.error(self._line_of("recipient", end), sentence)
        for name in names:
            if names.count(name) > 1 or name in OPTIONAL_FIELDS:
                sentence = f"l’option « {name} » porte un nom déjà pris."
                raise self.error(self._line_of("options", end), sentence)
        if not data["sources"] or not all(isinstance(source, str) for source in data["sources"]):
            sentence = "« sources » doit nommer au moins un fait de facts.toml."
            raise self.error(self._line_of("sources", end), sentence)

    def _line_of(self, name: str, end: int, after: int = 0) -> int:
        """Number of the header line that sets `name`, or that is `name` and no more.

        Where there is none, the line that ends the header.
        """
        pattern = re.compile(rf"\s*(\[\[?)?{re.escape(name)}\s*(=|\]\]?|$)")
        for index, line in enumerate(self.lines[:end]):
            if index > after and pattern.match(line):
                return index + 1
        return end + 1

    # The text

    def _blocks(
        self, start: int, conditions: frozenset[str], values: frozenset[str]
    ) -> tuple[tuple[TemplateBlock, ...], tuple[TemplateBlock, ...]]:
        versions: list[list[TemplateBlock]] = [[]]
        condition: Condition | None = None
        for number, chunk in self._chunks(start):
            if chunk[0] == SHORT_VERSION:
                if len(versions) == 2 or condition:
                    raise self.error(number, "« version courte » n’est pas à sa place.")
                versions.append([])
            elif found := self._condition(chunk, number, conditions):
                if condition:
                    raise self.error(number, "deux conditions se suivent ; il n’en faut qu’une.")
                condition = found
            else:
                versions[-1].append(self._block(chunk, number, condition, values))
                condition = None
        if condition:
            raise self.error(len(self.lines), "la dernière condition n’est suivie d’aucun texte.")
        if not versions[0]:
            raise self.error(len(self.lines), "il manque le texte de la lettre.")
        if not versions[-1] or len(versions) == 1:
            raise self.error(len(self.lines), "il manque la version courte, à la fin.")
        return tuple(versions[0]), tuple(versions[1])

    def _chunks(self, start: int) -> Iterator[tuple[int, list[str]]]:
        """Runs of lines without an empty one; a condition or a section mark is its own run."""
        chunk: list[str] = []
        first = start + 1
        for number, line in enumerate([*self.lines[start:], ""], start=start + 1):
            stripped = line.strip()
            alone = stripped.startswith(("[", "==="))
            if chunk and (not stripped or alone):
                yield first, chunk
                chunk = []
            if alone:
                yield number, [stripped]
            elif stripped:
                first = first if chunk else number
                chunk.append(stripped)

    def _condition(self, chunk: list[str], number: int, known: frozenset[str]) -> Condition | None:
        if not chunk[0].startswith(("[", "===")):
            return None
        match = _CONDITION.fullmatch(chunk[0])
        if not match:
            sentence = (
                f"« {chunk[0]} » n’est pas compris ; écrivez « [si nom] », « [sauf nom] » ou "
                f"« {SHORT_VERSION} », seul sur sa ligne."
            )
            raise self.error(number, sentence)
        if match[2] not in known:
            sentence = f"« {match[2]} » n’est ni une option ni un champ de cette lettre."
            raise self.error(number, sentence)
        return Condition(match[2], wanted=match[1] == "si")

    def _block(
        self, chunk: list[str], number: int, condition: Condition | None, values: frozenset[str]
    ) -> TemplateBlock:
        is_list = chunk[0].startswith("- ")
        texts: list[tuple[int, str]] = []
        for line_number, line in enumerate(chunk, start=number):
            if line.startswith(_DASHES) and not line.startswith("- "):
                sentence = "pour un élément de liste, écrivez « - », une espace, puis le texte."
                raise self.error(line_number, sentence)
            if line.startswith("- ") and not is_list:
                raise self.error(line_number, "laissez une ligne vide avant le premier tiret.")
            if is_list and line.startswith("- "):
                texts.append((line_number, line.removeprefix("- ")))
            elif texts:  # a wrapped line goes on with the one above
                texts[-1] = (texts[-1][0], f"{texts[-1][1]} {line}")
            else:
                texts.append((line_number, line))
        templates = tuple(self._template(text, at, values, condition) for at, text in texts)
        return TemplateBlock(templates, is_list, condition, number)

    def _template(
        self, text: str, number: int, values: frozenset[str], condition: Condition | None
    ) -> Template:
        parts = _PLACEHOLDER.split(french(text))
        for name in parts[1::2]:
            if name not in values:
                sentence = f"« (({name})) » n’est pas connu ; connus : {_names(values)}."
                raise self.error(number, sentence)
            if name in OPTIONAL_FIELDS and condition != Condition(name, wanted=True):
                sentence = f"« (({name})) » peut être vide : écrivez « [si {name}] » au-dessus."
                raise self.error(number, sentence)
        for fixed in parts[::2]:
            self._check_fixed(fixed, number)
        pairs = enumerate(parts)
        return tuple(Placeholder(p) if i % 2 else p for i, p in pairs if i % 2 or p)

    def _check_fixed(self, text: str, number: int) -> None:
        if found := _FORBIDDEN.search(text):
            sentence = (
                f"« {found[0]} » n’a pas de sens ici ; une valeur s’écrit « ((nom)) » et une "
                "condition « [si nom] », seule sur sa ligne."
            )
            raise self.error(number, sentence)
        if '"' in text:
            raise self.error(number, "utilisez les guillemets français « et ».")

    def _check_uses(
        self,
        options: tuple[Option, ...],
        fields: list[str],
        body: tuple[TemplateBlock, ...],
        end: int,
    ) -> None:
        used = {block.condition.name for block in body if block.condition}
        for name in [*(option.name for option in options), *fields]:
            if name not in used:
                key = "fields" if name in fields else f'name = "{name}"'
                sentence = f"« {name} » ne commande aucun paragraphe ; écrivez « [si {name}] »."
                raise self.error(self._line_of(key, end), sentence)


def _names(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
