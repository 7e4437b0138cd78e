"""The thirty checks of what we promise, each proved by a test that names it.

A test says which checks it proves with `@pytest.mark.check(4)`; `pytest -m check` runs these alone.
Limits: here it is only counted that each has its test; `script/prove` takes the protections out.
"""

from tests.test_rules import TESTS, numbers_named

CHECKS = {
    1: "One strict Content-Security-Policy on every answer: pages, errors, files, PDFs.",
    2: "No inline script, style or handler in any page.",
    3: "The other headers that shut a page in, on every answer.",
    4: "Strict-Transport-Security on https only.",
    5: "No answer that holds what was typed may be stored; static files are named by their hash.",
    6: "No cookie, and no storage in the browser.",
    7: "No request to another origin in a whole journey.",
    8: "Nothing that a page loads has an external address.",
    9: "Nothing personal in an address, a header, a file name or a calendar file.",
    10: "Nothing personal in any log, at any level, whatever goes wrong.",
    11: "Nothing personal on any disk.",
    12: "Error pages tell no trace and no version.",
    13: "A form from elsewhere is refused.",
    14: "Our own form is accepted by a real browser, with and without JavaScript.",
    15: "A wrong Host is refused.",
    16: "What is too long, of another type or in too many fields is refused.",
    17: "A method that a route has not is refused.",
    18: "Markup typed into any field is inert, wherever it is shown.",
    19: "Template and wording syntax is inert; the PDF engine fetches nothing.",
    20: "Control, bidi and invisible characters are removed or refused, never printed.",
    21: "A line break never reaches a header.",
    22: "The longest input makes a letter of few pages, within the memory of a small server.",
    23: "More PDFs than slots: told to come back, while pages and texts are served.",
    24: "A limit for each address is the proxy's; no address is logged.",
    25: "Regular expressions are linear.",
    26: "No outgoing connection.",
    27: "A social security number is refused everywhere, with advice, and never logged.",
    28: "Dependencies pinned by hash, audited, listed with their licences; none in the repository.",
    29: "security.txt, and a privacy page that tells what the settings say.",
    30: "The same input gives the same bytes; the page tells which text and program made them.",
}


def test_every_check_is_proved_by_a_test_and_no_other_is_named() -> None:
    paths = [*TESTS.rglob("test_*.py")]
    named = {number for path in paths for number in numbers_named(path, "check")}
    assert named == set(CHECKS) == set(range(1, 31))
