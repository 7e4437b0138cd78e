"""The zip and its LISEZMOI.txt: the same bytes for the same files, and words that help.

The sentences of LISEZMOI.txt are held to the rules of the interface's (test_voice.py,
test_typography.py), read here because they live in a renderer.
"""

import re
from datetime import date
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from letters.render.bundle import (
    HOW_TO_SEND,
    MOST_BYTES,
    MOST_FILES,
    READ_ME,
    REMINDER,
    BundleContents,
    BundledLetter,
    bundle,
    read_me,
)
from letters.typography import NBSP
from tests.letters_under_test import steady, steady_few
from tests.test_typography import MISTAKES

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

N = NBSP
URL = "https://plume.example.org/fr/suivi?lettre=opposition-sante&envoi=2026-11-22"
CAISSE = BundledLetter(
    title="S'opposer auprès de sa caisse",
    how_to_send="Collez le texte dans la messagerie de votre compte, ou postez le PDF.",
    files=("opposition-sante.txt", "opposition-sante-version-courte.txt", "opposition-sante.pdf"),
    limits=("Cette lettre n'efface pas vos données.", "Elle ne change rien à vos soins."),
)
PLATEFORME = BundledLetter(
    title="S’opposer auprès de la Plateforme",
    how_to_send="Envoyez le texte par courriel.",
    files=("opposition-plateforme.txt",),
)
SOIGNANT = BundledLetter(
    title="S’opposer auprès d’un soignant",
    how_to_send="Donnez la lettre en main propre.",
    files=("opposition-soignant.pdf", "opposition-soignant-a-dire.pdf", "a.odt"),
    limits=("Cette lettre n’arrête pas la facturation des soins.",),
)
SIX = (
    CAISSE,
    PLATEFORME,
    SOIGNANT,
    BundledLetter("Informer la CNIL", "Postez-la.", ("information-cnil.pdf",), ("Elle informe.",)),
    BundledLetter("Relancer", "Postez-la.", ("relance.txt", "relance.pdf")),
    BundledLetter("Déposer une plainte", "Postez-la.", ("plainte-cnil.pdf",)),
)


def read(contents: BundleContents) -> list[str]:
    """The lines of LISEZMOI.txt, as a reader that knows its sign and its line ends shows them."""
    text = read_me(contents).encode().decode("utf-8-sig")
    assert text.endswith("\r\n") and not text.endswith("\r\n\r\n")
    assert re.search(r"(?<!\r)\n|\r(?!\n)|\ufeff", text) is None
    return text.removesuffix("\r\n").split("\r\n")


def test_a_letter_alone_is_one_step_then_the_reminder_the_proofs_and_what_comes_after() -> None:
    parts = "\n".join(read(BundleContents((CAISSE,), date(2027, 1, 1), URL))).split("\n\n")
    assert parts[:2] == [
        f"Votre lettre{N}: que faire maintenant",
        "Rien n’est encore envoyé.\nUn seul envoi suffit.",
    ]
    assert parts[2].split("\n") == [
        "1. S’opposer auprès de sa caisse",
        "Collez le texte dans la messagerie de votre compte, ou postez le PDF.",
        f"- Texte à coller dans un message{N}: opposition-sante.txt",
        f"- Texte court, si le message est refusé car trop long{N}: "
        "opposition-sante-version-courte.txt",
        f"- Lettre à imprimer et à signer, à poster ou à remettre{N}: opposition-sante.pdf",
    ]
    assert parts[3].startswith("2. Ajouter le rappel à votre agenda\n")
    assert f"le{N}1er{N}janvier 2027, de vérifier la réponse." in parts[3]
    assert parts[4].startswith("Ce qu’il faut garder comme preuve\n- Le PDF")
    assert parts[5].startswith("Après un mois sans réponse, ou après un refus\n")
    assert parts[5].endswith(f"Cette page prépare la relance et la plainte{N}:\n{URL}")
    assert len(parts) == 7


