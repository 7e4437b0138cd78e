"""What an operator can set, from the environment, checked once at start.

Every setting has a default that is right for a first try on one's own machine. A wrong value, or
a name that is no setting, stops the program with one French sentence that names the variable.
Limits: HOST, PORT and WEB_CONCURRENCY are the server's, checked in deploy/serve.py.
"""

import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from letters.errors import ContentError

PREFIX = "DROIT_DE_PLUME_"
PDF_SLOTS = 8
MOST_SLOTS = 64
MOST_TEXT = 300  # characters
OWN_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})
_EMAIL = re.compile(r"[^@:\s<>\"']{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}", re.IGNORECASE)
_HTTPS = re.compile(
    r"https://[a-z0-9.-]{1,255}(?::[0-9]{1,5})?(?:/[^\s<>\"']{0,300})?", re.IGNORECASE
)
_HOST = re.compile(r"\.?[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,8}", re.IGNORECASE)
_COMMIT = re.compile(r"[0-9a-f]{7,64}")


@dataclass(frozen=True, slots=True)
class Settings:
    """Who runs the site, and how.

    `publisher`, `director` and `hosting` are what the law has every French site say, in words;
    `contact` is an e-mail or an https address. `log_days`: for how many days the servers in front
    keep addresses of visitors, 0 for never, None while nobody said. `source`: the https address of
    the program's source; `commit`: the one that runs (script/server asks git). `trusted_hosts`:
    the only names that the site answers to, any if empty. `proxy_hops`: proxies in front whose
    X-Forwarded-* headers are to be believed. `pdf_slots`: PDFs made or waiting at a time.
    `portal_limit`: the most characters that the ameli.fr message box takes, 0 while unknown (no
    published source gives it).
    """

    publisher: str = ""
    director: str = ""
    hosting: str = ""
    contact: str = ""
    log_days: int | None = None
    source: str = ""
    commit: str = ""
    trusted_hosts: tuple[str, ...] = ()
    proxy_hops: int = 0
    pdf_slots: int = PDF_SLOTS
    portal_limit: int = 0

    def is_demo(self, host: str) -> bool:
        """Whether nobody answers yet for this site, which was asked for at `host`.

        Whoever tries it on their own machine knows, until a publisher is named.
        """
        if not self.publisher and urlsplit(f"//{host}").hostname in OWN_MACHINE:
            return False
        return not (self.publisher and self.contact)

    @property
    def contact_address(self) -> str:
        """`contact` as the address of a link."""
        return self.contact if "://" in self.contact else f"mailto:{quote(self.contact, safe='@+')}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read DROIT_DE_PLUME_* variables. Raises ContentError."""
        everything = os.environ if environment is None else environment
        values = {
            name.removeprefix(PREFIX): value.strip()
            for name, value in everything.items()
            if name.startswith(PREFIX)
        }
        for name, value in values.items():  # systemd and Docker do not take quotes off alike
            if any(quote in value for quote in "\"'"):
                raise ContentError(
                    f"{PREFIX}{name} contient un guillemet ou une apostrophe droite : "
                    "ôtez les guillemets, écrivez l’apostrophe « ’ »."
                )
        settings = cls(
            publisher=_text(values, "PUBLISHER"),
            director=_text(values, "DIRECTOR"),
            hosting=_text(values, "HOSTING"),
            contact=_contact(values, "CONTACT"),
            log_days=_number(values, "LOG_DAYS", range(3661)),
            source=_address(values, "SOURCE"),
            commit=_commit(values, "COMMIT"),
            trusted_hosts=_hosts(values, "TRUSTED_HOSTS"),
            proxy_hops=_number(values, "PROXY_HOPS", range(10)) or 0,
            pdf_slots=_number(values, "PDF_SLOTS", range(1, MOST_SLOTS + 1)) or PDF_SLOTS,
            portal_limit=_number(values, "PORTAL_LIMIT", range(100_001)) or 0,
        )
        if values:
            raise ContentError(f"{PREFIX}{min(values)} n’est pas un réglage : vérifiez son nom.")
        if settings.proxy_hops and not settings.trusted_hosts:
            raise ContentError(
                f"{PREFIX}TRUSTED_HOSTS doit dire le nom du site "
                f"quand {PREFIX}PROXY_HOPS n’est pas 0."
            )
        return settings


def _number(values: dict[str, str], name: str, allowed: range) -> int | None:
    text = values.pop(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 9 and int(text) in allowed):
        raise ContentError(
            f"{PREFIX}{name} doit être un nombre entier de {allowed[0]} à {allowed[-1]}."
        )
    return int(text)


def _text(values: dict[str, str], name: str) -> str:
    text = values.pop(name, "")
    if len(text) > MOST_TEXT or any(unicodedata.category(c)[0] == "C" for c in text):
        raise ContentError(
            f"{PREFIX}{name} doit tenir sur une ligne de {MOST_TEXT} caractères au plus."
        )
    return text


def _contact(values: dict[str, str], name: str) -> str:
    text = values.pop(name, "")
    if text and not (text.isprintable() and (_EMAIL.fullmatch(text) or _HTTPS.fullmatch(text))):
        raise ContentError(
            f"{PREFIX}{name} doit être une adresse électronique, ou une adresse en https://."
        )
    return text


def _address(values: dict[str, str], name: str) -> str:
    text = values.pop(name, "")
    if text and not _HTTPS.fullmatch(text):
        raise ContentError(f"{PREFIX}{name} doit être une adresse en https://.")
    return text


def _commit(values: dict[str, str], name: str) -> str:
    text = values.pop(name, "").lower()
    if text and not _COMMIT.fullmatch(text):
        raise ContentError(
            f"{PREFIX}{name} doit être un numéro de version git, "
            "comme celui de « git rev-parse HEAD »."
        )
    return text


def _hosts(values: dict[str, str], name: str) -> tuple[str, ...]:
    hosts = values.pop(name, "").lower().replace(",", " ").split()
    if not all(_HOST.fullmatch(host) for host in hosts):
        raise ContentError(
            f"{PREFIX}{name} doit être une liste de noms sans https://, "
            "comme « plume.example.org »."
        )
    return tuple(hosts)
