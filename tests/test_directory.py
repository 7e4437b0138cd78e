"""The public directory's export: matched with care, written at once, told in French.

In tests/data, annuaire.json and annuaire.csv hold the same invented services, in the format of the
real export and with its irregularities; annuaire-avant.csv some of our funds, annuaire-apres.csv
what becomes of them, and annuaire-rapport.txt what the person who brings them in reads.
"""

import csv
import io
import re
import stat
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from letters.recipients import RECIPIENTS_FILE, Recipients, load_recipients
from tests.conftest import TODAY
from tests.letters_under_test import steady_few
from tools import directory
from tools.export import DirectoryError, Record, records
from tools.refresh import refresh
from tools.services import Service, find_recipient, service_of

DATA = Path(__file__).parent / "data"
JSON, CSV = DATA / "annuaire.json", DATA / "annuaire.csv"
BEFORE, AFTER = ((DATA / f"annuaire-{name}.csv").read_bytes() for name in ("avant", "apres"))
REPORT = (DATA / "annuaire-rapport.txt").read_text(encoding="utf-8")
CPAM = "Caisse primaire d'assurance maladie (CPAM)"


def written(folder: Path, content: bytes, name: str = "export") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    folder = tmp_path / "ours"
    folder.mkdir()
    return written(folder, BEFORE, "recipients.csv")


@pytest.fixture
def ain(tmp_path: Path) -> Path:
    header, line, *_others = BEFORE.splitlines(keepends=True)
    return written(tmp_path, header + line, "recipients.csv")


def mailing(number: int = 2, **changes: Any) -> dict[str, Any]:
    address = {
        "type_adresse": "Adresse postale",
        "numero_voie": f"{number} rue A",
        "code_postal": "01015",
        "nom_commune": "Bourg-en-Bresse Cedex",
    }
    return {**address, **changes}


def street(number: int) -> dict[str, Any]:
    return mailing(number, type_adresse="Adresse")


def service(name: str = "", *addresses: dict[str, Any], **changes: Any) -> Record:
    """A service of the Ain's fund, as in the export."""
    return {
        "nom": f"{CPAM} de l'Ain{name}",
        "pivot": [{"type_service_local": "cpam", "code_insee_commune": ["01053"]}],
        "adresse": list(addresses),
        "date_modification": "18/12/2024 17:42:39",
        **changes,
    }


def told(path: Path, *services: Record) -> str:
    """The first fund's new address, how sure it is and what is remarked; or why the old stays."""
    found = refresh(path, services, TODAY).outcomes[0]
    if found.refusal:
        assert found.new == found.old
        return found.refusal
    new = found.new
    parts = (new.line_1, new.line_2, new.line_3, new.confidence, found.remark)
    return " | ".join(filter(None, parts))


# Reading

NO_LIST = "la racine n’est pas un objet qui contient une liste « service »"
CUT = "le fichier est coupé ou illisible"
NO_EXPORT = "ce n’est pas un export de l’annuaire"
BAD = "ce n’est pas de l’UTF-8"
HEADER = b"nom;pivot;adresse\n"
# The export, the line of the fault (and how many services were read), and the sentence.
WRONG: list[tuple[bytes, str, str]] = [
    (b'{"service": [\n{},\n{},\n?{}]}', "4 (services lus : 2)", CUT),
    (b'{"service": [' + b"1" * 10_000 + b"]}", "1 (services lus : 0)", CUT),
    (b'{"service": []}\n{"service": []}', "2 (services lus : 0)", CUT),
    (b"[]", "1 (services lus : 0)", NO_LIST),
    (b'{\n"service": {"id": "x"}}', "2 (services lus : 0)", NO_LIST),
    (b'{"service": [\n"cpam"]}', "2 (services lus : 0)", "ce n’est pas un service"),
    (b"", "1", NO_EXPORT),
    (b"nom;adresse\na;b\n", "1", NO_EXPORT),
    (HEADER + b"a;b;c\na;b\n", "3", CUT),
    (HEADER + b'a;"b;c\n', "2", CUT),
    (HEADER + b"a" * (1 << 20) + b";b;c\n", "2", CUT),
    ('{"service": [\n{"nom": "Finistère"}]}'.encode("latin-1"), "2", BAD),
    (HEADER + b"a;b;c\n" + "é;é;é\n".encode("latin-1"), "3", BAD),
    ('{"service": []}'.encode("utf-16"), "1", BAD),
]


