"""What every file to download has in common."""

from flask import Response, request


def attachment(body: bytes, mimetype: str, name: str) -> Response:
    """An answer that a browser saves as `name`, which holds nothing of a person."""
    response = Response(body, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def wants_large_print() -> bool:
    """Whether the request asks for its PDF in large print."""
    return request.values.get("large") == "1"
