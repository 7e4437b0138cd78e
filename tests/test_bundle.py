"""The zip and its LISEZMOI.txt: the same bytes for the same files, and words that help.

That the sentences of LISEZMOI.txt are short and plain is in test_voice.py.
"""

from datetime import date
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from letters.render.archive import (
    MOST_BYTES,
    MOST_FILES,
    READ_ME,
    REMINDER,
    BundledLetter,
    bundle,
    read_me,
)
from tests.letters_under_test import steady

FILES = [
    (READ_ME, "Rien n’est encore envoyé.\r\n".encode()),
    ("opposition-sante.txt", b"Madame, Monsieur,\n" * 200),
    ("opposition-sante.pdf", bytes(range(256)) * 64),
    (REMINDER, b""),
]
names = st.from_regex(r"[a-z0-9]{1,8}([.-][a-z0-9]{1,8}){0,3}", fullmatch=True)
file_lists = st.lists(
    st.tuples(names, st.binary(max_size=200)), max_size=MOST_FILES, unique_by=lambda file: file[0]
)


# The zip


@steady
@example(FILES)
@given(file_lists)
def test_any_files_come_back_as_they_were_and_give_the_same_bytes(
    files: list[tuple[str, bytes]],
) -> None:
    content = bundle(files)
    with ZipFile(BytesIO(content)) as archive:
        assert [(entry.filename, archive.read(entry)) for entry in archive.infolist()] == files
    assert bundle(files) == content


def test_the_zip_tells_nothing_of_the_clock_or_the_machine() -> None:
    content = bundle(FILES)
    with ZipFile(BytesIO(content)) as archive:
        assert archive.comment == b""
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert (entry.create_system, entry.external_attr) == (3, 0o100644 << 16)
            assert (entry.extra, entry.comment) == (b"", b"")
            assert entry.compress_type == ZIP_DEFLATED
            assert entry.flag_bits == 0  # no name in UTF-8, no size after the data, no secret
    assert len(content) < sum(len(data) for _, data in FILES) / 4


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "../relance.pdf", "lettres/relance.pdf", "c:relance.pdf"),
        *("lettres\\relance.pdf", ".cache", "-rf", "relance.", "relance..pdf", "relance.pdf\n"),
        *("relance.pdf\0.exe", "relance 2.pdf", "Relance.pdf", "lisezmoi.TXT"),
        *("LISEZMOI.txt.pdf", "lettre_2.pdf", "santé.pdf", "sante٢.pdf"),
    ],
)
@pytest.mark.check(9)
def test_any_other_name_is_refused_and_not_repeated(name: str) -> None:
    with pytest.raises(ValueError, match="un nom de fichier n’est pas permis") as refusal:
        bundle([("relance.txt", b""), (name, b"")])
    assert len(name) < 3 or name not in str(refusal.value)


def test_names_used_twice_and_too_many_or_too_large_files_are_refused() -> None:
    files = [(f"{number}.txt", b"") for number in range(MOST_FILES + 1)]
    half = bytes(MOST_BYTES // 2)
    assert MOST_FILES >= 6 * 4 + 2
    bundle(files[:-1])
    bundle([("a.pdf", half), ("b.pdf", half)])
    for wrong, message in (
        ([("relance.txt", b"a"), ("b", b""), ("relance.txt", b"c")], "deux fichiers ont le même"),
        (files, f"plus de {MOST_FILES} fichiers"),
        ([("a.pdf", half), ("b.pdf", half), ("c.pdf", b"1")], f"plus de {MOST_BYTES} octets"),
    ):
        with pytest.raises(ValueError, match=message):
            bundle(wrong)


# LISEZMOI.txt

CAISSE = BundledLetter(
    "S'opposer auprès de sa caisse",
    "Collez le texte dans votre compte, ou postez le PDF.",
    ("1-caisse.txt", "1-caisse-version-courte.txt", "1-caisse.pdf"),
    ("Cette lettre n'efface pas vos données.", "Elle ne change rien à vos soins."),
)
CNIL = BundledLetter("Informer la CNIL", "Postez-la.", ("2-cnil.txt",))
# The name of a file and an address are never retouched; all else is set as our other texts are.
SOIGNANT = BundledLetter(
    "Lire à voix haute : l'article 21",
    "Donnez-la en main propre.",
    ("3-article-21...pdf", "3-a-dire.pdf", "a.odt"),
    ("Elle n’arrête pas la facturation.",),
)
URL = "https://plume.example.org/fr/suivi?a=1...2&b='3'&c=article%201"
FOR_ONE = """\
Votre lettre~: que faire maintenant

Rien n’est encore envoyé.
Un seul envoi suffit.
"""
FOR_SEVERAL = """\
Vos lettres~: que faire, et dans quel ordre

Rien n’est encore envoyé.
Suivez les étapes dans l’ordre.
Pour chaque lettre, un seul envoi suffit.
"""
STEPS = """
1. S’opposer auprès de sa caisse
Collez le texte dans votre compte, ou postez le PDF.
- Texte à coller dans un message~: 1-caisse.txt
- Texte court, si le message est refusé car trop long~: 1-caisse-version-courte.txt
- Lettre à imprimer et à signer, à poster ou à remettre~: 1-caisse.pdf

2. Informer la CNIL
Postez-la.
- Texte à coller dans un message~: 2-cnil.txt

3. Lire à voix haute~: l’article~21
Donnez-la en main propre.
- Lettre à imprimer et à signer, à poster ou à remettre~: 3-article-21...pdf
- Feuille à imprimer et à lire à voix haute~: 3-a-dire.pdf
- Autre fichier~: a.odt

4. Ajouter le rappel à votre agenda
Le fichier du rappel est rappel.ics.
Ouvrez-le~: votre agenda vous dira, le~1er~janvier 2027, de vérifier la réponse.

Ce qu’il faut garder comme preuve
- Le PDF, tel que vous l’avez envoyé."""
LIMITS = f"""
Cette page prépare la relance et la plainte~:
{URL}

Jusqu’où va chaque lettre
S’opposer auprès de sa caisse~:
- Cette lettre n’efface pas vos données.
- Elle ne change rien à vos soins.
Lire à voix haute~: l’article~21~:
- Elle n’arrête pas la facturation.
"""


def read(*letters: BundledLetter, day: date | None = None, url: str = "") -> str:
    """The text of LISEZMOI.txt; `~` for no break."""
    return read_me(letters, day, url).replace("\u00a0", "~")


def test_the_read_me_tells_what_to_do_with_each_file_and_how_far_each_letter_goes() -> None:
    text = read(CAISSE, CNIL, SOIGNANT, day=date(2027, 1, 1), url=URL)
    assert text.startswith(FOR_SEVERAL + STEPS)
    assert text.endswith(LIMITS)


def test_what_is_not_in_the_bundle_is_not_spoken_of() -> None:
    text = read(CNIL)
    assert text.startswith(FOR_ONE + "\n1. Informer la CNIL\n")
    for absent in (REMINDER, "agenda", "http", "Cette page", "PDF", "Jusqu’où"):
        assert absent not in text
    assert "\n\n\n" not in text
    assert text.endswith("s’il y en a une.\n")
