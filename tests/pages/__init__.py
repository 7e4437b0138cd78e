"""The pages in a real browser: the system's Chromium, driven by Playwright.

Playwright downloads no browser here. Chromium starts with its own errands (updates, sync,
look-ups) off and with no name but ours known, so that what is asked of the network is the pages'.
"""

import os
import shutil

from playwright.sync_api import Browser, Page, Playwright, Response

NAMES = ("chromium", "chromium-browser", "google-chrome")
MAC = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# Browsers trust this very machine, by its number, as they do https; by this name they do not.
PLAIN_HOST = "plume.test"
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=HttpsUpgrades",
    f"--host-resolver-rules=MAP {PLAIN_HOST} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

HOME = "/fr/"
FORM = "/fr/lettres/opposition-sante"
PAGES = (HOME, FORM, "/fr/confidentialite", "/fr/accessibilite", "/fr/sources")

SMALL = {"given_name": "Œnone", "family_name": "L’Haÿ-Béguin", "recipient": "01751"}
WHOLE = {
    **SMALL,
    "recipient": "other",
    "recipient_lines": "MSA de l’Exemple\n1 rue de l’Exemple\n29200 Brest",
    "birth_date": "03/03/1958",
    "address_line1": "12 bis rue de l’Église",
    "address_line2": "Bâtiment C",
    "postal_code": "29200",
    "city": "Brest",
    "country": "France",
    "email": "oenone@example.org",
    "reason": "Mon cœur de métier m’expose : 1 500 € d’amende…\n\n« C’est “trop” », à 50 %.",
}
# The most that each field takes, all of it in the widest letter.
WIDEST = {
    "given_name": "W" * 100,
    "family_name": "W" * 100,
    "recipient": "other",
    "recipient_lines": "\n".join(["W" * 38] * 6),
    "birth_date": "03/03/1958",
    "address_line1": "W" * 38,
    "address_line2": "W" * 38,
    "postal_code": "W" * 12,
    "city": "W" * 50,
    "country": "W" * 38,
    "email": "W" * 88 + "@example.org",
    "reason": " ".join(["W" * 100] * 14),
}
# One more of everything, so that every field is in error.
TOO_WIDE = {
    "given_name": "W" * 101,
    "family_name": "W" * 101,
    "recipient": "other",
    "recipient_lines": "\n".join(["W" * 39] * 6),
    "birth_date": "W" * 21,
    "address_line1": "W" * 39,
    "address_line2": "W" * 39,
    "postal_code": "W" * 13,
    "city": "W" * 51,
    "country": "W" * 39,
    "email": "W" * 101,
    "reason": "W" * 1501,
}
OPTIONS = ("hebergement", "cnil", "deces", "limitation", "acces")
SHOW = "Voir ma lettre"
EDIT = "Modifier mes réponses"


def find_chromium() -> str | None:
    """Where Chromium is, if it is anywhere."""
    return next(filter(None, map(shutil.which, (*NAMES, *MAC))), None)


def launch(playwright: Playwright, executable: str) -> Browser:
    """Start Chromium, which refuses its sandbox to root."""
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=executable, args=[*FLAGS, *root])


def fill(page: Page, answers: dict[str, str], options: tuple[str, ...] | None = None) -> None:
    """Open the form and answer it; without `options`, the boxes stay as they are."""
    page.goto(FORM)
    for name, value in answers.items():
        if name == "recipient":
            page.select_option("#recipient", value)
        elif name == "recipient_lines":
            page.click("details:has(#recipient_lines):not([open]) > summary")
            page.fill("#recipient_lines", value)
        else:
            page.fill(f"#{name}", value)
    if options is not None:
        for option in OPTIONS:
            page.set_checked(f"#options-{option}", option in options)


def read(page: Page) -> dict[str, str]:
    """The answers that the form shows."""
    return {name: page.input_value(f"#{name}") for name in WHOLE}


def ticked(page: Page) -> tuple[str, ...]:
    """The options that the form shows as ticked."""
    return tuple(option for option in OPTIONS if page.is_checked(f"#options-{option}"))


def press(page: Page, button: str) -> Response:
    """Press a button that opens a page; the server's answer."""
    with page.expect_navigation() as navigation:
        page.get_by_role("button", name=button, exact=True).click()
    assert navigation.value
    return navigation.value


def letter(page: Page, answers: dict[str, str], options: tuple[str, ...] | None = None) -> None:
    """Go to the result page."""
    fill(page, answers, options)
    assert press(page, SHOW).status == 200


def download(page: Page, button: str) -> tuple[str, bytes]:
    """Press a button that downloads a file; its name and content."""
    with page.expect_download() as started:
        page.get_by_role("button", name=button, exact=True).click()
    return started.value.suggested_filename, started.value.path().read_bytes()
