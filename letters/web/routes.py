"""The pages: each turns a request into a call of the core, and the result into an answer.

Nothing is kept between two requests: the form's own fields are the state, and every result page
carries them as hidden fields, so that « Modifier », « PDF » and the rest are each one more POST
of the same form.
"""

import sys
from collections.abc import Mapping
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
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException, MethodNotAllowed, ServiceUnavailable
from werkzeug.wrappers import Response as BaseResponse

from letters import __version__
from letters.deadlines import answer_due, extended_answer_due
from letters.facts import KINDS
from letters.render import html
from letters.review import is_due
from letters.web import about, i18n, outputs, pdf_queue, specimens
from letters.web import follow_up as follow_up_pages
from letters.web.content import content, today
from letters.web.forms import Context, LetterForm
from letters.web.origin import is_address
from letters.web.promises import SECTIONS

_FILES = {"pages.blank_letter", "pages.example_file"}  # which are in no language but French
EXCERPT = 3  # blocks of the example letter on the home page
LAST_RESORT = (
    '<!doctype html><html lang="fr"><meta charset="utf-8"><title>Panne – Droit de plume</title>'
    "<h1>Le site est en panne</h1><p>Avec le bouton «\u00a0Retour\u00a0», certains navigateurs "
    "montrent encore vos réponses. Essayez de nouveau dans quelques minutes.</p></html>"
)
LAST_RESORT_NO_ADDRESS = (
    '<!doctype html><html lang="fr"><meta charset="utf-8"><title>Demande – Droit de plume</title>'
    "<h1>Cette demande n’est pas lisible</h1><p>Vérifiez l’adresse du site, puis recommencez.</p>"
    "</html>"
)
LAST_RESORT_TOO_LONG = (
    '<!doctype html><html lang="fr"><meta charset="utf-8"><title>Trop long – Droit de plume</title>'
    "<h1>C’est trop long</h1><p>Revenez en arrière et raccourcissez vos réponses\u00a0: la lettre "
    "n’a besoin que de quelques lignes.</p></html>"
)

pages = Blueprint("pages", __name__, url_prefix="/<language:language>")
root = Blueprint("root", __name__)


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
        "address_in": _address_in,
        "catalogue": content().catalogue,
        "settings": content().settings,
        "commit": about.short(content().commit),
        "short": about.short,
        "version": __version__,
    }


def _address_in(tag: str, *, slug: str = "", external: bool = False) -> str:
    """The address of this page in another language; of the home page where there is no such page.

    `slug` is that of the letter shown, where it may be another than the one asked for. An unknown
    address is never repeated: it may hold anything.
    """
    endpoint = request.endpoint or ""
    values: Mapping[str, Any] = request.view_args or {}
    if request.blueprint != pages.name:  # an error, at what may be a page's path all the same
        path = f"/{tag}/{request.path.lstrip('/').partition('/')[2]}"
        try:
            endpoint, values = request_ctx.url_adapter.match(path, "GET")  # type: ignore[union-attr]
        except HTTPException:
            endpoint, values = "pages.home", {}
    known = {**values, "language": tag}
    if "slug" in known:
        known["slug"] = slug or known["slug"]
        if known["slug"] not in content().catalogue.wordings:
            endpoint, known = "pages.home", {"language": tag}
    endpoint = "pages.letter_form" if endpoint in _FILES else endpoint
    return url_for(endpoint, **known, _external=external)


@root.get("/")
def start() -> BaseResponse:
    """Send the visitor to the home page in their language."""
    response = redirect(url_for("pages.home", language=i18n.preferred_language()))
    response.vary.add("Accept-Language")
    return response


@root.get("/sante")
def health() -> Response:
    """For a monitor: pages and texts are served, and PDFs or not. (« santé » as of a server.)"""
    return jsonify(ok=True, pdf=pdf_queue.work(), version=__version__)


@root.get("/version")
def version() -> Response:
    """For whoever compares what runs here with the published source."""
    return jsonify(about.version(content()))


@root.get("/.well-known/security.txt")
def security() -> Response:
    """Whom to tell of a weakness (RFC 9116); a site that names no contact has none."""
    if not content().settings.contact:
        abort(404)
    return Response(about.security_txt(content(), today()), mimetype="text/plain")


