"""What an operator can set, from the environment, checked once at start.

Every setting has a default that is right for a first try on one's own machine. A wrong value
stops the program with one French sentence that names the variable.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass


class SettingsError(Exception):
    """A setting is wrong; the message is one French sentence."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`proxy_hops`: proxies in front whose X-Forwarded-* headers are to be believed.

    `portal_limit`: the most characters that the ameli.fr message box takes, 0 while unknown (no
    published source gives it). `contact`: how to reach the people who run this site.
    """

    proxy_hops: int = 0
    portal_limit: int = 0
    contact: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read DROIT_DE_PLUME_* variables. Raises SettingsError."""
        values = os.environ if environment is None else environment
        return cls(
            proxy_hops=_number(values, "DROIT_DE_PLUME_PROXY_HOPS", 9),
            portal_limit=_number(values, "DROIT_DE_PLUME_PORTAL_LIMIT", 100_000),
            contact=values.get("DROIT_DE_PLUME_CONTACT", "").strip(),
        )


def _number(values: Mapping[str, str], name: str, most: int) -> int:
    text = values.get(name, "").strip() or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) <= most):
        raise SettingsError(f"{name} doit être un nombre entier de 0 à {most}.")
    return int(text)
