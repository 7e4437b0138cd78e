"""What the pages look like, as far as a program can judge: contrast, direction, sizes, weight.

Contrast follows WCAG 2.2 (1.4.3 and 1.4.11) and is computed from the tokens of `style.css`.
Limits: whether a rule is used, and how a page looks, is for `tests/pages` and for eyes.
"""

import re
from collections.abc import Iterator

import pytest
import tinycss2
from flask import Flask

from tests.kit.pages import parse
from tests.server import ROOT
from tests.test_i18n import walked

STATIC = ROOT / "static"
CSS = (STATIC / "style.css").read_text(encoding="utf-8")
SCRIPTS = [path.read_text(encoding="utf-8") for path in STATIC.glob("*.js")]
QUIET = {"skip_comments": True, "skip_whitespace": True}

Rule = tuple[str, str, str, str]  # the query around it, its selector, a property and its value


def walk(nodes: list[tinycss2.ast.Node], query: str = "") -> Iterator[Rule]:
    for node in nodes:
        prelude = tinycss2.serialize(node.prelude).strip()
        if node.type == "at-rule":
            assert node.lower_at_keyword == "media", "nothing is fetched, no font is brought"
            yield from walk(tinycss2.parse_rule_list(node.content, **QUIET), prelude)
            continue
        assert node.type == "qualified-rule", node
        for found in tinycss2.parse_blocks_contents(node.content, **QUIET):
            assert found.type == "declaration", found
            yield query, prelude, found.lower_name, tinycss2.serialize(found.value).strip()


RULES = [*walk(tinycss2.parse_stylesheet(CSS, **QUIET))]


def declarations(*names: str) -> list[tuple[str, str]]:
    """Every (property, value) on a screen, of these properties or of all."""
    found = [(name, value) for query, _, name, value in RULES if query != "print"]
    return [(name, value) for name, value in found if not names or name in names]


# Colours


def palette(scheme: str) -> dict[str, str]:
    """The colours of a scheme, as #rrggbb."""
    found: dict[str, str] = {}
    for query, selector, name, value in RULES:
        if selector == ":root" and value.startswith("#") and (not query or scheme in query):
            found[name] = re.sub(r"^#(.)(.)(.)$", r"#\1\1\2\2\3\3", value)
    return found


def luminance(colour: str) -> float:
    values = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.rule(21)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_borders_and_buttons_stand_out(scheme: str) -> None:
    colours = palette(scheme)
    assert palette("light") != palette("dark")
    least = dict.fromkeys(("ink", "muted", "accent", "attention", "error"), 4.5) | {"line": 3.0}
    for name, wanted in least.items():
        for ground in ("background", "sheet"):
            found = contrast(colours[f"--{name}"], colours[f"--{ground}"])
            assert found >= wanted, (name, ground)
    assert contrast(colours["--on-accent"], colours["--accent"]) >= 4.5


def test_every_token_that_is_used_is_set_and_the_other_way_round() -> None:
    tokens = {name for _, _, name, _ in RULES if name.startswith("--")}
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


def test_safari_too_copies_nothing_of_the_aid() -> None:
    """There, the property has a prefix; tests/pages looks at Chromium."""
    ours, theirs = (
        [(at, value) for _, at, name, value in RULES if name == wanted]
        for wanted in ("user-select", "-webkit-user-select")
    )
    assert ours == theirs != []


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
    linked = [link["href"] for link in parse(page.text).select("link:not([rel=alternate])")]
    assert len(linked) == 2
    weights = [len(client.get(address, buffered=True).data) for address in linked]
    assert len(page.data) + sum(weights) < 30_000


# Classes that only name a place, for the printed letter or for a reader of the page.
UNSTYLED = {"limits", "spoken-heading", "spoken-name"}


def test_every_class_of_the_style_sheet_is_on_some_page_and_the_other_way_round(
    app: Flask,
) -> None:
    tags = (tag for page in walked(app)[0] for tag in page.select("[class]"))
    shown = {name for tag in tags for name in tag["class"]}
    styled = {name for _, at, _, _ in RULES for name in re.findall(r"\.([a-z][\w-]*)", at)}
    assert styled - shown == set()
    assert shown - styled == UNSTYLED


def test_every_drawing_is_silent_and_has_the_colours_of_what_is_around_it(app: Flask) -> None:
    """But for the QR code, which is black on white."""
    for drawing in (drawing for page in walked(app)[0] for drawing in page.select("svg")):
        assert drawing.find_parent(class_="qr") or "drawing" in drawing["class"]
        assert [tag for tag in (drawing, *drawing.parents) if tag.get("aria-hidden") == "true"]
    texts = [path.read_text(encoding="utf-8") for path in ROOT.glob("templates/drawings/*.svg")]
    assert [text for text in texts if re.search("fill|stroke|style|href", text)] == []


# The scripts

KEEPS_OR_SENDS = re.compile(
    r"\w*Storage|indexedDB|cookie|caches|serviceWorker|eval|Function|setTimeout|import|fetch"
    r"|XMLHttpRequest|sendBeacon|WebSocket|EventSource|(inner|outer)HTML|insertAdjacent"
    r"|document\.write|location|open\(|https?:|console|readText|execCommand(?!\(\"copy\"\))"
)


def test_no_script_keeps_or_sends_anything() -> None:
    assert SCRIPTS
    assert [KEEPS_OR_SENDS.findall(script) for script in SCRIPTS] == [[]] * len(SCRIPTS)


def test_the_words_of_the_scripts_come_from_the_page() -> None:
    """Their own strings are names of places and of events, and the question if it is a phone."""
    for script in SCRIPTS:
        code = re.sub(r"//.*", "", script).replace('"use strict"', "")
        for found in re.findall(r'"([^"]*)"|\'([^\']*)\'|`([^`]*)`', code):
            text = "".join(found)
            assert re.fullmatch(r"[a-z_-]*|\w*\[data-\w+\]|\(pointer: coarse\)", text), text
