"""Read one wording file and check it, in words its author understands.

A wording file is TOML between two `+++` lines, then plain text: an empty line starts a new
paragraph, `- ` an item, `((name))` stands for a value, `[si x]` or `[sauf x]` alone on a line
makes the next block depend on an option, on an optional field or on the person's situation;
several of them on successive lines must all hold. `=== version courte ===` and `=== à dire ===`
start the short version and the sentences to say aloud. There is no nesting, no else, no inline
condition (they break French sentences apart) and no markup. Files are read when the program
starts, so that a mistake stops the program and not a person's letter. Values are put in after
reading (`compose.py`), once.

Limits: the parser knows nothing of law or style; `catalogue.py` checks the sources.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from letters.cleaning import foreign_characters
from letters.errors import ContentError, together
from letters.model import CHANNELS, OUTCOMES, REPRESENTED, WHO
from letters.typography import french

SHORT_VERSION = "=== version courte ==="
SPOKEN_VERSION = "=== à dire ==="
OPTIONAL_FIELDS = frozenset({"reason", "missing"})
HANDWRITTEN = frozenset({"nir"})
SAME_AS_FIRST = "premier-destinataire"  # whoever got the letter that this one speaks of
RECIPIENTS = frozenset({"caisse", "plateforme", "soignant", "cnil", SAME_AS_FIRST})

# The steps of the journey. A letter of the last two speaks of an objection that was answered
# badly or not at all; a letter of the last three speaks of an objection.
OPPOSITION, INFORMATION, FOLLOW_UP, COMPLAINT = "opposition", "information", "relance", "plainte"
STEPS = frozenset({OPPOSITION, INFORMATION, FOLLOW_UP, COMPLAINT})
LATER_STEPS = frozenset({FOLLOW_UP, COMPLAINT})

# What `compose` can put in; an optional field of the letter adds its own name.
VALUES = frozenset(
    {"given_name", "family_name", "name", "recipient", "today", "represented_name", "measure"}
)
OBJECTION_VALUES = frozenset(
    {"body", "body_address", "first_subject", "first_basis", "sent_on", "deadline"}
)
OUTCOME_VALUES = frozenset({"answer_on", "followed_up_on"})
# What a condition may name beside an option or a field of the letter.
WHO_CONDITIONS = frozenset({*WHO, "represented"})
OUTCOME_CONDITIONS = frozenset({*CHANNELS, *OUTCOMES, *OUTCOME_VALUES, "followed_up_first"})
# A value that may be missing, and the conditions that each make sure of it.
GUARDS = {
    **{name: {name} for name in OPTIONAL_FIELDS},
    "represented_name": {"represented", *REPRESENTED},
    "measure": {"protected"},
    "answer_on": {"answer_on", "followed_up_first"},
    "followed_up_on": {"followed_up_on", "followed_up_first"},
}
GUARDS_OF_INFORMATION = {"sent_on": {"sent_on"}, "deadline": {"sent_on"}}


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
    """A paragraph (one template) or a list (`is_list`, one template an item).

    It is kept when all its conditions hold.
    """

    templates: tuple[Template, ...]
    is_list: bool
    conditions: tuple[Condition, ...]
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
    """One letter as its author wrote it, checked and with French typography set.

    `digest` tells one version of its file from another: the SHA-256 of its text, in hexadecimal.
    """

    slug: str
    digest: str = field(compare=False)
    order: int
    step: str
    title: str
    summary: str
    reach: str
    limits: tuple[str, ...]
    subject: str
    basis: str
    sources: tuple[str, ...]
    recipient: str
    options: tuple[Option, ...]
    fields: tuple[str, ...]
    handwritten: tuple[str, ...]
    reason_hint: str
    reviewed_by: str
    reviewed_on: date
    body: tuple[TemplateBlock, ...]
    short: tuple[TemplateBlock, ...]
    spoken: tuple[TemplateBlock, ...]

    @property
    def default_options(self) -> frozenset[str]:
        return frozenset(option.name for option in self.options if option.default)

    def blocks_for(self, name: str) -> tuple[TemplateBlock, ...]:
        """The blocks of the full version that an option or a field adds."""
        return tuple(b for b in self.body if Condition(name, wanted=True) in b.conditions)

    @property
    def speaks_of_objection(self) -> bool:
        """Whether it speaks of a letter that was sent before."""
        return self.step != OPPOSITION

    @property
    def asks_birth_date(self) -> bool:
        """Whether whoever gets it holds a named file in which to find the person."""
        return self.recipient not in {"cnil", "plateforme"}


_KEYS: dict[str, type] = {
    "order": int,
    "step": str,
    "title": str,
    "summary": str,
    "reach": str,
    "limits": list,
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
_MAY_HAVE: dict[str, type] = {"reason_hint": str}
_OPTION_KEYS: dict[str, type] = {"name": str, "default": bool, "label": str, "hint": str}
_OPTION_MAY_HAVE: dict[str, type] = {"after": str}
_LISTS_OF_TEXTS = {"sources": "un fait de facts.toml", "limits": "une limite"}
_SECTIONS = (SHORT_VERSION, SPOKEN_VERSION)
_CONDITION = re.compile(r"\[(si|sauf) ([a-z_]+)\]")
_PLACEHOLDER = re.compile(r"\(\(([a-z_]+)\)\)")
_FORBIDDEN = re.compile(r"[\[\]{}<>]|\(\(|\)\)|===|\+\+\+")
_FRENCH_QUOTES = "utilisez les guillemets français « et »."
_DASHES = ("-", "–", "—", "*", "•")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.md")
_IDENTIFIER = re.compile(r"[a-z][a-z_]*")


def read_wording(path: Path) -> Wording:
    """Read and check the wording file at `path`; its slug is the file's name.

    Raises ContentError with a French sentence that names the file and the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        sentence = "le fichier n’existe pas ou ne peut pas être lu."
        raise ContentError(f"{path.name}, ligne 1 : {sentence}") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        sentence = "le fichier n’est pas en UTF-8 ; enregistrez-le dans cet encodage."
        raise ContentError(f"{path.name}, ligne {line} : {sentence}") from None
    return parse(text, path.name)


