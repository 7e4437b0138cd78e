"""The pages: each turns a request into a call of the core, and the result into an answer.

Nothing is kept between two requests: the form's own fields are the state, and every result page
carries them as hidden fields, so that « Modifier », « PDF » and the rest are each one more POST
of the same form.
"""

import sys
from dataclasses import dataclass
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response as BaseResponse

from letters import __version__
from letters.compose import compose, option_texts
from letters.deadlines import months_after
from letters.facts import KINDS
from letters.model import Letter
from letters.render import html, text
from letters.typography import long_date, outside_cp1252
from letters.web import i18n
from letters.web.content import content, today
from letters.web.forms import Context, LetterForm, recipient_choices

LAST_RESORT = (
    '<!doctype html><html lang="fr"><meta charset="utf-8"><title>Panne – Droit de plume</title>'
    "<h1>Le site est en panne</h1><p>Revenez en arrière\u00a0: le navigateur a d’ordinaire gardé "
    "vos réponses. Essayez de nouveau dans quelques minutes.</p></html>"
)

pages = Blueprint("pages", __name__, url_prefix="/<language:language>")
root = Blueprint("root", __name__)


@dataclass(frozen=True, slots=True)
class Messages:
    """The text versions of a letter, as pasted and as downloaded."""

    subject: str
    full: str
    short: str

    @classmethod
    def of(cls, letter: Letter) -> "Messages":
        return cls(text.subject(letter), text.message(letter), text.short_message(letter))


def init_app(app: Flask) -> None:
    """Register the pages and the error pages."""
    app.register_blueprint(root)
    app.register_blueprint(pages)
    app.register_error_handler(HTTPException, _error_page)
    app.context_processor(_for_every_page)


@pages.url_value_preprocessor
def _take_language(endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.language = (values or {}).pop("language")


@pages.url_defaults
def _give_language(endpoint: str, values: dict[str, Any]) -> None:
    values.setdefault("language", i18n.current_language().tag)


def _for_every_page() -> dict[str, Any]:
    return {
        "catalogue": content().catalogue,
        "settings": content().settings,
        "version": __version__,
    }


@root.get("/")
def start() -> BaseResponse:
    """Send the visitor to the home page in their language."""
    response = redirect(url_for("pages.home", language=i18n.preferred_language()))
    response.vary.add("Accept-Language")
    return response


@root.get("/sante")
def health() -> Response:
    """For a monitor: the program answers. (« santé » as in a server's health.)"""
    return jsonify(ok=True, version=__version__)


@pages.get("/")
def home() -> str:
    return render_template("home.html")


@pages.get("/confidentialite")
def privacy() -> str:
    return render_template("privacy.html")


@pages.get("/accessibilite")
def accessibility() -> str:
    return render_template("accessibility.html")


@pages.get("/sources")
def sources() -> str:
    facts = content().facts.values()
    by_kind = {kind: [fact for fact in facts if fact.kind == kind] for kind in KINDS}
    return render_template(
        "sources.html", facts=by_kind, recipients=content().recipients, long_date=long_date
    )


@pages.get("/lettres/<slug>")
def letter_form(slug: str) -> str:
    return _form_page(LetterForm(_context(slug)))


@pages.post("/lettres/<slug>")
def letter(slug: str) -> Response:
    form = LetterForm(_context(slug), request.form)
    output = request.form.get("output", "preview")
    if output == "edit":
        form.show_known_address()
        status = 200 if form.tell_of_nirs() else 422
        return Response(_form_page(form), status)
    if not form.validate():
        return Response(_form_page(form), 422)
    finished = compose(form.context.wording, form.to_request(), form.context.today)
    if output == "pdf":
        return _pdf_answer(form, finished)
    if output in {"text", "short"}:
        return _text_answer(slug, output, Messages.of(finished))
    return Response(_result_page(form, finished))


def _context(slug: str) -> Context:
    wording = content().catalogue.get(slug)
    if wording is None:
        abort(404)
    return Context(wording, content(), today())


def _form_page(form: LetterForm) -> str:
    wording = form.context.wording
    paragraphs = {option.name: option_texts(wording, option.name) for option in wording.options}
    several = [
        bodies
        for department, bodies in form.context.content.recipients.by_department()
        if department and len(bodies) > 1
    ]
    return render_template(
        "form.html",
        form=form,
        wording=wording,
        choices=recipient_choices(form.context.content.recipients),
        paragraphs=paragraphs,
        several=several,
    )


def _result_page(form: LetterForm, finished: Letter, *, pdf_failed: bool = False) -> str:
    messages = Messages.of(finished)
    deadline = months_after(form.context.today, 1)
    return render_template(
        "result.html",
        form=form,
        wording=form.context.wording,
        sheet=html.sheet(finished),
        messages=messages,
        unusual=outside_cp1252(messages.full),
        deadline=long_date(deadline),
        pdf_failed=pdf_failed,
    )


def _text_answer(slug: str, output: str, messages: Messages) -> Response:
    body, name = {
        "text": (messages.full, f"{slug}.txt"),
        "short": (messages.short, f"{slug}-version-courte.txt"),
    }[output]
    return _attachment(text.document(messages.subject, body).encode(), "text/plain", name)


def _pdf_answer(form: LetterForm, finished: Letter) -> Response:
    # Imported here: text and pages go on working in a process without Pango.
    try:
        from letters.render import pdf

        body = pdf.pdf(finished)
    except Exception:
        current_app.log_exception(sys.exc_info())
        return Response(_result_page(form, finished, pdf_failed=True), 500)
    return _attachment(body, "application/pdf", f"{form.context.wording.slug}.pdf")


def _attachment(body: bytes, mimetype: str, name: str) -> Response:
    response = Response(body, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _error_page(error: HTTPException) -> BaseResponse:
    """Every error as a French page that says what to do; never a trace, never a value."""
    if error.code and error.code < 400:  # a redirect is no error
        return error.get_response()
    code = error.code or 500
    try:
        page = render_template("error.html", code=code)
    except Exception:
        # Whatever broke the page may break the error page too; this one needs nothing.
        current_app.log_exception(sys.exc_info())
        page = LAST_RESORT
    response = Response(page, code)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(error.valid_methods)
    return response
