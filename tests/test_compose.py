"""A wording and a person's answers become a finished letter, and nothing is lost or added."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import pairwise, product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from letters.catalogue import Catalogue
from letters.compose import BLANK, compose, option_texts
from letters.model import (
    CHANNELS,
    OUTCOMES,
    REPRESENTED,
    WHO,
    Block,
    Items,
    Letter,
    LetterRequest,
    Line,
    Objection,
    Paragraph,
    Person,
    Representation,
)
from letters.model import PostalAddress as Address
from letters.recipients import Recipients
from letters.typography import long_date
from letters.wording import TemplateBlock, Wording, parse
from tests.conftest import TODAY
from tests.letters_under_test import (
    ANSWER_ON,
    BARE_SENDER,
    CHILD,
    FIELD_TEXTS,
    INVENTED,
    MEASURE,
    OBJECTION,
    RECIPIENT,
    SENDER,
    SLUGS,
    WARD,
    all_texts,
    every_request,
    represented_by,
    request_for,
    steady_few,
    texts_of,
)

# A complaint that holds every value, each step's own ones included.
EVERY_VALUE = INVENTED.replace('"opposition"', '"plainte"').replace(
    "Merci :\n",
    "((given_name)) / ((family_name)) / ((name)) / ((recipient)) / ((today))\n\n"
    "[si protected]\n((represented_name)) / ((measure))\n\n"
    "((body)) / ((body_address)) / ((first_subject)) / ((first_basis))\n\n"
    "((sent_on)) / ((deadline))\n\n"
    "[si answer_on]\n((answer_on))\n\n"
    "[si followed_up_on]\n((followed_up_on))\n\n"
    "Merci :\n",
)
NOT_MARKUP = (
    "((reason))",
    "((name))",
    "((",
    "[si cnil]",
    "[sauf cnil]",
    "=== version courte ===",
    "{{7*7}}",
    "{name}",
    "{0}",
    "%s %(name)s",
    "$&",
    "$1",
    r"\1 \g<0> \n",
    "<b>",
    "&amp;",
    "- tiret",
    "l'apostrophe ; et : !",
    "...",
    "Łukasz ğ ễ",
    "O",
)


@pytest.fixture(scope="module")
def invented() -> Wording:
    return parse(INVENTED, "invented.md")


def shown_lines(letter: Letter) -> list[str]:
    """The sender's block; « ____ » stands for a line to fill in by hand."""
    shown = (f"{line.text} ____" if line.blank else line.text for line in letter.sender)
    return [text.replace("\u00a0", "~").strip() for text in shown]


def sender_lines(person: Person, wording: Wording, who: str = "self") -> list[str]:
    return shown_lines(compose(wording, request_for(wording, sender=person, who=who), TODAY))


def in_one_line(blocks: tuple[Block, ...]) -> str:
    """The text of `blocks` with plain spaces, to look for words in."""
    return " ".join(" ".join(texts_of(blocks)).split())


def versions(letter: Letter) -> list[tuple[Block, ...]]:
    """The letter, its short version, and what is to be said aloud where there is something."""
    return [blocks for blocks in (letter.blocks, letter.short, letter.spoken) if blocks]


# Every letter in every shape


@pytest.fixture(scope="module")
def letters_of(
    catalogue: Catalogue, recipients: Recipients
) -> dict[str, list[tuple[LetterRequest, Letter]]]:
    """Every letter that each wording can become, with its request."""
    made: dict[str, list[tuple[LetterRequest, Letter]]] = {slug: [] for slug in SLUGS}
    for wording, request in every_request(catalogue, recipients):
        made[wording.slug].append((request, compose(wording, request, TODAY)))
    return made


BLEMISHES = {
    "two spaces": r"  |\s\n|\n ",
    "hole or mark of the wording": r"\(\(|\)\)|\[|\]|[{}<>]|===",
    "space before a comma or a full stop": r"\s[,.]",
    "plain space before other punctuation": r" [;:!?»)%€]",
    "space after an opening mark": r"[«(’] ",
    "punctuation twice": r"[,;:!?]\s?[,;:!?]|\.\.",
    "comma without a space": r",(?=\w)",
    "tab or other control character": r"[\x00-\x09\x0b-\x1f\x7f]",
}
Letters = dict[str, list[tuple[LetterRequest, Letter]]]


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("pattern", BLEMISHES.values(), ids=BLEMISHES.keys())
def test_no_letter_has_such_a_blemish(letters_of: Letters, slug: str, pattern: str) -> None:
    texts = {text for _request, letter in letters_of[slug] for text in all_texts(letter)}
    assert [text for text in texts if re.search(pattern, text)] == []


@pytest.mark.parametrize(
    ("blemish", "text"),
    [
        ("two spaces", "un  deux"),
        ("hole or mark of the wording", "Moi, ((name)"),
        ("hole or mark of the wording", "[si cnil]"),
        ("space before a comma or a full stop", "explicitement , ainsi que"),
        ("plain space before other punctuation", "oui ;"),
        ("space after an opening mark", "l’ article"),
        ("punctuation twice", "oui, ; non"),
        ("comma without a space", "oui,non"),
        ("tab or other control character", "oui\tnon"),
    ],
)
def test_each_blemish_would_be_seen(blemish: str, text: str) -> None:
    assert re.search(BLEMISHES[blemish], text)


@pytest.mark.parametrize("slug", SLUGS)
def test_no_paragraph_is_empty_or_has_space_around(letters_of: Letters, slug: str) -> None:
    for _request, letter in letters_of[slug]:
        body = [letter.subject, *(t for blocks in versions(letter) for t in texts_of(blocks))]
        assert [text for text in body if not text or text != text.strip()] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_every_paragraph_is_a_sentence(letters_of: Letters, slug: str) -> None:
    for _request, letter in letters_of[slug]:
        for block in (*letter.blocks, *letter.short):
            if isinstance(block, Paragraph):
                assert re.match(r"[A-ZÀÉÊ].*[.:,]$", block.text, re.DOTALL), block.text


