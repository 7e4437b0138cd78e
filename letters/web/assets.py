"""Addresses of static files with the hash of their content, so that browsers keep them."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, current_app, url_for


def init_app(app: Flask) -> None:
    """Give the templates `asset(name)`."""
    app.jinja_env.globals["asset"] = asset


def asset(name: str) -> str:
    """The address of `static/<name>`, which changes when the file does."""
    folder = current_app.static_folder or ""
    return url_for("static", filename=name, v=_digest(Path(folder) / name))


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
