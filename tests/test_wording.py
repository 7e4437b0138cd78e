"""What a jurist may write in a wording file, and the sentence that each mistake gets."""

import tomllib
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.errors import ContentError
from letters.wording import (
    COMPLAINT,
    FOLLOW_UP,
    INFORMATION,
    OPPOSITION,
    RECIPIENT_KINDS,
    SAME_AS_EARLIER,
    STEPS,
    Condition,
    Option,
    Placeholder,
    Wording,
)
from letters.wording_parser import parse, read_wording
from tests.letters_under_test import INVENTED, steady

FILE = "lettre.md"
TABLE = Path(__file__).parent / "mistakes" / "wording.toml"
MISTAKES: list[dict[str, Any]] = tomllib.loads(TABLE.read_text(encoding="utf-8"))["mistakes"]
CNIL, NOT_CNIL = Condition("cnil", wanted=True), Condition("cnil", wanted=False)
NOT_REASON, CHILD = Condition("reason", wanted=False), Condition("child", wanted=True)
SECOND_OPTION = """
[[options]]
name = "deces"
default = false
label = "Une autre étiquette"
hint = "Une autre aide"
+++

[si deces]
Aussi après.
"""


def spoil(old: str, new: str) -> str:
    """The invented letter with the first `old` replaced by `new`."""
    assert old in INVENTED
    return INVENTED.replace(old, new, 1)


def refuse(text: str, file: str = FILE) -> ContentError:
    with pytest.raises(ContentError) as caught:
        parse(text, file)
    return caught.value


def unreadable(path: Path) -> ContentError:
    with pytest.raises(ContentError) as caught:
        read_wording(path)
    return caught.value


TWO_OPTIONS = spoil("\n+++\n\n", f"\n{SECOND_OPTION}\n")


def wording_with(body: str) -> Wording:
    """The invented letter with `earlier_recipient` at the place of « Merci : » and its list."""
    return parse(spoil(THANKS, body), FILE)


# A text of each section, to put another one in its place.
THANKS = "Merci :\n\n- de répondre ;\n- de confirmer."
SECTIONS = {"letter": THANKS, "to say aloud": "Bonjour."}


def letter_of(step: str, text: str, section: str = "letter") -> str:
    """The invented letter as one of `step`, with sentences to say, and `text` in `section`."""
    letter = spoil('"opposition"', f'"{step}"') + "\n=== à dire ===\n\nBonjour.\n"
    return letter.replace(SECTIONS[section], text, 1)


# What is right


def test_a_whole_file_is_read() -> None:
    wording = parse(INVENTED, FILE)
    assert (wording.slug, wording.order, wording.step) == ("lettre", 3, "opposition")
    assert (wording.title, wording.summary) == ("Un titre", "Un résumé")
    assert (wording.reach, wording.limits) == ("Une portée", ("Une limite",))
    assert (wording.subject, wording.basis) == ("Un objet", "Un texte")
    assert (wording.sources, wording.recipient_kind) == (("un-fait",), "caisse")
    assert (wording.fields, wording.reason_hint) == (("reason",), "Un conseil")
    assert wording.handwritten == ("nir",)
    assert wording.options == (Option("cnil", True, "Une étiquette", "Une aide", after=""),)
    assert (wording.reviewed_by, wording.reviewed_on) == ("Personne", date(2026, 11, 21))
    reason = Condition("reason", wanted=True)
    assert [(b.templates, b.is_list, b.conditions, b.line) for b in wording.body] == [
        ((("Madame, Monsieur,",),), False, (), 25),
        (((Placeholder("reason"),),), False, (reason,), 28),
        ((("J’informe la CNIL.",),), False, (CNIL,), 31),
        ((("Merci\u00a0:",),), False, (), 33),
        ((("de répondre\u202f;",), ("de confirmer.",)), True, (), 35),
        ((("Salutations.",),), False, (), 38),
    ]
    assert wording.spoken == ()
    assert wording.digest == sha256(INVENTED.encode()).hexdigest()


def test_a_letter_that_asks_no_reason_has_no_hint() -> None:
    text = INVENTED.replace('["reason"]', "[]").replace("[si reason]\n((reason))\n\n", "")
    wording = parse(text.replace('reason_hint = "Un conseil"\n', ""), FILE)
    assert (wording.fields, wording.reason_hint) == ((), "")


