"""What the pages look like, as far as a program can judge: size, contrast, direction, weight.

Contrast follows WCAG 2.2 (1.4.3 and 1.4.11) and is computed from the tokens of `style.css`.
Limits: whether a rule is used, and how a page looks, is for `tests/pages` and for eyes.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import tinycss2
from flask import Flask

from letters.web import i18n
from tests.test_pages import (
    FOLLOW_UP,
    OPPOSITIONS,
    PAGES,
    SENT,
    SLUGS,
    answers_of,
    checking,
    parse,
)

ROOT = Path(i18n.__file__).parents[2]
STATIC = ROOT / "static"
CSS = (STATIC / "style.css").read_text(encoding="utf-8")
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in STATIC.glob("*.js")}
BARE = re.sub(r"/\*.*?\*/", "", CSS, flags=re.DOTALL)

LIGHT = {
    "background": "#fbf8f1",
    "sheet": "#ffffff",
    "ink": "#1b2a38",
    "muted": "#55616c",
    "line": "#8b8371",
    "accent": "#0f5b4b",
    "on-accent": "#ffffff",
    "attention": "#7a4f00",
    "error": "#a3231f",
}
DARK = {
    "background": "#14191d",
    "sheet": "#1d242a",
    "ink": "#ece7dc",
    "muted": "#a9b1b7",
    "line": "#7c858c",
    "accent": "#6fd0b5",
    "on-accent": "#14191d",
    "attention": "#f0c26b",
    "error": "#ff9c93",
}


def tokens(text: str) -> dict[str, str]:
    """The colours that a block of custom properties sets, as #rrggbb."""
    found = re.findall(r"--([a-z-]+):\s*#([0-9a-f]{3,6});", text)
    return {name: "#" + (c if len(c) == 6 else "".join(x * 2 for x in c)) for name, c in found}


def schemes() -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root\s*\{(.*?)\}", BARE, flags=re.DOTALL)
    assert re.search(r"@media \(prefers-color-scheme: dark\) \{\s*:root", BARE)
    return {"light": tokens(light), "dark": tokens(light) | tokens(dark)}


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


def test_the_colours_are_those_of_the_design() -> None:
    assert schemes() == {"light": LIGHT, "dark": DARK}


