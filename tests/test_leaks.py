"""What WeasyPrint 70 never frees is not asked of it: a server that draws for weeks stays small."""

from unittest.mock import patch

import pytest
from weasyprint.text import line_break

from letters.catalogue import Catalogue
from letters.compose import compose
from letters.recipients import Recipients
from letters.render import pdf
from tests.conftest import TODAY
from tests.letters_under_test import SLUGS, every_request


@pytest.mark.check(22)
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("slug", SLUGS)
def test_no_text_of_a_letter_asks_for_what_the_engine_leaks(
    catalogue: Catalogue, recipients: Recipients, slug: str, large: bool
) -> None:
    """The OpenType features of a text: 5 KB a letter with lists.

    The engine's style sheet asks for figures of one width in the markers of lists; ours takes it
    back.
    """
    asked, original = [], line_break.font_features

    def features(*settings: object) -> dict[str, int]:
        asked.append(original(*settings))
        return asked[-1]

    mine = [(w, r) for w, r in every_request(catalogue, recipients) if w.slug == slug]
    wording, request = max(mine, key=lambda one: len(one[1].options))
    with patch.object(line_break, "font_features", features):
        pdf.pdf(compose(wording, request, TODAY), large)
    assert asked
    assert [features for features in asked if features] == []