def parse(text: str, file: str) -> Wording:
    """Parse the text of a wording file called `file`."""
    return _Parser(text, file).wording()


@dataclass(frozen=True, slots=True)
class _Rules:
    """What the text of one letter may name: conditions, values, and what these must stand under."""

    conditions: frozenset[str]
    values: frozenset[str]
    guards: dict[str, set[str]]

    @classmethod
    def of(cls, step: str, options: set[str], fields: list[str]) -> "_Rules":
        conditions = WHO_CONDITIONS | options | set(fields)
        values = VALUES.union(fields)
        guards = GUARDS
        if step != OPPOSITION:
            values |= OBJECTION_VALUES
        if step == INFORMATION:
            conditions |= {"sent_on"}
            guards = GUARDS | GUARDS_OF_INFORMATION
        if step in LATER_STEPS:
            conditions |= OUTCOME_CONDITIONS
            values |= OUTCOME_VALUES
        return cls(conditions, values, guards)


class _Parser:
    """Keeps the file's name and lines at hand for the error sentences."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.digest = hashlib.sha256(text.encode()).hexdigest()
        self.lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
        self.rules = _Rules.of(OPPOSITION, set(), [])

    def error(self, line: int, sentence: str) -> ContentError:
        return ContentError(f"{self.file}, ligne {line} : {sentence}")

    # The front matter

    def wording(self) -> Wording:
        if not _SLUG.fullmatch(self.file):
            sentence = "nommez le fichier en minuscules sans accent, comme « ma-lettre.md »."
            raise self.error(1, sentence)
        end = self._end_of_front_matter()
        data = self._front_matter(end)
        options = self._options(data["options"], end)
        self._check_lists(data, options, end)
        self.rules = _Rules.of(data["step"], {option.name for option in options}, data["fields"])
        sections = self._sections(end + 1)
        self._check_uses(options, data["fields"], sections[""], end)
        return Wording(
            slug=self.file.removesuffix(".md"),
            digest=self.digest,
            order=data["order"],
            step=data["step"],
            title=french(data["title"]),
            summary=french(data["summary"]),
            reach=french(data["reach"]),
            limits=tuple(map(french, data["limits"])),
            subject=french(data["subject"]),
            basis=french(data["basis"]),
            sources=tuple(data["sources"]),
            recipient=data["recipient"],
            options=options,
            fields=tuple(data["fields"]),
            handwritten=tuple(data["handwritten"]),
            reason_hint=french(data.get("reason_hint", "")),
            reviewed_by=data["reviewed_by"],
            reviewed_on=data["reviewed_on"],
            body=sections[""],
            short=sections[SHORT_VERSION],
            spoken=sections[SPOKEN_VERSION],
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
        except (ValueError, RecursionError) as error:  # a number too long, lists too deep
            found = re.search(r"at line (\d+)", str(error))
            line = int(found[1]) + 1 if found else end + 1
            sentence = "l’en-tête n’est pas lisible ; vérifiez les guillemets et les virgules."
            raise self.error(line, sentence) from None
        self._check_table(data, _KEYS, _MAY_HAVE, end, "l’en-tête")
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
            self._check_shown(value, line)

    def _check_shown(self, value: object, line: int) -> None:
        """A text of the header is the same for everyone; a later letter quotes some of them."""
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and (found := _FORBIDDEN.search(text)):
                sentence = f"« {found[0]} » n’a pas de sens dans l’en-tête, le même pour tous."
                raise self.error(line, sentence)
            if isinstance(text, str) and (sentence := _wrong_sign(text)):
                raise self.error(line, sentence)

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
        for key, allowed in {"fields": OPTIONAL_FIELDS, "handwritten": HANDWRITTEN}.items():
            for value in data[key]:
                if not isinstance(value, str) or value not in allowed:
                    sentence = (
                        f"« {value} » n’est pas connu dans « {key} » ; connus : {_names(allowed)}."
                    )
                    raise self.error(self._line_of(key, end), sentence)
        firsts = {SAME_AS_FIRST} if data["step"] == OPPOSITION else set()
        for key, allowed in {"step": STEPS, "recipient": RECIPIENTS - firsts}.items():
            if data[key] not in allowed:
                sentence = f"« {key} » doit être l’un de : {_names(allowed)}."
                raise self.error(self._line_of(key, end), sentence)
        if "nir" in data["handwritten"] and data["recipient"] != "caisse":
            sentence = "« nir » va seulement à une caisse."  # décret 2019-341
            raise self.error(self._line_of("handwritten", end), sentence)
        for key, what in _LISTS_OF_TEXTS.items():
            if not data[key] or not all(isinstance(text, str) and text for text in data[key]):
                raise self.error(self._line_of(key, end), f"« {key} » doit nommer au moins {what}.")
        if ("reason" in data["fields"]) != ("reason_hint" in data):
            sentence = "« reason_hint » va avec « reason » dans « fields », et seulement avec."
            raise self.error(self._line_of("fields", end), sentence)
        self._check_option_names([option.name for option in options], end)

    def _check_option_names(self, names: list[str], end: int) -> None:
        taken = OPTIONAL_FIELDS | WHO_CONDITIONS | OUTCOME_CONDITIONS | {"sent_on"}
        for name in names:
            if names.count(name) > 1 or name in taken:
                sentence = f"l’option « {name} » porte un nom déjà pris."
                raise self.error(self._line_of("options", end), sentence)

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

    def _sections(self, start: int) -> dict[str, tuple[TemplateBlock, ...]]:
        """The blocks of each section by its mark; those of the letter itself under ""."""
        sections: dict[str, list[TemplateBlock]] = {"": []}
        conditions: tuple[Condition, ...] = ()
        with together() as part:  # a mistake is told with those of the other paragraphs
            for number, chunk in self._chunks(start):
                held, conditions = conditions, ()
                with part():
                    conditions = self._add(chunk, number, held, sections)
        if conditions:
            raise self.error(len(self.lines), "la dernière condition n’est suivie d’aucun texte.")
        if not sections[""]:
            raise self.error(len(self.lines), "il manque le texte de la lettre.")
        if not sections.get(SHORT_VERSION):
            raise self.error(len(self.lines), "il manque la version courte, à la fin.")
        if sections.get(SPOKEN_VERSION) == []:
            raise self.error(len(self.lines), "« à dire » n’est suivi d’aucun texte.")
        return {mark: tuple(sections.get(mark, ())) for mark in ("", *_SECTIONS)}

    def _add(
        self,
        chunk: list[str],
        number: int,
        conditions: tuple[Condition, ...],
        sections: dict[str, list[TemplateBlock]],
    ) -> tuple[Condition, ...]:
        """Add what a chunk says to the sections; returns the conditions of the next block."""
        if chunk[0] in _SECTIONS:
            if conditions or not self._may_start(chunk[0], sections):
                raise self.error(number, f"« {chunk[0].strip('= ')} » n’est pas à sa place.")
            sections[chunk[0]] = []
            return ()
        if found := self._condition(chunk, number):
            return (*conditions, found)
        list(sections.values())[-1].append(self._block(chunk, number, conditions))
        return ()

    @staticmethod
    def _may_start(mark: str, sections: dict[str, list[TemplateBlock]]) -> bool:
        """Sections come once, in their order."""
        return all(_SECTIONS.index(mark) > _SECTIONS.index(done) for done in sections if done)

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

    def _condition(self, chunk: list[str], number: int) -> Condition | None:
        if not chunk[0].startswith(("[", "===")):
            return None
        match = _CONDITION.fullmatch(chunk[0])
        if not match:
            sentence = (
                f"« {chunk[0]} » n’est pas compris ; écrivez « [si nom] », « [sauf nom] », "
                f"« {' » ou « '.join(_SECTIONS)} », seul sur sa ligne."
            )
            raise self.error(number, sentence)
        if match[2] not in self.rules.conditions:
            sentence = f"« {match[2]} » n’est ni une option ni une condition de cette lettre."
            raise self.error(number, sentence)
        return Condition(match[2], wanted=match[1] == "si")

    def _block(
        self, chunk: list[str], number: int, conditions: tuple[Condition, ...]
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
        templates = tuple(self._template(text, at, conditions) for at, text in texts)
        return TemplateBlock(templates, is_list, conditions, number)

    def _template(self, text: str, number: int, conditions: tuple[Condition, ...]) -> Template:
        template = template_of(french(text))
        sure = {condition.name for condition in conditions if condition.wanted}
        for name in (part.name for part in template if isinstance(part, Placeholder)):
            if name not in self.rules.values:
                sentence = f"« (({name})) » n’est pas connu ; connus : {_names(self.rules.values)}."
                raise self.error(number, sentence)
            guards = self.rules.guards.get(name)
            if guards and not guards & sure:
                guard = " ou ".join(f"« [si {guard}] »" for guard in sorted(guards))
                sentence = f"« (({name})) » peut être vide : écrivez {guard} au-dessus."
                raise self.error(number, sentence)
        for fixed in (part for part in template if isinstance(part, str)):
            self._check_fixed(fixed, number)
        return template

    def _check_fixed(self, text: str, number: int) -> None:
        if found := _FORBIDDEN.search(text):
            sentence = (
                f"« {found[0]} » n’a pas de sens ici ; une valeur s’écrit « ((nom)) » et une "
                "condition « [si nom] », seule sur sa ligne."
            )
            raise self.error(number, sentence)
        if sentence := _wrong_sign(text):
            raise self.error(number, sentence)

    def _check_uses(
        self,
        options: tuple[Option, ...],
        fields: list[str],
        body: tuple[TemplateBlock, ...],
        end: int,
    ) -> None:
        used = {c.name for block in body for c in block.conditions if c.wanted}
        for name in [*(option.name for option in options), *fields]:
            if name not in used:
                key = "fields" if name in fields else f'name = "{name}"'
                sentence = f"« {name} » ne commande aucun paragraphe ; écrivez « [si {name}] »."
                raise self.error(self._line_of(key, end), sentence)


def source_of(template: Template) -> str:
    """A text with its values as its author wrote them: "Le ((sent_on)), …"."""
    return "".join(part if isinstance(part, str) else f"(({part.name}))" for part in template)


def template_of(text: str) -> Template:
    """The text with the place of each of its values; the opposite of `source_of`."""
    parts = enumerate(_PLACEHOLDER.split(text))
    return tuple(Placeholder(part) if i % 2 else part for i, part in parts if i % 2 or part)


def _wrong_sign(text: str) -> str:
    """What to say of a sign that no letter can print, empty if all of them can be."""
    if '"' in text:
        return _FRENCH_QUOTES
    for sign in foreign_characters(text):
        shown = sign if sign.isprintable() else " "
        return f"« {shown} » (U+{ord(sign):04X}) n’est pas dans la police des lettres : retirez-le."
    return ""


def _names(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))