@pytest.mark.parametrize(("content", "line", "sentence"), WRONG)
def test_a_wrong_file_is_told_in_one_sentence_with_its_line(
    tmp_path: Path, content: bytes, line: str, sentence: str
) -> None:
    with pytest.raises(DirectoryError) as caught:
        list(records(written(tmp_path, content)))
    assert str(caught.value) == f"export, ligne {line} : {sentence}."


@pytest.mark.parametrize("whole", [JSON.read_bytes().rstrip(), CSV.read_bytes()])
def test_a_file_cut_anywhere_but_at_the_line_end_of_a_csv_is_refused(
    tmp_path: Path, whole: bytes
) -> None:
    @steady_few
    @given(st.integers(0, len(whole) - 1))
    def refuse(length: int) -> None:
        cut = whole[:length]
        if whole.startswith(b"{") or not cut.endswith(b"\n"):
            with pytest.raises(DirectoryError):
                list(records(written(tmp_path, cut)))

    refuse()


def test_an_export_without_half_of_the_bodies_changes_nothing(ours: Path) -> None:
    codes = ("01001", "04001", "29001", "42001", "44001", "97411")
    some = [
        service("", nom="CPAM", pivot={"type_service_local": "cpam"}, code_insee_commune=code)
        for code in codes
    ]
    assert len(refresh(ours, some, TODAY).outcomes) == 11
    with pytest.raises(DirectoryError, match=r"^L’export ne donne que 5 de nos 11 caisses : rien"):
        refresh(ours, some[:5], TODAY)
    for pivot in (None, "", "[{", 3, [{"type_service_local": "caf"}]):
        with pytest.raises(DirectoryError, match=r"^L’export ne contient aucune caisse \(1 serv"):
            refresh(ours, [service("", pivot=pivot)], TODAY)


# Which recipient

DEPARTMENTS = {
    **{"01053": "01", "2A004": "2A", "2b033": "2B", "97105": "971", "98818": "988"},
    **{"20702": "2A", "20406": "2B", "20999": "", "2901": "", "170000": "", "": ""},
}


@pytest.mark.parametrize(("code", "department"), DEPARTMENTS.items())
def test_a_department_comes_from_the_first_code_that_tells(code: str, department: str) -> None:
    for told_in in (
        {"code_insee_commune": code, "pivot": {"code_insee_commune": "59001"}},
        {"code_insee_commune": "1053", "pivot": [{"code_insee_commune": ["", code, "59001"]}]},
        {"adresse": [mailing(code_postal=code), mailing(code_postal="59001")]},
    ):
        assert service_of(told_in, TODAY).department == (department or "59")


UNTOLD = "son nom ne dit pas laquelle des 4 caisses du 59"
# A service's name and its department; the code of its recipient, or why it has none.
PLACES = [
    ("Maison de services", "29", "01291"),
    (f"{CPAM} de la Loire", "42", "01422"),
    (f"{CPAM} de Loire-Atlantique - Rezé", "44", "01441"),
    (f"{CPAM} de l’Eure-et-Loir", "", "01281"),
    (f"{CPAM} des Flandres - Dunkerque", "59", "01594"),
    (f"{CPAM} de Lille - Douai - Seclin", "59", "01595"),
    (f"{CPAM} - Cambrai (Hainaut)", "59", "01599"),
    (f"{CPAM} de la Côte d'Opale", "62", "01623"),
    (f"{CPAM} - Lille", "59", UNTOLD),
    ("Accueil Hainaut et Flandres", "59", UNTOLD),
    (f"{CPAM} des Flandres - A", "62", "son nom est celui de « CPAM des Flandres », hors du 62"),
    ("CPAM", "", "son département (inconnu) n’a pas de caisse ici"),
    ("CPAM", "977", "son département (977) n’a pas de caisse ici"),
]


