"""All letters, read once when the program starts, in the order of the home page."""

from dataclasses import dataclass
from pathlib import Path

from letters.errors import ContentError, together
from letters.facts import Fact
from letters.wording import OPPOSITION, Wording
from letters.wording_parser import read_wording

TEXTS = Path(__file__).parent / "texts"
NOT_A_LETTER = "LISEZMOI.md"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The letters by slug, in order."""

    wordings: dict[str, Wording]

    def get(self, slug: str) -> Wording | None:
        return self.wordings.get(slug)

    @property
    def earlier_letters(self) -> dict[str, Wording]:
        """The letters that a later one can speak of."""
        return {slug: w for slug, w in self.wordings.items() if w.step == OPPOSITION}

    def to(self, recipient: str) -> Wording | None:
        """The opposition that goes to this kind of recipient, if there is one."""
        found = (w for w in self.earlier_letters.values() if w.recipient_kind == recipient)
        return next(found, None)

    @property
    def option_names(self) -> frozenset[str]:
        """The names of the options of all letters; the same name means the same choice."""
        return frozenset(o.name for w in self.wordings.values() for o in w.options)


def load_catalogue(facts: dict[str, Fact] | None, directory: Path = TEXTS) -> Catalogue:
    """Read every wording file of `directory`. Raises ContentError with all that is wrong.

    Without `facts`, the sources of the letters are not looked up.
    """
    wordings = []
    with together() as part:
        for path in sorted(directory.glob("*.md")):
            if path.name != NOT_A_LETTER:
                with part():
                    wording = read_wording(path)
                    if facts is not None:
                        _check_sources(wording, facts, path)
                    wordings.append(wording)
    if not wordings:
        raise ContentError(f"{directory.name} ne contient aucune lettre.")
    ordered = sorted(wordings, key=lambda wording: (wording.order, wording.slug))
    return Catalogue({wording.slug: wording for wording in ordered})


def _check_sources(wording: Wording, facts: dict[str, Fact], path: Path) -> None:
    wrong = []
    for source in wording.sources:
        if source not in facts:
            sentence = f"la source « {source} » n’est pas dans facts.toml."
        elif facts[source].confidence == "a-verifier":
            sentence = f"la source « {source} » est encore à vérifier : pas dans une lettre."
        else:
            continue
        before, _, _ = path.read_text(encoding="utf-8").partition(f'"{source}"')
        line = before.count("\n") + 1
        wrong.append(f"{path.name}, ligne {line} : {sentence}")
    if wrong:
        raise ContentError(*wrong)
