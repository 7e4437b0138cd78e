"""Read one wording file and check it, in words its author understands.

A wording file is TOML between two `+++` lines, then plain text: an empty line starts a new
paragraph, `- ` an item, `((name))` stands for a value, `[si x]` or `[sauf x]` alone on a line
makes the next block depend on an option, on an optional field or on the person's situation;
several of them on successive lines must all hold. `=== à dire ===` starts the sentences to say
aloud. There is no nesting, no else, no inline condition (they break French sentences apart) and no
markup. Values are put in after reading (`compose.py`), once. Limits: nothing is known here of law
or style; `catalogue` checks sources.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from letters.cleaning import foreign_characters
from letters.errors import ContentError, together
from letters.typography import french
from letters.wording import (
    HANDWRITTEN,
    OPPOSITION,
    OPTIONAL_FIELDS,
    RECIPIENT_KINDS,
    RESERVED,
    SAME_AS_EARLIER,
    STEPS,
    Condition,
    Conditions,
    Option,
    Placeholder,
    Rules,
    Template,
    TemplateBlock,
    Wording,
    template_of,
)

SPOKEN_VERSION = "=== à dire ==="
_SECTIONS = ("", SPOKEN_VERSION)  # in their order; the letter itself has no mark

_Keys = dict[str, type]
_TEXTS = ("title", "summary", "reach", "subject", "basis", "reason_hint")
_NAMES = ("sources", "fields", "handwritten")
_HEADER: _Keys = {
    **dict.fromkeys((*_TEXTS, "step", "recipient", "reviewed_by"), str),
    **dict.fromkeys((*_NAMES, "limits", "options"), list),
    "order": int,
    "reviewed_on": date,
}
_OPTION: _Keys = {"name": str, "default": bool, "label": str, "hint": str, "after": str}
_MAY_BE_LEFT_OUT = {"reason_hint", "after"}
_FORBIDDEN = re.compile(r"[\[\]{}<>]|\(\(|\)\)|===|\+\+\+")
_IN_HEADER = "dans l’en-tête, le même pour tous."
_HERE = "ici ; une valeur s’écrit « ((nom)) » et une condition « [si nom] », seule sur sa ligne."


def read_wording(path: Path) -> Wording:
    """Read and check the file at `path`; its slug is the file's name. Raises ContentError."""
    try:
        return parse(path.read_text(encoding="utf-8"), path.name)
    except OSError:
        told = "ligne 1 : le fichier n’existe pas ou ne peut pas être lu."
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        told = f"ligne {line} : le fichier n’est pas en UTF-8 ; enregistrez-le dans cet encodage."
    raise ContentError(f"{path.name}, {told}")


def parse(text: str, file: str) -> Wording:
    """Parse the text of a wording file called `file`. Raises ContentError, with file and lines."""
    return _Parser(text, file).wording()