def test_six_letters_are_six_steps_in_the_order_given_then_the_reminder() -> None:
    lines = read(BundleContents(SIX, date(2026, 12, 22), URL))
    assert lines[:5] == [
        f"Vos lettres{N}: que faire, et dans quel ordre",
        "",
        "Rien n’est encore envoyé.",
        "Suivez les étapes dans l’ordre.",
        "Pour chaque lettre, un seul envoi suffit.",
    ]
    titles = [letter.title.replace("'", "’") for letter in SIX] + [
        "Ajouter le rappel à votre agenda"
    ]
    assert [line for line in lines if re.match(r"\d", line)] == [
        f"{number}. {title}" for number, title in enumerate(titles, 1)
    ]


def test_each_step_names_its_own_files_and_how_to_send_it() -> None:
    steps = "\n".join(read(BundleContents(SIX))).split("\n\n")[2:8]
    for step, letter in zip(steps, SIX, strict=True):
        lines = step.split("\n")
        assert lines[1] == letter.how_to_send
        assert [line.rpartition(" ")[2] for line in lines[2:]] == list(letter.files)
    assert [use for line in steps[2].split("\n")[3:] for use in [line.partition(N)[0]]] == [
        "- Feuille à imprimer et à lire à voix haute",
        "- Autre fichier",
    ]


def test_each_limit_is_told_under_the_title_of_its_letter() -> None:
    last = "\n".join(read(BundleContents(SIX))).split("\n\n")[-1]
    assert last.split("\n") == [
        "Jusqu’où va chaque lettre",
        f"S’opposer auprès de sa caisse{N}:",
        "- Cette lettre n’efface pas vos données.",
        "- Elle ne change rien à vos soins.",
        f"S’opposer auprès d’un soignant{N}:",
        "- Cette lettre n’arrête pas la facturation des soins.",
        f"Informer la CNIL{N}:",
        "- Elle informe.",
    ]


def test_what_is_not_in_the_bundle_is_not_spoken_of() -> None:
    text = "\n".join(read(BundleContents((PLATEFORME,))))
    for absent in (REMINDER, "agenda", "http", "Cette page", "PDF", "Jusqu’où"):
        assert absent not in text
    assert "\n\n\n" not in text


def test_a_file_name_and_an_address_are_never_retouched() -> None:
    odd = "https://plume.example.org/?a=1...2&b='3'&c=article%201"
    letter = BundledLetter("Titre", "Postez-la.", ("article-21...pdf",))
    lines = read(BundleContents((letter,), None, odd))
    assert odd in lines
    assert f"- Lettre à imprimer et à signer, à poster ou à remettre{N}: article-21...pdf" in lines


@steady_few
@given(st.dates(), st.integers(1, 6))
def test_the_same_contents_give_the_same_text_and_no_other_date(day: date, count: int) -> None:
    contents = BundleContents(SIX[:count], day, "")
    text = read_me(contents)
    assert read_me(contents) == text
    assert set(re.findall(r"\d{2,}", text)) <= {*re.findall(r"\d+", f"{day.day} {day.year}")}


def whole() -> str:
    sent = tuple(BundledLetter("Écrire", how, ("lettre.pdf",)) for how in HOW_TO_SEND.values())
    return "\n".join(read(BundleContents((*SIX, *sent), date(2026, 12, 22))))


def test_the_sentences_are_short_and_kind() -> None:
    sentences = re.split(r"(?<=[.:?])\s+(?=[A-ZÉ-])|\n", whole().replace(N, " "))
    assert len(sentences) > 40
    assert [s for s in sentences if len(re.findall(r"\w[\w’-]*", s)) > 25] == []
    banned = r"veuillez|!|simplement|\bcliqu|oubli|n’hésite|utilisateur|\bdevez\b|\btu\b"
    assert re.findall(banned, whole(), re.IGNORECASE) == []


def test_the_french_is_set_as_our_other_texts_are() -> None:
    for line in whole().split("\n"):
        assert [name for name, (wrong, _) in MISTAKES.items() if re.search(wrong, line)] == [], line


def test_the_read_me_is_a_file_that_the_bundle_takes() -> None:
    text = read_me(BundleContents(SIX, date(2026, 12, 22), URL)).encode()
    with ZipFile(BytesIO(bundle([(READ_ME, text)]))) as archive:
        assert archive.read(READ_ME) == text
    assert text.startswith(b"\xef\xbb\xbfVos lettres")