@pytest.mark.parametrize(("name", "department", "wanted"), PLACES)
def test_a_service_goes_to_its_body_or_nowhere(
    recipients: Recipients, name: str, department: str, wanted: str
) -> None:
    local = [recipient for recipient in recipients if recipient.department]
    recipient, reason = find_recipient(Service("", name, department, None, True, ()), local)
    assert (recipient.code if recipient else reason) == wanted


def test_our_own_addresses_under_full_names_move_nothing(
    tmp_path: Path, recipients: Recipients
) -> None:
    path = written(tmp_path, RECIPIENTS_FILE.read_bytes())
    kinds = {
        "CPAM": CPAM,
        "CGSS": "Caisse générale de sécurité sociale (CGSS)",
        "CSSM": "Caisse de sécurité sociale (CSSM)",
        "CCSS": "Caisse commune de sécurité sociale (CCSS)",
    }
    export = [
        service(
            nom=re.sub("^[A-Z]+", lambda kind: kinds[kind[0]], recipient.name),
            code_insee_commune=f"{recipient.department}00001"[:5],
            adresse=mailing(
                numero_voie=recipient.line_1.replace("-", " "),
                service_distribution=recipient.line_2.upper(),
                code_postal=recipient.postal_code,
                nom_commune=recipient.town.upper(),
            ),
        )
        for recipient in recipients
        if recipient.department and not recipient.line_3
    ]
    found = refresh(path, export, TODAY)
    assert found.strays == ()
    assert [o.old.name for o in found.outcomes if o.is_moved] == []
    assert {o.old.code for o in found.outcomes if o.refusal} == {"01976"}
    found.write()
    assert [b.address_lines for b in load_recipients(path)] == [b.address_lines for b in recipients]


# Which address

UNSHARED = "la plupart des fiches n’ont pas d’adresse postale commune, et"
NOT_GIVEN = f"{UNSHARED} celle du siège n’est pas donnée"
SEVERAL = f"{UNSHARED} plusieurs sièges sont donnés"
NO_DAY = "aucune fiche ne dit de quand date cette adresse"
OLDER = "cette adresse date du 18/09/2017, la nôtre est plus récente"
SURE = "2 rue A | high"
SEAT = "2 rue A | medium | adresse du siège"
EMPTY = {"type_adresse": "Adresse postale", "numero_voie": "", "code_postal": "", "nom_commune": ""}
FUNDS = [
    '{"type_service_local": "CPAM"}',
    [{"type_service_local": "caf"}, {"type_service_local": ["cgss"]}],
    [{}, None, "x", {"type_service_local": "ccss"}],
]
CLOSED = [
    *({"nom": f"{CPAM} de l'Ain{end}"} for end in (" - ferme\u0301e", " - fermeture")),
    *({"statut_de_diffusion": shown} for shown in (False, "false")),
]
NEW, OLD, UNDATED = (
    service("", mailing(number), id="a", date_modification=day)
    for number, day in ((2, "02/02/2025"), (9, "02/02/2024"), (9, ""))
)
# The services of the Ain, and what becomes of its address.
CHOICES: list[tuple[list[Record], str]] = [
    *(([service("", mailing(), pivot=pivot)], SURE) for pivot in FUNDS),
    *(([service("", mailing()), *[service("", mailing(9), **shut)] * 3], SURE) for shut in CLOSED),
    ([service(" - Ferme des Essais", mailing())], SURE),
    *((order, SURE) for order in ([NEW, OLD, UNDATED], [UNDATED, OLD, NEW])),
    (
        [service("", mailing(9), id=""), *[service(" - B", mailing(), id="")] * 2],
        "2 rue A | medium | autre adresse postale sur 1 des 3 fiches",
    ),
    ([service("", mailing()), service(" - B", mailing(), street(5)), service(" - C")], SURE),
    *(
        ([service(" - A", mailing(7)), service(seat, street(1), mailing(2)), service(" - B")], SEAT)
        for seat in ("", " - Siege social", " – siège de Bourg")
    ),
    ([service("", street(2)), service(" - A", mailing(7)), service(" - B")], SEAT),
    ([service("", mailing(3)), service(" - siège", mailing(2)), service(" - A")], SEAT),
    ([service(" - A", mailing(2)), service(" - B", mailing(3))], NOT_GIVEN),
    ([service("", mailing(2), nom=""), service(" - A")], NOT_GIVEN),
    ([service(" - siège", mailing(2)), service(" siège", mailing(3))], SEVERAL),
    *(([service("", adresse=form)], NOT_GIVEN) for form in (None, "[]", "{", 3, [None], EMPTY)),
    *(
        ([service("", mailing(), date_modification=day)], NO_DAY)
        for day in (None, "31/02/2025 10:00:00", f"{TODAY.replace(year=2100)}")
    ),
    ([service("", mailing(), date_modification="18/09/2017 10:00:00")], OLDER),
    ([service("", mailing(), date_modification="19/09/2017 10:00:00")], SURE),
]


