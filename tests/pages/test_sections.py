"""What an answer makes useless is hidden by the style sheet alone, and shown where it cannot be.

The rules use `:has()`. A browser that does not know it drops them all and shows every question;
so does one without style sheets. The server asks only for what the answers call for, whatever is
shown: what it asks is what is compared here with what is seen.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from letters.model import OUTCOMES, WHO
from letters.web.form.questions import COUNTS_IF
from tests.kit import shapes
from tests.kit.forms import PLAINTE, form_of
from tests.pages import FOLLOW_UP, FORM, FORMS, MORE, POSTED, SHOW, SLUGS, SMALL, answer, press
from tests.pages.conftest import OpenWindow

pytestmark = pytest.mark.browser

# The names of the questions that can be seen, once everything folded is unfolded.
VISIBLE = """form => {
  for (const folded of form.querySelectorAll("details")) folded.open = true;
  const fields = [...form.querySelectorAll("input:not([type=hidden]), select, textarea")];
  return [...new Set(fields.filter((f) => f.checkVisibility()).map((f) => f.name))];
}"""
SHAPES = [
    *shapes(
        {
            "who": tuple(WHO),
            "outcome": tuple(OUTCOMES)[:3],
            "first_letter": SLUGS[:3],
            "channel": ("ameli", "post", "email"),
        }
    )
]
PRINTED = {name for name, conditions in COUNTS_IF.items() if "channel" in conditions}


def shown(page: Page) -> set[str]:
    return set(page.locator(POSTED).first.evaluate(VISIBLE)) - {"options"}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_form_shows_what_the_answers_call_for(page: Page, slug: str) -> None:
    page.goto(f"/fr/lettres/{slug}")
    printed, way = form_of(slug).visible_fields, form_of(slug).channel.data
    for shape in ({}, *SHAPES, SHAPES[0]):
        answers = {name: value for name, value in shape.items() if name in printed}
        if answers.get("channel") not in dict(form_of(slug).ways):
            answers.pop("channel", None)
        answer(page, answers)
        form = form_of(slug, {"channel": way, **answers}.items())
        way = form.channel.data
        told_first = way and not form.on_paper and slug != PLAINTE
        online = PRINTED if told_first else set()
        wanted = form.active_fields - {"options"} - online
        assert (answers, shown(page)) == (answers, wanted)
        minor = page.get_by_text("De 15 à 17 ans, vous signez vous-même.")
        expect(minor).to_be_visible(visible=answers.get("who") == "minor")


def test_the_day_of_an_answer_is_asked_where_there_may_be_one(any_page: Page) -> None:
    any_page.goto(FOLLOW_UP)
    questions = {"first_letter", "sent_on", "received_on", "outcome"}
    assert shown(any_page) == questions | {"answer_on"}
    for outcome, asked in (("silence", False), ("refusal", True), ("partial", True)):
        answer(any_page, {"outcome": outcome})
        assert shown(any_page) == questions | ({"answer_on"} if asked else set())


REPRESENTED = {name: MORE[name] for name in MORE if name in {"who", "measure"} or "_name" in name}


def test_what_was_hidden_again_is_not_in_the_letter(page: Page) -> None:
    """The person changed their mind: what they typed in between counts for nothing."""
    page.goto(FORM)
    answer(page, {**SMALL, **REPRESENTED})
    answer(page, {"measure": "", "represented_given_name": "字", "who": "self"})
    assert press(page, SHOW).status == 200
    expect(page.locator("#letter")).not_to_contain_text("字")
    expect(page.locator("#letter")).not_to_contain_text("Je représente")


def test_an_error_in_a_section_is_shown_with_its_section(window: OpenWindow) -> None:
    page = window(java_script_enabled=False)
    page.goto(FORM)
    answer(page, {**SMALL, "who": "protected"})
    assert press(page, SHOW).status == 422
    links = page.locator(".error-summary a")
    expect(links).to_have_count(3)
    for name in ("represented_given_name", "represented_family_name", "measure"):
        links.and_(page.locator(f"[href='#{name}']")).click()
        expect(page.locator(f"#{name}")).to_be_focused()
        expect(page.locator(f"#{name}")).to_be_in_viewport()


# Without the rules


# A style sheet as read by a browser that knows no `:has()`, and by one that reads none.
PLAIN = {
    "no :has()": lambda style: style.replace(":has(", ":unknown("),
    "no style sheet": lambda style: "",
}


@pytest.fixture(params=PLAIN)
def plain_page(window: OpenWindow, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in a browser without `:has()`, then in one without style sheets and scripts."""

    def give(route: Route) -> None:
        answered = route.fetch()
        route.fulfill(response=answered, body=PLAIN[request.param](answered.text()))

    page = window(java_script_enabled=request.param == "no :has()")
    page.route("**/static/style.css*", give)
    yield page
    page.unroute_all()


def test_without_the_rules_everything_is_shown(plain_page: Page) -> None:
    for path, slug in zip(FORMS, SLUGS, strict=True):
        plain_page.goto(path)
        assert shown(plain_page) == form_of(slug).visible_fields - {"options"}
        # Who writes comes first; what is for some only says so, under a heading of its own.
        fields = plain_page.locator(f"{POSTED} :is(input, select, textarea):not([type=hidden])")
        expect(fields.first).to_have_attribute("name", "who")
        section = plain_page.get_by_role("group", name="La personne pour qui vous écrivez")
        expect(section).to_contain_text("À remplir seulement pour votre enfant de moins de 15 ans")
        for name in ("represented_given_name", "measure"):
            expect(section.locator(f"#{name}")).to_be_visible()


def test_without_the_rules_only_what_the_answers_call_for_is_needed(plain_page: Page) -> None:
    plain_page.goto(FORM)
    answer(plain_page, SMALL)
    assert press(plain_page, SHOW).status == 200
    assert press(plain_page, "Modifier mes réponses").status == 200
    answer(plain_page, REPRESENTED)
    assert press(plain_page, SHOW).status == 200
    expect(plain_page.locator("#letter")).to_contain_text("Pour Éloïse L’Haÿ-Béguin, je refuse")
    plain_page.goto("/fr/lettres/relance")
    answer(plain_page, {name: SMALL[name] for name in ("given_name", "family_name")})
    answer(plain_page, {"first_letter": SLUGS[1], "sent_on": "03/03/2025"})
    assert press(plain_page, SHOW).status == 200
    expect(plain_page.locator("#letter .recipient")).to_contain_text("RUE GEORGES PITARD")
