"""Bring the files of translations up to date with the texts: `python -m tools.messages`.

Babel finds the messages of the templates and of the web layer; `letters.gloss` those of the
letters, facts and addresses. A text that changed keeps its old translation as a doubtful one
(« fuzzy »), which no page shows, for a translator to mend, or, if little of it is left, at the end
of the file (« #~ »). Who had read the file has then read it before this change.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from letters import gloss
from letters.web import languages
from letters.web.settings import Settings
from letters.web.site import Site, load_site

TOP = Path(__file__).parents[1]
_SOURCES = ["letters/web", "templates"]
_METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
_OPTIONS = {"**.html": {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}}
_WITH_A_MESSAGE = ("_", "gettext", "lazy_gettext", "Promise", "Section")  # the first argument
_KEYWORDS = {"ngettext": (1, 2), **dict.fromkeys(_WITH_A_MESSAGE)}
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
    for folder in _SOURCES:
        places = extract_from_dir(TOP / folder, _METHODS, _OPTIONS, _KEYWORDS)
        for name, _line, text, *_ in sorted(places, key=lambda place: Path(place[0])):
            found.setdefault(text if isinstance(text, str) else tuple(text), Path(name).name)
    yield from found.items()


def refreshed(site: Site) -> Iterator[Refresh]:
    """All files of translations, brought up to date; nothing is written."""
    interface = list(messages())
    glossed = [(s.text, s.place.partition(":")[0].partition(" ")[0]) for s in site.sources]
    for tag in languages.TRANSLATED:
        locale = languages.LANGUAGES[tag].locale
        yield _refreshed(languages.file_of(tag), locale, interface)
        yield _refreshed(gloss.file_of(tag), locale, glossed)


def _refreshed(path: Path, locale: str, found: Iterable[tuple[Message, str]]) -> Refresh:
    template = Catalog()
    for message, place in found:
        template.add(message, locations=[(place, 1)])
    with path.open("rb") as file:
        catalog = read_po(file, locale=locale)
    catalog.update(template, update_creation_date=False)
    todo = [message for message in catalog if message.id]
    for entry in todo:  # Babel reads « #| msgid "…" », which it wrote itself, as a comment
        entry.user_comments = [c for c in entry.user_comments if not c.startswith("| ")]
    empty = sum(not message.string or not all(message.string) for message in todo)
    doubtful = sum(message.fuzzy for message in todo)
    if empty or doubtful:
        comment = catalog.header_comment
        catalog.header_comment = comment.replace("# Relu par", "# Relu avant un changement par")
    text = BytesIO()
    write_po(text, catalog, width=_WIDTH, include_lineno=False, include_previous=True)
    return Refresh(path, text.getvalue(), empty, doubtful)


def main() -> None:
    """Write all files, and say in French what is left to translate in each."""
    for file in refreshed(load_site(Settings())):
        file.write()
        done = not file.empty and not file.doubtful
        todo = "à jour" if done else f"à traduire : {file.empty}, à revoir : {file.doubtful}"
        print(f"{file.path.relative_to(TOP)} : {todo}.")


if __name__ == "__main__":
    main()
