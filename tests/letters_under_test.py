"""Every letter in every shape it can take, for the tests that must not forget one.

A new file in letters/texts/ is taken in by itself: `SLUGS` is read from the directory, and
`every_request` from the options and fields that each wording declares. `INVENTED` is the text of
a small correct wording file, to be spoilt.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import chain, combinations, cycle, product

from hypothesis import settings

from letters.catalogue import NOT_A_LETTER, TEXTS, Catalogue, load_catalogue
from letters.compose import compose
from letters.facts import load_facts
from letters.model import (
    CHANNELS,
    REPRESENTED,
    WHO,
    Block,
    EarlierLetter,
    Letter,
    LetterRequest,
    Person,
    PostalAddress,
    Representation,
)
from letters.recipients import Recipients, load_addressees, load_recipients
from letters.wording import COMPLAINT, LATER_STEPS, SAME_AS_EARLIER, Wording
from tests.conftest import TODAY

SLUGS = tuple(sorted(path.stem for path in TEXTS.glob("*.md") if path.name != NOT_A_LETTER))

SENDER = Person(
    given_name="Maëlle",
    family_name="Le Goff-d’Œuvre",
    birth_date=date(1958, 3, 1),
    address=PostalAddress(
        line1="Appartement 12, bâtiment C",
        line2="3 bis rue de l’Église",
        postal_code="29200",
        city="Brest",
        country="France",
    ),
    email="maelle.legoff@example.org",
)
BARE_SENDER = Person(given_name="Camille", family_name="Durand")
RECIPIENT = (
    "CPAM de l’Invention",
    "Délégué à la protection des données",
    "1 RUE INVENTEE",
    "99000 NULLE PART CEDEX 9",
)

# Who may be represented, and by what measure; neither has a name of the sender's.
CHILD = Person(given_name="Zoé", family_name="Nguyễn", birth_date=date(2015, 12, 1))
WARD = Person(given_name="Odile", family_name="de L’Isle", birth_date=date(1936, 5, 8))
MEASURE = "habilitation familiale"
EARLIER = EarlierLetter(
    subject="Opposition à la réutilisation de données de santé",
    basis="Code de l’invention, article\u00a01er",
    address_lines=RECIPIENT,
    sent_on=date(2026, 10, 1),
    deadline=date(2026, 11, 2),
    channel="post",
)
FOLLOWED_UP_FIRST = date(2026, 10, 12)
RECEIVED_ON = date(2026, 10, 2)
ANSWER_ON = date(2026, 10, 20)
FOLLOWED_UP_ON = date(2026, 11, 5)

# What a person may write in each optional field.
FIELD_TEXTS = {
    "reason": "J’exerce un métier exposé, et des données sur moi ont déjà fui.\n"
    "Je souhaite que cela n’arrive plus.",
    "missing": "La liste des projets.\nLa date d’effet de mon opposition.",
}

# For property tests: the same examples on every machine, and none fails for being slow.
steady = settings(derandomize=True, deadline=None, max_examples=150)
steady_few = settings(derandomize=True, deadline=None, max_examples=30)

INVENTED = """\
+++
order = 3
step = "opposition"
title = "Un titre"
summary = "Un résumé"
reach = "Une portée"
limits = ["Une limite"]
subject = "Un objet"
basis = "Un texte"
sources = ["un-fait"]
recipient = "caisse"
fields = ["reason"]
reason_hint = "Un conseil"
handwritten = ["nir"]
reviewed_by = "Personne"
reviewed_on = 2026-11-21

[[options]]
name = "cnil"
default = true
label = "Une étiquette"
hint = "Une aide"
+++

Madame, Monsieur,

[si reason]
((reason))

[si cnil]
J’informe la CNIL.

Merci :

- de répondre ;
- de confirmer.

Salutations.
"""


def request_for(
    wording: Wording,
    options: Iterable[str] | None = None,
    fields: Mapping[str, str] | None = None,
    sender: Person = SENDER,
    address_lines: tuple[str, ...] = RECIPIENT,
    *,
    who: str = "self",
    earlier_letter: EarlierLetter | None = None,
) -> LetterRequest:
    """A request for `wording`: its default options and no optional field unless told.

    A letter that speaks of another one gets `EARLIER` unless told.
    """
    chosen = wording.default_options if options is None else frozenset(options)
    earlier = (earlier_letter or EARLIER) if wording.speaks_of_earlier_letter else None
    return LetterRequest(
        sender,
        address_lines,
        options=chosen,
        fields=dict(fields or {}),
        who=who,
        represented=represented_by(who),
        earlier_letter=earlier,
    )


def blank_request(wording: Wording, who: str, outcome: str = "silence") -> LetterRequest:
    """What the page of a blank letter asks for: nothing typed."""
    earlier = EarlierLetter(subject=EARLIER.subject, basis=EARLIER.basis, outcome=outcome)
    return LetterRequest(
        sender=Person("", ""),
        address_lines=(),
        options=wording.default_options,
        fields=dict.fromkeys(wording.fields, ""),
        who=who,
        represented=Representation(Person("", "")) if who in REPRESENTED else None,
        earlier_letter=earlier if wording.speaks_of_earlier_letter else None,
    )


def represented_by(who: str) -> Representation | None:
    if who not in REPRESENTED:
        return None
    return Representation(WARD, MEASURE) if who == "protected" else Representation(CHILD)


def every_option_set(wording: Wording) -> Iterator[frozenset[str]]:
    """Every combination of the options of `wording`, from none to all."""
    return map(frozenset, subsets(option.name for option in wording.options))


def subsets(names: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Every combination of `names`, from none to all."""
    names = tuple(names)
    return chain.from_iterable(combinations(names, size) for size in range(len(names) + 1))


