"""`/suivi`: what came of a letter that was sent, and what to do next, with the days worked out.

The link of a reminder opens it with the letter and the day of sending in its address: neither
tells who wrote. What the person answers comes by POST, like everything else they type.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from flask import Response, abort, render_template, request
from werkzeug.datastructures import MultiDict
from wtforms.validators import DataRequired

from letters.cleaning import parse_day
from letters.deadlines import extended_answer_due, follow_up_due, opens_after
from letters.model import OUTCOMES
from letters.web.form import fields, questions
from letters.web.form.asked import Context
from letters.web.form.fields import Choice, Text
from letters.web.form.letter_form import LetterForm
from letters.web.languages import lazy_gettext
from letters.web.site import site, today
from letters.wording import LATER_STEPS


class NextStepForm(LetterForm):
    """What `/suivi` asks: which letter, when, and what came of it."""

    outcome = fields.choice(
        lazy_gettext("Que s’est-il passé depuis ?"),
        [*questions.OUTCOMES_TO_CHOOSE, ("accepted", lazy_gettext("Une acceptation"))],
        "",
        questions.OUTCOME_NEEDED,
    )
    shows_options = False  # of the letter that the page would open

    @cached_property
    def visible_fields(self) -> frozenset[str]:
        return frozenset({"first_letter", "sent_on", "received_on", "outcome", "answer_on"})

    def validate_sent_on(self, field: Text) -> None:
        DataRequired(questions.SENT_ON_NEEDED)(self, field)
        questions.DAY_OF_SENDING(self, field)

    def validate_outcome(self, field: Choice) -> None:
        """The page itself says from when a letter opens."""
        DataRequired(questions.OUTCOME_NEEDED)(self, field)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a letter stands today: `outcome` is empty until the person says."""

    outcome: str
    sent_on: date
    received_on: date | None  # where that is known
    due: date
    opens: date  # for a letter about silence
    extended: date
    month_is_over: bool
    follow_up_due: date  # if it is sent today

    @property
    def opens_letters(self) -> bool:
        """Whether a follow-up and a complaint can go now, so that the page offers them."""
        return self.outcome in OUTCOMES and (self.outcome != "silence" or self.month_is_over)


def next_step() -> Response:
    """The page as a reminder opens it, or empty."""
    slug, sent_on = request.args.get("lettre", ""), request.args.get("envoi", "")
    if slug and slug not in site().catalogue.earlier_letters:
        abort(404)
    day = parse_day(sent_on)
    if day and questions.EARLIEST_SENDING <= day <= today():
        sent_on = f"{day:%d/%m/%Y}"  # as a person writes it
    answers = {"first_letter": slug, "sent_on": sent_on}
    form = NextStepForm(_context(), MultiDict({k: v for k, v in answers.items() if v}))
    return _page_of_day(form) if sent_on else _page(form)


def next_step_answered() -> Response:
    """The page after the person has said what happened."""
    form = NextStepForm(_context(), request.form)
    output = request.form.get("output")
    if output in {"language", "stage"}:  # the same page in another language
        if not form.tell_of_nirs():
            return _page(form, is_right=False)
        return _page_of_day(form) if output == "stage" else _page(form)
    return _page(form, is_right=form.validate())


def _context() -> Context:
    wordings = list(site().catalogue.wordings.values())
    later = [wording for wording in wordings if wording.step in LATER_STEPS]
    return Context([*later, *wordings][0], site(), today())


def _page_of_day(form: NextStepForm) -> Response:
    """The page for a day of sending alone, before the person says what came of it."""
    return _page(form, is_right=form.sent_on.validate(form, [NextStepForm.validate_sent_on]))


def _stage(form: NextStepForm) -> Stage | None:
    sent_on, received, due = form.day("sent_on"), form.received, form.answer_due
    if sent_on is None or received is None or due is None:
        return None
    opens = opens_after(due)
    return Stage(
        form.outcome.data,
        sent_on,
        form.day("received_on"),
        due,
        opens,
        extended_answer_due(received, form.departments),
        opens <= form.today,
        follow_up_due(form.today),
    )


def _page(form: NextStepForm, *, is_right: bool | None = None) -> Response:
    """The page; `is_right` tells what the checks said, None if there were none."""
    catalogue = site().catalogue
    page = render_template(
        "next_step.html",
        facts=site().facts,
        form=form,
        stage=_stage(form) if is_right else None,
        earlier_letters=catalogue.earlier_letters.values(),
        later=[w for w in catalogue.wordings.values() if w.step in LATER_STEPS],
    )
    return Response(page, 422 if is_right is False else 200)
