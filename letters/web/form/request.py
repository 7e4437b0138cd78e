"""What valid answers ask for: a `LetterRequest`, which knows nothing of forms, and its letter."""

from typing import Any

from letters.compose import compose
from letters.model import (
    CHANNELS,
    OUTCOMES,
    EarlierLetter,
    Letter,
    LetterRequest,
    Person,
    PostalAddress,
    Representation,
)
from letters.web.form.letter_form import LetterForm
from letters.web.form.questions import ADDRESS, NAMED_FILES

_DAYS = ("sent_on", "received_on", "answer_on", "followed_up_on")


def composed(form: LetterForm) -> Letter:
    """The letter that valid answers make."""
    return compose(form.context.wording, request_of(form), form.today)


def request_of(form: LetterForm) -> LetterRequest:
    wording = form.context.wording
    address = PostalAddress(*(form[name].data for name in ADDRESS))
    represented = Representation(_person(form, "represented_"), form.measure.data)
    return LetterRequest(
        sender=_person(form, address=address, email=form.email.data),
        address_lines=form.addresses.address_lines(form.recipient_kind),
        options=form.own_options.intersection(form.options.data),
        fields={n: form[n].data for n in wording.fields if n in form.active_fields},
        named_file=form.recipient_kind in NAMED_FILES,
        who=form.who.data,
        represented=represented if form.represents else None,
        earlier_letter=_earlier_letter(form) if wording.speaks_of_earlier_letter else None,
    )


def _person(form: LetterForm, whose: str = "", **reached: Any) -> Person:
    given_name, family_name = form[f"{whose}given_name"].data, form[f"{whose}family_name"].data
    return Person(given_name, family_name, form.day(f"{whose}birth_date"), **reached)


def _earlier_letter(form: LetterForm) -> EarlierLetter | None:
    if form.earlier_letter is None:
        return None
    return EarlierLetter(
        subject=form.earlier_letter.subject,
        basis=form.earlier_letter.basis,
        address_lines=form.addresses.address_lines(form.earlier_kind),
        deadline=form.answer_due,
        channel=form.channel.data if form.channel.data in CHANNELS else "",
        outcome=form.outcome.data if form.outcome.data in OUTCOMES else "",
        **{name: form.day(name) for name in _DAYS if name in form.active_fields},
    )