@pytest.mark.parametrize("slug", SLUGS)
def test_a_list_is_whole_and_punctuated_in_every_combination(
    letters_of: Letters, slug: str
) -> None:
    for _request, letter in letters_of[slug]:
        for blocks in versions(letter):
            lists = [block for block in blocks if isinstance(block, Items)]
            for made in lists:
                assert [item[-1] for item in made.items] == [*";" * (len(made.items) - 1), "."]
                assert [item for item in made.items if not re.match("[a-zà«]", item)] == []
            neighbours = pairwise(map(type, blocks))
            assert (Items, Items) not in set(neighbours)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_colon_is_followed_by_what_it_announces(letters_of: Letters, slug: str) -> None:
    for request, letter in letters_of[slug]:
        given = [Paragraph(text) for text in request.fields.values()]
        for blocks in versions(letter):
            for block, following in zip(blocks, [*blocks[1:], None], strict=True):
                if isinstance(block, Paragraph) and block.text.endswith(":"):
                    assert isinstance(following, Items) or following in given
                if isinstance(following, Items):
                    assert isinstance(block, Paragraph)
                    assert block.text.endswith(":")


@pytest.mark.parametrize("slug", SLUGS)
def test_every_choice_gives_another_letter(
    letters_of: Letters, slug: str, catalogue: Catalogue
) -> None:
    bodies = [
        compose(catalogue.wordings[slug], of_the_same_first_letter(request), TODAY).blocks
        for request, _letter in letters_of[slug]
    ]
    assert len(set(bodies)) == len(bodies)


def of_the_same_first_letter(request: LetterRequest) -> LetterRequest:
    """The same choices, about one letter to one body."""
    past = request.objection
    told = past and replace(
        past, subject=OBJECTION.subject, basis=OBJECTION.basis, body=OBJECTION.body
    )
    return replace(request, recipient=RECIPIENT, objection=told)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_block_is_said_in_some_letter_and_every_condition_leaves_it_out_of_another(
    letters_of: Letters, catalogue: Catalogue, slug: str
) -> None:
    wording = catalogue.wordings[slug]
    for block in (*wording.body, *wording.short, *wording.spoken):
        said = {is_kept(wording, block, request) for request, _letter in letters_of[slug]}
        assert said == ({True, False} if block.conditions else {True}), f"line {block.line}"


@pytest.mark.parametrize("slug", SLUGS)
def test_nothing_is_left_to_fill_in_where_all_is_given(letters_of: Letters, slug: str) -> None:
    for _request, letter in letters_of[slug]:
        assert [text for text in all_texts(letter) if "…" in text] == []
        blank = [line for line in letter.sender if line.blank]
        assert [line.text.replace("\u00a0", " ") for line in blank] in (
            [],
            ["N° de sécurité sociale :"],
        )


@pytest.mark.parametrize("slug", SLUGS)
def test_both_versions_greet_and_take_leave(letters_of: Letters, slug: str) -> None:
    for _request, letter in letters_of[slug]:
        for blocks in (letter.blocks, letter.short):
            assert blocks[0] == Paragraph("Madame, Monsieur,")
            assert isinstance(blocks[-1], Paragraph)
            assert blocks[-1].text.lower().endswith("salutations distinguées.")


@pytest.mark.parametrize("slug", SLUGS)
def test_an_optional_text_comes_out_whole_and_only_if_it_is_given(
    letters_of: Letters, slug: str
) -> None:
    for request, letter in letters_of[slug]:
        written = [b.text for b in letter.blocks if isinstance(b, Paragraph)]
        given = {name: text in written for name, text in FIELD_TEXTS.items()}
        assert given == {name: name in request.fields for name in FIELD_TEXTS}


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("who", WHO)
def test_an_option_adds_what_it_announces(catalogue: Catalogue, slug: str, who: str) -> None:
    wording = catalogue.wordings[slug]
    without = set(texts_of(compose(wording, request_for(wording, (), who=who), TODAY).blocks))
    for option in wording.options:
        blocks = compose(wording, request_for(wording, {option.name}, who=who), TODAY).blocks
        added = [text for text in texts_of(blocks) if text not in without]
        announced = option_texts(wording, option.name, who)
        assert announced
        patterns = [re.escape(text).replace("…", ".+") for text in announced]
        assert all(re.fullmatch(*pair) for pair in zip(patterns, added, strict=True))


@pytest.mark.parametrize("slug", SLUGS)
def test_an_unknown_option_changes_nothing(catalogue: Catalogue, slug: str) -> None:
    wording = catalogue.wordings[slug]
    known = request_for(wording)
    more = request_for(wording, {*wording.default_options, "unknown", "name"})
    assert compose(wording, known, TODAY) == compose(wording, more, TODAY)


@pytest.mark.parametrize("slug", SLUGS)
def test_an_empty_optional_text_counts_as_none(catalogue: Catalogue, slug: str) -> None:
    wording = catalogue.wordings[slug]
    empty = request_for(wording, fields=dict.fromkeys(wording.fields, ""))
    assert compose(wording, empty, TODAY) == compose(wording, request_for(wording), TODAY)


# Who signs, and for whom

BELOW = {
    "self": ["Date de naissance~: 01/03/1958"],
    "minor": ["Date de naissance~: 01/03/1958"],
    "child": ["Pour~: Zoé Nguyễn", "Sa date de naissance~: 01/12/2015"],
    "protected": ["Pour~: Odile de L’Isle", "Sa date de naissance~: 08/05/1936"],
}


@pytest.mark.parametrize("slug", SLUGS)
def test_the_person_who_writes_signs_and_the_one_represented_is_named_below(
    letters_of: Letters, slug: str, catalogue: Catalogue
) -> None:
    wording = catalogue.wordings[slug]
    for request, letter in letters_of[slug]:
        birth_date = wording.asks_birth_date and request.named_file
        assert letter.signature == "Maëlle Le Goff-d’Œuvre"
        lines = shown_lines(letter)
        assert lines[0] == letter.signature
        expected = [line for line in BELOW[request.who] if birth_date or "naissance" not in line]
        assert [line for line in lines if re.match("Pour|Date de|Sa date", line)] == expected


