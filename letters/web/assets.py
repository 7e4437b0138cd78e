"""Addresses of static files with the hash of their content, so that browsers keep them."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, current_app, url_for


def init_app(app: Flask) -> None:
    app.jinja_env.globals["asset"] = asset


def asset(name: str) -> str:
    """The address of `static/<name>`, which changes when the file does."""
    return url_for("static", filename=name, v=digest(name))


def digest(name: str) -> str:
    """The start of the hash of `static/<name>`."""
    return _digest(Path(current_app.static_folder or "") / name)


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
