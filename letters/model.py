"""The values that travel through the program: who writes, to whom, and the finished letter.

All of them are frozen and hold plain, already cleaned text. None of them knows how it will be
printed: a renderer gets a `Letter` and adds no word to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Where the sender lives, as the person typed it; every part may be missing."""

    line1: str = ""
    line2: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""

    @property
    def town(self) -> str:
        """The town, without the postcode that some people write before it."""
        return self.city.removeprefix(self.postal_code).lstrip()

    @property
    def town_line(self) -> str:
        return f"{self.postal_code} {self.town}".strip()

    @property
    def is_empty(self) -> bool:
        return not any((self.line1, self.line2, self.town_line, self.country))


@dataclass(frozen=True, slots=True)
class Person:
    """The person who signs."""

    given_name: str
    family_name: str
    birth_date: date | None = None
    address: PostalAddress = PostalAddress()
    email: str = ""

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


WHO = ("self", "child", "minor", "protected")
REPRESENTED = frozenset({"child", "protected"})  # somebody else signs (LIL art. 70)
CHANNELS = ("ameli", "post", "email", "hand")
OUTCOMES = ("silence", "refusal", "partial")


@dataclass(frozen=True, slots=True)
class Representation:
    """The person whose data are meant, when somebody else signs for them.

    `measure` is the kind of protection of an adult ("tutelle"); empty for a child.
    """

    person: Person
    measure: str = ""


@dataclass(frozen=True, slots=True)
class EarlierLetter:
    """The letter that a later one speaks of, and what came of it.

    `subject` and `basis` are those of its wording, `address_lines` say whom it went to.
    `deadline` is the last day for an answer. `channel` is one of CHANNELS or empty,
    `outcome` one of OUTCOMES.
    """

    subject: str
    basis: str
    address_lines: tuple[str, ...] = ()
    sent_on: date | None = None
    deadline: date | None = None
    channel: str = ""
    outcome: str = "silence"
    received_on: date | None = None
    answer_on: date | None = None
    followed_up_on: date | None = None


@dataclass(frozen=True, slots=True)
class LetterRequest:
    """Everything a letter needs from the person.

    `address_lines` go from the recipient's name down to the town; none where they are to be filled
    in by hand. `options` holds the ticked options; `fields` the free texts by
    field name (`reason`). `named_file` tells whether the recipient finds the person in a file by
    name and date of birth. `who` is one of WHO; `represented` goes with REPRESENTED.
    `earlier_letter` is what a letter of information, a follow-up or a complaint speaks of.
    """

    sender: Person
    address_lines: tuple[str, ...]
    options: frozenset[str] = frozenset()
    fields: dict[str, str] = field(default_factory=dict)
    named_file: bool = True
    who: str = "self"
    represented: Representation | None = None
    earlier_letter: EarlierLetter | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the letterhead; `blank` adds a dotted line to fill in by hand after the text."""

    text: str
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; its text may hold line breaks that the person typed."""

    text: str

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.text,)


@dataclass(frozen=True, slots=True)
class Items:
    """A list of short paragraphs, each introduced by a dash."""

    texts: tuple[str, ...]


Block = Paragraph | Items

SPOKEN = "À dire de vive voix"  # the heading of the sentences to say aloud


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished letter.

    `short` is the same without what was ticked or added, for a message box that limits its length;
    `spoken` the few sentences to say aloud, for the letters that have them. An empty
    `address_lines` and an empty `signature` are to be filled in by hand.
    """

    sender: tuple[Line, ...]
    address_lines: tuple[str, ...]
    place_and_date: str
    subject: str
    blocks: tuple[Block, ...]
    short: tuple[Block, ...]
    signature: str
    spoken: tuple[Block, ...] = ()

    def letterhead(self) -> Iterator[str]:
        """The words that a posted letter has and a message does not, in reading order."""
        yield from (line.text for line in self.sender)
        yield from self.address_lines
        yield self.place_and_date

    @property
    def has_additions(self) -> bool:
        """Whether something was ticked or added, so that the short version says less."""
        return self.short != self.blocks

    def short_texts(self) -> tuple[str, ...]:
        """Every text of the short version, in reading order."""
        return tuple(text for block in self.short for text in block.texts)

    def printed(self) -> Iterator[str]:
        """Every text of the posted letter, in reading order."""
        yield from self.letterhead()
        yield self.subject
        for block in self.blocks:
            yield from block.texts
        yield self.signature