@pytest.mark.parametrize("slug", SLUGS)
def test_the_person_represented_is_named_in_every_version_and_in_no_other_letter(
    letters_of: Letters, slug: str
) -> None:
    named = {"child": {CHILD.name}, "protected": {WARD.name}}
    for request, letter in letters_of[slug]:
        for blocks in versions(letter):
            text = in_one_line(blocks)
            found = {person.name for person in (CHILD, WARD) if person.name in text}
            assert found == named.get(request.who, set())
        assert (MEASURE in in_one_line(letter.blocks)) == (request.who == "protected")


# What each version says of the right to sign; nothing for an adult who writes for themselves.
QUALITIES = {
    "child": r"autorité parentale sur \S+ \S+.*\bmoins de 15 ans",
    "minor": r"J’ai entre 15 et 17 ans",
    "protected": r"Je représente \S+ .*\b(?:mesure de protection|majeure protégée)\b",
}


@pytest.mark.parametrize("slug", SLUGS)
def test_both_versions_say_by_what_right_the_person_signs(letters_of: Letters, slug: str) -> None:
    for request, letter in letters_of[slug]:
        for blocks in (letter.blocks, letter.short):
            text = in_one_line(blocks)
            said = {who for who, words in QUALITIES.items() if re.search(words, text)}
            assert said == {request.who} - {"self"}


# What belongs to the person whose data are meant, said of oneself or of somebody else.
_THINGS = "données|soins|santé|dossier|décès|vivant|situation|caisse|médecin|soignant|maladie"
MINE = re.compile(rf"\b(?:mes|mon|ma) (?:{_THINGS})|\bme concern", re.IGNORECASE)
THEIRS = re.compile(
    r"\b(?:ses (?:données|soins)|son (?:décès|vivant|dossier)|sa (?:santé|situation|caisse)|"
    r"en son nom|que je représente)\b",
    re.IGNORECASE,
)


