"""`/suivi`: what came of a letter that was sent, and what to do next, with the days worked out.

The link of a reminder opens it with the letter and the day of sending in its address: neither
tells who wrote. What the person answers comes by POST, like everything else they type.
"""

from dataclasses import dataclass
from datetime import date

from flask import Response, abort, render_template, request
from werkzeug.datastructures import MultiDict

from letters.deadlines import answer_due, extended_answer_due, follow_up_due
from letters.web.content import content, today
from letters.web.forms import Context, FollowUpForm
from letters.wording import LATER_STEPS


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a letter stands today: `outcome` is empty until the person says."""

    outcome: str
    sent_on: date
    today: date

    @property
    def due(self) -> date:
        return answer_due(self.sent_on)

    @property
    def extended(self) -> date:
        return extended_answer_due(self.sent_on)

    @property
    def month_is_over(self) -> bool:
        return self.due <= self.today

    @property
    def follow_up_due(self) -> date:
        """When the period of a follow-up sent today ends."""
        return follow_up_due(self.today)


def opened() -> Response:
    """The page as a reminder opens it, or empty."""
    slug, sent_on = request.args.get("lettre", ""), request.args.get("envoi", "")
    if slug and slug not in content().catalogue.oppositions:
        abort(404)
    form = _form({"first_letter": slug, "sent_on": sent_on})
    if not sent_on:
        return _page(form, None)
    return _page_of_day(form)


def answered() -> Response:
    """The page after the person has said what happened."""
    form = FollowUpForm(_context(), request.form)
    output = request.form.get("output")
    if output in {"language", "stage"}:  # the same page in another language
        if not form.tell_of_nirs():
            return _page(form, None, 422)
        return _page_of_day(form) if output == "stage" else _page(form, None)
    valid = form.validate()
    return _page(form, _stage(form) if valid else None, 200 if valid else 422)


def _context() -> Context:
    wordings = list(content().catalogue.wordings.values())
    later = [wording for wording in wordings if wording.step in LATER_STEPS]
    return Context([*later, *wordings][0], content(), today())


def _form(answers: dict[str, str]) -> FollowUpForm:
    return FollowUpForm(_context(), MultiDict({k: v for k, v in answers.items() if v}))


def _page_of_day(form: FollowUpForm) -> Response:
    """The page for a day of sending alone, before the person says what came of it."""
    if not form.sent_on.validate(form, form.checks_of_sent_on):
        return _page(form, None, 422)
    form.sent_on.data = f"{form.day('sent_on'):%d/%m/%Y}"  # as a person writes it
    return _page(form, _stage(form))


def _stage(form: FollowUpForm) -> Stage | None:
    sent_on = form.day("sent_on")
    return Stage(form.outcome.data, sent_on, form.context.today) if sent_on else None


def _page(form: FollowUpForm, stage: Stage | None, status: int = 200) -> Response:
    catalogue = content().catalogue
    page = render_template(
        "follow_up.html",
        form=form,
        stage=stage,
        first_letters=catalogue.oppositions.values(),
        later=[w for w in catalogue.wordings.values() if w.step in LATER_STEPS],
    )
    return Response(page, status)
