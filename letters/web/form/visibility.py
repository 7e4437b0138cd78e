"""Which answer counts for whom, and when: the one table that form, template and style sheet share.

An answer counts if each question named here was answered in one of these ways. On a page, the
class `unless-<question>-<answer>` takes away what that answer makes useless (style.css); where a
browser does not know `:has()`, all is shown. `kind` is not asked: it is the kind of recipient of
the letter, and of the earlier one that it speaks of.
"""

from collections.abc import Mapping, Set

from letters.model import REPRESENTED, WHO

FUND, CARER, PLATFORM, CNIL = "caisse", "soignant", "plateforme", "cnil"  # kinds of recipient
NAMED_FILES = frozenset({FUND, CARER})  # the others know no name, or need no date of birth
ANSWERS: dict[str, frozenset[str]] = {
    "who": frozenset(WHO),
    "outcome": frozenset({"silence", "refusal", "partial", "accepted"}),
    "kind": frozenset({FUND, CARER, PLATFORM}),
}
_ANSWERED = ANSWERS["outcome"] - {"silence"}

COUNTS_IF: dict[str, dict[str, frozenset[str]]] = {
    "represented_given_name": {"who": REPRESENTED},
    "represented_family_name": {"who": REPRESENTED},
    "represented_birth_date": {"who": REPRESENTED, "kind": NAMED_FILES},
    "measure": {"who": frozenset({"protected"})},
    "birth_date": {"who": ANSWERS["who"] - REPRESENTED, "kind": NAMED_FILES},
    "answer_on": {"outcome": _ANSWERED},
    "missing": {"outcome": frozenset({"partial"})},
    "recipient": {"kind": frozenset({FUND})},
    "caisse_lines": {"kind": frozenset({FUND})},
    "soignant_lines": {"kind": frozenset({CARER})},
    "plateforme_lines": {"kind": frozenset({PLATFORM})},
}


def counts(name: str, answers: Mapping[str, Set[str]]) -> bool:
    """Whether the answer called `name` counts, where `answers` holds those given, by question."""
    return all(answers[question] & wanted for question, wanted in COUNTS_IF.get(name, {}).items())


def classes(name: str) -> str:
    """The classes of what asks for the answer called `name`."""
    return " ".join(
        useless_if_not(question, *wanted) for question, wanted in COUNTS_IF.get(name, {}).items()
    )


def useless_if_not(question: str, *wanted: str) -> str:
    """The classes of what is shown for some answers of a question only."""
    return " ".join(f"unless-{question}-{other}" for other in sorted(ANSWERS[question] - {*wanted}))
