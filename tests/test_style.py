"""What the pages look like, as far as a program can judge: contrast, direction, sizes, weight.

Contrast follows WCAG 2.2 (1.4.3 and 1.4.11) and is computed from the tokens of `style.css`.
Limits: whether a rule is used, and how a page looks, is for `tests/pages` and for eyes.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import tinycss2
from flask import Flask

from letters.web import i18n
from tests.kit.pages import (
    FOLLOW_UP,
    OPPOSITIONS,
    PAGES,
    SENT,
    SLUGS,
    answers_of,
)
from tests.test_i18n import quick

ROOT = Path(i18n.__file__).parents[2]
STATIC = ROOT / "static"
CSS = (STATIC / "style.css").read_text(encoding="utf-8")
SCRIPTS = [path.read_text(encoding="utf-8") for path in STATIC.glob("*.js")]
DRAWINGS = sorted((ROOT / "templates" / "drawings").glob("*.svg"))

Rule = tuple[str, str, str, str]  # the query around it, its selector, a property and its value


@cache
def rules() -> tuple[Rule, ...]:
    """Every declaration of the style sheet, with where it applies."""
    return tuple(walk(tinycss2.parse_stylesheet(CSS, skip_comments=True, skip_whitespace=True), ""))


def walk(nodes: list[tinycss2.ast.Node], query: str) -> Iterator[Rule]:
    quiet = {"skip_comments": True, "skip_whitespace": True}
    for node in nodes:
        prelude = tinycss2.serialize(node.prelude).strip()
        if node.type == "at-rule":
            assert node.lower_at_keyword == "media", "nothing is fetched, no font is brought"
            yield from walk(tinycss2.parse_rule_list(node.content, **quiet), prelude)
            continue
        assert node.type == "qualified-rule", node
        for found in tinycss2.parse_blocks_contents(node.content, **quiet):
            assert found.type == "declaration", found
            value = tinycss2.serialize(found.value).strip()
            yield query, prelude, found.lower_name, value


def declarations(*names: str) -> list[tuple[str, str]]:
    """Every (property, value) on a screen, of these properties or of all."""
    found = [(name, value) for query, _, name, value in rules() if query != "print"]
    return [(name, value) for name, value in found if not names or name in names]


# Colours


@cache
def palette(scheme: str) -> dict[str, str]:
    """The colours of a scheme, as #rrggbb."""
    found: dict[str, str] = {}
    for query, selector, name, value in rules():
        if selector == ":root" and value.startswith("#") and (not query or scheme in query):
            short = len(value) == 4
            found[name] = "#" + "".join(c * 2 for c in value[1:]) if short else value
    return found


def luminance(colour: str) -> float:
    values = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#ffffff", "#ffffff") == 1


@pytest.mark.rule(21)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_borders_and_buttons_stand_out(scheme: str) -> None:
    colours = palette(scheme)
    assert (palette("light") != palette("dark")) and len(colours) >= 9
    least = dict.fromkeys(("ink", "muted", "accent", "attention", "error"), 4.5) | {"line": 3.0}
    for name, wanted in least.items():
        for ground in ("background", "sheet"):
            found = contrast(colours[f"--{name}"], colours[f"--{ground}"])
            assert found >= wanted, (name, ground)
    assert contrast(colours["--on-accent"], colours["--accent"]) >= 4.5


def test_no_colour_stands_outside_the_tokens_but_those_of_paper() -> None:
    colour = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|color-mix)a?\(.*?\)")
    found = [(query, colour.findall(value)) for query, at, _, value in rules() if at != ":root"]
    assert {c for query, colours in found if query == "print" for c in colours} <= {"#000", "#fff"}
    on_screen = [c for query, colours in found if query != "print" for c in colours]
    assert all(re.fullmatch(r"rgb\(0 0 0 / \.\d+\)", c) for c in on_screen), "but a shadow"


def test_every_token_that_is_used_is_set_and_the_other_way_round() -> None:
    tokens = {name for _, _, name, _ in rules() if name.startswith("--")}
    assert set(re.findall(r"var\((--[a-z-]+)\)", CSS)) == tokens


# The rules

PHYSICAL = re.compile(
    r"(margin|padding|border|scroll-margin|scroll-padding)-(top|right|bottom|left)(-.*)?"
    r"|top|right|bottom|left|width|height|(min|max)-(width|height)|float|clear"
    r"|border-(top|bottom)-(left|right)-radius|overflow-[xy]"
)


def test_properties_and_values_are_logical_so_that_another_direction_works() -> None:
    assert len(declarations()) > 150
    assert [name for name, _ in declarations() if PHYSICAL.fullmatch(name)] == []
    for name, value in declarations("text-align", "justify-content", "caption-side"):
        assert not re.search(r"\b(left|right)\b", value), f"{name}: {value}"
    boxes = ("margin", "padding", "inset", "border-width", "border-style", "border-color")
    for name, value in declarations(*boxes):
        sides = re.sub(r"\([^()]*\)", "", value).split()
        assert len(sides) < 4 or sides[1] == sides[3], f"{name}: {value}"