def test_invisible_differences_of_editors_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_bytes(b"\xef\xbb\xbf" + INVENTED.rstrip().replace("\n", "  \r\n").encode())
    same = INVENTED.replace("\n\n", "\n\t\n")
    assert read_wording(path) == parse(same, FILE) == parse(INVENTED, FILE)


BODIES = {
    "a wrapped line goes on": ("Un\ndeux\ntrois.", [(("Un deux trois.",),)]),
    "several empty lines count as one": ("Un.\n\n\n   Deux.", [(("Un.",),), (("Deux.",),)]),
    "an item goes on on the next line": ("- un\n  et\nsuite\n- b", [(("un et suite",), ("b",))]),
    "a list follows a paragraph": ("Un\u00a0:\n\n- a\n- b", [(("Un\u00a0:",),), (("a",), ("b",))]),
    "a hyphen inside a line is a hyphen": ("vas-tu - non", [(("vas-tu - non",),)]),
    "two values stand side by side": (
        "((given_name)) ((family_name))",
        [((Placeholder("given_name"), " ", Placeholder("family_name")),)],
    ),
    "a value can stand in parentheses": ("(((name)))", [(("(", Placeholder("name"), ")"),)]),
    "a value can stand in an item": ("- ((today)) ;", [((Placeholder("today"), "\u202f;"),)]),
    "typography goes across a wrapped line": (
        "n°\n444937 ;\narticle\n74",
        [(("n°\u00a0444937\u202f; article\u00a074",),)],
    ),
}


@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES.keys())
def test_the_body_is_read(body: str, expected: list[tuple[object, ...]]) -> None:
    assert [block.templates for block in wording_with(body).body[3:-1]] == expected


CONDITIONS: dict[str, list[tuple[Condition, ...]]] = {
    "[sauf cnil]\nUn.": [(NOT_CNIL,)],
    "[si cnil]\n\nUn.": [(CNIL,)],
    "[si cnil]\n- un\n- deux": [(CNIL,)],
    "[si cnil]\n[sauf reason]\nUn.\n\nDeux.": [(CNIL, NOT_REASON), ()],
    "[si cnil]\n\n[si child]\n\n[sauf reason]\n- un": [(CNIL, CHILD, NOT_REASON)],
    "Un.\n[si cnil]\nDeux.": [(), (CNIL,)],  # a condition ends the paragraph above
}


@pytest.mark.parametrize(("body", "expected"), CONDITIONS.items())
def test_conditions_hold_for_the_next_block_only(
    body: str, expected: list[tuple[Condition, ...]]
) -> None:
    assert [block.conditions for block in wording_with(body).body[3:-1]] == expected


# What each step may name: values that always have something to say, values that stand under a
# condition, and conditions. Written out by hand, as LISEZMOI.md promises it.
WRITER = {"name", "given_name", "family_name", "recipient", "today"}
INFORMED = WRITER | {"earlier_recipient", "earlier_address", "earlier_subject", "earlier_basis"}
PAST = INFORMED | {"sent_on", "deadline"}
ALWAYS = {OPPOSITION: WRITER, INFORMATION: INFORMED, FOLLOW_UP: PAST, COMPLAINT: PAST}
FOR_SOMEONE = {("represented_name", guard) for guard in ("represented", "child", "protected")}
FOR_SOMEONE |= {("measure", "protected"), ("reason", "reason")}
DATED = FOR_SOMEONE | {("sent_on", "sent_on"), ("deadline", "sent_on")}
AFTER = FOR_SOMEONE | {
    *(("answer_on", guard) for guard in ("answer_on", "followed_up_first")),
    *(("followed_up_on", guard) for guard in ("followed_up_on", "followed_up_first")),
}
GUARDED = {OPPOSITION: FOR_SOMEONE, INFORMATION: DATED, FOLLOW_UP: AFTER, COMPLAINT: AFTER}
SITUATIONS = {"self", "child", "minor", "protected", "represented", "cnil", "reason"}
HISTORY = SITUATIONS | {
    *("ameli", "post", "email", "hand", "silence", "refusal", "partial"),
    *("answer_on", "followed_up_on", "followed_up_first"),
}
MAY_DEPEND_ON = {
    **{OPPOSITION: SITUATIONS, INFORMATION: SITUATIONS | {"sent_on"}},
    **{FOLLOW_UP: HISTORY, COMPLAINT: HISTORY},
}
EVERY_VALUE = PAST | {value for value, _guard in AFTER}
EVERY_CONDITION = HISTORY | {"sent_on"}


def accepts(text: str) -> bool:
    try:
        parse(text, FILE)
    except ContentError:
        return False
    return True


