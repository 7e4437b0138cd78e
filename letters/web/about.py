"""Which program answers, with which texts, and whom to tell of a weakness.

For /version, /.well-known/security.txt (RFC 9116) and the page on how to check what we promise.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import request, url_for

from letters import __version__
from letters.web.site import Site

_SHORT = 12  # characters of a commit or a digest that are enough to tell it from others
_VALID = timedelta(days=90)  # a year at most (RFC 9116, 2.5.5)


def version(site: Site) -> dict[str, Any]:
    wordings = {
        wording.slug: {"reviewed_on": wording.reviewed_on.isoformat(), "sha256": wording.digest}
        for wording in site.catalogue.wordings.values()
    }
    return {"version": __version__, "commit": site.settings.commit or None, "wordings": wordings}


def short(digest: str) -> str:
    """The start of a commit or of a digest, as pages show it."""
    return digest[:_SHORT]


def security_txt(site: Site, today: date) -> str:
    """The text of /.well-known/security.txt, for a site that names a contact."""
    expires = datetime.combine(today + _VALID, time(), UTC)
    lines = [
        f"Contact: {site.settings.contact_address}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: fr, en",
    ]
    if request.is_secure:  # the standard wants https
        lines.append(f"Canonical: {url_for('root.security', _external=True)}")
    return "\n".join([*lines, ""])
