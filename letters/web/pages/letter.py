"""The form of a letter, and the page with the finished letter and what to do with it."""

from collections.abc import Iterable

from flask import Response, abort, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from letters.compose import option_texts
from letters.deadlines import answer_due, extended_answer_due, follow_up_due
from letters.model import WHO
from letters.render import html, text
from letters.typography import outside_cp1252
from letters.web import gloss
from letters.web.form.addresses import fund_choices
from letters.web.form.asked import Context
from letters.web.form.letter_form import LetterForm
from letters.web.form.questions import ADDRESS, useless_if_not
from letters.web.form.request import composed
from letters.web.qr import qr_code
from letters.web.site import site, today
from letters.wording import FOLLOW_UP, LATER_STEPS, OPPOSITION, Wording


def context_of(slug: str) -> Context:
    """What a form of the letter `slug` is about; an unknown letter is an unknown page."""
    wording = site().catalogue.get(slug)
    if wording is None:
        abort(404)
    return Context(wording, site(), today())


def letter_form(slug: str) -> str:
    return form_page(LetterForm(context_of(slug)))


def form_page(form: LetterForm, *, also: Iterable[str] | None = None, erased: bool = False) -> str:
    """The form as it stands, with its errors if it was checked.

    `also` are the letters ticked for the zip, to be carried along; those of the request if not
    told. `erased` tells that the form was just emptied. The address in the QR code is that of the
    empty form, for another device.
    """
    wording = form.context.wording
    ticked = _offered(request.form.getlist("also") if also is None else also, but=wording.slug)
    current = gloss.current()
    departments = site().recipients.by_department()
    return render_template(
        "form.html",
        form=form,
        wording=wording,
        earlier_letters=site().catalogue.earlier_letters.values(),
        choices=fund_choices(site().recipients),
        paragraphs=_option_texts(wording, form.who.data),
        glossed=current and _option_texts(current.wording(wording), form.who.data),
        whose={o.name: _those_who_can(wording, o.name) for o in wording.options},
        several=[funds for department, funds in departments if department and len(funds) > 1],
        useless_if_not=useless_if_not,
        sender_address=ADDRESS,
        carried=[*form.carried(), *(("also", slug) for slug in ticked)],
        erased=erased,
        address=(address := url_for("pages.letter_form", slug=wording.slug, _external=True)),
        qr=qr_code(address),
    )


def _option_texts(wording: Wording, whose: str) -> dict[str, list[str]]:
    return {o.name: option_texts(wording, o.name, whose) for o in wording.options}


def _those_who_can(wording: Wording, option: str) -> str:
    """The classes of an option that says nothing for some of those who write."""
    return useless_if_not("who", *(w for w in WHO if option_texts(wording, option, w)))


def erased(form: LetterForm) -> Response:
    """A fresh form, and the browser asked to drop the copies that it made of our pages.

    Browsers keep none on disk (`no-store`), but some hold the last pages in memory for « Back ».
    Only « cache »: cookies and storage have nothing of ours, and to clear them would reach other
    sites of the same domain or the same address.
    """
    response = Response(form_page(form, erased=True))
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def result_page(form: LetterForm, *, problem: str = "") -> str:
    """The finished letter and what to do with it; `problem` is what went wrong, if anything."""
    letter, wording = composed(form), form.context.wording
    beside = gloss.beside(form, letter)
    others = [w for w in site().catalogue.wordings.values() if w.slug != wording.slug]
    return render_template(
        "result.html",
        form=form,
        wording=wording,
        letter=letter,
        sheet=html.sheet(letter, gloss=beside),
        spoken=html.spoken(letter, gloss=beside),
        gloss=beside,
        subject=text.subject(letter),
        message=text.message(letter),
        short_message=text.short_message(letter),
        unusual=outside_cp1252(text.message(letter)),
        answers=answers_sent_today(form),
        known_address=form.addresses.used(form.recipient_kind),
        due=answer_due(form.today, form.departments),
        extended=extended_answer_due(form.today, form.departments),
        follow_up_due=follow_up_due(form.today),
        now=[other for other in others if other.step not in LATER_STEPS],
        later=[other for other in others if other.step in LATER_STEPS],
        also=request.form.getlist("also"),
        large=wants_large_print(),
        problem=problem,
    )


def answers_sent_today(form: LetterForm) -> "MultiDict[str, str]":
    """The answers by name, for the reminder and for the letters that come after.

    The letter goes today, unless the person says another day.
    """
    answers = MultiDict(form.answers())
    day = {OPPOSITION: "sent_on", FOLLOW_UP: "followed_up_on"}.get(form.context.wording.step)
    if day:
        answers.setdefault(day, f"{form.today:%d/%m/%Y}")
    return answers


def _offered(slugs: Iterable[str], but: str) -> list[str]:
    """Those of `slugs` that a result page offers beside the letter `but`, in their order.

    A follow-up from which a first letter is asked for is not among them: it comes later.
    """
    wanted = set(slugs) - {but}
    wordings = site().catalogue.wordings.items()
    return [s for s, wording in wordings if s in wanted and wording.step not in LATER_STEPS]


def wants_large_print() -> bool:
    return request.values.get("large") == "1"