def test_nothing_is_fetched() -> None:
    for forbidden in ("url(", "image(", "src:", "expression(", "//"):
        assert forbidden not in CSS.casefold(), forbidden


def test_safari_too_copies_nothing_of_the_aid() -> None:
    """There, the property has a prefix; tests/pages looks at Chromium."""
    names = ("user-select", "-webkit-user-select")
    plain, prefixed = (
        [(at, value) for _, at, name, value in rules() if name == wanted] for wanted in names
    )
    assert plain == prefixed != []


def test_sizes_of_text_follow_the_reader_s() -> None:
    for name, value in declarations("font", "font-size", "line-height"):
        assert not re.search(r"\d(px|pt|cm|mm)\b", value), f"{name}: {value}"


def test_nothing_looks_like_a_site_of_the_state() -> None:
    files = [STATIC / "style.css", STATIC / "icon.svg", *(ROOT / "templates").rglob("*.html")]
    state = re.compile(r"marianne|dsfr|fr-btn|fr-header|#000091|#e1000f", re.IGNORECASE)
    assert [path for path in files if state.search(path.read_text(encoding="utf-8"))] == []


# Whole pages


def test_the_home_page_weighs_less_than_thirty_kilobytes(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/fr/")
    linked = [str(tag["href"]) for tag in quick(page.text).select("link:not([rel=alternate])")]
    assert len(linked) == 2
    weight = len(page.data)
    for address in linked:
        with client.get(address) as file:
            weight += len(file.data)
    assert weight < 30_000


# Classes that only name a place, for the printed letter or for a reader of the page.
UNSTYLED = {"limits", "slip-heading", "slip-name"}


def test_every_class_of_the_style_sheet_is_on_some_page_and_the_other_way_round(
    app: Flask,
) -> None:
    client = app.test_client()
    texts = [client.get(path).text for path in (*PAGES, "/absente")]
    for slug in SLUGS:
        path = f"/fr/lettres/{slug}"
        texts += [client.get(path).text, client.post(path, data={"who": ""}).text]
        texts += [client.post(path, data=answers_of(first=first)).text for first in OPPOSITIONS]
    texts.append(client.post(path, data=answers_of(output="calendar", sent_on="x")).text)
    texts.append(client.post("/en" + path.removeprefix("/fr"), data=answers_of()).text)
    for outcome in ("silence", "refusal", "partial", "accepted"):
        texts.append(client.post(FOLLOW_UP, data={**SENT, "outcome": outcome}).text)
    shown = {
        name
        for text in texts
        for names in re.findall('class="([^"]*)"', text)
        for name in names.split()
    }
    styled = {name for _, at, _, _ in rules() for name in re.findall(r"\.([a-z][\w-]*)", at)}
    assert styled - shown == set()
    assert shown - styled == UNSTYLED


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
def test_a_drawing_is_two_strokes_and_silent(path: Path) -> None:
    """One stroke in the colour of the text around it, one in the accent: no colour of its own."""
    text = path.read_text(encoding="utf-8")
    [drawing] = quick(text).find_all("svg")
    assert drawing["class"] == ["drawing"]
    assert drawing["aria-hidden"] == "true"
    assert {tag.name for tag in drawing.find_all(True)} == {"path"}
    assert len(drawing.find_all("path")) <= 2
    assert [tag["class"] for tag in drawing.find_all("path", class_=True)] in ([], [["accent"]])
    assert not re.search(r"fill|stroke|style|href", text)


def test_every_drawing_is_on_a_page_and_every_page_draws_only_these(app: Flask) -> None:
    client = app.test_client()
    texts = [client.get(path).text for path in PAGES]
    texts.append(client.post(f"/fr/lettres/{SLUGS[0]}", data=answers_of()).text)
    pages = [quick(text) for text in texts]
    ours = {str(quick(path.read_text(encoding="utf-8")).svg) for path in DRAWINGS}
    assert {str(drawing) for page in pages for drawing in page.select("svg.drawing")} == ours
    for page in pages:
        for other in page.select("svg:not(.drawing)"):  # the QR code, whose address is beside it
            assert other.find_parent(class_="qr", attrs={"aria-hidden": "true"})


# The scripts

KEEPS_OR_SENDS = re.compile(
    r"\w*Storage|indexedDB|cookie|caches|serviceWorker|eval|Function|setTimeout|import|fetch"
    r"|XMLHttpRequest|sendBeacon|WebSocket|EventSource|(inner|outer)HTML|insertAdjacent"
    r"|document\.write|location|open\(|https?:|console|readText|execCommand"
)


def test_no_script_keeps_or_sends_anything() -> None:
    assert SCRIPTS
    assert [KEEPS_OR_SENDS.findall(script) for script in SCRIPTS] == [[]] * len(SCRIPTS)


def test_the_words_of_the_scripts_come_from_the_page() -> None:
    """Their own strings are names of places and of events."""
    for script in SCRIPTS:
        code = re.sub(r"//.*", "", script).replace('"use strict"', "")
        for found in re.findall(r'"([^"]*)"|\'([^\']*)\'|`([^`]*)`', code):
            text = "".join(found)
            assert re.fullmatch(r"[a-z_-]*|\w*\[data-\w+\]", text), text
