"""« Effacer mes réponses », for a computer that others use.

Limits: with Back a browser may still show what was typed; the page says so, and to close the tab.
"""

import pytest
from playwright.sync_api import Page, expect

from tests.pages import ERASE, OPTIONS, SHOW, WHOLE, fill, press, read, ticked

pytestmark = pytest.mark.browser


@pytest.mark.rule(19)
def test_erasing_gives_an_empty_form_at_the_form_s_address(any_page: Page) -> None:
    page = any_page
    fill(page, WHOLE, OPTIONS)
    press(page, SHOW)
    answered = press(page, ERASE)
    assert answered.status == 200
    assert answered.header_value("Clear-Site-Data") == '"cache"'
    assert answered.request.post_data == "output=erase", "nothing that was typed is sent again"
    told = "Vos réponses sont effacées de cette page."
    expect(page.get_by_role("status").first).to_contain_text(told)
    assert set(read(page).values()) == {""}
    assert ticked(page) == ("hebergement",)
    assert WHOLE["family_name"] not in page.content()
    assert page.goto(page.url).status == 200
    expect(page.get_by_text(told)).to_have_count(0)
    assert set(read(page).values()) == {""}
