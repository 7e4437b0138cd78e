"""The pages that ask nothing: home, privacy, sources and the like, and what machines read."""

from flask import Response, abort, jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from letters import __version__
from letters.deadlines import answer_due
from letters.facts import KINDS
from letters.render import html
from letters.review import is_due
from letters.web import about, gloss, pdf_queue
from letters.web.form.request import composed
from letters.web.languages import preferred_language
from letters.web.pages import specimens
from letters.web.promises import SECTIONS
from letters.web.site import site, today

EXCERPT = 3  # blocks of the example letter on the home page


def start() -> BaseResponse:
    """Send the visitor to the home page in their language."""
    response = redirect(url_for("pages.home", language=preferred_language()))
    response.vary.add("Accept-Language")
    return response


def health() -> Response:
    """For a monitor: pages and texts are served, and PDFs or not. (« santé » as of a server.)"""
    return jsonify(ok=True, pdf=pdf_queue.work(), version=__version__)


def version() -> Response:
    """For whoever compares what runs here with the published source."""
    return jsonify(about.version(site()))


def security() -> Response:
    """Whom to tell of a weakness (RFC 9116); a site that names no contact has none."""
    if not site().settings.contact:
        abort(404)
    return Response(about.security_txt(site(), today()), mimetype="text/plain")


def home() -> str:
    first, day = next(iter(site().catalogue.wordings.values())), today()
    form = specimens.example_form(first, day)
    letter = composed(form)
    beside = gloss.beside(form, letter)
    return render_template(
        "home.html",
        first=first,
        opening=html.opening(letter, EXCERPT, "h3", beside),
        gloss=beside,
        today=day,
        due=answer_due(day),
    )


def privacy() -> str:
    return render_template("privacy.html", sections=SECTIONS, facts=site().facts)


def legal() -> str:
    return render_template("legal.html", facts=site().facts)


def verify() -> str:
    return render_template("verify.html", sections=SECTIONS)


def accessibility() -> str:
    return render_template("accessibility.html")


def help_page() -> str:
    return render_template("help.html")


def understand() -> str:
    facts = site().facts
    hosting = [fact for fact in facts.values() if fact.kind == "hosting"]
    hosting.sort(key=lambda fact: fact.date)
    return render_template("understand.html", facts=facts, hosting=hosting, today=today())


def sources() -> str:
    facts, day = site().facts.values(), today()
    return render_template(
        "sources.html",
        facts={kind: [fact for fact in facts if fact.kind == kind] for kind in KINDS},
        old={fact.id for fact in facts if is_due(fact.checked_on, day)},
        recipients=site().recipients,
        addressees=site().addressees,
        today=day,
    )