TEXTS = ("ink", "muted", "accent", "attention", "error")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["background", "sheet"])
@pytest.mark.parametrize(
    ("colour", "least"), [*((name, 4.5) for name in TEXTS), ("line", 3.0), ("accent", 3.0)]
)
@pytest.mark.rule(21)
def test_text_and_borders_stand_out(scheme: str, ground: str, colour: str, least: float) -> None:
    palette = schemes()[scheme]
    assert contrast(palette[colour], palette[ground]) >= least


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_text_of_buttons_stands_out(scheme: str) -> None:
    palette = schemes()[scheme]
    assert contrast(palette["on-accent"], palette["accent"]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_two_rings_of_focus_stand_out_from_each_other(scheme: str) -> None:
    palette = schemes()[scheme]
    assert contrast(palette["accent"], palette["background"]) >= 3
    assert "outline: 3px solid var(--accent)" in BARE
    assert "box-shadow: 0 0 0 3px var(--background)" in BARE


def test_no_colour_stands_outside_the_tokens_but_those_of_paper() -> None:
    rules = re.sub(r":root\s*\{.*?\}", "", BARE, flags=re.DOTALL)
    rules, printed = rules.split("@media print")
    assert re.findall(r"#[0-9a-f]{3,6}\b(?!\s*\{)", strip_selectors(rules)) == []
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", strip_selectors(printed))) <= {"#000", "#fff"}
    assert re.findall(r"\b(?:rgb|hsl|oklch|color-mix)a?\([^)]*\)", rules) == ["rgb(0 0 0 / .12)"]


def strip_selectors(text: str) -> str:
    return " ".join(re.findall(r"\{([^{}]*)\}", text))


def test_every_token_that_is_used_is_set_and_the_other_way_round() -> None:
    used = set(re.findall(r"var\(--([a-z-]+)\)", BARE))
    assert used == set(LIGHT) | {"serif"}


# The rules


def declarations() -> Iterator[tuple[str, str]]:
    """Every (property, value) of the style sheet, at any depth."""
    yield from walk(tinycss2.parse_stylesheet(CSS, skip_comments=True, skip_whitespace=True))


def walk(rules: list[tinycss2.ast.Node]) -> Iterator[tuple[str, str]]:
    for rule in rules:
        assert rule.type in {"qualified-rule", "at-rule"}, rule
        if rule.type == "at-rule":
            assert rule.lower_at_keyword == "media", rule.lower_at_keyword
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            yield from walk(inner)
            continue
        content = tinycss2.parse_blocks_contents(
            rule.content, skip_comments=True, skip_whitespace=True
        )
        for declaration in content:
            assert declaration.type == "declaration", declaration
            yield declaration.lower_name, tinycss2.serialize(declaration.value).strip()


PHYSICAL = re.compile(
    r"(margin|padding|border|scroll-margin|scroll-padding)-(top|right|bottom|left)(-.*)?"
    r"|top|right|bottom|left|width|height|(min|max)-(width|height)|float|clear"
    r"|border-(top|bottom)-(left|right)-radius|overflow-[xy]"
)


def test_every_rule_can_be_read() -> None:
    assert len(list(declarations())) > 150


def test_properties_are_logical_so_that_another_direction_works() -> None:
    assert [name for name, _ in declarations() if PHYSICAL.fullmatch(name)] == []


def test_values_are_logical_too() -> None:
    for name, value in declarations():
        if name in {"text-align", "justify-content", "caption-side"}:
            assert not re.search(r"\b(left|right)\b", value), f"{name}: {value}"
        if name in {"margin", "padding", "inset", "border-width", "border-style", "border-color"}:
            sides = re.sub(r"\([^()]*\)", "", value).split()
            assert len(sides) < 4 or sides[1] == sides[3], f"{name}: {value}"


def test_nothing_is_fetched_and_no_font_is_brought() -> None:
    for forbidden in ("url(", "@import", "@font-face", "image(", "src:", "expression(", "//"):
        assert forbidden not in BARE.casefold(), forbidden


def test_safari_too_copies_nothing_of_the_aid() -> None:
    """There, the property has a prefix; tests/pages looks at Chromium."""
    assert re.search(r"\.aid \{ -webkit-user-select: none; user-select: none; \}", BARE)


def test_the_style_sheet_is_light() -> None:
    assert (STATIC / "style.css").stat().st_size <= 11 * 1024


def test_sizes_of_text_follow_the_reader_s() -> None:
    printed = BARE.partition("@media print")[2]
    for name, value in declarations():
        if name in {"font", "font-size", "line-height"} and value not in printed:
            assert not re.search(r"\d(px|pt|cm|mm)\b", value), f"{name}: {value}"


def test_nothing_is_hidden_from_the_keyboard() -> None:
    outlines = [value for name, value in declarations() if name == "outline"]
    assert outlines.count("none") == BARE.count("main:focus { outline: none; }") == 1
    assert "outline-style" not in BARE
    assert "outline-width" not in BARE


@pytest.mark.rule(21)
def test_the_person_s_wishes_are_respected() -> None:
    for query in ("forced-colors: active", "prefers-reduced-motion", "@media print"):
        assert query in BARE
    moving = re.sub(r"@media \(prefers-reduced-motion: no-preference\) \{[^}]*\}[^}]*\}", "", BARE)
    for name in ("transition", "animation", "scroll-behavior", "@keyframes"):
        assert name not in moving


def test_nothing_looks_like_a_site_of_the_state() -> None:
    files = [CSS, (STATIC / "icon.svg").read_text(encoding="utf-8")]
    files += [path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html")]
    for text in files:
        assert not re.search(r"marianne|dsfr|fr-btn|fr-header|#000091|#e1000f", text, re.IGNORECASE)


# Whole pages


def test_the_home_page_weighs_less_than_thirty_kilobytes(app: Flask) -> None:
    client = checking(app)
    page = client.get("/fr/")
    linked = [str(tag["href"]) for tag in parse(page.text).select("link:not([rel=alternate])")]
    assert len(linked) == 2
    weight = len(page.data) + sum(len(client.get(address).data) for address in linked)
    assert weight < 30_000


# Classes that only name a place, for the printed letter or for a reader of the page.
UNSTYLED = {"limits", "slip-heading", "slip-name"}


@pytest.fixture(scope="module")
def classes(app: Flask) -> set[str]:
    """Every class of every page, in every state that has its own."""
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
    return {
        name for text in texts for tag in parse(text).select("[class]") for name in tag["class"]
    }


def test_every_class_of_the_style_sheet_is_on_some_page_and_the_other_way_round(
    classes: set[str],
) -> None:
    selectors = re.sub(r"\{[^{}]*\}", " ", BARE)
    styled = set(re.findall(r"\.([a-z][a-z-]*)", selectors))
    assert styled - classes == set()
    assert classes - styled == UNSTYLED


def test_what_hides_a_section_names_answers_that_the_form_has(app: Flask) -> None:
    """A value that is misspelt in the style sheet would hide nothing, or all, and nobody knows."""
    values: set[str] = set()
    for slug in SLUGS:
        page = parse(app.test_client().get(f"/fr/lettres/{slug}").text)
        values |= {str(radio["value"]) for radio in page.select("[type=radio]")}
        values |= {str(option["data-kind"]) for option in page.select("[data-kind]")}
    named = set(re.findall(r"\[(?:value|data-kind)=([a-z]+)\]", BARE))
    assert len(named) >= 4
    assert named <= values
    hidden = re.findall(r"form[^{}]*:has\([^{}]*\{([^{}]*)\}", BARE)
    assert [rule.strip() for rule in hidden] == ["display: none;"] * len(hidden)


DRAWINGS = sorted((ROOT / "templates" / "drawings").glob("*.svg"))


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
def test_a_drawing_is_two_strokes_and_silent(path: Path) -> None:
    """One stroke in the colour of the text around it, one in the accent: no colour of its own."""
    text = path.read_text(encoding="utf-8")
    [drawing] = parse(text).find_all("svg")
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
    pages = [parse(text) for text in texts]
    ours = {str(parse(path.read_text(encoding="utf-8")).svg) for path in DRAWINGS}
    shown = {str(drawing) for page in pages for drawing in page.select("svg.drawing")}
    assert shown == ours
    for page in pages:
        for other in page.select("svg:not(.drawing)"):  # the QR code, whose address is beside it
            assert other.find_parent(class_="qr", attrs={"aria-hidden": "true"})


def test_the_icon_is_ours() -> None:
    icon = (STATIC / "icon.svg").read_text(encoding="utf-8")
    assert not re.search(r"<script|<image|<foreignObject|href|on\w+=|<style", icon)


# The scripts


@pytest.mark.parametrize(
    "forbidden",
    [
        "localStorage",
        "sessionStorage",
        "indexedDB",
        "cookie",
        "caches",
        "serviceWorker",
        "eval",
        "Function",
        "setTimeout",
        "import",
        "fetch",
        "XMLHttpRequest",
        "sendBeacon",
        "WebSocket",
        "EventSource",
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "location",
        "open(",
        "http:",
        "https:",
        "console",
        "readText",
        "execCommand",
    ],
)
def test_no_script_keeps_or_sends_anything(forbidden: str) -> None:
    assert [name for name, script in SCRIPTS.items() if forbidden in script] == []


def test_there_are_two_scripts_and_they_are_small() -> None:
    assert sorted(SCRIPTS) == ["address.js", "copy.js"]
    assert max(map(len, SCRIPTS.values())) < 2500


def test_the_words_of_the_scripts_come_from_the_page() -> None:
    """Their own strings are names of places and of events."""
    for script in SCRIPTS.values():
        code = re.sub(r"//.*", "", script).replace('"use strict"', "")
        strings = [
            "".join(found) for found in re.findall(r'"([^"]*)"|\'([^\']*)\'|`([^`]*)`', code)
        ]
        for text in strings:
            assert re.fullmatch(r"[a-z_-]*|\w*\[data-\w+\]", text), text
