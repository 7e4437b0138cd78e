"""The pages in every other language, in Chromium: seen by axe, at 320 pixels, without JavaScript.

Limits: the Arabic here is drawn in whatever font the machine has.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from letters.web.content import today
from letters.web.i18n import LANGUAGES, TRANSLATED
from tests.pages import FORM, HOME, PAGES, TOO_WIDE, TOO_WIDE_MORE, WHOLE, read, send
from tests.pages.conftest import OpenWindow
from tests.pages.test_axe import UNFOLD, found_by_axe
from tests.pages.test_fit import SMALL_TARGETS, STICKING_OUT, TEXT_SPACING
from tests.test_languages import in_language, said
from tests.test_pages import SLUGS

pytestmark = pytest.mark.browser

EVERY_OPTION = ["hebergement", "cnil", "deces", "limitation", "acces", "logiciel", "penal"]
TYPED = {"given_name": "Œnone", "family_name": "L’Haÿ-Béguin"}


def scenes(page: Page, tag: str) -> Iterator[str]:
    """Every page, then every form in error, every letter, and what came of one."""
    for path in (*PAGES, "/fr/lettres/inconnue"):
        page.goto(in_language(tag, path))
        yield path
    sent_on = f"{today() - timedelta(days=40):%d/%m/%Y}"
    known = {**WHOLE, "sent_on": sent_on, "outcome": "partial", "missing": "La date d’effet."}
    known |= {"reason": "J’ai mes raisons.", "who": "protected", "measure": "tutelle"}
    known |= {"represented_given_name": "Zoé", "represented_family_name": "Petit"}
    for slug in SLUGS:
        path = f"/{tag}/lettres/{slug}"
        assert send(page, path, **TOO_WIDE, **TOO_WIDE_MORE).status == 422
        yield f"{path} with errors"
        assert send(page, path, **known, options=EVERY_OPTION).status == 200
        yield f"{path}, written"
    for outcome in ("silence", "refusal", "partial", "accepted"):
        answers = {"first_letter": SLUGS[0], "sent_on": sent_on, "outcome": outcome}
        assert send(page, f"/{tag}/suivi", **answers).status == 200
        yield outcome


@pytest.mark.parametrize("tag", TRANSLATED)
@pytest.mark.rule(1, 20)
def test_every_page_of_every_language_is_whole_at_320_pixels_and_has_no_fault(
    window: OpenWindow, tag: str
) -> None:
    page = window(statuses=(404, 422))
    language = LANGUAGES[tag]
    for scene in scenes(page, tag):
        page.set_viewport_size({"width": 320, "height": 640})
        root = page.locator("html")
        assert (root.get_attribute("lang"), root.get_attribute("dir")) == (tag, language.direction)
        assert (scene, page.evaluate(STICKING_OUT)) == (scene, [])
        assert (scene, page.evaluate(SMALL_TARGETS)) == (scene, [])
        page.evaluate(TEXT_SPACING)
        assert (scene, "spaced", page.evaluate(STICKING_OUT)) == (scene, "spaced", [])
        page.evaluate("document.adoptedStyleSheets = []")
        page.set_viewport_size({"width": 1280, "height": 800})
        page.evaluate(UNFOLD)
        assert (scene, found_by_axe(page)) == (scene, [])


DIRECTIONS = """(selector) => [...document.querySelectorAll(selector)].map(
  (element) => getComputedStyle(element).direction)"""


def test_a_page_in_arabic_is_mirrored_and_its_french_is_not(page: Page) -> None:
    send(page, "/ar/lettres/opposition-sante", **WHOLE)
    mirrored = page.evaluate(DIRECTIONS, "h1, section > h2, main > p, .aid, .languages strong")
    assert set(mirrored) == {"rtl"}
    kept = page.evaluate(
        DIRECTIONS, "#letter, #letter .paragraph, .recipient p, textarea, #sent_on"
    )
    assert set(kept) == {"ltr"}
    brand, help_link = page.locator(".brand").bounding_box(), page.locator(".help").bounding_box()
    assert brand and help_link
    assert brand["x"] > help_link["x"]
    page.goto("/ar/lettres/opposition-sante")
    boxes = page.evaluate(DIRECTIONS, "input:not([type=radio], [type=checkbox], [type=hidden])")
    assert set(boxes) == {"ltr"}
    assert set(page.evaluate(DIRECTIONS, "label, legend, .hint, fieldset > p")) == {"rtl"}
    page.goto("/ar/sources")
    assert set(page.evaluate(DIRECTIONS, "dt[id], span[lang=fr]")) == {"ltr"}


@pytest.mark.parametrize(("tag", "locale"), [("ar", "ar-MA"), ("fr-simple", "fr-FR")])
def test_the_whole_way_without_javascript(window: OpenWindow, tag: str, locale: str) -> None:
    """From the first page to the letter, its errors, its PDF and what comes after."""
    page = window(java_script_enabled=False, locale=locale)
    page.goto("/")
    if tag == "fr-simple":  # no browser asks for it: it is chosen by its name
        page.locator("header .languages").get_by_text("Français simple").click()
    expect(page.locator("html")).to_have_attribute("lang", tag)
    page.locator("main .button").first.click()
    page.fill("#family_name", TYPED["family_name"])
    button = page.locator("form#answers").get_by_role("button", name=said(tag, "Voir ma lettre"))
    button.last.click()
    expect(page.locator(".error-summary li")).to_have_count(2)
    message = said(tag, "Indiquez votre prénom, par exemple Camille.")
    expect(page.locator(".error-summary")).to_contain_text(message)
    assert page.input_value("#family_name") == TYPED["family_name"]

    # In the middle of the form, to English and back.
    page.fill("#given_name", TYPED["given_name"])
    page.select_option("#recipient", "01291")
    for other in ("en", tag):
        page.locator(f".languages [lang={other}]").click()
        expect(page.locator("html")).to_have_attribute("lang", other)
        assert TYPED.items() <= read(page).items()
    page.locator("form#answers .button").last.click()

    expect(page.locator("h1")).to_have_text(said(tag, "Votre lettre est prête"))
    aid_title = said(tag, "Aide à la lecture, à ne pas envoyer")
    expect(page.get_by_role("heading", name=aid_title, exact=True)).to_be_visible()
    assert page.locator("#letter .aid").count() > 5
    assert page.locator("#letter").get_attribute("lang") == "fr"
    message = page.input_value("#message")
    assert message.startswith("Madame, Monsieur,")

    with page.expect_download() as downloading:
        page.locator("button[value=pdf]").click()
    ours = downloading.value.path().read_bytes()
    for other in ("fr", tag):
        page.locator(f".languages [lang={other}]").click()
        assert page.input_value("#message") == message
    page.locator(".languages [lang=fr]").click()
    assert page.locator(".aid").count() == 0
    with page.expect_download() as downloading:
        page.locator("button[value=pdf]").click()
    assert downloading.value.path().read_bytes() == ours

    page.locator(f".languages [lang={tag}]").click()
    page.locator("#apres button[formaction]").click()
    expect(page.locator("h1")).to_have_text(said(tag, "Où en est votre lettre"))
    page.locator("[value=refusal]").check()
    page.locator("form#answers .button").click()
    expect(page.locator("#reponse h2")).to_have_text(said(tag, "Vous avez reçu un refus"))


COPIED = """() => {
  const selection = getSelection();
  selection.selectAllChildren(document.querySelector("#letter"));
  return document.execCommand("copy");
}"""


def test_nothing_of_the_aid_is_copied_or_printed_with_the_letter(window: OpenWindow) -> None:
    page = window(permissions=["clipboard-read", "clipboard-write"])
    send(page, FORM, **WHOLE)
    page.evaluate(COPIED)
    french = page.evaluate("navigator.clipboard.readText()")
    assert "Madame, Monsieur" in french
    send(page, in_language("es", FORM), **WHOLE)
    assert page.locator("#letter .aid").count() > 5
    page.evaluate(COPIED)
    assert page.evaluate("navigator.clipboard.readText()").split() == french.split()
    page.locator("[data-copy=message]").click()
    expect(page.locator("[data-copied]").nth(1)).to_have_text(said("es", "Copié."))
    assert page.evaluate("navigator.clipboard.readText()") == page.input_value("#message")
    page.emulate_media(media="print")
    for aid in page.locator(".aid").all():
        expect(aid).to_be_hidden()
    page.emulate_media(media="screen")


def test_enter_in_a_field_never_changes_the_language(page: Page) -> None:
    """The buttons of the languages stand before the form's own."""
    page.goto(in_language("tr", FORM))
    page.fill("#given_name", "Camille")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "tr")
    expect(page.locator(".error-summary")).to_be_visible()


def test_the_languages_are_reached_and_chosen_by_keyboard(page: Page) -> None:
    page.goto(HOME)
    for _ in ("the skip link", "the name of the site", "help", "simple French", "English"):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.lang") == "en"
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/", wait_until="commit")
