"""The pages in a real browser: the system's Chromium, driven by Playwright.

Playwright downloads no browser here. Chromium starts with its own errands (updates, sync,
look-ups) off and with no name but ours known, so that what is asked of the network is the pages'.
"""

import os
import shutil

from playwright.sync_api import Browser, Locator, Page, Playwright, Response

from tests.kit.pages import FOLLOW_UP as FOLLOW_UP
from tests.kit.pages import FORM as FORM
from tests.kit.pages import PAGES as PAGES
from tests.kit.pages import SLUGS as SLUGS

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
POSTED = "main form[method=post]"  # the other form of a page asks for a letter without answers
FORMS = tuple(f"/fr/lettres/{slug}" for slug in SLUGS)
SMALL = {"given_name": "Œnone", "family_name": "L’Haÿ-Béguin", "recipient": "01751"}
WHOLE = {
    **SMALL,
    "recipient": "other",
    "caisse_lines": "MSA de l’Exemple\n1 rue de l’Exemple\n29200 Brest",
    "birth_date": "03/03/1958",
    "address_line1": "12 bis rue de l’Église",
    "address_line2": "Bâtiment C",
    "postal_code": "29200",
    "city": "Brest",
    "country": "France",
    "email": "oenone@example.org",
    "reason": "Mon cœur de métier m’expose : 1 500 € d’amende…\n\n« C’est “trop” », à 50 %.",
}
# What the other letters ask besides: for whom, about which letter, and what came of it.
MORE = {
    "who": "protected",
    "represented_given_name": "Éloïse",
    "represented_family_name": "L’Haÿ-Béguin",
    "represented_birth_date": "03/03/1948",
    "measure": "habilitation familiale",
    "sent_on": "03/03/2025",
    "channel": "post",
    "outcome": "partial",
    "answer_on": "20/03/2025",
    "missing": "La liste des projets.",
    "followed_up_on": "03/04/2025",
}
OPTIONS = ("hebergement", "cnil", "deces", "limitation", "acces")
SHOW = "Voir ma lettre"
EDIT = "Modifier mes réponses"
ERASE = "Effacer mes réponses"


def find_chromium() -> str | None:
    """Where Chromium is, if it is anywhere."""
    return next(filter(None, map(shutil.which, (*NAMES, *MAC))), None)


def launch(playwright: Playwright, executable: str) -> Browser:
    """Start Chromium, which refuses its sandbox to root."""
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return playwright.chromium.launch(executable_path=executable, args=[*FLAGS, *root])


# Opens the folds that an element is in.
REVEAL = """element => {
  for (let at = element; at; at = at.parentElement) if (at.localName === "details") at.open = true;
}"""


def reveal(element: Locator) -> Locator:
    """The element, once the folds that it is in are open."""
    element.evaluate(REVEAL)
    return element


def fill(page: Page, answers: dict[str, str], options: tuple[str, ...] | None = None) -> None:
    """Open the form and answer it; without `options`, the boxes stay as they are."""
    page.goto(FORM)
    answer(page, answers)
    if options is not None:
        for option in OPTIONS:
            reveal(page.locator(f"#options-{option}")).set_checked(option in options)


def answer(page: Page, answers: dict[str, str]) -> None:
    """Answer the questions that the form shows, in the order given.

    What only a printed letter bears is asked once it goes by post.
    """
    for name, value in answers.items():
        field = page.locator(f"{POSTED} [name={name}]:not([type=hidden])")
        if field.first.get_attribute("type") == "radio":
            reveal(page.locator(f"{POSTED} [type=radio][name={name}][value={value}]")).check()
        elif reveal(field).evaluate("field => field.localName") == "select":
            field.select_option(value)
        else:
            by_post = page.locator("#channel-post")
            if field.is_hidden() and by_post.count():
                reveal(by_post).check()
            field.fill(value)


def read(page: Page) -> dict[str, str]:
    """The answers that the form shows."""
    return {name: page.input_value(f"#{name}") for name in WHOLE}


def ticked(page: Page) -> tuple[str, ...]:
    """The options that the form shows as ticked."""
    return tuple(option for option in OPTIONS if page.is_checked(f"#options-{option}"))


def press(page: Page, button: str) -> Response:
    """Press a button that opens a page; the server's answer."""
    with page.expect_navigation() as navigation:
        reveal(button_of(page, button)).click()
    assert navigation.value
    return navigation.value


def button_of(page: Page, name: str) -> Locator:
    """A button of the page's own, seen or folded away."""
    own = page.locator("main, body:not(:has(main))")
    return own.get_by_role("button", name=name, exact=True, include_hidden=True)


def download(page: Page, button: str) -> tuple[str, bytes]:
    """Press a button that downloads a file; its name and content."""
    with page.expect_download() as started:
        reveal(button_of(page, button)).click()
    return started.value.suggested_filename, started.value.path().read_bytes()


# Sends a form of our own page at once, without typing; lists send their name once a value.
SEND = """([path, answers]) => {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action: path });
  for (const [name, values] of Object.entries(answers))
    for (const value of [values].flat()) {
      const field = document.createElement("textarea");
      Object.assign(field, { name, value });
      form.append(field);
    }
  document.body.append(form);
  form.submit();
}"""


def send(page: Page, path: str, **answers: str | list[str]) -> Response:
    """Open the page that these answers give, without typing them."""
    page.goto(HOME)
    with page.expect_navigation() as navigation:
        page.evaluate(SEND, [path, answers])
    assert navigation.value
    return navigation.value
