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
        ("", ""),
        ("29282 Brest Cedex", "29282 BREST CEDEX"),
        ("1 rue de Savoie", "1 RUE DE SAVOIE"),
        ("3 bis rue de l’Église", "3 BIS RUE DE L EGLISE"),
        ("3 bis rue de l'Église", "3 BIS RUE DE L EGLISE"),
        ("11 rue Claude-Nicolas-Ledoux", "11 RUE CLAUDE NICOLAS LEDOUX"),
        ("9-11 rue Achille-Roche", "9 11 RUE ACHILLE ROCHE"),
        ("Bourg-en-Bresse Cedex", "BOURG EN BRESSE CEDEX"),
        ("Saint-Brieuc Cedex 1", "SAINT BRIEUC CEDEX 1"),
        ("Évry Cedex", "EVRY CEDEX"),
        ("8 allée Ÿ, bât. C – n° 2", "8 ALLEE Y BAT C N 2"),
        ("Sacré-Cœur", "SACRE COEUR"),
        ("Œuvre", "OEUVRE"),
        ("Lætitia Æ", "LAETITIA AE"),
        ("Ça àâä éèêë îï ôö ùûü ÿ ñ", "CA AAA EEEE II OO UUU Y N"),
        ("e\u0301", "E"),
        ("  Lieu-dit   Ker\u00a0Huon ", "LIEU DIT KER HUON"),
        ("CS 94523", "CS 94523"),
        ("Place d’Armes (annexe)", "PLACE D ARMES ANNEXE"),
        ("Calais – Fort-Nieulay", "CALAIS FORT NIEULAY"),
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
    names = ("CPAM de l’Hérault", "Délégué à la protection des données")
    places = ("29 cours Gambetta", "Bâtiment C", "34934 Montpellier Cedex 9")
    assert postal_block(names, places) == (
        "CPAM de l’Hérault",
        "Délégué à la protection des données",
        "29 COURS GAMBETTA",
        "BATIMENT C",
        "34934 MONTPELLIER CEDEX 9",
    )