class _Parser:
    """Keeps the file's name and lines at hand for the error sentences, and what is read so far."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.digest = hashlib.sha256(text.encode()).hexdigest()
        self.lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
        self.end = 0  # index of the line that closes the header
        self.rules = Rules.of(OPPOSITION, set(), [])
        self.sections: dict[str, list[TemplateBlock]] = {"": []}  # by mark

    def stop(self, line: int, sentence: str) -> NoReturn:
        raise ContentError(f"{self.file}, ligne {line} : {sentence}")

    def stop_at(self, name: str, sentence: str, after: int = 0) -> NoReturn:
        self.stop(self._line_of(name, after), sentence)

    def wording(self) -> Wording:
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*\.md", self.file):
            self.stop(1, "nommez le fichier en minuscules sans accent, comme « ma-lettre.md ».")
        header = self._header()
        options = self._options(header["options"])
        self._check_lists(header)
        names = [option.name for option in options]
        self.rules = Rules.of(header["step"], set(names), header["fields"])
        self._read_text()
        self._check_uses([*names, *header["fields"]])
        header |= {key: french(header.get(key, "")) for key in _TEXTS}
        header |= {key: tuple(header[key]) for key in _NAMES}
        header |= {"options": tuple(options), "limits": tuple(map(french, header["limits"]))}
        body, spoken = (tuple(self.sections.get(mark, ())) for mark in _SECTIONS)
        slug, header["recipient_kind"] = self.file.removesuffix(".md"), header.pop("recipient")
        return Wording(slug, self.digest, body=body, spoken=spoken, **header)

    # The header

    def _header(self) -> dict[str, Any]:
        marks = [index for index, line in enumerate(self.lines) if line.strip() == "+++"]
        if marks[:1] != [0]:
            self.stop(1, "la première ligne doit être « +++ ».")
        if len(marks) < 2:
            self.stop(len(self.lines), "il manque le second « +++ » qui ferme l’en-tête.")
        self.end = marks[1]
        try:
            data = tomllib.loads("\n".join(self.lines[1 : self.end]))
        except (ValueError, RecursionError) as error:  # a number too long, lists too deep
            found = re.search(r"at line (\d+)", str(error))
            line = int(found[1]) if found else self.end
            sentence = "l’en-tête n’est pas lisible ; vérifiez les guillemets et les virgules."
            self.stop(line + 1, sentence)
        return self._table(data, _HEADER, "l’en-tête")

    def _table(self, table: Any, known: _Keys, what: str, after: int = 0) -> dict[str, Any]:
        """A checked table, whose lines stand after `after`."""
        if not isinstance(table, dict):
            self.stop(self.end + 1, f"{what} doit être une liste de « nom = valeur ».")
        for name in known:
            if name not in table and name not in _MAY_BE_LEFT_OUT:
                self.stop(self.end + 1, f"il manque « {name} » dans {what}.")
        for name, value in table.items():
            line = self._line_of(name, after)
            if name not in known:
                self.stop(line, f"« {name} » n’est pas connu dans {what}.")
            if type(value) is not known[name]:
                self.stop(line, f"« {name} » n’a pas la bonne forme ; voyez LISEZMOI.md.")
            if value == "":
                self.stop(line, f"« {name} » est vide.")
            # A text of the header is the same for everyone; a later letter quotes some of them.
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str):
                    self._check_signs(text, line, _IN_HEADER)
        return table

    def _options(self, entries: list[Any]) -> list[Option]:
        starts = [i for i in range(self.end) if self.lines[i].strip() == "[[options]]"]
        starts += [0] * len(entries)  # none when written as a list on one line
        options = [self._option(*found) for found in zip(entries, starts, strict=False)]
        names = [option.name for option in options]
        for name in names:
            if names.count(name) > 1 or name in RESERVED:
                self.stop_at("options", f"l’option « {name} » porte un nom déjà pris.")
        return options

    def _option(self, entry: object, start: int) -> Option:
        table = self._table(entry, _OPTION, "une option", start)
        name = table["name"]
        if not re.fullmatch("[a-z][a-z_]*", name):
            sentence = f"l’option « {name} » doit s’écrire en minuscules sans accent."
            self.stop_at("name", sentence, start)
        shown = (french(table.get(key, "")) for key in ("label", "hint", "after"))
        return Option(name, table["default"], *shown)

    def _check_lists(self, header: dict[str, Any]) -> None:
        for key, known in {"fields": OPTIONAL_FIELDS, "handwritten": HANDWRITTEN}.items():
            for value in header[key]:
                if value not in tuple(known):
                    told = f"connus : {', '.join(sorted(known))}."
                    self.stop_at(key, f"« {value} » n’est pas connu dans « {key} » ; {told}")
        firsts = {SAME_AS_EARLIER} if header["step"] == OPPOSITION else set()
        for key, known in {"step": STEPS, "recipient": RECIPIENT_KINDS - firsts}.items():
            if header[key] not in known:
                self.stop_at(key, f"« {key} » doit être l’un de : {', '.join(sorted(known))}.")
        if "nir" in header["handwritten"] and header["recipient"] != "caisse":
            self.stop_at("handwritten", "« nir » va seulement à une caisse.")  # décret 2019-341
        for key, what in {"sources": "un fait de facts.toml", "limits": "une limite"}.items():
            if not header[key] or not all(isinstance(text, str) and text for text in header[key]):
                self.stop_at(key, f"« {key} » doit nommer au moins {what}.")
        if ("reason" in header["fields"]) != ("reason_hint" in header):
            sentence = "« reason_hint » va avec « reason » dans « fields », et seulement avec."
            self.stop_at("fields", sentence)

    def _line_of(self, name: str, after: int = 0) -> int:
        """Number of the line that sets or is `name`, else of the one that ends the header."""
        pattern = re.compile(rf"\s*(\[\[?)?{re.escape(name)}\s*(=|\]\]?|$)")
        lines = range(after + 1, self.end)
        return next((i for i in lines if pattern.match(self.lines[i])), self.end) + 1

    # The text

    def _read_text(self) -> None:
        conditions: Conditions = ()
        with together() as part:  # a mistake is told with those of the other paragraphs
            for line, chunk in self._chunks():
                above, conditions = conditions, ()
                with part():
                    conditions = self._add(chunk, line, above)
        for wrong, sentence in (
            (conditions, "la dernière condition n’est suivie d’aucun texte."),
            (not self.sections[""], "il manque le texte de la lettre."),
            (self.sections.get(SPOKEN_VERSION) == [], "« à dire » n’est suivi d’aucun texte."),
        ):
            if wrong:
                self.stop(len(self.lines), sentence)

    def _chunks(self) -> Iterator[tuple[int, list[str]]]:
        """Runs of lines without an empty one; a condition or a section mark is its own run."""
        chunk: list[str] = []
        lines = map(str.strip, [*self.lines[self.end + 1 :], ""])
        for number, line in enumerate(lines, start=self.end + 2):
            alone = line.startswith(("[", "==="))
            if chunk and (alone or not line):
                yield number - len(chunk), chunk
                chunk = []
            if alone:
                yield number, [line]
            elif line:
                chunk.append(line)

    def _add(self, chunk: list[str], line: int, conditions: Conditions) -> Conditions:
        """Add what a chunk says to the sections; returns the conditions of the next block."""
        first, section = chunk[0], list(self.sections)[-1]
        if first in _SECTIONS:  # each comes once, in their order
            if conditions or _SECTIONS.index(first) <= _SECTIONS.index(section):
                self.stop(line, f"« {first.strip('= ')} » n’est pas à sa place.")
            self.sections[first] = []
        elif first.startswith(("[", "===")):
            return (*conditions, self._condition(first, line))
        else:
            self.sections[section].append(self._block(chunk, line, conditions))
        return ()

    def _condition(self, text: str, line: int) -> Condition:
        match = re.fullmatch(r"\[(si|sauf) ([a-z_]+)\]", text)
        if not match:
            known = f"« [si nom] », « [sauf nom] » ou « {SPOKEN_VERSION} »"
            self.stop(line, f"« {text} » n’est pas compris ; écrivez {known}, seul sur sa ligne.")
        word, name = match.groups()
        if name not in self.rules.conditions:
            self.stop(line, f"« {name} » n’est ni une option ni une condition de cette lettre.")
        return Condition(name, wanted=word == "si")

    def _block(self, chunk: list[str], first: int, conditions: Conditions) -> TemplateBlock:
        is_list = chunk[0].startswith("- ")
        texts: list[tuple[int, str]] = []
        for number, line in enumerate(chunk, start=first):
            is_item = line.startswith("- ")
            if line.startswith(("-", "–", "—", "*", "•")) and not is_item:
                sentence = "pour un élément de liste, écrivez « - », une espace, puis le texte."
                self.stop(number, sentence)
            if is_item and not is_list:
                self.stop(number, "laissez une ligne vide avant le premier tiret.")
            if texts and not is_item:  # a wrapped line goes on with the one above
                texts[-1] = (texts[-1][0], f"{texts[-1][1]} {line}")
            else:
                texts.append((number, line.removeprefix("- ")))
        sure = {condition.name for condition in conditions if condition.wanted}
        templates = tuple(self._template(text, number, sure) for number, text in texts)
        return TemplateBlock(templates, is_list, conditions, first)

    def _template(self, text: str, line: int, sure: set[str]) -> Template:
        template = template_of(french(text))
        for name in (part.name for part in template if isinstance(part, Placeholder)):
            if name not in self.rules.values:
                known = ", ".join(sorted(self.rules.values))
                self.stop(line, f"« (({name})) » n’est pas connu ; connus : {known}.")
            guards = self.rules.guards.get(name)
            if guards and not guards & sure:
                told = " ou ".join(f"« [si {guard}] »" for guard in sorted(guards))
                self.stop(line, f"« (({name})) » peut être vide : écrivez {told} au-dessus.")
        for part in template:
            if isinstance(part, str):
                self._check_signs(part, line, _HERE)
        return template

    def _check_signs(self, text: str, line: int, where: str) -> None:
        """Refuse a sign that means something only elsewhere, or that no letter can print."""
        if found := _FORBIDDEN.search(text):
            self.stop(line, f"« {found[0]} » n’a pas de sens {where}")
        if '"' in text:
            self.stop(line, "utilisez les guillemets français « et ».")
        for sign in foreign_characters(text):
            shown = f"« {sign if sign.isprintable() else ' '} » (U+{ord(sign):04X})"
            self.stop(line, f"{shown} n’est pas dans la police des lettres : retirez-le.")

    def _check_uses(self, names: list[str]) -> None:
        used = {c.name for block in self.sections[""] for c in block.conditions if c.wanted}
        for name in names:
            if name not in used:
                key = "fields" if name in OPTIONAL_FIELDS else f'name = "{name}"'
                sentence = f"« {name} » ne commande aucun paragraphe ; écrivez « [si {name}] »."
                self.stop_at(key, sentence)
