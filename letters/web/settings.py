"""What an operator can set, from the environment, checked once at start.

Every setting has a default that is right for a first try on one's own machine. A wrong value, or
a name that is no setting, stops the program with one French sentence that names the variable.
Limits: HOST, PORT and WEB_CONCURRENCY are the server's, checked in deploy/serve.py.
"""

import os
import re
import unicodedata
from collections.abc import Callable, Mapping
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
_COMMIT = re.compile(r"[0-9a-f]{7,64}", re.IGNORECASE)


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
        line = f"doit tenir sur une ligne de {MOST_TEXT} caractères au plus."
        mail = "doit être une adresse électronique, ou une adresse en https://."
        commit = "doit être un numéro de version git, comme celui de « git rev-parse HEAD »."
        names = "doit être une liste de noms sans https://, comme « plume.example.org »."
        settings = cls(
            publisher=_text(values, "PUBLISHER", _is_line, line),
            director=_text(values, "DIRECTOR", _is_line, line),
            hosting=_text(values, "HOSTING", _is_line, line),
            contact=_text(values, "CONTACT", _is_contact, mail),
            log_days=_number(values, "LOG_DAYS", range(3661)),
            source=_text(values, "SOURCE", _HTTPS.fullmatch, "doit être une adresse en https://."),
            commit=_text(values, "COMMIT", _COMMIT.fullmatch, commit).lower(),
            trusted_hosts=tuple(_hosts(_text(values, "TRUSTED_HOSTS", _are_hosts, names))),
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
    def is_right(text: str) -> bool:
        return text.isascii() and text.isdigit() and len(text) < 9 and int(text) in allowed

    sentence = f"doit être un nombre entier de {allowed[0]} à {allowed[-1]}."
    text = _text(values, name, is_right, sentence)
    return int(text) if text else None


def _text(
    values: dict[str, str], name: str, is_right: Callable[[str], object], sentence: str
) -> str:
    """Take a value, which is empty or right. Raises ContentError."""
    text = values.pop(name, "")
    if text and not is_right(text):
        raise ContentError(f"{PREFIX}{name} {sentence}")
    return text


def _is_line(text: str) -> bool:
    return len(text) <= MOST_TEXT and all(unicodedata.category(c)[0] != "C" for c in text)


def _is_contact(text: str) -> bool:
    return text.isprintable() and bool(_EMAIL.fullmatch(text) or _HTTPS.fullmatch(text))


def _hosts(text: str) -> list[str]:
    return text.lower().replace(",", " ").split()


def _are_hosts(text: str) -> bool:
    return all(map(_HOST.fullmatch, _hosts(text)))