@pytest.mark.parametrize(("services", "wanted"), CHOICES)
def test_the_address_of_most_services_is_taken_else_that_of_the_seat_if_it_is_sure(
    ain: Path, services: list[Record], wanted: str
) -> None:
    assert told(ain, *services) == wanted


FIVE = "le code postal « {code_postal} » n’a pas cinq chiffres"
NO_TOWN = "« {nom_commune} » n’est pas une commune"
WHOLE = {"complement1": "Bâtiment B", "service_distribution": "CS 1", "nom_commune": "BELLEY"}
# What an address of the Ain has instead of « 2 rue A, 01015 Bourg-en-Bresse Cedex ».
WRITTEN: list[tuple[dict[str, Any], str]] = [
    (WHOLE, "Bâtiment B | 2 rue A | CS 1 | high"),
    ({"complement1": "CPAM de l'Ain", "complement2": "L'Assurance Maladie"}, SURE),
    ({"complement1": "2 rue A", "complement2": "-"}, SURE),
    ({"numero_voie": " 2 bis, \u00a0rue\r\n de l'Ain ,"}, "2 bis rue de l’Ain | high"),
    ({"numero_voie": 2}, "2 | high"),
    ({"numero_voie": None}, "high"),
    ({"numero_voie": "", "service_distribution": "BP 9"}, "BP 9 | high"),
    ({"numero_voie": f"2 rue {'e' * 32}"}, f"2 rue {'e' * 32} | high"),
    ({"numero_voie": f"2 rue {'é' * 33}"}, f"« 2 RUE {'E' * 33} » dépasse 38 caractères"),
    ({"nom_commune": "a" * 33}, f"« 01015 {'A' * 33} » dépasse 38 caractères"),
    ({**WHOLE, "complement2": "C"}, "il y a 4 lignes avant la commune"),
    *(({"code_postal": code}, FIVE) for code in ("1015", "010150", "٠١٠١٥")),
    ({"code_postal": "69001"}, "le code postal 69001 n’est pas du 01"),
    *(({"nom_commune": town}, NO_TOWN) for town in ("", "01000")),
    (
        {"numero_voie": "", "nom_commune": "Belley"},
        "il n’y a ni voie, ni boîte postale, ni Cedex",
    ),
    ({"numero_voie": "2 rue 東\x07"}, "les lettres n’écrivent pas « 東\ufffd »"),
]


