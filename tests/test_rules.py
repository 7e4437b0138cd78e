"""The twenty-five rules that pages and forms follow, each proved by a test that names it.

A test says which rules it proves with `@pytest.mark.rule(4)`; `pytest -m rule` runs these alone.
Limits: here it is only counted that each rule has its test; what a rule needs is in the tests.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
RULES = {
    1: "One h1, a title of the page's own that begins with it, the right language and direction.",
    2: "After a mistake the title begins with « Erreur : », and the status is 422.",
    3: "A summary comes first; each line leads to its field, in the words that stand beside it.",
    4: "The summary has the focus when the page opens, without JavaScript.",
    5: "A field in error says so and is described by its hint, which stays, and by its error.",
    6: "Good answers and bad ones are kept.",
    7: "The server is the only judge; what is required is still said to be.",
    8: "A message says what to do, with an example; no banned word, none of a library's own.",
    9: "Every control has a visible label; a placeholder is none.",
    10: "What belongs together is a group with a legend.",
    11: "A browser can help to fill in, and does not correct the spelling of a name.",
    12: "Any name is accepted, no civility asked; what the font lacks is refused and named.",
    13: "Codes and dates are read with whatever separates them.",
    14: "What is optional says so, every question says why, what is left empty becomes dots.",
    15: "The letter is read on the page before any download, and « Modifier » brings back all.",
    16: "Nothing is asked twice on the way.",
    17: "The result says that nothing has been sent, what to do next, and what if nobody answers.",
    18: "All works without JavaScript; what needs it is hidden until the script shows it.",
    19: "What happened is said in a status, and what went wrong in an alert.",
    20: "At 320 pixels, text spaced out, nothing scrolls sideways or is cut; targets are large.",
    21: "Contrast, focus, forced colours, reduced motion and print are seen to.",
    22: "The PDF is accessible, and its link says its kind, length and size.",
    23: "The letter has the same words on the page, as text and as a PDF.",
    24: "Sentences are short and plain, and an acronym is expanded where it first comes.",
    25: "Skip link, landmarks, help in the same place, no new window, language of each passage.",
}


def numbers_named(path: Path, mark: str) -> Iterator[int]:
    """The numbers that the tests of a file say they prove, with `@pytest.mark.<mark>(…)`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
            continue
        for made in node.decorator_list:
            if isinstance(made, ast.Call) and ast.unparse(made.func) == f"pytest.mark.{mark}":
                yield from (ast.literal_eval(number) for number in made.args)


def test_every_rule_is_proved_by_a_test_and_no_other_is_named() -> None:
    paths = TESTS.rglob("test_*.py")
    named = {number for path in paths for number in numbers_named(path, "rule")}
    assert named == set(RULES) == set(range(1, 26))
