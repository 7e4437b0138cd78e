"""Addresses of our own data as La Poste wants them on an envelope (NF Z 10-011)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.postal import postal_block, postal_capitals
from tests.letters_under_test import steady


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("3 bis rue de l’Église", "3 BIS RUE DE L EGLISE"),
        ("9-11 rue Achille-Roche", "9 11 RUE ACHILLE ROCHE"),
        ("8 allée Ÿ, bât. C – n° 2", "8 ALLEE Y BAT C N 2"),
        ("Sacré-Cœur, Œuvre, Lætitia Æ", "SACRE COEUR OEUVRE LAETITIA AE"),
        ("Ça àâä éèêë îï ôö ùûü ÿ ñ", "CA AAA EEEE II OO UUU Y N"),
        ("  Lieu-dit   Ker\u00a0Huon e\u0301", "LIEU DIT KER HUON E"),
        ("Place d'Armes (annexe)", "PLACE D ARMES ANNEXE"),
    ],
)
def test_a_place_is_written_in_capitals_and_digits(line: str, expected: str) -> None:
    assert postal_capitals(line) == expected


@steady
@given(st.text())
def test_a_place_has_only_capitals_digits_and_single_spaces_and_then_stays(line: str) -> None:
    place = postal_capitals(line)
    assert re.fullmatch(r"([A-Z0-9]+( [A-Z0-9]+)*)?", place)
    assert postal_capitals(place) == place


def test_names_keep_their_accents_and_places_do_not() -> None:
    block = postal_block(("CPAM de l’Hérault", "Délégué"), ("Bâtiment C", "34934 Sète Cedex 9"))
    assert block == ("CPAM de l’Hérault", "Délégué", "BATIMENT C", "34934 SETE CEDEX 9")