@pytest.mark.parametrize("step", sorted(STEPS))
def test_a_step_may_name_these_values_and_depend_on_these_conditions_only(step: str) -> None:
    for word in ("si", "sauf"):
        known = {n for n in EVERY_CONDITION if accepts(letter_of(step, f"[{word} {n}]\nUn."))}
        assert known == MAY_DEPEND_ON[step]
    for section in SECTIONS:
        lists = {v: letter_of(step, f"Un (({v})).\n\n- (({v}))", section) for v in EVERY_VALUE}
        assert {value for value, text in lists.items() if accepts(text)} == ALWAYS[step]
        guarded = {
            (value, guard): letter_of(step, f"[si {guard}]\n(({value}))", section)
            for value in EVERY_VALUE - ALWAYS[step]
            for guard in EVERY_CONDITION
        }
        assert {pair for pair, text in guarded.items() if accepts(text)} == GUARDED[step]


def test_a_value_of_an_optional_field_stands_under_its_own_condition() -> None:
    text = spoil('["reason"]', '["reason", "missing"]')
    for name in ("reason", "missing"):
        for guard in EVERY_CONDITION | {"missing"}:
            body = f"[si missing]\nUn.\n\n[si {guard}]\n(({name}))"
            assert accepts(text.replace(THANKS, body)) == (
                guard == name and guard in {"reason", "missing"}
            )
    assert not accepts(spoil(THANKS, "[si missing]\nUn."))
    assert not accepts(spoil(THANKS, "[si reason]\n((missing))"))


@pytest.mark.parametrize("step", sorted(STEPS))
def test_every_step_can_go_to_every_recipient_and_a_later_one_to_that_of_the_first(
    step: str,
) -> None:
    for recipient in RECIPIENT_KINDS - ({SAME_AS_EARLIER} if step == OPPOSITION else set()):
        text = letter_of(step, "Un.").replace('"caisse"', f'"{recipient}"')
        wording = parse(text.replace('["nir"]', "[]"), FILE)
        assert (wording.step, wording.recipient_kind) == (step, recipient)
        assert wording.speaks_of_earlier_letter == (step != "opposition")
        assert wording.asks_birth_date == (recipient not in {"cnil", "plateforme"})


TYPED = "L'article 74 : n° 444937 ; oui !"
SET = "L’article\u00a074\u00a0: n°\u00a0444937\u202f; oui\u202f!"


def test_french_typography_is_set_on_every_text_that_people_read() -> None:
    shown = (
        *("Un titre", "Un résumé", "Une portée", "Une limite", "Un objet", "Un texte"),
        *("Un conseil", "Une étiquette", "Une aide", "J’informe la CNIL.", "Salutations."),
    )
    text = spoil("default = ", 'after = "Une aide"\ndefault = ')
    text += "\n=== à dire ===\n\nSalutations.\n"
    for fixed in shown:
        assert fixed in text
        text = text.replace(fixed, TYPED)
    wording = parse(text, FILE)
    option = wording.options[0]
    assert [wording.title, wording.summary, wording.reach, wording.basis] == [SET] * 4
    assert [wording.subject, wording.reason_hint, *wording.limits] == [SET] * 3
    assert [option.label, option.hint, option.after] == [SET] * 3
    assert wording.body[2].templates == ((SET,),)
    assert wording.spoken[0].templates == ((SET,),)


# What is wrong

MISTAKES_IN_SECOND = (
    ('"deces"', '"Décès"', 25, "l’option « Décès » doit s’écrire en minuscules sans accent."),
    ("autre étiquette", "<b>", 27, "« < » n’a pas de sens dans l’en-tête, le même pour tous."),
    ("autre aide", "🙂", 28, "« 🙂 » (U+1F642) n’est pas dans la police des lettres : retirez-le."),
    ("[si deces]\n", "", 25, "« deces » ne commande aucun paragraphe ; écrivez « [si deces] »."),
    ("false", "false\naide = 1", 27, "« aide » n’est pas connu dans une option."),
    ('hint = "Une autre aide"\n', "", 28, "il manque « hint » dans une option."),
)
NAMES = ("Éssai 2.md", "Lettre.md", "lettre.txt", "a--b.md", '"x".md', ".md")


