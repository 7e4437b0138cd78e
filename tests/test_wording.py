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
    VALUES,
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
    return parse(spoil("Merci :\n\n- de répondre ;\n- de confirmer.", body), FILE)


def texts(wording: Wording) -> list[tuple[object, ...]]:
    """The templates of the body after the three blocks that the invented letter starts with."""
    return [block.templates for block in wording.body[3:]]


# What is right


def test_a_whole_file_is_read() -> None:
    wording = parse(INVENTED, FILE)
    assert wording.slug == "lettre"
    assert wording.order == 3
    assert (wording.title, wording.summary, wording.reach) == (
        "Un titre",
        "Un résumé",
        "Une portée",
    )
    assert wording.subject == ("Un objet",)
    assert wording.basis == "Un texte"
    assert wording.sources == ("un-fait",)
    assert wording.recipient == "caisse"
    assert wording.fields == ("reason",)
    assert wording.handwritten == ("nir",)
    assert wording.options == (Option("cnil", True, "Une étiquette", "Une aide"),)
    assert (wording.reviewed_by, wording.reviewed_on) == ("Personne", date(2026, 11, 21))


def test_the_blocks_of_a_whole_file_are_read() -> None:
    wording = parse(INVENTED, FILE)
    reason, cnil = Condition("reason", wanted=True), Condition("cnil", wanted=True)
    read = [(b.templates, b.is_list, b.condition, b.line) for b in wording.body]
    assert read == [
        ((("Madame, Monsieur,",),), False, None, 22),
        (((Placeholder("reason"),),), False, reason, 25),
        ((("J’informe la CNIL.",),), False, cnil, 28),
        ((("Merci\u00a0:",),), False, None, 30),
        ((("de répondre\u202f;",), ("de confirmer.",)), True, None, 32),
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


@pytest.mark.parametrize("name", sorted(VALUES))
def test_every_value_can_stand_in_the_text_and_in_the_subject(name: str) -> None:
    wording = parse(spoil(SUBJECT, f'subject = "(({name}))"').replace("Merci", f"(({name}))"), FILE)
    assert wording.subject == (Placeholder(name),)
    assert Placeholder(name) in wording.body[3].templates[0]


CONDITIONS = {
    "[si cnil]\nUn.": Condition("cnil", wanted=True),
    "[sauf cnil]\nUn.": Condition("cnil", wanted=False),
    "[sauf reason]\nUn.": Condition("reason", wanted=False),
    "[si cnil]\n\nUn.": Condition("cnil", wanted=True),
    "[si cnil]\n- un\n- deux": Condition("cnil", wanted=True),
}


@pytest.mark.parametrize(("body", "expected"), CONDITIONS.items())
def test_a_condition_holds_for_the_next_block(body: str, expected: Condition) -> None:
    assert [block.condition for block in wording_with(body).body[3:]] == [expected]


def test_a_condition_holds_for_one_block_only() -> None:
    blocks = wording_with("[si cnil]\nUn.\n\nDeux.").body[3:]
    assert [block.condition for block in blocks] == [Condition("cnil", wanted=True), None]


def test_a_condition_ends_the_paragraph_above() -> None:
    blocks = wording_with("Un.\n[si cnil]\nDeux.").body[3:]
    assert [block.condition for block in blocks] == [None, Condition("cnil", wanted=True)]


def test_a_condition_works_in_the_short_version() -> None:
    text = spoil("\nSalutations.", "\n[sauf cnil]\nBonjour.\n\nSalutations.")
    conditions = [block.condition for block in parse(text, FILE).short]
    assert conditions == [Condition("cnil", wanted=False), None]


def test_a_letter_can_do_without_options_and_fields() -> None:
    text = INVENTED.replace("[[options]]", "options = []").replace('["reason"]', "[]")
    kept = [line for line in text.split("\n") if not line.startswith(("name", "def", "lab", "hi"))]
    body = "\n".join(kept).replace("[si reason]\n((reason))\n\n[si cnil]\n", "")
    wording = parse(body, FILE)
    assert (wording.options, wording.fields) == ((), ())
    assert {block.condition for block in wording.body} == {None}


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


TYPED = "L'article 74 : n° 444937 ; oui !"
SET = "L’article\u00a074\u00a0: n°\u00a0444937\u202f; oui\u202f!"


def test_french_typography_is_set_on_every_text_that_people_read() -> None:
    text = INVENTED
    for fixed in ("Un titre", "Un résumé", "Une portée", "Un objet", "Un texte", "Une étiquette"):
        text = text.replace(fixed, TYPED)
    text = text.replace("Une aide", TYPED).replace("J’informe la CNIL.", TYPED)
    wording = parse(text.replace("Salutations.", TYPED), FILE)
    option = wording.options[0]
    assert [wording.title, wording.summary, wording.reach, wording.basis] == [SET] * 4
    assert [option.label, option.hint] == [SET] * 2
    assert wording.subject == (SET,)
    assert wording.body[2].templates == ((SET,),)
    assert wording.short[0].templates == ((SET,),)


def test_names_and_sources_are_kept_as_they_are() -> None:
    assert parse(spoil('"un-fait"', '"l\'a ; b"'), FILE).sources == ("l'a ; b",)


# What is wrong: (what the invented letter says, what is written instead, line, sentence)

NOT_UNDERSTOOD = (
    "n’est pas compris ; écrivez « [si nom] », « [sauf nom] » ou « === version courte === », "
    "seul sur sa ligne."
)
NO_SENSE = "n’a pas de sens ici ; une valeur s’écrit « ((nom)) » et une condition « [si nom] »,"
KNOWN = "family_name, given_name, name, recipient, today"
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
        37,
        "il manque le second « +++ » qui ferme l’en-tête.",
    ),
    "header not readable": (
        'title = "Un titre"',
        "title = Un titre",
        3,
        "l’en-tête n’est pas lisible ; vérifiez les guillemets et les virgules.",
    ),
    "comma forgotten": (
        '["un-fait"]',
        '["un-fait" "deux"]',
        8,
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
        13,
        "l’en-tête n’est pas lisible ; vérifiez les guillemets et les virgules.",
    ),
    "quotation mark forgotten at the end": (
        '"Une aide"',
        '"Une aide',
        20,
        "l’en-tête n’est pas lisible ; vérifiez les guillemets et les virgules.",
    ),
    "key missing": ('basis = "Un texte"\n', "", 19, "il manque « basis » dans l’en-tête."),
    "key missing in an option": (
        'hint = "Une aide"\n',
        "",
        19,
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
        18,
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
        13,
        "« reviewed_on » n’a pas la bonne forme ; voyez LISEZMOI.md.",
    ),
    "date with a time": (
        "2026-11-21",
        "2026-11-21T10:00:00",
        13,
        "« reviewed_on » n’a pas la bonne forme ; voyez LISEZMOI.md.",
    ),
    "text as list": (
        'sources = ["un-fait"]',
        'sources = "un-fait"',
        8,
        "« sources » n’a pas la bonne forme ; voyez LISEZMOI.md.",
    ),
    "text where yes or no is wanted": (
        "default = true",
        'default = "true"',
        17,
        "« default » n’a pas la bonne forme ; voyez LISEZMOI.md.",
    ),
    "empty text": ('"Un résumé"', '""', 4, "« summary » est vide."),
    "empty text in an option": ('"Une étiquette"', '""', 18, "« label » est vide."),
    "option with capitals": (
        'name = "cnil"',
        'name = "CNIL"',
        16,
        "l’option « CNIL » doit s’écrire en minuscules sans accent.",
    ),
    "option with an accent": (
        'name = "cnil"',
        'name = "décès"',
        16,
        "l’option « décès » doit s’écrire en minuscules sans accent.",
    ),
    "option with a space": (
        'name = "cnil"',
        'name = "la cnil"',
        16,
        "l’option « la cnil » doit s’écrire en minuscules sans accent.",
    ),
    "field unknown": (
        '["reason"]',
        '["reason", "motif"]',
        10,
        "« motif » n’est pas connu dans « fields » ; connus : reason.",
    ),
    "field that is a number": (
        '["reason"]',
        "[1]",
        10,
        "« 1 » n’est pas connu dans « fields » ; connus : reason.",
    ),
    "handwritten line unknown": (
        '["nir"]',
        '["iban"]',
        11,
        "« iban » n’est pas connu dans « handwritten » ; connus : nir.",
    ),
    "recipient unknown": ('"caisse"', '"mairie"', 9, "« recipient » doit être l’un de : caisse."),
    "option declared twice": (
        "\n+++\n\n",
        SECOND_OPTION.replace("deces", "cnil") + "\n",
        15,
        "l’option « cnil » porte un nom déjà pris.",
    ),
    "option with the name of a field": (
        'name = "cnil"',
        'name = "reason"',
        15,
        "l’option « reason » porte un nom déjà pris.",
    ),
    "no source": (
        '["un-fait"]',
        "[]",
        8,
        "« sources » doit nommer au moins un fait de facts.toml.",
    ),
    "source that is a number": (
        '["un-fait"]',
        '["un-fait", 3]',
        8,
        "« sources » doit nommer au moins un fait de facts.toml.",
    ),
    "two short versions": (
        "\nSalutations.",
        "\nSalutations.\n\n=== version courte ===\n\nEncore.",
        39,
        "« version courte » n’est pas à sa place.",
    ),
    "condition before the short version": (
        "=== version",
        "[si cnil]\n=== version",
        36,
        "« version courte » n’est pas à sa place.",
    ),
    "two conditions": (
        "[si cnil]\n",
        "[si cnil]\n[sauf reason]\n",
        28,
        "deux conditions se suivent ; il n’en faut qu’une.",
    ),
    "condition without text": (
        "Salutations.\n",
        "Salutations.\n\n[si cnil]\n",
        40,
        "la dernière condition n’est suivie d’aucun texte.",
    ),
    "short version without text": (
        "\nSalutations.\n",
        "",
        36,
        "il manque la version courte, à la fin.",
    ),
    "no short version": (
        "=== version courte ===\n\nSalutations.\n",
        "",
        35,
        "il manque la version courte, à la fin.",
    ),
    "condition without a name": ("[si cnil]", "[si]", 27, f"« [si] » {NOT_UNDERSTOOD}"),
    "condition with another word": (
        "[si cnil]",
        "[quand cnil]",
        27,
        f"« [quand cnil] » {NOT_UNDERSTOOD}",
    ),
    "condition with capitals": ("[si cnil]", "[Si cnil]", 27, f"« [Si cnil] » {NOT_UNDERSTOOD}"),
    "condition with an accent": ("[si cnil]", "[si décès]", 27, f"« [si décès] » {NOT_UNDERSTOOD}"),
    "condition that is not closed": ("[si cnil]", "[si cnil", 27, f"« [si cnil » {NOT_UNDERSTOOD}"),
    "condition with text on its line": (
        "[si cnil]\nJ’informe",
        "[si cnil] J’informe",
        27,
        f"« [si cnil] J’informe la CNIL. » {NOT_UNDERSTOOD}",
    ),
    "condition with two names": (
        "[si cnil]",
        "[si cnil et reason]",
        27,
        f"« [si cnil et reason] » {NOT_UNDERSTOOD}",
    ),
    "else": ("[si cnil]", "[sinon]", 27, f"« [sinon] » {NOT_UNDERSTOOD}"),
    "other section": (
        "=== version courte ===",
        "=== version longue ===",
        35,
        f"« === version longue === » {NOT_UNDERSTOOD}",
    ),
    "condition on an unknown option": (
        "[si cnil]",
        "[si cnl]",
        27,
        "« cnl » n’est ni une option ni un champ de cette lettre.",
    ),
    "condition on an unknown option in the short version": (
        "\nSalutations.",
        "\n[sauf deces]\nSalutations.",
        37,
        "« deces » n’est ni une option ni un champ de cette lettre.",
    ),
    "list without an empty line above": (
        "Merci :\n\n- de répondre",
        "Merci :\n- de répondre",
        31,
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
        33,
        "pour un élément de liste, écrivez « - », une espace, puis le texte.",
    ),
    "bullet of another kind": (
        "- de confirmer",
        "• de confirmer",
        33,
        "pour un élément de liste, écrivez « - », une espace, puis le texte.",
    ),
    "value unknown": (
        MERCI,
        "Merci ((nom)) :",
        30,
        f"« ((nom)) » n’est pas connu ; connus : {KNOWN.replace('recip', 'reason, recip')}.",
    ),
    "value unknown in the second line": (
        MERCI,
        "- un\n- deux\n- ((nir))",
        32,
        f"« ((nir)) » n’est pas connu ; connus : {KNOWN.replace('recip', 'reason, recip')}.",
    ),
    "value unknown in the subject": (
        SUBJECT,
        'subject = "((objet))"',
        6,
        f"« ((objet)) » n’est pas connu ; connus : {KNOWN}.",
    ),
    "field in the subject": (
        SUBJECT,
        'subject = "((reason))"',
        6,
        f"« ((reason)) » n’est pas connu ; connus : {KNOWN}.",
    ),
    "reason without a condition": (
        MERCI,
        "((reason))",
        30,
        "« ((reason)) » peut être vide : écrivez « [si reason] » au-dessus.",
    ),
    "reason under the contrary condition": (
        "[si reason]",
        "[sauf reason]",
        25,
        "« ((reason)) » peut être vide : écrivez « [si reason] » au-dessus.",
    ),
    "reason under another condition": (
        "J’informe la CNIL.",
        "((reason))",
        28,
        "« ((reason)) » peut être vide : écrivez « [si reason] » au-dessus.",
    ),
    "straight quotation mark": (MERCI, 'Un "mot".', 30, "utilisez les guillemets français « et »."),
    "straight quotation mark in the subject": (
        SUBJECT,
        "subject = 'Un \"mot\"'",
        6,
        "utilisez les guillemets français « et ».",
    ),
    "option without a paragraph": (
        "[si cnil]\n",
        "",
        16,
        "« cnil » ne commande aucun paragraphe ; écrivez « [si cnil] ».",
    ),
    "option only in the short version": (
        "[si cnil]\nJ’informe la CNIL.\n\nMerci :\n\n- de répondre ;\n- de confirmer.\n\n"
        "=== version courte ===\n",
        "Merci.\n\n=== version courte ===\n\n[si cnil]\n",
        16,
        "« cnil » ne commande aucun paragraphe ; écrivez « [si cnil] ».",
    ),
    "field without a paragraph": (
        "[si reason]\n((reason))\n",
        "",
        10,
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
    sentence = f"{FILE}, ligne 30 : « {sign} » {NO_SENSE} seule sur sa ligne."
    assert str(refuse(spoil(MERCI, typed))) == sentence


def test_a_letter_without_text_is_an_error() -> None:
    head = INVENTED.partition("\nMadame")[0]
    assert str(refuse(head)) == f"{FILE}, ligne 21 : il manque le texte de la lettre."


def test_an_empty_file_is_an_error() -> None:
    assert str(refuse("")) == f"{FILE}, ligne 1 : la première ligne doit être « +++ »."


def test_options_must_be_tables() -> None:
    before, rest = INVENTED.split("\n[[options]]\n")
    text = f'{before}options = ["cnil"]\n+++\n{rest.partition("+++")[2]}'
    sentence = "une option doit être une liste de « nom = valeur »."
    assert str(refuse(text)) == f"{FILE}, ligne 15 : {sentence}"


@pytest.mark.parametrize("lines_before", [0, 1, 3, 5000])
def test_a_file_that_is_not_in_utf_8_is_an_error(tmp_path: Path, lines_before: int) -> None:
    path = tmp_path / FILE
    path.write_bytes(b"+++\n" * lines_before + "décès\n".encode("latin-1"))
    with pytest.raises(WordingError) as caught:
        read_wording(path)
    sentence = "le fichier n’est pas en UTF-8 ; enregistrez-le dans cet encodage."
    assert str(caught.value) == f"{FILE}, ligne {lines_before + 1} : {sentence}"


def test_every_error_of_the_parser_is_in_the_tables_above(tmp_path: Path) -> None:
    errors = [refuse(spoil(old, new)) for old, new, _line, _sentence in MISTAKES.values()]
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
    assert str(refuse(spoil("[[options]]", "[options]"))) == f"{FILE}, ligne 15 : {sentence}"


def test_a_list_inside_fields_is_an_error_and_not_a_crash() -> None:
    sentence = str(refuse(spoil('["reason"]', '[["reason"]]')))
    assert sentence.startswith(f"{FILE}, ligne 10 : ")


def test_an_empty_text_in_the_second_option_is_told_with_its_own_line() -> None:
    second = SECOND_OPTION.replace("Une autre aide", "")
    text = spoil("\n+++\n\n", second + "\n[si deces]\nAussi après.\n\n")
    assert str(refuse(text)) == f"{FILE}, ligne 24 : « hint » est vide."


def test_a_second_option_without_a_paragraph_is_told_with_its_own_line() -> None:
    text = spoil("\n+++\n\n", SECOND_OPTION + "\n")
    sentence = "« deces » ne commande aucun paragraphe ; écrivez « [si deces] »."
    assert str(refuse(text)) == f"{FILE}, ligne 21 : {sentence}"


def test_a_dash_without_a_space_does_not_disappear_into_the_item_above() -> None:
    assert str(refuse(spoil("- de confirmer", "-de confirmer"))).startswith(f"{FILE}, ligne 33 : ")


def test_an_item_without_text_is_an_error() -> None:
    assert str(refuse(spoil("- de confirmer.", "- "))).startswith(f"{FILE}, ligne 33 : ")


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