@pytest.mark.parametrize("slug", SLUGS)
def test_what_is_one_s_own_and_what_is_another_s_is_never_mixed_up(
    letters_of: Letters, slug: str
) -> None:
    for request, letter in letters_of[slug]:
        typed = {" ".join(answer.split()) for answer in request.fields.values()}
        ours = [t for blocks in versions(letter) for t in map(in_one_line, zip(blocks))]
        text = " ".join(t for t in ours if t not in typed)
        wrong = MINE if request.who in REPRESENTED else THEIRS
        assert wrong.findall(text) == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (MINE, "Je m’oppose à l’usage de mes données."),
        (MINE, "Mes soins et ma situation"),
        (MINE, "des données qui me concernent"),
        (THEIRS, "Je m’oppose à l’usage de ses données."),
        (THEIRS, "Ce refus vaut après son décès."),
    ],
)
def test_a_mix_up_would_be_seen(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


# What an option or an optional text has the letter say, and nothing else has.
OPTION_WORDS = {
    "hebergement": r"Microsoft",
    "cnil": r"J’(?:en )?informe\b",
    "caisse": r"la même demande à",
    "deces": r"après (?:mon|son) décès",
    "limitation": r"la limitation",
    "acces": r"destinataires auxquels|qui a reçu",
    "logiciel": r"\blogiciel\b",
    "penal": r"pénal\b",
    "reason": r"raisons qui tiennent à",
    "missing": r"ce qui n’a pas reçu de réponse",
}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_letter_says_what_was_chosen_and_nothing_that_was_not(
    letters_of: Letters, catalogue: Catalogue, slug: str
) -> None:
    wording = catalogue.wordings[slug]
    offered = {*(option.name for option in wording.options), *wording.fields} & set(OPTION_WORDS)
    for request, letter in letters_of[slug]:
        chosen = (request.options | set(request.fields)) & offered
        said = [
            {name for name in offered if re.search(OPTION_WORDS[name], in_one_line(blocks))}
            for blocks in versions(letter)
        ]
        assert said[0] == chosen
        assert [names for names in said[1:] if not names <= chosen] == []


def test_what_is_looked_for_can_be_chosen(catalogue: Catalogue) -> None:
    fields = {field for wording in catalogue.wordings.values() for field in wording.fields}
    assert set(OPTION_WORDS) <= catalogue.option_names | fields


# Names that two paragraphs may both hold whole.
LONG_NAMES = (
    "Commission nationale de l’informatique et des libertés",
    "Plateforme des données de santé",
)
LONGEST_REPETITION = 6  # words: « de la personne que je représente »


def words_of(text: str) -> list[str]:
    for name in LONG_NAMES:
        text = text.replace(name, "N")
    return re.findall(r"\w+’?", text.lower())


def repetitions(texts: list[str]) -> set[str]:
    """The runs of words that two of `texts` have in common."""
    length = LONGEST_REPETITION + 1
    runs = [words_of(text) for text in texts]
    seen: Counter[tuple[str, ...]] = Counter()
    for run in runs:
        seen.update({tuple(run[i : i + length]) for i in range(len(run) - length + 1)})
    return {" ".join(run) for run, times in seen.items() if times > 1}


@pytest.mark.parametrize("slug", SLUGS)
def test_no_letter_says_a_thing_twice(letters_of: Letters, slug: str) -> None:
    """Two paragraphs of which one is meant for another case hold the same words."""
    for _request, letter in letters_of[slug]:
        for blocks in versions(letter):
            assert repetitions(list(texts_of(blocks))) == set()


def test_a_thing_said_twice_would_be_seen() -> None:
    texts = [
        "Ce jour, j’adresse une lettre à ce bon organisme.",
        "J’adresse une lettre à ce bon maire.",
    ]
    assert repetitions(texts) == {"j’ adresse une lettre à ce bon"}
    assert repetitions([texts[0], "J’adresse une lettre à ce vieux maire."]) == set()


# What came of the first letter

LATER = ("relance", "plainte-cnil")
TELLS = {
    "silence": r"je n’ai (?:pas )?reçu (?:de|ni) réponse",
    "refusal": r"pas fait droit|sans faire droit",
    "partial": r"qu’en partie",
}
# What the letter says of it in law, or asks for.
CLAIMS = {
    "silence": r"réponse (?:est prévue )?dans le mois",
    "refusal": r"conteste ce refus|de l’examiner de nouveau",
    "partial": r"est incomplète|de la compléter",
}
TELLS_CHANNEL = {
    "ameli": r"messagerie",
    "post": r"courrier postal",
    "email": r"courriel\b",
    "hand": r"main propre",
}


@pytest.mark.parametrize("slug", LATER)
def test_a_later_letter_tells_one_outcome_and_no_other(letters_of: Letters, slug: str) -> None:
    assert set(TELLS) == set(CLAIMS) == set(OUTCOMES)
    for request, letter in letters_of[slug]:
        assert request.objection
        for blocks in (letter.blocks, letter.short):
            text = in_one_line(blocks)
            told = [outcome for outcome, words in TELLS.items() for _ in re.findall(words, text)]
            assert told == [request.objection.outcome]
        claimed = {
            name for name, words in CLAIMS.items() if re.search(words, in_one_line(letter.blocks))
        }
        assert claimed == {request.objection.outcome}


@pytest.mark.parametrize("slug", LATER)
def test_a_later_letter_tells_how_the_first_was_sent_if_it_is_known(
    letters_of: Letters, slug: str
) -> None:
    assert set(TELLS_CHANNEL) == set(CHANNELS)
    for request, letter in letters_of[slug]:
        assert request.objection
        text = in_one_line(letter.blocks)
        told = {channel for channel, words in TELLS_CHANNEL.items() if re.search(words, text)}
        assert told == {request.objection.channel} - {""}


DAYS = re.compile(r"\b\w+ \w+ 2026\b")


def said(*days: date | None) -> set[str]:
    return {long_date(day).replace("\u00a0", " ") for day in days if day}


@pytest.mark.parametrize("slug", LATER)
def test_a_later_letter_tells_the_days_that_are_known_and_no_other(
    letters_of: Letters, slug: str
) -> None:
    for request, letter in letters_of[slug]:
        past = request.objection
        assert past
        days = said(past.sent_on, past.answer_on, past.followed_up_on)
        assert set(DAYS.findall(in_one_line(letter.blocks))) == days


def test_the_letter_of_information_tells_the_day_of_sending_and_a_month_later_if_it_is_known(
    letters_of: Letters,
) -> None:
    for request, letter in letters_of["information-cnil"]:
        assert request.objection
        days = said(date(2026, 10, 1), date(2026, 11, 1)) if request.objection.sent_on else set()
        assert set(DAYS.findall(in_one_line(letter.blocks))) == days


@pytest.mark.parametrize("slug", LATER)
def test_an_answer_s_day_does_not_make_a_silence_an_answer(catalogue: Catalogue, slug: str) -> None:
    wording = catalogue.wordings[slug]
    silence = replace(OBJECTION, outcome="silence")
    answered = replace(silence, answer_on=date(2026, 10, 20))
    told = [
        compose(wording, request_for(wording, objection=past), TODAY)
        for past in (silence, answered)
    ]
    assert told[0] == told[1]


@pytest.mark.parametrize("slug", SLUGS)
def test_a_letter_quotes_the_first_letter_if_it_speaks_of_one(
    letters_of: Letters, catalogue: Catalogue, slug: str
) -> None:
    for request, letter in letters_of[slug]:
        past = request.objection
        assert (past is not None) == catalogue.wordings[slug].speaks_of_objection
        if past is not None:
            text = in_one_line(letter.blocks)
            assert f"« {past.subject} »" in text
            assert " ".join(past.basis.split()) in text


# What shows the day of the first letter, by how it was sent.
PROOFS = {
    "": "la preuve de la date de la demande",
    "ameli": "une capture d’écran de la messagerie",
    "post": "la preuve du dépôt ou de la réception",
    "email": "le courriel envoyé",
    "hand": "la preuve de la remise",
}


def test_a_complaint_lists_what_is_joined_to_it_and_nothing_that_is_not(
    letters_of: Letters,
) -> None:
    assert set(PROOFS) == {"", *CHANNELS}
    for request, letter in letters_of["plainte-cnil"]:
        past = request.objection
        assert past
        joined = [block for block in letter.blocks if isinstance(block, Items)][-1]
        text = in_one_line((joined,))
        assert [name for name, proof in PROOFS.items() if proof in text] == [past.channel]
        short = " ".join(re.findall(r"Je joins[^.]*[.]", in_one_line(letter.short)))
        for listed in (text, short):
            assert ("la réponse" in listed) == (past.outcome != "silence")
            assert ("rappel" in listed) == (past.followed_up_on is not None)
            assert len(re.findall(r"(?:joins|copie de) la demande\b", listed)) == 1


def test_a_complaint_tells_the_facts_in_the_order_of_their_days(letters_of: Letters) -> None:
    orders = set()
    for request, letter in letters_of["plainte-cnil"]:
        facts = next(block for block in letter.blocks if isinstance(block, Items))
        days = DAYS.findall(in_one_line((facts,)))
        past = request.objection
        assert past
        known = sorted(day for day in (past.sent_on, past.answer_on, past.followed_up_on) if day)
        assert days == [long_date(day).replace("\u00a0", " ") for day in known]
        orders.add((past.answer_on or TODAY) < (past.followed_up_on or TODAY))
    assert orders == {True, False}


def test_a_follow_up_on_the_day_of_the_answer_is_told_before_it(catalogue: Catalogue) -> None:
    wording = catalogue.wordings["plainte-cnil"]
    past = replace(OBJECTION, outcome="refusal", answer_on=ANSWER_ON, followed_up_on=ANSWER_ON)
    letter = compose(wording, request_for(wording, objection=past), TODAY)
    facts = next(block for block in letter.blocks if isinstance(block, Items)).items
    told = [n for n, item in enumerate(facts) if re.search("rappel|pas fait droit", item)]
    assert len(told) == 2
    assert "rappel" in facts[told[0]]


def test_a_complaint_names_the_body_and_where_it_is(letters_of: Letters) -> None:
    for request, letter in letters_of["plainte-cnil"]:
        assert request.objection
        name, *places = request.objection.body
        assert name in in_one_line(letter.blocks)
        assert ", ".join(places) in in_one_line(letter.blocks)
        assert name in in_one_line(letter.short)


# Sentences to say aloud


@pytest.mark.parametrize("slug", SLUGS)
def test_the_letter_to_a_carer_has_three_sentences_to_say_and_the_others_none(
    letters_of: Letters, catalogue: Catalogue, slug: str
) -> None:
    carer = catalogue.wordings[slug].recipient == "soignant"
    for _request, letter in letters_of[slug]:
        assert len(letter.spoken) == (3 if carer else 0)
        for block in letter.spoken:
            assert isinstance(block, Paragraph)
            assert re.fullmatch(r"[A-ZÀÉÊ][^.?!]*(?:[.]|\s\?)", block.text)


# Values


def test_every_value_is_put_in_its_place() -> None:
    wording = parse(EVERY_VALUE, "every.md")
    past = Objection(
        subject="Un premier objet",
        basis="Un texte, article 3",
        body=("CPAM du Loin", "1 RUE A", "29200 BREST"),
        sent_on=date(2026, 1, 31),
        channel="hand",
        outcome="partial",
        answer_on=date(2026, 2, 14),
        followed_up_on=date(2026, 3, 1),
    )
    request = request_for(wording, (), {"reason": "Parce que."}, who="protected", objection=past)
    letter = compose(wording, request, TODAY)
    said = [text.replace("\u00a0", "~") for text in texts_of(letter.blocks)]
    assert said[1:-3] == [
        "Parce que.",
        "Maëlle / Le Goff-d’Œuvre / Maëlle Le Goff-d’Œuvre / CPAM de l’Invention / "
        "21~novembre 2026",
        "Odile de L’Isle / habilitation familiale",
        "CPAM du Loin / 1 RUE A, 29200 BREST / Un premier objet / Un texte, article 3",
        "31~janvier 2026 / 28~février 2026",
        "14~février 2026",
        "1er~mars 2026",
    ]
    assert letter.subject == "Un objet"
    assert letter.signature == "Maëlle Le Goff-d’Œuvre"
    assert letter.recipient == RECIPIENT


typed = st.text() | st.sampled_from(NOT_MARKUP)


@steady_few
@given(*[typed.filter(str.strip)] * 8)
@example("((reason))", "[si cnil]", "{{7*7}}", "$& <b>", "((name))", "%s", "((today))", "[]")
def test_what_a_person_types_comes_out_as_typed(
    given_name: str,
    family_name: str,
    recipient: str,
    reason: str,
    represented: str,
    measure: str,
    body: str,
    town: str,
) -> None:
    wording = parse(EVERY_VALUE, "every.md")
    past = replace(OBJECTION, body=(body, town))
    request = replace(
        request_for(
            wording, (), {"reason": reason}, Person(given_name, family_name), objection=past
        ),
        recipient=(recipient, "29200 BREST"),
        who="protected",
        represented=Representation(Person(represented, represented), measure),
    )
    letter = compose(wording, request, TODAY)
    name = f"{given_name} {family_name}".strip()
    other = f"{represented} {represented}".strip()
    day = "21\u00a0novembre 2026"
    assert letter.blocks == (
        Paragraph("Madame, Monsieur,"),
        Paragraph(reason),
        Paragraph(f"{given_name} / {family_name} / {name} / {recipient} / {day}"),
        Paragraph(f"{other} / {measure}"),
        Paragraph(f"{body} / {town} / {OBJECTION.subject} / {OBJECTION.basis}"),
        Paragraph("1er\u00a0octobre 2026 / 1er\u00a0novembre 2026"),
        Paragraph("Merci\u00a0:"),
        Items(("de répondre\u202f;", "de confirmer.")),
    )
    assert letter.subject == "Un objet"
    assert letter.sender[0] == Line(name)
    assert Line(f"Pour\u00a0: {other}") in letter.sender
    assert letter.signature == name
    assert letter.recipient == (recipient, "29200 BREST")


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("text", NOT_MARKUP)
def test_what_looks_like_markup_is_a_name_like_another(
    catalogue: Catalogue, slug: str, text: str
) -> None:
    marked = made_of(catalogue.wordings[slug], dict.fromkeys("ABCDEF", text))
    plain = made_of(catalogue.wordings[slug], {letter: letter * 9 for letter in "ABCDEF"})
    assert marked.signature == f"{text} {text}"
    expected = [re.sub(r"([A-F])\1{8}", lambda _found: text, line) for line in all_texts(plain)]
    assert all_texts(marked) == expected


def made_of(wording: Wording, texts: dict[str, str]) -> Letter:
    """A letter for a protected adult, with `texts` in all the places that are typed."""
    request = LetterRequest(
        sender=Person(texts["A"], texts["A"]),
        recipient=(texts["B"], texts["B"]),
        options=wording.default_options,
        fields=dict.fromkeys(wording.fields, texts["C"]),
        who="protected",
        represented=Representation(Person(texts["D"], texts["D"]), texts["E"]),
        objection=replace(OBJECTION, body=(texts["F"], texts["F"]), outcome="partial")
        if wording.speaks_of_objection
        else None,
    )
    return compose(wording, request, TODAY)


# The sender's block


BORN = "Date de naissance~: 01/03/1958"
BORN_BLANK = "Date de naissance~: ____"
NIR_BLANK = "N°~de sécurité sociale~: ____"


def test_a_sender_with_everything(invented: Wording) -> None:
    assert sender_lines(SENDER, invented) == [
        "Maëlle Le Goff-d’Œuvre",
        "Appartement 12, bâtiment C",
        "3 bis rue de l’Église",
        "29200 Brest",
        "France",
        "maelle.legoff@example.org",
        BORN,
        NIR_BLANK,
    ]


def test_a_sender_with_names_only_gets_lines_to_fill_in(invented: Wording) -> None:
    assert sender_lines(BARE_SENDER, invented) == [
        "Camille Durand",
        "Adresse~: ____",
        "____",
        BORN_BLANK,
        NIR_BLANK,
    ]


FOR_A_CHILD = ["Pour~: Zoé Nguyễn", "Sa date de naissance~: 01/12/2015"]


@pytest.mark.parametrize(
    ("who", "below"),
    [
        ("minor", [BORN_BLANK]),
        ("child", FOR_A_CHILD),
        ("protected", ["Pour~: Odile de L’Isle", "Sa date de naissance~: 08/05/1936"]),
    ],
)
def test_the_person_represented_comes_below_the_address_with_the_date_that_finds_the_file(
    invented: Wording, who: str, below: list[str]
) -> None:
    head = ["Camille Durand", "Adresse~: ____", "____"]
    assert sender_lines(BARE_SENDER, invented, who) == [*head, *below, NIR_BLANK]
    assert sender_lines(SENDER, invented, "child")[5:] == [
        "maelle.legoff@example.org",
        *FOR_A_CHILD,
        NIR_BLANK,
    ]


@pytest.mark.parametrize("recipient", ["cnil", "plateforme"])
@pytest.mark.parametrize("who", WHO)
def test_a_body_that_holds_no_named_file_gets_no_date_of_birth(recipient: str, who: str) -> None:
    text = INVENTED.replace('"caisse"', f'"{recipient}"').replace('["nir"]', "[]")
    lines = sender_lines(SENDER, parse(text, "far.md"), who)
    assert [line for line in lines if "naissance" in line or "sécurité" in line] == []
    assert ("Pour~:" in lines[-1]) == (who in REPRESENTED)


def test_a_letter_to_a_body_that_finds_nobody_by_name_has_no_date_of_birth(
    invented: Wording,
) -> None:
    for who in WHO:
        request = replace(request_for(invented, who=who), named_file=False)
        lines = shown_lines(compose(invented, request, TODAY))
        assert [line for line in lines if "naissance" in line] == []
        assert any(line.startswith("Pour~:") for line in lines) == (who in REPRESENTED)


TOWN_BLANK = "Code postal et ville~: ____"
ADDRESSES = {
    "street and town": (
        Address("1 rue A", "", "29200", "Brest"),
        ["1 rue A", "29200 Brest"],
    ),
    "hamlet only": (Address(line2="Kerhuon"), ["Kerhuon", TOWN_BLANK]),
    "street only": (Address("1 rue A"), ["1 rue A", TOWN_BLANK]),
    "town without a postcode": (Address("1 rue A", city="Brest"), ["1 rue A", "Brest"]),
    "postcode without a town": (Address("1 rue A", postal_code="29200"), ["1 rue A", "29200"]),
    "town only": (Address(postal_code="29200", city="Brest"), ["29200 Brest"]),
    "country only": (Address(country="Belgique"), [TOWN_BLANK, "Belgique"]),
    "abroad": (
        Address("Rue A 1", "", "1000", "Bruxelles", "Belgique"),
        ["Rue A 1", "1000 Bruxelles", "Belgique"],
    ),
}


@pytest.mark.parametrize(("address", "lines"), ADDRESSES.values(), ids=ADDRESSES.keys())
def test_an_address_has_a_line_to_fill_in_for_what_is_missing(
    invented: Wording, address: Address, lines: list[str]
) -> None:
    person = Person("Camille", "Durand", address=address)
    expected = ["Camille Durand", *lines, BORN_BLANK, NIR_BLANK]
    assert sender_lines(person, invented) == expected


def test_what_is_not_known_of_the_person_represented_is_to_fill_in(invented: Wording) -> None:
    request = replace(request_for(invented, sender=Person("", "")), who="child", represented=NOBODY)
    assert shown_lines(compose(invented, request, TODAY)) == [
        "Prénom et nom~: ____",
        "Adresse~: ____",
        "____",
        "Pour~: ____",
        "Sa date de naissance~: ____",
        NIR_BLANK,
    ]


NOBODY = Representation(Person("", ""))


def test_a_letter_without_a_number_by_hand_has_no_line_for_it() -> None:
    wording = parse(INVENTED.replace('["nir"]', "[]"), "without.md")
    assert sender_lines(BARE_SENDER, wording)[-1] == BORN_BLANK


@pytest.mark.parametrize("slug", SLUGS)
def test_a_letter_to_a_fund_has_a_line_for_the_number_by_hand(
    catalogue: Catalogue, slug: str
) -> None:
    wording = catalogue.wordings[slug]
    assert (sender_lines(SENDER, wording)[-1] == NIR_BLANK) == (wording.recipient == "caisse")


def test_the_letterhead_is_told_in_reading_order(invented: Wording) -> None:
    letter = compose(invented, request_for(invented, sender=BARE_SENDER), TODAY)
    head = list(letter.letterhead())
    assert head[0] == "Camille Durand"
    assert head[-5:] == [*RECIPIENT, "Le 21\u00a0novembre 2026"]


# Place and date


@pytest.mark.parametrize(
    ("city", "day", "expected"),
    [
        ("Brest", date(2026, 11, 21), "Brest, le 21~novembre 2026"),
        ("Brest", date(2026, 12, 1), "Brest, le 1er~décembre 2026"),
        ("L’Haÿ-les-Roses", date(2027, 1, 31), "L’Haÿ-les-Roses, le 31~janvier 2027"),
        ("", date(2026, 11, 21), "Le 21~novembre 2026"),
        ("", date(2028, 2, 29), "Le 29~février 2028"),
    ],
)
def test_place_and_date(invented: Wording, city: str, day: date, expected: str) -> None:
    person = Person("Camille", "Durand", address=Address(city=city))
    letter = compose(invented, request_for(invented, sender=person), day)
    assert letter.place_and_date.replace("\u00a0", "~") == expected


def test_a_letter_without_a_day_is_to_be_dated_by_hand(invented: Wording) -> None:
    for sender in (SENDER, BARE_SENDER):
        letter = compose(invented, request_for(invented, sender=sender), None)
        assert letter.place_and_date == f"À\u00a0{BLANK}, le\u00a0{BLANK}"


# Letters to fill in by hand


def blank_request(wording: Wording, who: str, outcome: str) -> LetterRequest:
    """What the page of a blank letter asks for: nothing typed."""
    past = Objection(subject=OBJECTION.subject, basis=OBJECTION.basis, outcome=outcome)
    return LetterRequest(
        sender=Person("", ""),
        recipient=(),
        options=wording.default_options,
        fields=dict.fromkeys(wording.fields, ""),
        who=who,
        represented=NOBODY if who in REPRESENTED else None,
        objection=past if wording.speaks_of_objection else None,
    )


def filled_in(request: LetterRequest, day: date | None) -> LetterRequest:
    """The same request with everything given; the day of sending only if a letter speaks of it."""
    past = request.objection
    return replace(
        request,
        sender=SENDER,
        recipient=RECIPIENT,
        represented=represented_by(request.who),
        objection=past and replace(past, body=RECIPIENT, sent_on=day),
    )


BLANKS = [
    (slug, who, outcome)
    for slug, who, outcome in product(SLUGS, WHO, OUTCOMES)
    if slug in LATER or outcome == "silence"
]


@pytest.mark.parametrize(("slug", "who", "outcome"), BLANKS)
def test_a_blank_letter_has_a_place_for_every_value_and_says_nothing_else(
    catalogue: Catalogue, slug: str, who: str, outcome: str
) -> None:
    wording = catalogue.wordings[slug]
    request = blank_request(wording, who, outcome)
    blank = compose(wording, request, None)
    filled = compose(wording, filled_in(request, OBJECTION.sent_on), None)
    for made, whole in zip(versions(blank), versions(filled), strict=True):
        for dotted, said in zip(texts_of(made), texts_of(whole), strict=True):
            assert re.fullmatch(re.escape(dotted).replace(BLANK, "[^…]+"), said)
    assert "…" not in "".join(texts_of(filled.blocks))


@pytest.mark.parametrize(("slug", "who", "outcome"), BLANKS)
def test_a_blank_letter_is_for_anybody(
    catalogue: Catalogue, slug: str, who: str, outcome: str
) -> None:
    wording = catalogue.wordings[slug]
    letter = compose(wording, blank_request(wording, who, outcome), None)
    assert (letter.recipient, letter.signature) == ((), "")
    assert letter.place_and_date == f"À\u00a0{BLANK}, le\u00a0{BLANK}"
    expected = ["Prénom et nom~: ____", "Adresse~: ____", "____"]
    if who in REPRESENTED:
        expected.append("Pour~: ____")
    if wording.asks_birth_date:
        expected.append("Sa date de naissance~: ____" if who in REPRESENTED else BORN_BLANK)
    if wording.recipient == "caisse":
        expected.append(NIR_BLANK)
    assert shown_lines(letter) == expected
    texts = [text for text in all_texts(letter) if text]
    for pattern in BLEMISHES.values():
        assert [text for text in texts if re.search(pattern, text)] == []
    places = sum(in_one_line(blocks).count(BLANK) for blocks in versions(letter))
    assert places >= len(versions(letter)) * ((who in REPRESENTED) + wording.speaks_of_objection)


def test_what_takes_longer_to_write_by_hand_has_more_room() -> None:
    wording = parse(EVERY_VALUE, "every.md")
    past = Objection(subject="Un premier objet", basis="Un texte", outcome="refusal")
    request = replace(blank_request(wording, "protected", "refusal"), objection=past)
    texts = list(texts_of(compose(wording, replace(request, options=frozenset()), None).blocks))
    assert [text.replace(BLANK, "_") for text in texts[1:-3]] == [
        "_ / _ / _ / _ / _",
        "__ / _",
        "__ / ____ / Un premier objet / Un texte",
        "_ / _",
    ]


@pytest.mark.parametrize("slug", LATER)
def test_a_blank_later_letter_claims_no_channel_and_no_follow_up(
    catalogue: Catalogue, slug: str
) -> None:
    wording = catalogue.wordings[slug]
    letter = compose(wording, blank_request(wording, "self", "refusal"), None)
    text = in_one_line(letter.blocks)
    assert [channel for channel, words in TELLS_CHANNEL.items() if re.search(words, text)] == []
    assert "rappel " not in text


# What an option adds, read before it is chosen


def test_what_an_option_adds_leaves_the_values_out() -> None:
    wording = parse(EVERY_VALUE.replace("((sent_on)) /", "[si cnil]\n((sent_on)) /"), "every.md")
    assert option_texts(wording, "reason", "self") == ["…"]
    assert option_texts(wording, "cnil", "self") == ["J’informe la CNIL.", "… / …"]


def test_an_option_may_add_a_list() -> None:
    text = INVENTED.replace("Merci :\n", "Merci :\n\n[si cnil]")
    assert option_texts(parse(text, "list.md"), "cnil", "self") == [
        "J’informe la CNIL.",
        "de répondre\u202f;",
        "de confirmer.",
    ]


def test_what_an_option_takes_away_is_not_what_it_adds() -> None:
    text = INVENTED.replace("Merci :", "[sauf cnil]\nRien.\n\nMerci :")
    assert option_texts(parse(text, "except.md"), "cnil", "self") == ["J’informe la CNIL."]


OF_EACH = {
    "self": ["Pour soi.", "Pour un adulte.", "Ni l’un ni l’autre."],
    "child": ["Pour un enfant.", "Pour … qui ne signe pas."],
    "minor": ["Pour un adolescent.", "Pour soi.", "Ni l’un ni l’autre."],
    "protected": ["Pour … qui ne signe pas.", "Ni l’un ni l’autre."],
}


@pytest.mark.parametrize("who", WHO)
def test_what_an_option_adds_depends_on_who_signs(who: str) -> None:
    added = (
        "[si cnil]\n[si child]\nPour un enfant.\n\n"
        "[si minor]\n[si cnil]\nPour un adolescent.\n\n"
        "[si cnil]\n[sauf represented]\nPour soi.\n\n"
        "[si self]\n[si cnil]\nPour un adulte.\n\n"
        "[si cnil]\n[si represented]\nPour ((represented_name)) qui ne signe pas.\n\n"
        "[si cnil]\n[sauf child]\nNi l’un ni l’autre.\n\n"
    )
    text = INVENTED.replace("[si cnil]\nJ’informe la CNIL.\n\n", added)
    assert option_texts(parse(text, "who.md"), "cnil", who) == OF_EACH[who]


def test_what_an_option_adds_with_another_one_is_announced_too() -> None:
    text = INVENTED.replace("J’informe la CNIL.", "[si reason]\nEnsemble.")
    assert option_texts(parse(text, "both.md"), "cnil", "self") == ["Ensemble."]


def test_an_unknown_option_adds_nothing(invented: Wording) -> None:
    assert option_texts(invented, "unknown", "self") == []


# Conditions and lists, in an invented letter


CASES = {
    "nothing chosen": ((), {}, "self", ["Pas de raison."]),
    "an option": ({"cnil"}, {}, "self", ["Pas de raison.", "CNIL sans raison."]),
    "a field": ((), {"reason": "Parce que."}, "self", []),
    "both": ({"cnil"}, {"reason": "Parce que."}, "self", ["CNIL et raison."]),
    "both, for a child": (
        {"cnil"},
        {"reason": "Parce que."},
        "child",
        ["CNIL et raison.", "Enfant, CNIL et raison.", "Représenté."],
    ),
    "nothing, for an adult": ((), {}, "protected", ["Pas de raison.", "Représenté."]),
    "nothing, for a minor": ((), {}, "minor", ["Pas de raison."]),
}


@pytest.mark.parametrize(("options", "fields", "who", "said"), CASES.values(), ids=CASES.keys())
def test_a_block_is_kept_when_all_its_conditions_hold(
    options: set[str], fields: dict[str, str], who: str, said: list[str]
) -> None:
    blocks = (
        "[sauf reason]\nPas de raison.\n\n"
        "[si cnil]\n[sauf reason]\nCNIL sans raison.\n\n"
        "[si cnil]\n[si reason]\nCNIL et raison.\n\n"
        "[si cnil]\n[si child]\n[si reason]\nEnfant, CNIL et raison.\n\n"
        "[si represented]\nReprésenté.\n\n"
        "[si self]\n[si represented]\nJamais.\n\n"
    )
    wording = parse(INVENTED.replace("Merci :", f"{blocks}Merci :"), "stacked.md")
    letter = compose(wording, request_for(wording, options, fields, who=who), TODAY)
    known = {"Madame, Monsieur,", "J’informe la CNIL.", "Parce que.", "Merci\u00a0:"}
    paragraphs = [block.text for block in letter.blocks if isinstance(block, Paragraph)]
    assert [text for text in paragraphs if text not in known] == said


LISTS = "[si cnil]\n- un ;\n\n[sauf cnil]\n- deux ;\n- trois ;\n\n[si child]\n- quatre ;\n\n- cinq."


@pytest.mark.parametrize(
    ("options", "who", "items"),
    [
        ({"cnil"}, "self", ("un", "cinq")),
        ((), "self", ("deux", "trois", "cinq")),
        ({"cnil"}, "child", ("un", "quatre", "cinq")),
        ((), "child", ("deux", "trois", "quatre", "cinq")),
    ],
)
def test_lists_that_follow_each_other_make_one(
    options: set[str], who: str, items: tuple[str, ...]
) -> None:
    text = INVENTED.replace("- de répondre ;\n- de confirmer.", LISTS)
    text = text.replace("Salutations.", f"Bonjour :\n\n{LISTS}\n\nFin.\n\n- six.")
    wording = parse(f"{text}\n=== à dire ===\n\n{LISTS}\n", "lists.md")
    letter = compose(wording, request_for(wording, options, who=who), TODAY)
    one = Items((*(f"{item}\u202f;" for item in items[:-1]), f"{items[-1]}."))
    assert letter.blocks[-1] == one
    assert letter.short == (
        Paragraph("Bonjour\u00a0:"),
        one,
        Paragraph("Fin."),
        Items(("six.",)),
    )
    assert letter.spoken == (one,)


@pytest.mark.parametrize(
    ("options", "said"),
    [(set(), "Rien."), ({"cnil"}, "J’informe la CNIL.")],
)
def test_one_of_two_contrary_paragraphs_is_said(options: set[str], said: str) -> None:
    text = INVENTED.replace("Merci :", "[sauf cnil]\nRien.\n\nMerci :")
    wording = parse(text, "except.md")
    letter = compose(wording, request_for(wording, options), TODAY)
    assert {"Rien.", "J’informe la CNIL."} & set(texts_of(letter.blocks)) == {said}


LEANS_ON_THE_ONE_ABOVE = re.compile(
    r"(D’ici là|Dans ce cas|Il|Elle|Ils|Elles|Cela|Celui-ci|Celle-ci)\b"
)


@pytest.mark.parametrize("slug", SLUGS)
def test_an_optional_paragraph_does_not_lean_on_another_optional_one(
    letters_of: Letters, catalogue: Catalogue, slug: str
) -> None:
    wording = catalogue.wordings[slug]
    requests = [request for request, _letter in letters_of[slug]]
    for version in (wording.body, wording.short, wording.spoken):
        for number, block in enumerate(version):
            if block.conditions and LEANS_ON_THE_ONE_ABOVE.match(str(block.templates[0][0])):
                for request in requests:
                    above = [b for b in version[:number] if is_kept(wording, b, request)]
                    if is_kept(wording, block, request):
                        assert above[-1].conditions in {(), block.conditions}, block.line


def is_kept(wording: Wording, block: TemplateBlock, request: LetterRequest) -> bool:
    alone = replace(wording, body=(block,), short=(), spoken=())
    return bool(compose(alone, request, TODAY).blocks)
