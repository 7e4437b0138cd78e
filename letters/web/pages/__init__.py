"""The addresses of the site, all in one table, and what every page has.

Nothing is kept between two requests: the form's own fields are the state, and every result page
carries them as hidden fields, so that « Modifier », « PDF » and the rest are each one more POST
of the same form.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Flask, g, request, url_for
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException

from letters import __version__
from letters.web import about
from letters.web.headers import SPECIMENS
from letters.web.languages import current_language
from letters.web.pages import info, letter, next_step, outputs, specimens
from letters.web.site import site

# What is in no language, and the pages, below the language that they are in.
_ROOT: dict[str, Callable[..., Any]] = {
    "/": info.start,
    "/sante": info.health,
    "/version": info.version,
    "/.well-known/security.txt": info.security,
}
_PAGES: dict[str, Callable[..., Any]] = {
    "/": info.home,
    "/confidentialite": info.privacy,
    "/mentions-legales": info.legal,
    "/verifier": info.verify,
    "/accessibilite": info.accessibility,
    "/aide": info.help_page,
    "/comprendre": info.understand,
    "/sources": info.sources,
    "/suivi": next_step.next_step,
    "/lettres/<slug>": letter.letter_form,
    "/lettres/<slug>/exemple": specimens.example_page,
    "/lettres/<slug>/exemple.pdf": specimens.example_file,
    "/lettres/<slug>/vierge.pdf": specimens.blank_letter,
}
_POSTED: dict[str, Callable[..., Any]] = {
    "/suivi": next_step.next_step_answered,
    "/lettres/<slug>": outputs.letter,
}


def init_app(app: Flask) -> None:
    root = Blueprint("root", __name__)
    pages = Blueprint("pages", __name__, url_prefix="/<language:language>")
    for blueprint, method, views in (
        (root, "GET", _ROOT),
        (pages, "GET", _PAGES),
        (pages, "POST", _POSTED),
    ):
        for path, view in views.items():
            blueprint.add_url_rule(path, view_func=view, methods=[method])
    pages.url_value_preprocessor(_take_language)
    pages.url_defaults(_give_language)
    app.register_blueprint(root)
    app.register_blueprint(pages)
    app.context_processor(_for_every_page)


def _take_language(endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.language = (values or {}).pop("language")


def _give_language(endpoint: str, values: dict[str, Any]) -> None:
    values.setdefault("language", current_language().tag)


def _for_every_page() -> dict[str, Any]:
    return {
        "address_in": _address_in,
        "catalogue": site().catalogue,
        "settings": site().settings,
        "commit": about.short(site().settings.commit),
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
    if request.blueprint != "pages":  # an error, at what may be a page's path all the same
        path = f"/{tag}/{request.path.lstrip('/').partition('/')[2]}"
        try:
            endpoint, values = request_ctx.url_adapter.match(path, "GET")  # type: ignore[union-attr]
        except HTTPException:
            endpoint, values = "pages.home", {}
    known = {**values, "language": tag}
    if "slug" in known:
        known["slug"] = slug or known["slug"]
        if known["slug"] not in site().catalogue.wordings:
            endpoint, known = "pages.home", {"language": tag}
    if endpoint in SPECIMENS:  # files, in no language but French
        endpoint = "pages.letter_form"
    return url_for(endpoint, **known, _external=external)