@pytest.mark.parametrize(("changes", "wanted"), WRITTEN)
def test_an_address_is_written_as_on_an_envelope_or_refused_with_its_reason(
    ain: Path, changes: dict[str, Any], wanted: str
) -> None:
    assert told(ain, service("", mailing(**changes))) == wanted.format(**changes)


# The command


def bring_in(path: Path, export: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> Result:
    monkeypatch.setattr(directory, "RECIPIENTS_FILE", path)
    monkeypatch.setattr(directory, "today", lambda: TODAY)
    return CliRunner().invoke(directory.main, [str(export), *options])


def delimited(content: str, delimiter: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(csv.reader(content.splitlines(), delimiter=";"))
    return text.getvalue()


def by_other_hands(content: str) -> str:
    return f"\ufeff{unicodedata.normalize('NFD', content)}".replace("\n", "\r\n")


AS_JSON, AS_CSV = JSON.read_text(encoding="utf-8"), CSV.read_text(encoding="utf-8")
EXPORTS = {
    "JSON": AS_JSON,
    "other JSON": by_other_hands(AS_JSON),
    "CSV": AS_CSV,
    "other CSV": by_other_hands(AS_CSV),
    "commas": delimited(AS_CSV, ","),
    "tabs": delimited(AS_CSV, "\t"),
}


@pytest.mark.parametrize("content", EXPORTS.values(), ids=EXPORTS.keys())
def test_an_import_tells_each_change_and_changes_nothing_else_byte_for_byte(
    ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    export = written(tmp_path, content.encode())
    ours.chmod(0o640)
    done = bring_in(ours, export, monkeypatch, "--essai")
    assert (done.exit_code, done.stdout) == (0, f"{REPORT}\nEssai : rien n’est écrit.\n")
    assert ours.read_bytes() == BEFORE
    done = bring_in(ours, export, monkeypatch)
    last = f"Relisez la comparaison avant de l’enregistrer : git diff {ours}"
    assert (done.exit_code, done.stdout) == (0, f"{REPORT}\n{last}\n")
    assert (ours.read_bytes(), stat.S_IMODE(ours.stat().st_mode)) == (AFTER, 0o640)
    done = bring_in(ours, export, monkeypatch)
    assert "\nLignes inchangées : 8\n" in done.stdout
    assert done.stdout.endswith("\nRien à changer : le fichier reste tel quel.\n")
    ours.write_bytes(BEFORE.replace(b"\n", b"\r\n"))
    bring_in(ours, export, monkeypatch)
    assert ours.read_bytes() == AFTER.replace(b"\n", b"\r\n")


def fail(*_: object) -> None:
    raise PermissionError(13, "Permission denied")


UNREAD, UNWRITTEN = "n’existe pas ou ne peut pas être lu.", "{ours} ne peut pas être écrit."
NO_SERVICES = "L’export ne contient aucun service : rien n’est changé."


@pytest.mark.parametrize(
    ("export", "broken", "instead", "sentence"),
    [
        (DATA / "absent.json", "os.fsync", fail, f"{DATA / 'absent.json'} {UNREAD}"),
        (JSON, "tools.directory.records", lambda _path: [], NO_SERVICES),
        (JSON, "os.fsync", fail, UNWRITTEN),
        (JSON, "pathlib.Path.replace", fail, UNWRITTEN),
        (JSON, "tools.refresh._rewritten", lambda *_: "code\n01011,\n", ""),
    ],
)
def test_a_fault_is_one_sentence_and_leaves_the_old_file_and_nothing_else(
    ours: Path,
    monkeypatch: pytest.MonkeyPatch,
    export: Path,
    broken: str,
    instead: Any,
    sentence: str,
) -> None:
    monkeypatch.setattr(broken, instead)
    done = bring_in(ours, export, monkeypatch)
    assert done.exit_code == 1
    [line] = done.output.splitlines()
    assert line.startswith("Error: ")
    assert line.endswith(sentence.format(ours=ours))
    assert ours.read_bytes() == BEFORE
    assert list(ours.parent.iterdir()) == [ours]
