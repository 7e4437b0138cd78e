"""A seventh letter: one more file among the texts and nothing else, walked from home page to PDF.

The texts are copied to a temporary folder and an invented letter is added there; the program,
its templates, addresses and facts stay as they are. Whoever it is sent to, it must do all that the
six do.
"""

import io
import shutil
from collections.abc import Iterator
from datetime import date
from filecmp import dircmp
from functools import partial
from itertools import cycle, product
from pathlib import Path
from zipfile import ZipFile

import pypdfium2
import pytest
from flask import Flask

from app import create_app
from letters.catalogue import TEXTS, load_catalogue
from letters.model import OUTCOMES, WHO
from tests import kit
from tests.kit.pages import CheckingClient, from_file, plain, words
from tests.kit.visitor import (
    A_MONTH_LATER,
    CALENDAR_BUTTON,
    OBJECTED,
    PEOPLE,
    READY,
    TITLES,
    ZIP_BUTTON,
    Journey,
    reminder_of,
)

SLUG, TITLE = "opposition-zoo", "S’opposer auprès d’un zoo"
SUBJECT = "Opposition à la réutilisation de données au zoo"
NEW_LETTER = Path(__file__).parent / "data" / f"{SLUG}.md"
# Who it may be sent to: what has to be typed for that, and how a later letter names the body.
TO_WHOM: dict[str, tuple[dict[str, str], str]] = {
    "caisse": ({"recipient": "01751"}, "CPAM de Paris"),
    "plateforme": ({}, "Plateforme des données de santé"),
    "soignant": ({"soignant_lines": "Zoo de l’Invention\n29200 BREST"}, "Zoo de l’Invention"),
    "cnil": ({}, "CNIL"),
}
# Each recipient, each person and each outcome once: how they meet is no matter of a new file.
WALKS = [
    *(product(TO_WHOM, WHO, OUTCOMES) if kit.everything else zip(TO_WHOM, WHO, cycle(OUTCOMES)))
]