def every_objection(wording: Wording) -> Iterator[EarlierLetter | None]:
    """Everything that may have come of the earlier letter, as far as `wording` speaks of it.

    It was sent in some way or an unknown one, an answer has its date or not, and there was a
    follow-up before it, after it or none.
    """
    if not wording.speaks_of_earlier_letter:
        yield None
        return
    if wording.step not in LATER_STEPS:
        yield from (EARLIER, replace(EARLIER, sent_on=None))
        return
    answers = [("silence", None), *product(("refusal", "partial"), (None, ANSWER_ON))]
    follow_ups = (None, FOLLOWED_UP_FIRST, FOLLOWED_UP_ON)
    follow_ups = follow_ups if wording.step == COMPLAINT else (None,)
    histories = product(("", *CHANNELS), answers, follow_ups)
    for channel, (outcome, answer_on), followed_up_on in histories:
        if followed_up_on == FOLLOWED_UP_FIRST and not answer_on:
            continue  # nothing tells it from a later one
        yield replace(
            EARLIER,
            channel=channel,
            outcome=outcome,
            answer_on=answer_on,
            followed_up_on=followed_up_on,
        )
    if wording.step == COMPLAINT:
        yield replace(EARLIER, received_on=RECEIVED_ON)


def every_request(
    catalogue: Catalogue, recipients: Recipients
) -> Iterator[tuple[Wording, LetterRequest]]:
    """Every letter × who writes × options × optional fields × what came of an earlier letter.

    Addresses of funds take turns, so that long and short ones all come up; so do the letters that
    a later one speaks of.
    """
    addresses = cycle([body.address_lines for body in recipients if body.has_address])
    firsts = cycle(catalogue.earlier_letters.values())
    fixed = {body.code: body.address_lines for body in load_addressees()}
    for wording in catalogue.wordings.values():
        shapes = product(
            WHO, every_option_set(wording), subsets(wording.fields), every_objection(wording)
        )
        for who, options, fields, earlier in shapes:
            if not all(is_asked(field, earlier) for field in fields):
                continue
            first, address = next(firsts), next(addresses)
            body = fixed.get(first.recipient_kind, address)
            told = earlier and replace(
                earlier, subject=first.subject, basis=first.basis, address_lines=body
            )
            to_first = wording.recipient_kind == SAME_AS_EARLIER
            recipient = body if to_first else fixed.get(wording.recipient_kind, address)
            texts = {name: FIELD_TEXTS[name] for name in fields}
            request = request_for(
                wording, options, texts, address_lines=recipient, who=who, earlier_letter=told
            )
            yield wording, replace(request, named_file=not to_first or first.asks_birth_date)


@cache
def all_wordings() -> Catalogue:
    return load_catalogue(load_facts())


Letters = list[tuple[LetterRequest, Letter]]


@cache
def every_letter() -> dict[str, Letters]:
    """Every letter that each wording can become, by its slug, with its request: made once."""
    made: dict[str, Letters] = {slug: [] for slug in SLUGS}
    for wording, request in every_request(all_wordings(), load_recipients()):
        made[wording.slug].append((request, compose(wording, request, TODAY)))
    return made


def is_asked(field: str, earlier: EarlierLetter | None) -> bool:
    """Whether a form asks for an optional field: for what is missing after a partial answer."""
    return field != "missing" or (earlier is not None and earlier.outcome == "partial")


def texts_of(blocks: tuple[Block, ...]) -> Iterator[str]:
    return (text for block in blocks for text in block.texts)


def all_texts(letter: Letter) -> list[str]:
    """Every text of a letter, once a line."""
    return [
        *letter.letterhead(),
        letter.subject,
        *texts_of(letter.blocks),
        *texts_of(letter.spoken),
        letter.signature,
    ]


def fixed_texts(wording: Wording) -> Iterator[str]:
    """All that a jurist wrote in a wording file, with « Camille » for each value."""
    yield from (wording.title, wording.summary, wording.reach, wording.basis, wording.subject)
    yield from (*wording.limits, wording.reason_hint)
    for option in wording.options:
        yield from (option.label, option.hint, option.after)
    blocks = (*wording.body, *wording.spoken)
    for template in (t for block in blocks for t in block.templates):
        yield "".join(part if isinstance(part, str) else "Camille" for part in template)
