"""A press on a button reaches it, whatever was typed just before: nothing moves under a finger.

A text field tells that it changed when it is left, which is when another control is pressed: what
moves then takes the button away from under the press. What a choice shows or hides moves at the
choice itself, before anybody aims; that is why places are taken after it.
"""

from itertools import cycle
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from tests.pages import FORMS, POSTED
from tests.pages.conftest import OpenWindow

pytestmark = pytest.mark.browser

DEVICES: dict[str, dict[str, Any]] = {
    "mouse": {},
    "touch": {"has_touch": True, "is_mobile": True},
}
# So tall that a whole form is in sight with everything unfolded, and nothing has to be scrolled.
SIZES = {"mouse": (1280, 16_000), "touch": (390, 20_000)}
COUNT_SENDINGS = """() => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  window.sent = 0;
  addEventListener("submit", (event) => { event.preventDefault(); window.sent += 1; });
}"""
CONTROLS = f"{POSTED} :is(input:not([type=hidden]), select, textarea)"


def answer(control: Locator) -> None:
    """Answer as a person does, and stay in the field."""
    kind = control.evaluate("control => control.type")
    if kind in {"radio", "checkbox"}:
        control.check()
    elif kind == "select-one":
        control.select_option(index=1)
        control.focus()
    else:
        control.press_sequentially("1")


@pytest.mark.parametrize(("path", "device"), [*zip(FORMS, cycle(DEVICES))])
@pytest.mark.rule(18)
def test_one_press_is_one_sending_whatever_was_just_answered(
    window: OpenWindow, path: str, device: str
) -> None:
    page = window(**DEVICES[device])
    width, height = SIZES[device]
    page.set_viewport_size({"width": width, "height": height})
    page.goto(path)
    page.evaluate(COUNT_SENDINGS)
    button = page.locator(f"{POSTED} .button[name=output]")
    sent = 0
    for control in page.locator(CONTROLS).all():
        if not control.is_visible():
            continue  # an answer above made it useless
        answer(control)
        sent += 1
        box = button.bounding_box()
        assert box
        press(page, device, box["x"] + box["width"] / 2, box["y"] + 2)
        assert (page.evaluate("sent"), button.bounding_box()) == (sent, box), control


def press(page: Page, device: str, x: float, y: float) -> None:
    """Press this place at once; nothing looks first whether the button is still there."""
    (page.mouse.click if device == "mouse" else page.touchscreen.tap)(x, y)
