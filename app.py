"""Make the web application, for the server (deploy/serve.py) and the `flask` command.

Holds nothing of the domain. There is no secret, session or database to configure.
"""

import sys
from collections.abc import Iterable
from types import TracebackType
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from letters import review
from letters.errors import ContentError
from letters.trace import described
from letters.web import (
    assets,
    commands,
    errors,
    formats,
    gloss,
    headers,
    languages,
    origin,
    pages,
    pdf_queue,
    site,
)
from letters.web.settings import Settings


class Application(Flask):
    """Flask, whose log never holds a value: `int(form_value)` puts the value in its message."""

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer; a host is the same in capitals (RFC 4343)."""
        if "HTTP_HOST" in environ:
            environ["HTTP_HOST"] = environ["HTTP_HOST"].lower()
        return super().wsgi_app(environ, start_response)

    def log_exception(
        self,
        exc_info: tuple[type, BaseException, TracebackType] | tuple[None, None, None],
    ) -> None:
        self.logger.error("%s", described(exc_info[1]))


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application; stops the program with a sentence when something is wrong."""
    app = Application(__name__, static_folder=None)
    app.config["PROPAGATE_EXCEPTIONS"] = False  # a trace would hold what a person typed
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # a method without a page is refused
    app.url_map.merge_slashes = False  # a redirect would repeat the Host that was sent
    app.url_map.strict_slashes = False
    app.jinja_options = {"undefined": StrictUndefined}
    # Flask adds this route by itself, but before the two lines above are heard.
    app.static_folder = "static"
    app.add_url_rule("/static/<path:filename>", "static", app.send_static_file)
    try:
        settings = settings or Settings.from_environment()
        loaded = site.load_site(settings)
        languages.load()
    except ContentError as error:  # with what is wrong in the files that come after
        sys.exit("\n".join(dict.fromkeys([*error.sentences, *review.problems()])))
    if settings.trusted_hosts:  # this machine's own names, for a monitor that asks from inside
        app.config["TRUSTED_HOSTS"] = [*settings.trusted_hosts, "127.0.0.1", "localhost"]
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=0, x_proto=hops, x_host=hops, x_prefix=hops
        )
    site.init_app(app, loaded)
    pdf_queue.init_app(app, settings.pdf_slots)
    for module in (headers, origin, languages, formats, gloss, assets, errors, pages):
        module.init_app(app)
    app.cli.add_command(commands.lettre)
    return app
