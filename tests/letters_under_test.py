"""Every letter in every shape it can take, for the tests that must not forget one.

A new file in letters/texts/ is taken in by itself: `SLUGS` is read from the directory, and
`every_request` from the options and fields that each wording declares. `INVENTED` is the text of
a small correct wording file, to be spoilt; `never_raised` finds the errors that a table of
mistakes forgot.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain, combinations, cycle, product
from pathlib import Path
from types import ModuleType

from hypothesis import settings

from letters.catalogue import NOT_A_LETTER, TEXTS, Catalogue
from letters.model import LetterRequest, Person, PostalAddress
from letters.recipients import Recipients
from letters.wording import Wording

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

# What a person may write in each optional field.
FIELD_TEXTS = {
    "reason": "J’exerce un métier exposé, et des données sur moi ont déjà fui.\n"
    "Je souhaite que cela n’arrive plus.",
}

# For property tests: the same examples on every machine, and none fails for being slow.
steady = settings(derandomize=True, deadline=None, max_examples=150)
steady_few = settings(derandomize=True, deadline=None, max_examples=30)

INVENTED = """\
+++
order = 3
title = "Un titre"
summary = "Un résumé"
reach = "Une portée"
subject = "Un objet"
basis = "Un texte"
sources = ["un-fait"]
recipient = "caisse"
fields = ["reason"]
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

=== version courte ===

Salutations.
"""


def request_for(
    wording: Wording,
    options: Iterable[str] | None = None,
    fields: Mapping[str, str] | None = None,
    sender: Person = SENDER,
    recipient: tuple[str, ...] = RECIPIENT,
) -> LetterRequest:
    """A request for `wording`: its default options and no optional field unless told."""
    chosen = wording.default_options if options is None else frozenset(options)
    return LetterRequest(sender, recipient, chosen, dict(fields or {}))


def every_option_set(wording: Wording) -> Iterator[frozenset[str]]:
    """Every combination of the options of `wording`, from none to all."""
    names = [option.name for option in wording.options]
    sizes = range(len(names) + 1)
    yield from map(frozenset, chain.from_iterable(combinations(names, size) for size in sizes))


def every_field_set(wording: Wording) -> Iterator[dict[str, str]]:
    """Every combination of optional fields filled in or not, from none to all."""
    sizes = range(len(wording.fields) + 1)
    for names in chain.from_iterable(combinations(wording.fields, size) for size in sizes):
        yield {name: FIELD_TEXTS[name] for name in names}


def every_request(
    catalogue: Catalogue, recipients: Recipients
) -> Iterator[tuple[Wording, LetterRequest]]:
    """Every letter × every combination of options × each optional field filled in or not.

    Recipients take turns, so that long and short addresses all come up.
    """
    addresses = cycle([body.lines for body in recipients if body.has_address])
    for wording in catalogue.wordings.values():
        for options, fields in product(every_option_set(wording), every_field_set(wording)):
            yield wording, request_for(wording, options, fields, recipient=next(addresses))


def fixed_texts(wording: Wording) -> Iterator[str]:
    """All that a jurist wrote in a wording file, with an ellipsis for each value."""
    yield from (wording.title, wording.summary, wording.reach, wording.basis)
    for option in wording.options:
        yield from (option.label, option.hint)
    templates = (t for block in (*wording.body, *wording.short) for t in block.templates)
    for template in (wording.subject, *templates):
        yield "".join(part if isinstance(part, str) else "…" for part in template)


def never_raised(module: ModuleType, errors: Iterable[BaseException]) -> list[int]:
    """Lines of the `raise` statements of `module` that none of `errors` came from."""
    file = str(module.__file__)
    reached = {line for error in errors for line in _lines_of_traceback(error, file)}
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    raises = (node for node in ast.walk(tree) if isinstance(node, ast.Raise))
    return [
        node.lineno
        for node in raises
        if not reached.intersection(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    ]


def _lines_of_traceback(error: BaseException, file: str) -> Iterator[int]:
    traceback = error.__traceback__
    while traceback:
        if traceback.tb_frame.f_code.co_filename == file:
            yield traceback.tb_lineno
        traceback = traceback.tb_next