@pages.get("/")
def home() -> str:
    first, day = next(iter(content().catalogue.wordings.values())), today()
    letter = specimens.example(first, day)
    aid = specimens.example_aid(first, day, letter)
    return render_template(
        "home.html",
        first=first,
        opening=html.opening(letter, EXCERPT, "h3", aid),
        aid=aid,
        today=day,
        due=answer_due(day),
        extended=extended_answer_due(day),
    )


@pages.get("/confidentialite")
def privacy() -> str:
    return render_template("privacy.html", sections=SECTIONS, facts=content().facts)


@pages.get("/mentions-legales")
def legal() -> str:
    return render_template("legal.html", facts=content().facts)


@pages.get("/verifier")
def verify() -> str:
    return render_template("verify.html", sections=SECTIONS)


@pages.get("/accessibilite")
def accessibility() -> str:
    return render_template("accessibility.html")


@pages.get("/aide")
def help_page() -> str:
    return render_template("help.html")


@pages.get("/comprendre")
def understand() -> str:
    facts = content().facts
    hosting = [fact for fact in facts.values() if fact.kind == "hosting"]
    hosting.sort(key=lambda fact: fact.date)
    return render_template("understand.html", facts=facts, hosting=hosting, today=today())


@pages.get("/sources")
def sources() -> str:
    facts, day = content().facts.values(), today()
    return render_template(
        "sources.html",
        facts={kind: [fact for fact in facts if fact.kind == kind] for kind in KINDS},
        old={fact.id for fact in facts if is_due(fact.checked_on, day)},
        recipients=content().recipients,
        addressees=content().addressees,
        today=day,
    )


@pages.get("/suivi")
def follow_up() -> Response:
    return follow_up_pages.opened()


@pages.post("/suivi")
def follow_up_answered() -> Response:
    return follow_up_pages.answered()


@pages.get("/lettres/<slug>")
def letter_form(slug: str) -> str:
    return outputs.form_page(LetterForm(_context(slug)))


@pages.post("/lettres/<slug>")
def letter(slug: str) -> Response:
    output = request.form.get("output", "preview")
    if output == "erase":
        return outputs.erased(LetterForm(_context(slug)))
    form = LetterForm(_context(slug), request.form)
    if output in {"edit", "language"}:
        if output == "edit":
            form.show_known_addresses()
        return _form(form, is_right=form.tell_of_nirs())
    is_right = form.validate()
    if not is_right or output == "check":  # « check » shows its errors in another language
        return _form(form, is_right=is_right)
    return outputs.OUTPUTS.get(output, outputs.preview)(form)


def _form(form: LetterForm, *, is_right: bool) -> Response:
    return Response(outputs.form_page(form), 200 if is_right else 422)


@pages.get("/lettres/<slug>/vierge.pdf")
def blank_letter(slug: str) -> Response:
    return specimens.blank_pdf(_context(slug))


@pages.get("/lettres/<slug>/exemple")
def example(slug: str) -> str:
    context = _context(slug)
    letter = specimens.example(context.wording, context.today)
    aid = specimens.example_aid(context.wording, context.today, letter)
    return render_template(
        "example.html",
        wording=context.wording,
        sheet=html.sheet(letter, aid=aid),
        slip=html.slip(letter, aid=aid),
        aid=aid,
    )


@pages.get("/lettres/<slug>/exemple.pdf")
def example_file(slug: str) -> Response:
    return specimens.example_pdf(_context(slug))


def _context(slug: str) -> Context:
    wording = content().catalogue.get(slug)
    if wording is None:
        abort(404)
    return Context(wording, content(), today())


def _error_page(error: HTTPException) -> BaseResponse:
    """Every error as a page that says what to do; never a trace, never a value."""
    if error.code and error.code < 400:  # a redirect is no error
        return error.get_response()
    code = error.code or 500
    if request_ctx.url_adapter is None or not is_address(request):  # no link can be made
        return Response(LAST_RESORT_NO_ADDRESS, code)
    try:
        unknown = code == 404 and i18n.is_unknown_language()
        page = render_template("error.html", code=code, unknown_language=unknown)
    except Exception:
        # Whatever broke the page may break the error page too; this one needs nothing.
        current_app.log_exception(sys.exc_info())
        page = LAST_RESORT
    response = Response(page, code)
    if isinstance(error, ServiceUnavailable) and error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(error.valid_methods)
    return response
