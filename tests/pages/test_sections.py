"""What an answer makes useless is hidden by the style sheet alone, and shown where it cannot be.

The rules use `:has()`. A browser that does not know it drops them all and shows every question;
so does one without style sheets. The server asks only for what the answers call for, whatever is
shown.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.pages import FOLLOW_UP, FORM, FORMS, MORE, POSTED, SHOW, SLUGS, SMALL, answer, press
from tests.pages.conftest import OpenWindow

pytestmark = pytest.mark.browser

WHO_WRITES = {
    *("who", "given_name", "family_name", "address_line1", "address_line2", "postal_code"),
    *("city", "country", "email"),
}
REPRESENTED = {"represented_given_name", "represented_family_name"}
BORN, ITS_BIRTH = {"birth_date"}, {"represented_birth_date"}
FUND, CARER, PLATFORM = {"recipient", "recipient_lines"}, {"recipient_lines"}, {"plateforme_lines"}
FREE = {"reason", "options"}
EARLIER = {"first_letter", "sent_on"}
LATER = {*EARLIER, "channel", "outcome"}
SANTE, PLATEFORME, SOIGNANT, INFORMATION, RELANCE, PLAINTE = FORMS
# What is shown on a form after these answers, beside who writes; the first answers are none.
SHOWN: dict[str, list[tuple[dict[str, str], set[str]]]] = {
    SANTE: [
        ({}, FUND | BORN | FREE),
        ({"who": "child"}, FUND | REPRESENTED | ITS_BIRTH | FREE),
        ({"who": "minor"}, FUND | BORN | FREE),
        ({"who": "protected"}, FUND | REPRESENTED | ITS_BIRTH | {"measure"} | FREE),
        ({"who": "self"}, FUND | BORN | FREE),
    ],
    PLATEFORME: [
        ({}, PLATFORM | FREE),
        ({"who": "child"}, PLATFORM | REPRESENTED | FREE),
        ({"who": "protected"}, PLATFORM | REPRESENTED | {"measure"} | FREE),
        ({"who": "minor"}, PLATFORM | FREE),
    ],
    SOIGNANT: [
        ({}, CARER | BORN | FREE),
        ({"who": "protected"}, CARER | REPRESENTED | ITS_BIRTH | {"measure"} | FREE),
    ],
    INFORMATION: [
        ({}, EARLIER | FUND | {"cnil_lines"}),
        ({"first_letter": SLUGS[1]}, EARLIER | PLATFORM | {"cnil_lines"}),
        ({"first_letter": SLUGS[2]}, EARLIER | CARER | {"cnil_lines"}),
        ({"first_letter": SLUGS[0]}, EARLIER | FUND | {"cnil_lines"}),
    ],
    RELANCE: [
        ({}, LATER | FUND | BORN | {"options"}),
        ({"outcome": "refusal"}, LATER | FUND | BORN | {"options", "answer_on"}),
        ({"outcome": "partial"}, LATER | FUND | BORN | {"options", "answer_on", "missing"}),
        ({"outcome": "silence"}, LATER | FUND | BORN | {"options"}),
        ({"first_letter": SLUGS[2]}, LATER | CARER | BORN | {"options"}),
        ({"first_letter": SLUGS[1]}, LATER | PLATFORM | BORN | {"options"}),
    ],
    PLAINTE: [
        ({}, LATER | FUND | {"cnil_lines", "followed_up_on"}),
        (
            {"outcome": "partial", "first_letter": SLUGS[1]},
            LATER | PLATFORM | {"cnil_lines", "followed_up_on", "answer_on", "missing"},
        ),
        (
            {"outcome": "refusal", "first_letter": SLUGS[2], "who": "protected"},
            LATER | CARER | REPRESENTED | {"measure", "cnil_lines", "followed_up_on", "answer_on"},
        ),
    ],
}
# Everything that a form has, shown or not.
EVERYTHING = {
    SANTE: FUND | BORN | ITS_BIRTH | REPRESENTED | {"measure"} | FREE,
    PLATEFORME: PLATFORM | REPRESENTED | {"measure"} | FREE,
    SOIGNANT: CARER | BORN | ITS_BIRTH | REPRESENTED | {"measure"} | FREE,
    INFORMATION: EARLIER | FUND | PLATFORM | {"cnil_lines", "measure"} | REPRESENTED,
    RELANCE: LATER
    | FUND
    | PLATFORM
    | BORN
    | ITS_BIRTH
    | REPRESENTED
    | {"measure", "options", "answer_on", "missing"},
    PLAINTE: LATER
    | FUND
    | PLATFORM
    | REPRESENTED
    | {"measure", "answer_on", "missing", "followed_up_on", "cnil_lines"},
}
# The names of the questions that can be seen, once everything folded is unfolded.
VISIBLE = """form => {
  for (const folded of form.querySelectorAll("details")) folded.open = true;
  const fields = [...form.querySelectorAll("input:not([type=hidden]), select, textarea")];
  return [...new Set(fields.filter((f) => f.checkVisibility()).map((f) => f.name))];
}"""


def shown(page: Page) -> set[str]:
    return set(page.locator(POSTED).first.evaluate(VISIBLE))


@pytest.mark.parametrize("path", SHOWN)
def test_a_form_shows_what_the_answers_call_for(any_page: Page, path: str) -> None:
    any_page.goto(path)
    for answers, wanted in SHOWN[path]:
        answer(any_page, answers)
        assert (answers, shown(any_page)) == (answers, WHO_WRITES | wanted)
        minor = any_page.locator(".for-minor")
        expect(minor).to_be_visible(visible=answers.get("who") == "minor")


def test_the_day_of_an_answer_is_asked_where_there_may_be_one(any_page: Page) -> None:
    any_page.goto(FOLLOW_UP)
    questions = {"first_letter", "sent_on", "outcome"}
    assert shown(any_page) == questions | {"answer_on"}
    for outcome, asked in (("silence", False), ("refusal", True), ("partial", True)):
        answer(any_page, {"outcome": outcome})
        assert shown(any_page) == questions | ({"answer_on"} if asked else set())


def test_what_was_hidden_again_is_not_in_the_letter(any_page: Page) -> None:
    """The person changed their mind: what they typed in between counts for nothing."""
    any_page.goto(FORM)
    answer(any_page, {**SMALL, **{name: MORE[name] for name in ("who", *REPRESENTED, "measure")}})
    answer(any_page, {"measure": "", "represented_given_name": "字", "who": "self"})
    assert press(any_page, SHOW).status == 200
    expect(any_page.locator("#letter")).not_to_contain_text("字")
    expect(any_page.locator("#letter")).not_to_contain_text("Je représente")


def test_an_error_in_a_section_is_shown_with_its_section(any_page: Page) -> None:
    any_page.goto(FORM)
    answer(any_page, {**SMALL, "who": "protected"})
    assert press(any_page, SHOW).status == 422
    links = any_page.locator(".error-summary a")
    expect(links).to_have_count(3)
    for name in ("represented_given_name", "represented_family_name", "measure"):
        links.and_(any_page.locator(f"[href='#{name}']")).click()
        expect(any_page.locator(f"#{name}")).to_be_focused()
        expect(any_page.locator(f"#{name}")).to_be_in_viewport()


# Without the rules


RULES = re.compile(r"(?:^form:[^{]*:has\([^{]*,?\n)+?^form:[^{]*\{ display: none; \}", re.MULTILINE)


def without_has(style: str) -> str:
    """The style sheet as a browser that does not know `:has()` reads it."""
    rest, count = RULES.subn("", style)
    assert count == 1
    assert ":has(" not in re.sub(r"/\*.*?\*/", "", rest, flags=re.DOTALL)
    return rest


def without_anything(style: str) -> str:
    return ""


@pytest.fixture(params=[without_has, without_anything])
def plain_page(window: OpenWindow, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in a browser without `:has()`, then in one without style sheets and scripts."""
    change: Callable[[str], str] = request.param

    def give(route: Route) -> None:
        answered = route.fetch()
        route.fulfill(response=answered, body=change(answered.text()))

    page = window(java_script_enabled=change is without_has)
    page.route("**/static/style.css*", give)
    yield page
    page.unroute_all()


