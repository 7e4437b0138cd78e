"""The fuzzer's corpus, replayed, and what it found once, named.

Atheris is not needed here, but for the smoke of `script/fuzz`: the targets are functions of bytes,
and the corpus is in files.
"""

import subprocess
from pathlib import Path

import pytest

from letters.errors import ContentError
from letters.wording_parser import parse
from tests.letters_under_test import INVENTED
from tests.server import ROOT
from tests.trust import fuzz

KEPT = [
    pytest.param(target, path, id=f"{target}/{path.name}")
    for target in fuzz.TARGETS
    for path in fuzz.kept(target)
]


@pytest.mark.check(18, 19, 20, 21)
@pytest.mark.parametrize(("target", "path"), KEPT)
def test_what_the_fuzzer_kept_breaks_nothing(target: str, path: Path) -> None:
    fuzz.TARGETS[target](path.read_bytes())


@pytest.mark.parametrize("target", fuzz.TARGETS)
def test_what_the_fuzzer_starts_from_breaks_nothing(target: str) -> None:
    for content in fuzz.seeds(target).values():
        fuzz.TARGETS[target](content)


# What it found


def spoilt(old: str, new: str) -> str:
    assert old in INVENTED
    return INVENTED.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        (spoilt("order = 3", f"order = {'9' * 5000}"), 23, "l’en-tête n’est pas lisible"),
        (spoilt("limits = [", f"limits = {'[' * 5000}"), 23, "l’en-tête n’est pas lisible"),
        (spoilt("- de confirmer.", "- de === à dire ==="), 36, "« === » n’a pas de sens ici"),
        (spoilt("Salutations.", "Salutations. +++"), 38, "« +++ » n’a pas de sens ici"),
        (spoilt("Madame,", "😀"), 25, "« 😀 » (U+1F600) n’est pas dans la police"),
        (spoilt("Madame,", "Mad\x00ame,"), 25, "«   » (U+0000) n’est pas dans la police"),
        (spoilt("Un titre", "Un\u202e titre"), 4, "«   » (U+202E) n’est pas dans la police"),
    ],
)
def test_a_mistake_that_would_have_stopped_the_program_or_a_letter_is_told_with_its_place(
    text: str, line: int, sentence: str
) -> None:
    """A crash without a word, a mark printed in a letter, a PDF refused to everybody."""
    with pytest.raises(ContentError) as raised:
        parse(text, "ma-lettre.md")
    first = str(raised.value).split("\n")[0]
    assert first.startswith(f"ma-lettre.md, ligne {line} : {sentence}"), first


@pytest.mark.tout
@pytest.mark.server
def test_the_search_starts_and_ends() -> None:
    """Needs the network once, and a machine that Atheris knows."""
    done = subprocess.run(
        [ROOT / "script" / "fuzz", "2", "wording"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Rien de cassé."), done.stderr
