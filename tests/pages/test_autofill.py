"""What a browser fills in by itself: Chromium's own autofill, through its DevTools protocol.

It reads the labels as well as the attributes, hence several languages. Limits: Chromium takes an
address there since 2025; what it learnt of one form of ours, and other browsers, are not tried.
"""

import pytest
from playwright.sync_api import Page, expect

from tests.pages import POSTED, SLUGS

pytestmark = pytest.mark.browser

# What Chromium keeps of somebody, by its own names, with the field of ours that it is for.
KEPT = {
    "NAME_FIRST": ("given_name", "Camille"),
    "NAME_LAST": ("family_name", "Durand"),
    "ADDRESS_HOME_LINE1": ("address_line1", "12 rue de l’Exemple"),
    "ADDRESS_HOME_LINE2": ("address_line2", "Bâtiment C"),
    "ADDRESS_HOME_ZIP": ("postal_code", "29200"),
    "ADDRESS_HOME_CITY": ("city", "Brest"),
    "ADDRESS_HOME_COUNTRY": ("country", "FR"),
    "EMAIL_ADDRESS": ("email", "camille@example.org"),
}
MORE = {
    "NAME_FULL": "Camille Durand",
    "ADDRESS_HOME_STREET_ADDRESS": "12 rue de l’Exemple\nBâtiment C",
    "PHONE_HOME_WHOLE_NUMBER": "+33 2 99 00 12 34",
    "COMPANY_NAME": "Entreprise de l’Exemple",
}
OWN = dict(KEPT.values()) | {"country": "France"}
TYPED = f"{POSTED} :is(textarea, input:not([type=hidden], [type=radio], [type=checkbox]))"
# Everything that a form may ask is shown, whoever it is for: Chromium fills in what is visible.
SHOW_ALL = """() => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  const all = new CSSStyleSheet();
  all.replaceSync("[class*=unless-] { display: revert !important; }");
  document.adoptedStyleSheets = [all];
}"""
WRITTEN = """(fields) => Object.fromEntries(
  fields.filter((field) => field.value).map((field) => [field.name, field.value]))"""


def autofill(page: Page, names: list[str]) -> None:
    """Have Chromium fill in the form from each of these fields, one after the other."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("Autofill.enable")
    values = {kind: value for kind, (_name, value) in KEPT.items()} | MORE
    address = {"fields": [{"name": kind, "value": value} for kind, value in values.items()]}
    for name in names:
        found = devtools.send("Runtime.evaluate", {"expression": f"document.all['{name}']"})
        place = {"objectId": found["result"]["objectId"]}
        field = devtools.send("DOM.describeNode", place)["node"]["backendNodeId"]
        devtools.send("Autofill.trigger", {"fieldId": field, "address": address})
    devtools.detach()


@pytest.mark.rule(11)
@pytest.mark.parametrize("tag", ["fr", "ar", "en"])
@pytest.mark.parametrize("slug", SLUGS)
def test_a_browser_writes_the_sender_s_own_answers_and_nobody_else_s(
    page: Page, tag: str, slug: str
) -> None:
    page.goto(f"/{tag}/lettres/{slug}")
    page.evaluate(SHOW_ALL)
    typed = page.locator(TYPED)
    assert all(field.is_visible() for field in typed.all())
    autofill(page, [*OWN])
    for name, value in OWN.items():
        expect(page.locator(f"#{name}")).to_have_value(value)
    assert typed.evaluate_all(WRITTEN) == OWN
