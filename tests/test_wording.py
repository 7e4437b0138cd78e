"""What a jurist may write in a wording file, and the sentence that each mistake gets."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import letters.wording
from letters.catalogue import TEXTS
from letters.wording import (
    COMPLAINT,
    FOLLOW_UP,
    INFORMATION,
    OPPOSITION,
    OUTCOME_CONDITIONS,
    RECIPIENTS,
    SAME_AS_FIRST,
    STEPS,
    WHO_CONDITIONS,
    Condition,
    Option,
    Placeholder,
    Wording,
    WordingError,
    parse,
    read_wording,
)
from tests.letters_under_test import INVENTED, SLUGS, never_raised, steady

FILE = "lettre.md"
SUBJECT = 'subject = "Un objet"'
SECOND_OPTION = """
[[options]]
name = "deces"
default = false
label = "Une autre étiquette"
hint = "Une autre aide"
+++
"""


def spoil(old: str, new: str) -> str:
    """The invented letter with the first `old` replaced by `new`."""
    assert old in INVENTED
    return INVENTED.replace(old, new, 1)


def refuse(text: str) -> WordingError:
    with pytest.raises(WordingError) as caught:
        parse(text, FILE)
    return caught.value


def wording_with(body: str) -> Wording:
    """The invented letter with `body` at the place of « Merci : » and its list."""
    return parse(spoil(THANKS, body), FILE)


# A text of each section, to put another one in its place.
THANKS = "Merci :\n\n- de répondre ;\n- de confirmer."
SECTIONS = {"letter": THANKS, "short version": "Salutations.", "to say aloud": "Bonjour."}


def letter_of(step: str, text: str, section: str = "letter") -> str:
    """The invented letter as one of `step`, with sentences to say, and `text` in `section`."""
    letter = spoil('"opposition"', f'"{step}"') + "\n=== à dire ===\n\nBonjour.\n"
    return letter.replace(SECTIONS[section], text, 1)


def texts(wording: Wording) -> list[tuple[object, ...]]:
    """The templates of the body after the three blocks that the invented letter starts with."""
    return [block.templates for block in wording.body[3:]]


# What is right


def test_a_whole_file_is_read() -> None:
    wording = parse(INVENTED, FILE)
    assert wording.slug == "lettre"
    assert (wording.order, wording.step) == (3, "opposition")
    assert (wording.title, wording.summary, wording.reach) == (
        "Un titre",
        "Un résumé",
        "Une portée",
    )
    assert wording.limits == ("Une limite",)
    assert wording.subject == "Un objet"
    assert wording.basis == "Un texte"
    assert wording.sources == ("un-fait",)
    assert wording.recipient == "caisse"
    assert wording.fields == ("reason",)
    assert wording.reason_hint == "Un conseil"
    assert wording.handwritten == ("nir",)
    assert wording.options == (Option("cnil", True, "Une étiquette", "Une aide"),)
    assert (wording.reviewed_by, wording.reviewed_on) == ("Personne", date(2026, 11, 21))
    assert wording.spoken == ()


def test_the_blocks_of_a_whole_file_are_read() -> None:
    wording = parse(INVENTED, FILE)
    reason, cnil = Condition("reason", wanted=True), Condition("cnil", wanted=True)
    read = [(b.templates, b.is_list, b.conditions, b.line) for b in wording.body]
    assert read == [
        ((("Madame, Monsieur,",),), False, (), 25),
        (((Placeholder("reason"),),), False, (reason,), 28),
        ((("J’informe la CNIL.",),), False, (cnil,), 31),
        ((("Merci\u00a0:",),), False, (), 33),
        ((("de répondre\u202f;",), ("de confirmer.",)), True, (), 35),
    ]
    assert [b.templates for b in wording.short] == [(("Salutations.",),)]


@pytest.mark.parametrize("slug", SLUGS)
def test_every_letter_of_the_project_is_read(slug: str) -> None:
    wording = read_wording(TEXTS / f"{slug}.md")
    assert wording.slug == slug
    assert wording.body


@pytest.mark.parametrize("slug", SLUGS)
def test_every_letter_has_a_short_version(slug: str) -> None:
    assert read_wording(TEXTS / f"{slug}.md").short


SAME_FILE = {
    "windows line ends": INVENTED.replace("\n", "\r\n"),
    "byte order mark": "\ufeff" + INVENTED,
    "both": "\ufeff" + INVENTED.replace("\n", "\r\n"),
    "no line end at the end": INVENTED.rstrip("\n"),
    "spaces at the end of lines": INVENTED.replace("\n", "  \n"),
    "tabs on empty lines": INVENTED.replace("\n\n", "\n\t\n"),
}


@pytest.mark.parametrize("text", SAME_FILE.values(), ids=SAME_FILE.keys())
def test_invisible_differences_of_editors_do_not_count(text: str) -> None:
    assert parse(text, FILE) == parse(INVENTED, FILE)


@pytest.mark.parametrize("text", SAME_FILE.values(), ids=SAME_FILE.keys())
def test_a_file_is_read_from_the_disk_like_its_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / FILE
    path.write_bytes(text.encode())
    assert read_wording(path) == parse(INVENTED, FILE)


BODIES = {
    "a wrapped line goes on": ("Un\ndeux\ntrois.", [(("Un deux trois.",),)]),
    "an empty line starts a paragraph": ("Un.\n\nDeux.", [(("Un.",),), (("Deux.",),)]),
    "several empty lines count as one": ("Un.\n\n\n\nDeux.", [(("Un.",),), (("Deux.",),)]),
    "indentation does not count": ("   Un\n\tdeux.", [(("Un deux.",),)]),
    "a dash starts an item": ("- un\n- deux", [(("un",), ("deux",))]),
    "an item goes on on the next line": ("- un\n  suite\n- deux", [(("un suite",), ("deux",))]),
    "an item goes on without indentation": ("- un\nsuite", [(("un suite",),)]),
    "a list follows a paragraph": ("Un\u00a0:\n\n- a\n- b", [(("Un\u00a0:",),), (("a",), ("b",))]),
    "a hyphen inside a line is a hyphen": ("vas-tu - non", [(("vas-tu - non",),)]),
    "a value stands alone": ("((name))", [((Placeholder("name"),),)]),
    "a value stands in a sentence": (
        "Moi, ((name)), écris.",
        [(("Moi, ", Placeholder("name"), ", écris."),)],
    ),
    "two values stand side by side": (
        "((given_name)) ((family_name))",
        [((Placeholder("given_name"), " ", Placeholder("family_name")),)],
    ),
    "a value can stand in parentheses": (
        "(((name)))",
        [(("(", Placeholder("name"), ")"),)],
    ),
    "a value can stand in an item": ("- ((today)) ;", [((Placeholder("today"), "\u202f;"),)]),
    "typography goes across a wrapped line": (
        "n°\n444937 ;\narticle\n74",
        [(("n°\u00a0444937\u202f; article\u00a074",),)],
    ),
}


@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES.keys())
def test_the_body_is_read(body: str, expected: list[tuple[object, ...]]) -> None:
    assert texts(wording_with(body)) == expected


def test_an_item_list_is_told_from_a_paragraph() -> None:
    wording = wording_with("Un.\n\n- deux")
    assert [block.is_list for block in wording.body[3:]] == [False, True]


CONDITIONS = {
    "[si cnil]\nUn.": (Condition("cnil", wanted=True),),
    "[sauf cnil]\nUn.": (Condition("cnil", wanted=False),),
    "[sauf reason]\nUn.": (Condition("reason", wanted=False),),
    "[si cnil]\n\nUn.": (Condition("cnil", wanted=True),),
    "[si cnil]\n- un\n- deux": (Condition("cnil", wanted=True),),
    "[si cnil]\n[sauf reason]\nUn.": (
        Condition("cnil", wanted=True),
        Condition("reason", wanted=False),
    ),
    "[si cnil]\n\n[si child]\n\n[sauf reason]\n- un": (
        Condition("cnil", wanted=True),
        Condition("child", wanted=True),
        Condition("reason", wanted=False),
    ),
}


@pytest.mark.parametrize(("body", "expected"), CONDITIONS.items())
def test_conditions_hold_for_the_next_block(body: str, expected: tuple[Condition, ...]) -> None:
    assert [block.conditions for block in wording_with(body).body[3:]] == [expected]


def test_conditions_hold_for_one_block_only() -> None:
    blocks = wording_with("[si cnil]\n[si self]\nUn.\n\nDeux.").body[3:]
    assert [len(block.conditions) for block in blocks] == [2, 0]


def test_a_condition_ends_the_paragraph_above() -> None:
    blocks = wording_with("Un.\n[si cnil]\nDeux.").body[3:]
    assert [block.conditions for block in blocks] == [(), (Condition("cnil", wanted=True),)]


def test_a_condition_works_in_the_short_version_and_in_what_is_said_aloud() -> None:
    text = spoil("\nSalutations.", "\n[sauf cnil]\nBonjour.\n\nSalutations.")
    wording = parse(text + "\n=== à dire ===\n\n[si minor]\nUn.\n\nDeux.\n", FILE)
    assert [block.conditions for block in wording.short] == [
        (Condition("cnil", wanted=False),),
        (),
    ]
    assert [(block.conditions, block.line) for block in wording.spoken] == [
        ((Condition("minor", wanted=True),), 48),
        ((), 50),
    ]


# What each step may name: values that always have something to say, values that stand under a
# condition, and conditions. Written out by hand, as LISEZMOI.md promises it.
WRITER = ("name", "given_name", "family_name", "recipient", "today")
PAST = ("body", "body_address", "first_subject", "first_basis")
ALWAYS = {
    OPPOSITION: WRITER,
    INFORMATION: (*WRITER, *PAST),
    FOLLOW_UP: (*WRITER, *PAST, "sent_on", "deadline"),
    COMPLAINT: (*WRITER, *PAST, "sent_on", "deadline"),
}
FOR_SOMEONE = {
    ("represented_name", "represented"),
    ("represented_name", "child"),
    ("represented_name", "protected"),
    ("measure", "protected"),
    ("reason", "reason"),
}
OF_A_LATER_STEP = {
    ("answer_on", "answer_on"),
    ("answer_on", "followed_up_first"),
    ("followed_up_on", "followed_up_on"),
    ("followed_up_on", "followed_up_first"),
}
GUARDED = {
    OPPOSITION: FOR_SOMEONE,
    INFORMATION: FOR_SOMEONE | {("sent_on", "sent_on"), ("deadline", "sent_on")},
    FOLLOW_UP: FOR_SOMEONE | OF_A_LATER_STEP,
    COMPLAINT: FOR_SOMEONE | OF_A_LATER_STEP,
}
SITUATIONS = ("self", "child", "minor", "protected", "represented", "cnil", "reason")
HISTORY = (
    *("ameli", "post", "email", "hand", "silence", "refusal", "partial"),
    *("answer_on", "followed_up_on", "followed_up_first"),
)
MAY_DEPEND_ON = {
    OPPOSITION: SITUATIONS,
    INFORMATION: (*SITUATIONS, "sent_on"),
    FOLLOW_UP: (*SITUATIONS, *HISTORY),
    COMPLAINT: (*SITUATIONS, *HISTORY),
}
EVERY_VALUE = {*ALWAYS[COMPLAINT], *(value for value, _guard in GUARDED[COMPLAINT])}
EVERY_CONDITION = {*MAY_DEPEND_ON[COMPLAINT], "sent_on"}


def accepts(text: str) -> bool:
    try:
        parse(text, FILE)
    except WordingError:
        return False
    return True


@pytest.mark.parametrize("step", sorted(STEPS))
@pytest.mark.parametrize("section", SECTIONS)
def test_a_step_may_name_these_values_and_no_other_without_a_condition(
    step: str, section: str
) -> None:
    lists = {v: letter_of(step, f"Un (({v})).\n\n- (({v}))", section) for v in EVERY_VALUE}
    assert {value for value, text in lists.items() if accepts(text)} == set(ALWAYS[step])


@pytest.mark.parametrize("step", sorted(STEPS))
@pytest.mark.parametrize("section", SECTIONS)
def test_a_step_may_name_the_other_values_under_these_conditions_only(
    step: str, section: str
) -> None:
    guarded = {
        (value, guard): letter_of(step, f"[si {guard}]\n(({value}))", section)
        for value in EVERY_VALUE - set(ALWAYS[step])
        for guard in EVERY_CONDITION
    }
    assert {pair for pair, text in guarded.items() if accepts(text)} == GUARDED[step]


@pytest.mark.parametrize("step", sorted(STEPS))
def test_a_step_may_depend_on_these_conditions_and_no_other(step: str) -> None:
    for word in ("si", "sauf"):
        known = {n for n in EVERY_CONDITION if accepts(letter_of(step, f"[{word} {n}]\nUn."))}
        assert known == set(MAY_DEPEND_ON[step])


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
def test_a_value_stays_sure_when_more_conditions_stand_with_its_own(step: str) -> None:
    body = "[sauf cnil]\n[si represented]\n[sauf reason]\n((represented_name))"
    assert accepts(letter_of(step, body))
    assert not accepts(letter_of(step, body.replace("si represented", "sauf represented")))


@pytest.mark.parametrize("recipient", sorted(RECIPIENTS - {SAME_AS_FIRST}))
@pytest.mark.parametrize("step", sorted(STEPS))
def test_every_step_can_go_to_every_recipient(step: str, recipient: str) -> None:
    text = letter_of(step, "Un.").replace('"caisse"', f'"{recipient}"').replace('["nir"]', "[]")
    wording = parse(text, FILE)
    assert (wording.step, wording.recipient) == (step, recipient)
    assert wording.speaks_of_objection == (step != "opposition")
    assert wording.asks_birth_date == (recipient not in {"cnil", "plateforme"})


@pytest.mark.parametrize("step", sorted(STEPS - {OPPOSITION}))
def test_a_later_letter_can_go_to_whoever_got_the_first(step: str) -> None:
    text = letter_of(step, "Un.").replace('"caisse"', '"premier-destinataire"')
    assert parse(text.replace('["nir"]', "[]"), FILE).recipient == "premier-destinataire"


def test_a_letter_can_do_without_options_and_fields() -> None:
    text = INVENTED.replace("[[options]]", "options = []").replace('["reason"]', "[]")
    kept = [line for line in text.split("\n") if not line.startswith(("name", "def", "lab", "hi"))]
    body = "\n".join(kept).replace("[si reason]\n((reason))\n\n[si cnil]\n", "")
    wording = parse(body.replace('reason_hint = "Un conseil"\n', ""), FILE)
    assert (wording.options, wording.fields, wording.reason_hint) == ((), (), "")
    assert {block.conditions for block in wording.body} == {()}


def test_the_options_keep_their_order_and_their_defaults() -> None:
    text = spoil("\n+++\n\n", SECOND_OPTION + "\n[si deces]\nAussi après.\n\n")
    wording = parse(text, FILE)
    assert [option.name for option in wording.options] == ["cnil", "deces"]
    assert wording.default_options == {"cnil"}


def test_the_blocks_that_an_option_adds_are_found() -> None:
    wording = wording_with("[sauf cnil]\nUn.\n\n[si cnil]\nDeux.")
    added = [block.templates for block in wording.blocks_for("cnil")]
    assert added == [(("J’informe la CNIL.",),), (("Deux.",),)]
    assert wording.blocks_for("unknown") == ()


def test_the_blocks_that_an_option_adds_in_some_cases_are_found_too() -> None:
    wording = wording_with("[si cnil]\n[sauf reason]\nUn.\n\n[sauf cnil]\n[si reason]\nDeux.")
    added = [block.templates for block in wording.blocks_for("cnil")]
    assert added == [(("J’informe la CNIL.",),), (("Un.",),)]


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
    assert wording.short[0].templates == ((SET,),)
    assert wording.spoken[0].templates == ((SET,),)


def test_names_and_sources_are_kept_as_they_are() -> None:
    assert parse(spoil('"un-fait"', '"l\'a ; b"'), FILE).sources == ("l'a ; b",)


# What is wrong: (what the invented letter says, what is written instead, line, sentence)

NOT_UNDERSTOOD = (
    "n’est pas compris ; écrivez « [si nom] », « [sauf nom] », « === version courte === » ou "
    "« === à dire === », seul sur sa ligne."
)
NO_SENSE = "n’a pas de sens ici ; une valeur s’écrit « ((nom)) » et une condition « [si nom] »,"
NO_SENSE_IN_HEADER = "n’a pas de sens dans l’en-tête, le même pour tous."
QUOTES = "utilisez les guillemets français « et »."
KNOWN = "family_name, given_name, measure, name, reason, recipient, represented_name, today"
KNOWN_RECIPIENTS = "« recipient » doit être l’un de : caisse, cnil, plateforme, soignant."
NO_CONDITION = "n’est ni une option ni une condition de cette lettre."
HINT_AND_FIELD = "« reason_hint » va avec « reason » dans « fields », et seulement avec."
MERCI = "Merci :"

MISTAKES = {
    "no first mark": ("+++\norder", "order", 1, "la première ligne doit être « +++ »."),
    "something before the first mark": (
        "+++\norder",
        "Bonjour\n+++\norder",
        1,
        "la première ligne doit être « +++ ».",
    ),
    "no second mark": (
        "\n+++\n\nMadame",
        "\n\nMadame",
        40,
        "il manque le second « +++ » qui ferme l’en-tête.",
    ),
    "header not readable": (
        'title = "Un titre"',
        "title = Un titre",
        4,
        "l’en-tête n’est pas lisible ; vérifiez les guillemets et les virgules.",
    ),
    "comma forgotten": (
        '["un-fait"]',
        '["un-fait" "deux"]',
        10,
        "l’en-tête n’est pas lisible ; vérifiez les guillemets et les virgules.",
    ),
    "key written twice": (
        "order = 3",
        "order = 3\norder = 4",
        3,
        "l’en-tête n’est pas lisible ; vérifiez les guillemets et les virgules.",
    ),
    "day that does not exist": (
        "2026-11-21",
        "2026-11-31",
        16,
        "l’en-tête n’est pas lisible ; vérifiez les guillemets et les virgules.",
    ),
    "quotation mark forgotten at the end": (
        '"Une aide"',
        '"Une aide',
        23,
        "l’en-tête n’est pas lisible ; vérifiez les guillemets et les virgules.",
    ),
    "key missing": ('basis = "Un texte"\n', "", 22, "il manque « basis » dans l’en-tête."),
    "key missing in an option": (
        'hint = "Une aide"\n',
        "",
        22,
        "il manque « hint » dans une option.",
    ),
    "key unknown": (
        "order = 3",
        "ordre = 1\norder = 3",
        2,
        "« ordre » n’est pas connu dans l’en-tête.",
    ),
    "key unknown in an option": (
        "default = true",
        "default = true\naide = true",
        21,
        "« aide » n’est pas connu dans une option.",
    ),
    "number as text": (
        "order = 3",
        'order = "3"',
        2,
        "« order » n’a pas la bonne forme ; voyez LISEZMOI.md.",
    ),
    "true as number": (
        "order = 3",
        "order = true",
        2,
        "« order » n’a pas la bonne forme ; voyez LISEZMOI.md.",
    ),
    "date as text": (
        "2026-11-21",
        '"2026-11-21"',
        16,
        "« reviewed_on » n’a pas la bonne forme ; voyez LISEZMOI.md.",
    ),
    "date with a time": (
        "2026-11-21",
        "2026-11-21T10:00:00",
        16,
        "« reviewed_on » n’a pas la bonne forme ; voyez LISEZMOI.md.",
    ),
    "text as list": (
        'sources = ["un-fait"]',
        'sources = "un-fait"',
        10,
        "« sources » n’a pas la bonne forme ; voyez LISEZMOI.md.",
    ),
    "text where yes or no is wanted": (
        "default = true",
        'default = "true"',
        20,
        "« default » n’a pas la bonne forme ; voyez LISEZMOI.md.",
    ),
    "empty text": ('"Un résumé"', '""', 5, "« summary » est vide."),
    "empty text in an option": ('"Une étiquette"', '""', 21, "« label » est vide."),
    "option with capitals": (
        'name = "cnil"',
        'name = "CNIL"',
        19,
        "l’option « CNIL » doit s’écrire en minuscules sans accent.",
    ),
    "option with an accent": (
        'name = "cnil"',
        'name = "décès"',
        19,
        "l’option « décès » doit s’écrire en minuscules sans accent.",
    ),
    "option with a space": (
        'name = "cnil"',
        'name = "la cnil"',
        19,
        "l’option « la cnil » doit s’écrire en minuscules sans accent.",
    ),
    "field unknown": (
        '["reason"]',
        '["reason", "motif"]',
        12,
        "« motif » n’est pas connu dans « fields » ; connus : missing, reason.",
    ),
    "field that is a number": (
        '["reason"]',
        "[1]",
        12,
        "« 1 » n’est pas connu dans « fields » ; connus : missing, reason.",
    ),
    "handwritten line unknown": (
        '["nir"]',
        '["iban"]',
        14,
        "« iban » n’est pas connu dans « handwritten » ; connus : nir.",
    ),
    "recipient unknown": ('"caisse"', '"mairie"', 11, KNOWN_RECIPIENTS),
    "recipient of an earlier letter, in a first one": (
        '"caisse"',
        '"premier-destinataire"',
        11,
        KNOWN_RECIPIENTS,
    ),
    "number by hand, not to a fund": (
        '"caisse"',
        '"plateforme"',
        14,
        "« nir » va seulement à une caisse.",
    ),
    "step unknown": (
        '"opposition"',
        '"réclamation"',
        3,
        "« step » doit être l’un de : information, opposition, plainte, relance.",
    ),
    "step forgotten": ('step = "opposition"\n', "", 22, "il manque « step » dans l’en-tête."),
    "limits forgotten": (
        'limits = ["Une limite"]\n',
        "",
        22,
        "il manque « limits » dans l’en-tête.",
    ),
    "limits as one text": (
        '["Une limite"]',
        '"Une limite"',
        7,
        "« limits » n’a pas la bonne forme ; voyez LISEZMOI.md.",
    ),
    "no limit": ('["Une limite"]', "[]", 7, "« limits » doit nommer au moins une limite."),
    "limit without text": (
        '["Une limite"]',
        '["Une limite", ""]',
        7,
        "« limits » doit nommer au moins une limite.",
    ),
    "limit that is a number": (
        '["Une limite"]',
        "[3]",
        7,
        "« limits » doit nommer au moins une limite.",
    ),
    "reasons without their hint": ('reason_hint = "Un conseil"\n', "", 12, HINT_AND_FIELD),
    "hint without the question of the reasons": ('["reason"]', "[]", 12, HINT_AND_FIELD),
    "hint without text": ('"Un conseil"', '""', 13, "« reason_hint » est vide."),
    "hint as a list": (
        '"Un conseil"',
        '["Un conseil"]',
        13,
        "« reason_hint » n’a pas la bonne forme ; voyez LISEZMOI.md.",
    ),
    "option declared twice": (
        "\n+++\n\n",
        SECOND_OPTION.replace("deces", "cnil") + "\n",
        18,
        "l’option « cnil » porte un nom déjà pris.",
    ),
    "option with the name of a field": (
        'name = "cnil"',
        'name = "reason"',
        18,
        "l’option « reason » porte un nom déjà pris.",
    ),
    **{
        f"option with the name of the condition {name}": (
            'name = "cnil"',
            f'name = "{name}"',
            18,
            f"l’option « {name} » porte un nom déjà pris.",
        )
        for name in sorted(WHO_CONDITIONS | OUTCOME_CONDITIONS | {"sent_on", "missing"})
    },
    "no source": (
        '["un-fait"]',
        "[]",
        10,
        "« sources » doit nommer au moins un fait de facts.toml.",
    ),
    "source that is a number": (
        '["un-fait"]',
        '["un-fait", 3]',
        10,
        "« sources » doit nommer au moins un fait de facts.toml.",
    ),
    "two short versions": (
        "\nSalutations.",
        "\nSalutations.\n\n=== version courte ===\n\nEncore.",
        42,
        "« version courte » n’est pas à sa place.",
    ),
    "condition before the short version": (
        "=== version",
        "[si cnil]\n=== version",
        39,
        "« version courte » n’est pas à sa place.",
    ),
    "condition without text": (
        "Salutations.\n",
        "Salutations.\n\n[si cnil]\n",
        43,
        "la dernière condition n’est suivie d’aucun texte.",
    ),
    "condition before the sentences to say": (
        "Salutations.\n",
        "Salutations.\n\n[si cnil]\n=== à dire ===\n\nBonjour.\n",
        43,
        "« à dire » n’est pas à sa place.",
    ),
    "sentences to say before the short version": (
        "=== version courte ===",
        "=== à dire ===\n\nBonjour.\n\n=== version courte ===",
        42,
        "« version courte » n’est pas à sa place.",
    ),
    "sentences to say twice": (
        "Salutations.\n",
        "Salutations.\n\n=== à dire ===\n\nUn.\n\n=== à dire ===\n\nDeux.\n",
        46,
        "« à dire » n’est pas à sa place.",
    ),
    "sentences to say without text": (
        "Salutations.\n",
        "Salutations.\n\n=== à dire ===\n",
        43,
        "« à dire » n’est suivi d’aucun texte.",
    ),
    "sentences to say but no short version": (
        "=== version courte ===",
        "=== à dire ===",
        41,
        "il manque la version courte, à la fin.",
    ),
    "short version without text before the sentences to say": (
        "\nSalutations.\n",
        "\n=== à dire ===\n\nBonjour.\n",
        43,
        "il manque la version courte, à la fin.",
    ),
    "short version without text": (
        "\nSalutations.\n",
        "",
        39,
        "il manque la version courte, à la fin.",
    ),
    "no short version": (
        "=== version courte ===\n\nSalutations.\n",
        "",
        38,
        "il manque la version courte, à la fin.",
    ),
    "condition without a name": ("[si cnil]", "[si]", 30, f"« [si] » {NOT_UNDERSTOOD}"),
    "condition with another word": (
        "[si cnil]",
        "[quand cnil]",
        30,
        f"« [quand cnil] » {NOT_UNDERSTOOD}",
    ),
    "condition with capitals": ("[si cnil]", "[Si cnil]", 30, f"« [Si cnil] » {NOT_UNDERSTOOD}"),
    "condition with an accent": ("[si cnil]", "[si décès]", 30, f"« [si décès] » {NOT_UNDERSTOOD}"),
    "condition that is not closed": ("[si cnil]", "[si cnil", 30, f"« [si cnil » {NOT_UNDERSTOOD}"),
    "condition with text on its line": (
        "[si cnil]\nJ’informe",
        "[si cnil] J’informe",
        30,
        f"« [si cnil] J’informe la CNIL. » {NOT_UNDERSTOOD}",
    ),
    "condition with two names": (
        "[si cnil]",
        "[si cnil et reason]",
        30,
        f"« [si cnil et reason] » {NOT_UNDERSTOOD}",
    ),
    "else": ("[si cnil]", "[sinon]", 30, f"« [sinon] » {NOT_UNDERSTOOD}"),
    "other section": (
        "=== version courte ===",
        "=== version longue ===",
        38,
        f"« === version longue === » {NOT_UNDERSTOOD}",
    ),
    "condition on an unknown option": (
        "[si cnil]",
        "[si cnl]",
        30,
        f"« cnl » {NO_CONDITION}",
    ),
    "condition on an unknown option in the short version": (
        "\nSalutations.",
        "\n[sauf deces]\nSalutations.",
        40,
        f"« deces » {NO_CONDITION}",
    ),
    "condition on what came of an earlier letter, in a first one": (
        "[si cnil]\n",
        "[si cnil]\n[si silence]\n",
        31,
        f"« silence » {NO_CONDITION}",
    ),
    "condition on the day of another letter, in a first one": (
        "[si cnil]\n",
        "[sauf sent_on]\n[si cnil]\n",
        30,
        f"« sent_on » {NO_CONDITION}",
    ),
    "list without an empty line above": (
        "Merci :\n\n- de répondre",
        "Merci :\n- de répondre",
        34,
        "laissez une ligne vide avant le premier tiret.",
    ),
    "what only an option has, in the header": (
        "order = ",
        'after = "Et ensuite"\norder = ',
        2,
        "« after » n’est pas connu dans l’en-tête.",
    ),
    "dash without a space": (
        "- de confirmer",
        "-de confirmer",
        36,
        "pour un élément de liste, écrivez « - », une espace, puis le texte.",
    ),
    "bullet of another kind": (
        "- de confirmer",
        "• de confirmer",
        36,
        "pour un élément de liste, écrivez « - », une espace, puis le texte.",
    ),
    "value unknown": (
        MERCI,
        "Merci ((nom)) :",
        33,
        f"« ((nom)) » n’est pas connu ; connus : {KNOWN}.",
    ),
    "value unknown in the second line": (
        MERCI,
        "- un\n- deux\n- ((nir))",
        35,
        f"« ((nir)) » n’est pas connu ; connus : {KNOWN}.",
    ),
    "value of an earlier letter, in a first one": (
        MERCI,
        "À l’organisme ((body)).",
        33,
        f"« ((body)) » n’est pas connu ; connus : {KNOWN}.",
    ),
    "value in the subject": (SUBJECT, 'subject = "((name))"', 8, f"« (( » {NO_SENSE_IN_HEADER}"),
    "condition in the subject": (
        SUBJECT,
        'subject = "[si cnil] Un objet"',
        8,
        f"« [ » {NO_SENSE_IN_HEADER}",
    ),
    "value in the laws that a later letter quotes": (
        '"Un texte"',
        '"Un texte de ((today))"',
        9,
        f"« (( » {NO_SENSE_IN_HEADER}",
    ),
    "value in a limit": (
        '["Une limite"]',
        '["Une", "((name))"]',
        7,
        f"« (( » {NO_SENSE_IN_HEADER}",
    ),
    "markup in a text of an option": (
        '"Une aide"',
        '"Une <b>aide</b>"',
        22,
        f"« < » {NO_SENSE_IN_HEADER}",
    ),
    "person represented, without a condition": (
        MERCI,
        "Pour ((represented_name)).",
        33,
        "« ((represented_name)) » peut être vide : écrivez « [si child] » ou "
        "« [si protected] » ou « [si represented] » au-dessus.",
    ),
    "measure of protection under a condition that is too wide": (
        "J’informe la CNIL.",
        "[si represented]\nMesure : ((measure)).",
        32,
        "« ((measure)) » peut être vide : écrivez « [si protected] » au-dessus.",
    ),
    "reason without a condition": (
        MERCI,
        "((reason))",
        33,
        "« ((reason)) » peut être vide : écrivez « [si reason] » au-dessus.",
    ),
    "reason under the contrary condition": (
        "[si reason]",
        "[sauf reason]",
        28,
        "« ((reason)) » peut être vide : écrivez « [si reason] » au-dessus.",
    ),
    "reason under another condition": (
        "J’informe la CNIL.",
        "((reason))",
        31,
        "« ((reason)) » peut être vide : écrivez « [si reason] » au-dessus.",
    ),
    "straight quotation mark": (MERCI, 'Un "mot".', 33, QUOTES),
    "straight quotation mark in the subject": (
        SUBJECT,
        "subject = 'Un \"mot\"'",
        8,
        QUOTES,
    ),
    "straight quotation mark in an option": ('"Une aide"', "'Une \"aide\"'", 22, QUOTES),
    "option without a paragraph": (
        "[si cnil]\n",
        "",
        19,
        "« cnil » ne commande aucun paragraphe ; écrivez « [si cnil] ».",
    ),
    "option only in the short version": (
        "[si cnil]\nJ’informe la CNIL.\n\nMerci :\n\n- de répondre ;\n- de confirmer.\n\n"
        "=== version courte ===\n",
        "Merci.\n\n=== version courte ===\n\n[si cnil]\n",
        19,
        "« cnil » ne commande aucun paragraphe ; écrivez « [si cnil] ».",
    ),
    "field without a paragraph": (
        "[si reason]\n((reason))\n",
        "",
        12,
        "« reason » ne commande aucun paragraphe ; écrivez « [si reason] ».",
    ),
}


@pytest.mark.parametrize(("old", "new", "line", "sentence"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_told_in_french_with_its_line(
    old: str, new: str, line: int, sentence: str
) -> None:
    assert str(refuse(spoil(old, new))) == f"{FILE}, ligne {line} : {sentence}"


@pytest.mark.parametrize(
    ("typed", "sign"),
    [
        ("un [mot]", "["),
        ("un mot]", "]"),
        ("un {mot}", "{"),
        ("un mot}", "}"),
        ("un <b>mot</b>", "<"),
        ("un -> mot", ">"),
        ("un ((mot", "(("),
        ("un mot))", "))"),
        ("un ((Nom))", "(("),
        ("un (( name ))", "(("),
        ("un ((name)", "(("),
        ("un ((nom2))", "(("),
        ("un (()) mot", "(("),
        ("un {{7*7}}", "{"),
    ],
)
def test_markup_is_an_error(typed: str, sign: str) -> None:
    sentence = f"{FILE}, ligne 33 : « {sign} » {NO_SENSE} seule sur sa ligne."
    assert str(refuse(spoil(MERCI, typed))) == sentence


def test_a_letter_without_text_is_an_error() -> None:
    head = INVENTED.partition("\nMadame")[0]
    assert str(refuse(head)) == f"{FILE}, ligne 24 : il manque le texte de la lettre."


def test_an_empty_file_is_an_error() -> None:
    assert str(refuse("")) == f"{FILE}, ligne 1 : la première ligne doit être « +++ »."


def test_options_must_be_tables() -> None:
    before, rest = INVENTED.split("\n[[options]]\n")
    text = f'{before}options = ["cnil"]\n+++\n{rest.partition("+++")[2]}'
    sentence = "une option doit être une liste de « nom = valeur »."
    assert str(refuse(text)) == f"{FILE}, ligne 18 : {sentence}"


@pytest.mark.parametrize("lines_before", [0, 1, 3, 5000])
def test_a_file_that_is_not_in_utf_8_is_an_error(tmp_path: Path, lines_before: int) -> None:
    path = tmp_path / FILE
    path.write_bytes(b"+++\n" * lines_before + "décès\n".encode("latin-1"))
    with pytest.raises(WordingError) as caught:
        read_wording(path)
    sentence = "le fichier n’est pas en UTF-8 ; enregistrez-le dans cet encodage."
    assert str(caught.value) == f"{FILE}, ligne {lines_before + 1} : {sentence}"


def absent(folder: Path) -> WordingError:
    with pytest.raises(WordingError) as caught:
        read_wording(folder / "absente.md")
    return caught.value


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    sentence = "le fichier n’existe pas ou ne peut pas être lu."
    assert str(absent(tmp_path)) == f"absente.md, ligne 1 : {sentence}"


def test_every_error_of_the_parser_is_in_the_tables_above(tmp_path: Path) -> None:
    errors = [absent(tmp_path)]
    errors += [refuse(spoil(old, new)) for old, new, _line, _sentence in MISTAKES.values()]
    errors.append(refuse(spoil(MERCI, "un [mot]")))
    before, rest = INVENTED.split("\n[[options]]\n")
    errors.append(refuse(f'{before}options = ["cnil"]\n+++\n{rest.partition("+++")[2]}'))
    latin = tmp_path / FILE
    latin.write_bytes(b"\xe9")
    with pytest.raises(WordingError) as caught:
        read_wording(latin)
    errors += [caught.value, refuse(INVENTED.partition("\nMadame")[0]), misnamed("Éssai 2.md")]
    assert never_raised(letters.wording, errors) == []


def misnamed(file: str) -> WordingError:
    with pytest.raises(WordingError) as caught:
        parse(INVENTED, file)
    return caught.value


@pytest.mark.parametrize(
    "file", ["Éssai 2.md", "Lettre.md", "lettre.txt", "a--b.md", '"x".md', ".md"]
)
def test_a_file_name_that_cannot_be_an_address_is_told_in_french(file: str) -> None:
    sentence = "nommez le fichier en minuscules sans accent, comme « ma-lettre.md »."
    assert str(misnamed(file)) == f"{file}, ligne 1 : {sentence}"


def test_an_option_may_say_what_to_do_next() -> None:
    wording = parse(spoil("default = ", 'after = "Et ensuite ?"\ndefault = '), FILE)
    assert [option.after for option in wording.options] == ["Et ensuite\u202f?"]
    assert [option.after for option in parse(INVENTED, FILE).options] == [""]


@pytest.mark.parametrize(("old", "new", "line", "sentence"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_has_the_same_line_in_a_windows_file(
    old: str, new: str, line: int, sentence: str
) -> None:
    text = "\ufeff" + spoil(old, new).replace("\n", "\r\n")
    assert str(refuse(text)) == f"{FILE}, ligne {line} : {sentence}"


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
    except WordingError as error:
        assert str(error).startswith(f"{FILE}, ligne ")
    else:
        assert wording.body


def test_options_between_single_brackets_are_told_with_their_line() -> None:
    sentence = "« options » n’a pas la bonne forme ; voyez LISEZMOI.md."
    assert str(refuse(spoil("[[options]]", "[options]"))) == f"{FILE}, ligne 18 : {sentence}"


def test_a_list_inside_fields_is_an_error_and_not_a_crash() -> None:
    sentence = str(refuse(spoil('["reason"]', '[["reason"]]')))
    assert sentence.startswith(f"{FILE}, ligne 12 : ")


def test_an_empty_text_in_the_second_option_is_told_with_its_own_line() -> None:
    second = SECOND_OPTION.replace("Une autre aide", "")
    text = spoil("\n+++\n\n", second + "\n[si deces]\nAussi après.\n\n")
    assert str(refuse(text)) == f"{FILE}, ligne 27 : « hint » est vide."


def test_a_second_option_without_a_paragraph_is_told_with_its_own_line() -> None:
    text = spoil("\n+++\n\n", SECOND_OPTION + "\n")
    sentence = "« deces » ne commande aucun paragraphe ; écrivez « [si deces] »."
    assert str(refuse(text)) == f"{FILE}, ligne 24 : {sentence}"


def test_a_dash_without_a_space_does_not_disappear_into_the_item_above() -> None:
    assert str(refuse(spoil("- de confirmer", "-de confirmer"))).startswith(f"{FILE}, ligne 36 : ")


def test_an_item_without_text_is_an_error() -> None:
    assert str(refuse(spoil("- de confirmer.", "- "))).startswith(f"{FILE}, ligne 36 : ")


def test_the_same_file_always_gets_the_same_sentence() -> None:
    program = (
        "from letters.wording import parse, WordingError\n"
        "try: parse('+++\\n+++\\n', 'lettre.md')\n"
        "except WordingError as error: print(ascii(str(error)))\n"
    )
    sentences = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(TEXTS.parent.parent)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "1234"
    }
    assert len(sentences) == 1
