"""The reading aid (gloss): what a French text says in another language, for whoever is to sign it.

One file a language, `texts/lecture.<language>.po`, holds the translation of every text of the
letters, the facts and the addresses, by the French text itself: one that changes has no
translation any more, and the old one is never shown again. The letter stays French; no file,
message or PDF holds any of this.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from letters.catalogue import TEXTS
from letters.compose import LABELS
from letters.facts import Fact
from letters.model import SPOKEN, LetterRequest, Line
from letters.recipients import Recipient
from letters.translation import has_words, read
from letters.typography import NBSP, NNBSP, french
from letters.wording import Template, TemplateBlock, Wording, source_of, template_of

_SPACES = str.maketrans({NBSP: " ", NNBSP: " "})


@dataclass(frozen=True, slots=True)
class Source:
    """A French text to translate, with plain spaces, and where it stands ("relance.md:84")."""

    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Gloss:
    """The reading aid in one language: translations by their French text, and who read them."""

    texts: dict[str, str]
    reviewers: tuple[str, ...] = ()

    def of(self, text: str) -> str:
        """What a French text says; empty without a translation that is up to date."""
        return self.texts.get(_key(text), "")

    def wording(self, wording: Wording) -> Wording:
        """The letter's texts in the language, to be composed as the letter is.

        A text without a translation that is up to date is empty.
        """
        return replace(
            wording,
            subject=self.of(wording.subject),
            body=self._blocks(wording.body),
            spoken=self._blocks(wording.spoken),
        )

    def request(self, request: LetterRequest, stale: str) -> LetterRequest:
        """The same request, with what it quotes of an earlier letter in the language.

        What has no translation stays French, with `stale` after it.
        """
        earlier = request.earlier_letter
        if earlier is None:
            return request
        quoted = (earlier.subject, earlier.basis)
        subject, basis = (self.of(text) or f"{text} {stale}" for text in quoted)
        return replace(request, earlier_letter=replace(earlier, subject=subject, basis=basis))

    def line(self, line: Line) -> str | None:
        """What a line of the sender says, if it begins with a label of ours; empty if stale."""
        label = next((label for label in LABELS if line.text.startswith(label)), None)
        if label is None:
            return None
        said = self.of(label)
        if _key(said) == _key(label):  # as in simple French: nothing to say
            return line.text
        return said and said + line.text.removeprefix(label)

    def _blocks(self, blocks: tuple[TemplateBlock, ...]) -> tuple[TemplateBlock, ...]:
        return tuple(
            replace(block, templates=tuple(map(self._template, block.templates)))
            for block in blocks
        )

    def _template(self, template: Template) -> Template:
        text = source_of(template)
        return template_of(self.of(text)) if has_words(text) else template


def load_gloss(language: str, directory: Path = TEXTS) -> Gloss:
    """Read the gloss in `language`. Raises ContentError."""
    file = read(file_of(language, directory))
    set_type = french if language.startswith("fr") else str
    return Gloss({key: set_type(text) for key, text in file.texts().items()}, file.reviewers)


def file_of(language: str, directory: Path = TEXTS) -> Path:
    return directory / f"lecture.{language}.po"


def sources(
    wordings: Iterable[Wording], facts: Iterable[Fact], recipients: Iterable[Recipient]
) -> list[Source]:
    """Every text that pages show and a reader may not read, once, in their order."""
    found: dict[str, Source] = {}
    for place, text in _texts(wordings, facts, recipients):
        if has_words(text):
            found.setdefault(_key(text), Source(_key(text), place))
    return list(found.values())


def _texts(
    wordings: Iterable[Wording], facts: Iterable[Fact], recipients: Iterable[Recipient]
) -> Iterator[tuple[str, str]]:
    for w in wordings:
        header = (w.title, w.summary, w.reach, *w.limits, w.subject, w.basis, w.reason_hint)
        options = (text for o in w.options for text in (o.label, o.hint, o.after))
        yield from ((f"{w.slug}.md", text) for text in (*header, w.reviewed_by, *options))
        for block in (*w.body, *w.spoken):
            place = f"{w.slug}.md:{block.line}"
            yield from ((place, source_of(template)) for template in block.templates)
    for fact in facts:
        texts = (fact.statement, fact.limit, fact.source)
        yield from ((f"facts.toml ({fact.id})", text) for text in texts)
    yield from ((f"recipients.csv ({recipient.code})", recipient.note) for recipient in recipients)
    yield from (("compose.py", label) for label in LABELS)
    yield "model.py", SPOKEN


def to_translate(sources: Iterable[Source], glosses: dict[str, Gloss]) -> list[str]:
    """A French sentence for each text whose translation is missing or out of date."""
    return [
        f"traduction à revoir ({language}) : {source.place}, « {_shortened(source.text)} »."
        for language, gloss in glosses.items()
        for source in sources
        if not gloss.of(source.text)
    ]


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60].rstrip()}…"


def _key(text: str) -> str:
    """A text as translators see it: the no-break spaces are the program's."""
    return text.translate(_SPACES)
