"""Every error as a page that says what to do; never a trace, never a value.

Where no page can be made, a last resort that needs nothing. Limits: what cannot be read as HTTP is
answered by the server (deploy/web_server.py), with these pages.
"""

import sys

from flask import Flask, Response, current_app, render_template, request
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException, MethodNotAllowed, ServiceUnavailable
from werkzeug.wrappers import Response as BaseResponse

from letters.web.languages import is_unknown_language
from letters.web.origin import is_address

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


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _error_page)


def _error_page(error: HTTPException) -> BaseResponse:
    if error.code and error.code < 400:  # a redirect is no error
        return error.get_response()
    code = error.code or 500
    if request_ctx.url_adapter is None or not is_address(request):  # no link can be made
        return Response(LAST_RESORT_NO_ADDRESS, code)
    try:
        unknown = code == 404 and is_unknown_language()
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