@pytest.fixture(scope="module", params=TO_WHOM)
def recipient(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def site(recipient: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The site on texts to which one file was added, made once for each recipient."""
    folder = tmp_path_factory.mktemp("site") / "texts"
    shutil.copytree(TEXTS, folder)
    letter = NEW_LETTER.read_text(encoding="utf-8").replace('"caisse"', f'"{recipient}"')
    (folder / f"{SLUG}.md").write_text(letter, encoding="utf-8")
    changed = dircmp(TEXTS, folder)
    assert (changed.left_only, changed.right_only, changed.diff_files) == ([], [f"{SLUG}.md"], [])
    with pytest.MonkeyPatch.context() as patch:
        load = partial(load_catalogue, directory=folder)
        patch.setattr("letters.web.site.load_catalogue", load)
        # What looks at every page knows the letters there are.
        patch.setattr(f"{CheckingClient.__module__}.SLUGS", (*TITLES, SLUG))
        yield create_app()


@pytest.fixture
def journey(site: Flask, monkeypatch: pytest.MonkeyPatch) -> Journey:
    return Journey(site, monkeypatch)


def words_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return plain(text.replace("\ufffe", "").replace("\x02", ""))


@pytest.mark.parametrize("recipient", ["cnil"], indirect=True)
def test_the_home_page_shows_it_in_its_place(journey: Journey) -> None:
    visitor = journey.sit_down(OBJECTED)
    visitor.open("/fr/")
    titles = [words(title) for title in visitor.page.select(".letters a")]
    assert titles == [*list(TITLES.values())[:3], TITLE, *list(TITLES.values())[3:]]
    visitor.open("/fr/sources")
    assert TITLE in visitor.main
    response = visitor.client.get("/fr/lettres/absente")
    assert TITLE in response.text


@pytest.mark.parametrize(("recipient", "who", "outcome"), WALKS, indirect=["recipient"])
def test_it_is_written_read_printed_followed_up_and_complained_about(
    journey: Journey, recipient: str, who: str, outcome: str
) -> None:
    visitor = journey.sit_down(OBJECTED)
    visitor.open("/fr/")
    visitor.follow(TITLE)
    assert (visitor.status, visitor.heading) == (200, TITLE)
    visitor.answer(**PEOPLE[who], **TO_WHOM[recipient][0], reason="J’ai peur des girafes.")
    visitor.press("Voir ma lettre")
    assert (visitor.status, visitor.heading) == (200, READY)
    for_whom = "pour Zoé Petit" if who in {"child", "protected"} else "en mon nom"
    for sentence in (f"J’écris {for_whom}.", "J’ai peur des girafes.", "le dire à la girafe."):
        assert sentence in visitor.letter
    assert "Ce refus vaut" not in visitor.letter
    assert "Le zoo garde ses animaux." in visitor.main
    assert "La girafe attend aussi une lettre." in visitor.main
    assert TO_WHOM[recipient][1].upper() in visitor.letter.upper()
    text = from_file(visitor.press("Télécharger le texte").data)
    assert text.startswith(f"Objet : {SUBJECT}\n\nMadame, Monsieur,\n\nJ'écris {for_whom}.")
    assert text.endswith("Salutations.\n\nMaëlle Le Goff-d'Œuvre\n")
    assert "au zoo\n\nMadame, Monsieur," in from_file(
        visitor.press("Télécharger le texte court").data
    )
    printed = words_of(visitor.press("Télécharger le PDF").data)
    assert f"J’écris {for_whom}." in printed
    assert SUBJECT in printed
    said = words_of(visitor.press("Imprimer ces phrases (PDF)").data)
    assert "Pouvez-vous le noter" in said

    visitor.tick(TITLES["opposition-plateforme"])
    visitor.tick(TITLES["information-cnil"])
    with ZipFile(io.BytesIO(visitor.press(ZIP_BUTTON).data)) as archive:
        names = archive.namelist()
        explained = plain(archive.read("LISEZMOI.txt").decode())
        information = plain(archive.read("3-information-cnil.txt").decode().replace("'", "’"))
    kinds = (".txt", "-version-courte.txt", ".pdf", "-a-dire.pdf")
    assert {f"2-{SLUG}{kind}" for kind in kinds} <= {*names}
    assert f"2. {TITLE}" in explained
    assert "Le zoo garde ses animaux." in explained
    assert SUBJECT in information
    assert f"organisme suivant : {TO_WHOM[recipient][1]}." in information

    blank = visitor.client.get(f"/fr/lettres/{SLUG}/vierge.pdf?who={who}")
    to_fill_in = words_of(blank.data)
    assert to_fill_in.startswith("Prénom et nom : Adresse :")
    assert ("J’écris pour …………" in to_fill_in) is (who in {"child", "protected"})
    assert ("75" in to_fill_in) is (recipient in {"plateforme", "cnil"})  # known addresses

    day, url = reminder_of(visitor.press(CALENDAR_BUTTON))
    assert (day, url) == (
        A_MONTH_LATER,
        f"http://localhost/fr/suivi?lettre={SLUG}&envoi=2026-11-21",
    )
    visitor = journey.sit_down(A_MONTH_LATER if outcome == "silence" else date(2026, 11, 25))
    visitor.open("/fr/")
    visitor.follow("Lettre déjà envoyée ? Voir la suite")
    past = {"first_letter": SLUG, "sent_on": "21/11/2026", "outcome": outcome}
    assert visitor.answer(**past) == past.keys()
    visitor.open(url)
    assert visitor.answer(**past) == {"outcome"}
    visitor.press("Voir la suite")
    visitor.press(TITLES["relance"])
    known = {**PEOPLE[who], **TO_WHOM[recipient][0], **past}
    assert not visitor.answer(**known) & past.keys()
    visitor.press("Voir ma lettre")
    assert (visitor.status, visitor.heading) == (200, READY)
    assert f"objet : « {SUBJECT} » ;" in visitor.items
    assert "textes invoqués : Loi n° 78-17, article 74." in visitor.items
    body = TO_WHOM[recipient][1]
    assert words(visitor.page.select_one(".recipient")).upper().startswith(body.upper())
    assert reminder_of(visitor.press(CALENDAR_BUTTON))[1] == url

    visitor.press(TITLES["plainte-cnil"])
    assert visitor.answer(**known) == set()
    visitor.press("Voir ma lettre")
    assert (visitor.status, visitor.heading) == (200, READY)
    assert f"Elle vise l’organisme suivant : {body}." in visitor.letter
    assert f"« {SUBJECT} »" in visitor.letter
    assert "la copie de la demande du 21 novembre 2026." in visitor.items