@pytest.mark.parametrize("path", EVERYTHING)
def test_without_the_rules_everything_is_shown(plain_page: Page, path: str) -> None:
    plain_page.goto(path)
    assert shown(plain_page) == WHO_WRITES | EVERYTHING[path]
    # Who writes comes first; what is for some only says so, under a heading of its own.
    first = plain_page.locator(f"{POSTED} :is(input, select, textarea):not([type=hidden])").first
    expect(first).to_have_attribute("name", "who")
    section = plain_page.get_by_role("group", name="La personne pour qui vous écrivez")
    expect(section).to_contain_text("À remplir seulement pour votre enfant de moins de 15 ans, ou")
    for name in ("represented_given_name", "measure"):
        expect(section.locator(f"#{name}")).to_be_visible()


def test_without_the_rules_what_is_not_for_oneself_can_stay_empty(plain_page: Page) -> None:
    plain_page.goto(FORM)
    answer(plain_page, SMALL)
    assert press(plain_page, SHOW).status == 200
    assert press(plain_page, "Modifier mes réponses").status == 200
    answer(plain_page, {name: MORE[name] for name in ("who", *REPRESENTED, "measure")})
    assert press(plain_page, SHOW).status == 200
    expect(plain_page.locator("#letter")).to_contain_text("Je représente Éloïse L’Haÿ-Béguin")


def test_without_the_rules_a_later_letter_needs_only_its_own_addressee(plain_page: Page) -> None:
    plain_page.goto(RELANCE)
    answer(plain_page, {name: SMALL[name] for name in ("given_name", "family_name")})
    answer(plain_page, {"first_letter": SLUGS[1], "sent_on": "03/03/2025"})
    assert press(plain_page, SHOW).status == 200
    expect(plain_page.locator("#letter .recipient")).to_contain_text("RUE GEORGES PITARD")