def refused_rows(mistake: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The (text, error) of each row of a mistake of the table."""
    for line, old, new, *named in mistake["rows"]:
        sentence = mistake["sentence"].format(*named * 2)
        yield spoil(old, new), f"{FILE}, ligne {line} : {sentence}"


@pytest.mark.parametrize("mistake", MISTAKES, ids=[m["sentence"][:50] for m in MISTAKES])
def test_a_mistake_is_told_in_french_with_its_line_in_a_windows_file_too(
    mistake: dict[str, Any],
) -> None:
    for text, error in refused_rows(mistake):
        assert str(refuse(text)) == error
        assert str(refuse("\ufeff" + text.replace("\n", "\r\n"))) == error


@pytest.mark.parametrize(("old", "new", "line", "sentence"), MISTAKES_IN_SECOND)
def test_a_mistake_in_the_second_option_is_told_with_its_own_line(
    old: str, new: str, line: int, sentence: str
) -> None:
    assert accepts(TWO_OPTIONS)
    assert TWO_OPTIONS.count(old) == 1
    text = TWO_OPTIONS.replace(old, new)
    assert str(refuse(text)) == f"{FILE}, ligne {line} : {sentence}"


@pytest.mark.parametrize("step", sorted(STEPS))
def test_an_option_cannot_have_the_name_of_a_condition(step: str) -> None:
    for name in EVERY_CONDITION - {"cnil"}:
        error = refuse(letter_of(step, "Un.").replace('name = "cnil"', f'name = "{name}"'))
        assert str(error) == f"{FILE}, ligne 18 : l’option « {name} » porte un nom déjà pris."


HEADER = INVENTED.partition("\nMadame")[0]
WHOLE_FILES = [
    ("", "ligne 1 : la première ligne doit être « +++ »."),
    (HEADER, "ligne 24 : il manque le texte de la lettre."),
    (
        f'{INVENTED.partition("[[opt")[0]}options = ["cnil"]\n+++\n',
        "ligne 19 : une option doit être une liste de « nom = valeur ».",
    ),
    (  # deeper than the parser can follow
        spoil("order = 3", f"order = {'[' * 5000}"),
        "ligne 23 : l’en-tête n’est pas lisible ; vérifiez les guillemets et les virgules.",
    ),
    (
        spoil("Merci :", "Mon ((iban)).").replace("Salut", "((nom)) ; salut"),
        "ligne 33 : « ((iban)) » n’est pas connu ; connus : family_name, given_name, measure, "
        "name, reason, recipient, represented_name, today.\n"
        f"{FILE}, ligne 38 : « ((nom)) » n’est pas connu ; connus : family_name, given_name, "
        "measure, name, reason, recipient, represented_name, today.",
    ),
]


@pytest.mark.parametrize(
    ("text", "error"), WHOLE_FILES, ids=["empty", "no text", "no table", "deep", "two mistakes"]
)
def test_a_file_that_is_wrong_as_a_whole_or_twice_is_told(text: str, error: str) -> None:
    assert str(refuse(text)) == f"{FILE}, {error}"


@pytest.mark.parametrize("lines_before", [0, 1, 5000])
def test_a_file_that_is_not_in_utf_8_or_not_there_is_an_error(
    tmp_path: Path, lines_before: int
) -> None:
    path = tmp_path / FILE
    sentence = "le fichier n’existe pas ou ne peut pas être lu."
    assert str(unreadable(path)) == f"{FILE}, ligne 1 : {sentence}"
    path.write_bytes(b"+++\n" * lines_before + "décès\n".encode("latin-1"))
    sentence = "le fichier n’est pas en UTF-8 ; enregistrez-le dans cet encodage."
    assert str(unreadable(path)) == f"{FILE}, ligne {lines_before + 1} : {sentence}"


def test_a_file_name_that_cannot_be_an_address_is_told_in_french() -> None:
    sentence = "nommez le fichier en minuscules sans accent, comme « ma-lettre.md »."
    errors = [refuse(INVENTED, file) for file in NAMES]
    assert list(map(str, errors)) == [f"{file}, ligne 1 : {sentence}" for file in NAMES]


@steady
@given(
    st.integers(0, len(INVENTED)),
    st.integers(0, 12),
    st.text("[](){}<>+=\"'-\n ars#1é", max_size=8),
)
def test_whatever_is_typed_in_a_file_gives_a_letter_or_a_sentence(
    at: int, cut: int, typed: str
) -> None:
    text = INVENTED[:at] + typed + INVENTED[at + cut :]
    try:
        wording = parse(text, FILE)
    except ContentError as error:
        assert str(error).startswith(f"{FILE}, ligne ")
    else:
        assert wording.body
