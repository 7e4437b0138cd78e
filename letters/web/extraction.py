"""Find every text to translate, and bring the files of translations up to date with them.

Babel finds the messages of the templates and of the web layer; `letters.reading` those of the
letters, facts and addresses. A text that changed keeps its old translation as a doubtful one
(« fuzzy »), which no page shows, for a translator to mend, or, if little of it is left, at the end
of the file (« #~ »). Who had read the file has then read it before this change. Limits: for
translators and tests; no page needs this.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from letters import reading
from letters.web import i18n
from letters.web.content import Content

_TOP = Path(__file__).parents[2]
_KEYWORDS = {"_": None, "gettext": None, "mark": None, "ngettext": (1, 2)}
_TEMPLATE_OPTIONS = {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}
_WIDTH = 100  # characters of a line of the files, as of the program

Message = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refresh:
    """A file of translations as it should be: its new text, and what is left to do in it."""

    path: Path
    text: bytes
    empty: int
    doubtful: int

    def write(self) -> None:
        self.path.write_bytes(self.text)


def messages() -> Iterator[tuple[Message, str]]:
    """Every message of the interface, once, and the file where it first stands."""
    found: dict[Message, str] = {}
    paths = [*(_TOP / "templates").rglob("*.html"), *(_TOP / "letters" / "web").glob("*.py")]
    for path in sorted(paths):
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        options = {} if path.suffix == ".py" else _TEMPLATE_OPTIONS
        with path.open("rb") as file:
            for _line, message, _comments, _context in extract(
                method, file, _KEYWORDS, options=options
            ):
                key = message if isinstance(message, str) else tuple(message)
                found.setdefault(key, path.name)
    yield from found.items()


def texts(content: Content) -> Iterator[tuple[Message, str]]:
    """Every text of the reading aid, once, and where it first stands."""
    for source in content.sources:
        yield source.text, source.place.partition(":")[0].partition(" ")[0]


def refreshed(content: Content) -> Iterator[Refresh]:
    """All files of translations, brought up to date; nothing is written."""
    interface, aid = _catalog(messages()), _catalog(texts(content))
    for tag in i18n.TRANSLATED:
        locale = i18n.LANGUAGES[tag].locale
        yield _refreshed(i18n.file_of(tag), locale, interface)
        yield _refreshed(reading.file_of(tag), locale, aid)


def _catalog(found: Iterator[tuple[Message, str]]) -> Catalog:
    catalog = Catalog()
    for message, place in found:
        catalog.add(message, locations=[(place, 1)])
    return catalog


def _refreshed(path: Path, locale: str, template: Catalog) -> Refresh:
    with path.open("rb") as file:
        catalog = read_po(file, locale=locale)
    catalog.update(template, update_creation_date=False)
    todo = [message for message in catalog if message.id]
    empty = sum(not message.string or not all(message.string) for message in todo)
    doubtful = sum(message.fuzzy for message in todo)
    if empty or doubtful:
        comment = catalog.header_comment
        catalog.header_comment = comment.replace("# Relu par", "# Relu avant un changement par")
    text = BytesIO()
    write_po(text, catalog, width=_WIDTH, include_lineno=False, include_previous=True)
    return Refresh(path, text.getvalue(), empty, doubtful)
