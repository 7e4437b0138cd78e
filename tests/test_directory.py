"""The public directory's export: matched with care, written at once, told in French.

tests/data/annuaire.json and annuaire.csv hold the same invented services, in the format of the
real export and with its irregularities.
"""

import csv
import io
import json
import re
import stat
import tracemalloc
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from letters.recipients import RECIPIENTS_FILE, Recipients, load_recipients
from tests.conftest import TODAY
from tests.letters_under_test import steady_few
from tools import directory
from tools.export import DirectoryError, Record, records
from tools.refresh import Outcome, refresh
from tools.services import Service, find_body, service_of

DATA = Path(__file__).parent / "data"
JSON, CSV = DATA / "annuaire.json", DATA / "annuaire.csv"
KEPT = ("01011", "01041", "01201", "01202", "01291", "01422", "01441", "01594", "01597")
OURS = (*KEPT, "01974", "01976", "msa")
CPAM = "Caisse primaire d'assurance maladie (CPAM)"

# `ours` is not changed by an example, and each writes its own export.
any_cut = settings(steady_few, suppress_health_check=[HealthCheck.function_scoped_fixture])


def copy_of(folder: Path, *codes: str) -> Path:
    """A recipients file with the real lines of these bodies, byte for byte."""
    with RECIPIENTS_FILE.open(encoding="utf-8", newline="") as file:
        lines = [line for line in file if line.split(",")[0] in {"code", *codes}]
    path = folder / "recipients.csv"
    path.write_text("".join(lines), encoding="utf-8", newline="")
    return path


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    return copy_of(tmp_path, *OURS)


@pytest.fixture
def ain(tmp_path: Path) -> Path:
    return copy_of(tmp_path, "01011")


def written(folder: Path, content: bytes) -> Path:
    """An export; its name tells nothing of its format."""
    path = folder / "export"
    path.write_bytes(content)
    return path


def mailing(number: int = 2, **changes: Any) -> dict[str, Any]:
    address = {
        "type_adresse": "Adresse postale",
        "numero_voie": f"{number} rue A",
        "code_postal": "01015",
        "nom_commune": "Bourg-en-Bresse Cedex",
    }
    return {**address, **changes}


def street(number: int = 2, **changes: Any) -> dict[str, Any]:
    return mailing(number, **{"type_adresse": "Adresse", **changes})


def service(name: str = "", *addresses: dict[str, Any], **changes: Any) -> Record:
    """A service of the Ain's fund, as in the export."""
    return {
        "nom": f"{CPAM} de l'Ain{name}",
        "pivot": [{"type_service_local": "cpam", "code_insee_commune": ["01053"]}],
        "adresse": list(addresses),
        "date_modification": "18/12/2024 17:42:39",
        **changes,
    }


def outcome(path: Path, *services: Record) -> Outcome:
    """What these services make of the first body of the file."""
    return refresh(path, services, TODAY).outcomes[0]


def told(found: Outcome) -> str:
    """The new address, how sure it is and what is remarked; or why the old one stays."""
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
NO_SERVICE = "ce n’est pas un service"
BAD = "ce n’est pas de l’UTF-8"
HEADER = b"nom;pivot;adresse\n"
# The export, the line of the fault (and how many services were read), and the sentence.
WRONG: dict[str, tuple[bytes, str, str]] = {
    "cut": (b'{"service": [\n{"nom": "a', "2 (services lus : 0)", CUT),
    "after two": (b'{"service": [\n{},\n{},\n?{}]}', "4 (services lus : 2)", CUT),
    "list": (b"[]", "1 (services lus : 0)", NO_LIST),
    "other name": (b'{"services": []}', "1 (services lus : 0)", NO_LIST),
    "one service": (b'{\n"service": {"id": "x"}}', "2 (services lus : 0)", NO_LIST),
    "two documents": (b'{"service": []}\n{"service": []}', "2 (services lus : 0)", CUT),
    "no objects": (b'{"service": [\n"cpam"]}', "2 (services lus : 0)", NO_SERVICE),
    "long number": (b'{"service": [' + b"1" * 10_000 + b"]}", "1 (services lus : 0)", CUT),
    "nothing": (b"", "1", NO_EXPORT),
    "text": (b"Bonjour", "1", CUT),
    "columns": (b"nom;adresse\na;b\n", "1", NO_EXPORT),
    "row too short": (HEADER + b"a;b;c\na;b\n", "3", CUT),
    "row too long": (HEADER + b"a;b;c;d\n", "2", CUT),
    "quotation mark left open": (HEADER + b'a;"b;c\n', "2", CUT),
    "line too long": (HEADER + b"a" * (1 << 20) + b";b;c\n", "2", CUT),
    "Latin-1": ('{"service": [\n{"nom": "Finistère"}]}'.encode("latin-1"), "2", BAD),
    "Latin-1 in a CSV": (HEADER + b"a;b;c\n" + "é;é;é\n".encode("latin-1"), "3", BAD),
    "UTF-16": ('{"service": []}'.encode("utf-16"), "1", BAD),
}


@pytest.mark.parametrize(("content", "line", "sentence"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_is_told_in_one_sentence_with_its_line(
    tmp_path: Path, content: bytes, line: str, sentence: str
) -> None:
    with pytest.raises(DirectoryError) as caught:
        list(records(written(tmp_path, content)))
    assert str(caught.value) == f"export, ligne {line} : {sentence}."


@pytest.mark.parametrize("whole", [JSON.read_bytes().rstrip(), CSV.read_bytes()])
@any_cut
@given(data=st.data())
def test_a_file_cut_anywhere_but_at_the_line_end_of_a_csv_is_refused(
    tmp_path: Path, whole: bytes, data: st.DataObject
) -> None:
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    if whole.startswith(b"{") or not cut.endswith(b"\n"):
        with pytest.raises(DirectoryError):
            list(records(written(tmp_path, cut)))


def test_half_of_the_bodies_are_enough_and_no_fund_at_all_is_not(tmp_path: Path) -> None:
    path = copy_of(tmp_path, *KEPT, "01974")
    some = [
        service("", nom="CPAM", pivot={"type_service_local": "cpam"}, code_insee_commune=code)
        for code in ("01001", "04001", "29001", "42001", "44001")
    ]
    assert len(refresh(path, some, TODAY).outcomes) == 10
    with pytest.raises(DirectoryError, match=r"^L’export ne donne que 4 de nos 10 caisses : rien"):
        refresh(path, some[:4], TODAY)
    for pivot in (None, "", "cpam", "[{", 3, [{"type_service_local": "caf"}]):
        with pytest.raises(DirectoryError, match=r"^L’export ne contient aucune caisse \(1 serv"):
            refresh(path, [service("", pivot=pivot)], TODAY)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    entry = json.dumps(json.loads(JSON.read_bytes())["service"][0])
    path = written(tmp_path, f'{{"service": [{",".join([entry] * 4000)}]}}'.encode())
    tracemalloc.start()
    try:
        assert sum(1 for _ in records(path)) == 4000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < path.stat().st_size / 2


# Which body

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
# A service's name and its department; the code of its body, or why it has none.
PLACES = [
    ("Maison de services", "29", "01291"),
    (f"{CPAM} du Finistère", "", "01291"),
    (f"{CPAM} de la Loire", "42", "01422"),
    (f"{CPAM} de Loire-Atlantique - Rezé", "44", "01441"),
    (f"{CPAM} de l’Eure-et-Loir", "", "01281"),
    (f"{CPAM} des Flandres - Dunkerque", "59", "01594"),
    (f"{CPAM} de Lille - Douai - Seclin", "59", "01595"),
    ("Caisse primaire d'assurance maladie de Roubaix-Tourcoing", "59", "01597"),
    (f"{CPAM} - Cambrai (Hainaut)", "59", "01599"),
    (f"{CPAM} de la Côte d'Opale", "62", "01623"),
    (f"{CPAM} de Pau-Pyrénées - accueil de Bayonne", "64", "01642"),
    (f"{CPAM} de Rouen - Elbeuf - Dieppe - Seine-Maritime", "76", "01764"),
    ("Caisse primaire d'assurance maladie de Corse - siège de Bastia", "2B", "01202"),
    (f"{CPAM} - Lille", "59", UNTOLD),
    ("Accueil Hainaut et Flandres", "59", UNTOLD),
    ("", "59", UNTOLD),
    (f"{CPAM} des Flandres - A", "62", "son nom est celui de « CPAM des Flandres », hors du 62"),
    ("CPAM", "", "son département (inconnu) n’a pas de caisse ici"),
    ("CPAM", "977", "son département (977) n’a pas de caisse ici"),
]


@pytest.mark.parametrize(("name", "department", "wanted"), PLACES)
def test_a_service_goes_to_its_body_or_nowhere(
    recipients: Recipients, name: str, department: str, wanted: str
) -> None:
    local = [body for body in recipients if body.department]
    body, reason = find_body(Service("", name, department, None, True, ()), local)
    assert (body.code if body else reason) == wanted


def test_our_own_addresses_under_full_names_move_nothing(
    tmp_path: Path, recipients: Recipients
) -> None:
    path = tmp_path / "recipients.csv"
    path.write_bytes(RECIPIENTS_FILE.read_bytes())
    kinds = {
        "CPAM": CPAM,
        "CGSS": "Caisse générale de sécurité sociale (CGSS)",
        "CSSM": "Caisse de sécurité sociale (CSSM)",
        "CCSS": "Caisse commune de sécurité sociale (CCSS)",
    }
    export = [
        service(
            nom=re.sub("^[A-Z]+", lambda kind: kinds[kind[0]], body.name),
            code_insee_commune=f"{body.department}00001"[:5],
            adresse=mailing(
                numero_voie=body.line_1.replace("-", " "),
                service_distribution=body.line_2.upper(),
                code_postal=body.postal_code,
                nom_commune=body.town.upper(),
            ),
        )
        for body in recipients
        if body.department and not body.line_3
    ]
    found = refresh(path, export, TODAY)
    assert found.strays == ()
    assert [o.old.name for o in found.outcomes if o.is_moved] == []
    assert {o.old.code for o in found.outcomes if o.refusal} == {"01976"}
    found.write()
    assert [b.lines for b in load_recipients(path)] == [b.lines for b in recipients]


# Which address

UNSHARED = "la plupart des fiches n’ont pas d’adresse postale commune, et"
NOT_GIVEN = f"{UNSHARED} celle du siège n’est pas donnée"
SEVERAL = f"{UNSHARED} plusieurs sièges sont donnés"
NO_DAY = "aucune fiche ne dit de quand date cette adresse"
OLDER = "cette adresse date du 18/09/2017, la nôtre est plus récente"
SURE = "2 rue A | high"
MOST_OF_3 = "2 rue A | medium | autre adresse postale sur 1 des 3 fiches"
SEAT = "2 rue A | medium | adresse du siège"
EMPTY = {"type_adresse": "Adresse postale", "numero_voie": "", "code_postal": "", "nom_commune": ""}
MOST = [service("", mailing(9)), *(service(f" - {name}", mailing(2)) for name in "ABC")]
FUNDS = [
    {"type_service_local": "cpam"},
    '[{"type_service_local": "cpam"}]',
    '{"type_service_local": "CPAM"}',
    [{"type_service_local": "caf"}, {"type_service_local": "cpam"}],
    [{"type_service_local": "cgss"}],
    [{"type_service_local": ["cssm"]}],
    [{}, None, "x", {"type_service_local": "ccss"}],
]
CLOSED = [
    *({"nom": f"{CPAM} de l'Ain{end}"} for end in (" (fermé)", " - ferme\u0301e", " - fermeture")),
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
    *((order, SURE) for order in ([NEW, OLD, UNDATED], [UNDATED, OLD, NEW], [OLD, NEW, OLD])),
    ([service("", mailing(9), id=""), *[service(" - B", mailing(), id="")] * 2], MOST_OF_3),
    ([service("", mailing()), service(" - B", mailing(), street(5)), service(" - C")], SURE),
    (MOST, "2 rue A | medium | autre adresse postale sur 1 des 4 fiches"),
    *(
        ([service(" - A", mailing(7)), service(seat, street(1), mailing(2)), service(" - B")], SEAT)
        for seat in ("", " - siège", " - Siege social", " – siège de Bourg")
    ),
    ([service("", street(2)), service(" - A", mailing(7)), service(" - B")], SEAT),
    ([service("", mailing(3)), service(" - siège", mailing(2)), service(" - A")], SEAT),
    ([service(" - A", mailing(2)), service(" - B", mailing(3))], NOT_GIVEN),
    ([service(" - A"), service("")], NOT_GIVEN),
    ([service("", mailing(2), nom=""), service(" - A")], NOT_GIVEN),
    ([service(" - siège", mailing(2)), service(" siège", mailing(3))], SEVERAL),
    *(
        ([service("", adresse=form)], NOT_GIVEN)
        for form in (None, "", [], {}, "[]", "{", 3, [None], [{}], EMPTY)
    ),
    *(
        ([service("", mailing(), date_modification=day)], NO_DAY)
        for day in ("", None, "hier", "31/02/2025 10:00:00", f"{TODAY.replace(year=2100)}")
    ),
    ([service("", mailing(), date_modification="18/09/2017 10:00:00")], OLDER),
    ([service("", mailing(), date_modification="19/09/2017 10:00:00")], SURE),
]


@pytest.mark.parametrize(("services", "wanted"), CHOICES)
def test_the_address_of_most_services_is_taken_else_that_of_the_seat_if_it_is_sure(
    ain: Path, services: list[Record], wanted: str
) -> None:
    assert told(outcome(ain, *services)) == wanted


def test_the_day_is_the_newest_of_the_services_that_give_the_address(ain: Path) -> None:
    days = ["05/01/2024 10:00:00", "2024-02-01T10:00:00", "03/01/2024 23:59:59"]
    services = [service(f" - {day}", mailing(), date_modification=day) for day in days]
    other = service(" - 5", mailing(9), date_modification="01/01/2025 10:00:00")
    assert str(outcome(ain, *services, other).new.observed_on) == "2024-02-01"


WHOLE = {"complement1": "Bâtiment B", "service_distribution": "CS 1", "nom_commune": "BELLEY"}
NAMES = {"complement1": "CPAM de l'Ain", "complement2": "Caisse primaire d’assurance maladie"}
NO_STREET = {"numero_voie": "", "nom_commune": "Belley"}
FIVE = "le code postal « {code_postal} » n’a pas cinq chiffres"
NO_TOWN = "« {nom_commune} » n’est pas une commune"
# What an address of the Ain has instead of « 2 rue A, 01015 Bourg-en-Bresse Cedex ».
WRITTEN: list[tuple[dict[str, Any], str]] = [
    (WHOLE, "Bâtiment B | 2 rue A | CS 1 | high"),
    (NAMES, SURE),
    ({"complement1": "L'Assurance Maladie"}, SURE),
    ({"complement1": "2 rue A"}, SURE),
    ({"complement1": "-"}, SURE),
    ({"numero_voie": "2 bis, rue A"}, "2 bis rue A | high"),
    ({"numero_voie": " 2\u00a0rue\r\n A ,"}, SURE),
    ({"numero_voie": "2 rue de l'Ain"}, "2 rue de l’Ain | high"),
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
    (NO_STREET, "il n’y a ni voie, ni boîte postale, ni Cedex"),
    ({"numero_voie": "2 rue 東 A"}, "les lettres n’écrivent pas « 東 »"),
    ({"numero_voie": "2 rue \x07A"}, "les lettres n’écrivent pas « \ufffd »"),
]


@pytest.mark.parametrize(("changes", "wanted"), WRITTEN)
def test_an_address_is_written_as_on_an_envelope_or_refused_with_its_reason(
    ain: Path, changes: dict[str, Any], wanted: str
) -> None:
    assert told(outcome(ain, service("", mailing(**changes)))) == wanted.format(**changes)


# The agencies that tell the bodies of a department apart

OF_FLANDRES = ["Wormhout", "GRANDE SYNTHE", "Cassel", "Dunkerque Cedex 1", "Hazebrouck"]
# A body, the towns that the export gives, and the agencies that it has then.
AGENCIES = [
    ("01594", OF_FLANDRES, "Cassel; Dunkerque; Grande-Synthe; Hazebrouck; Wormhout"),
    ("01623", ["Calais"], "Calais; Calais – Fort-Nieulay"),
    ("01594", [""], None),
]


@pytest.mark.parametrize(("code", "towns", "wanted"), AGENCIES)
def test_agencies_keep_their_name_their_order_and_gain_the_new_ones(
    tmp_path: Path, code: str, towns: list[str], wanted: str | None
) -> None:
    path = copy_of(tmp_path, code)
    old = next(iter(load_recipients(path)))
    given, insee = mailing(code_postal=old.postal_code), f"{old.department}183"
    places = [street(nom_commune=town) for town in towns]
    about = {"nom": old.name, "code_insee_commune": insee}
    found = outcome(path, *(service("", given, place, **about) for place in places))
    assert found.is_moved
    assert found.new.agencies == (old.agencies if wanted is None else wanted)


# The new file


def changed(path: Path, export: Path = JSON) -> bytes:
    """The recipients file as it is after an export."""
    refresh(path, records(export), TODAY).write()
    return path.read_bytes()


def test_only_the_address_and_what_dates_it_changes(ours: Path) -> None:
    before = ours.read_bytes()
    after = changed(ours)
    kept = set(before.splitlines(keepends=True)).intersection(after.splitlines(keepends=True))
    assert len(kept) == len(before.splitlines()) - 8
    refreshed = {"line_1", "line_2", "line_3", "postal_code", "town", "observed_on"}
    refreshed |= {"confidence", "agencies"}
    files = (csv.DictReader(content.decode().splitlines()) for content in (before, after))
    for old, new in zip(*files, strict=True):
        assert {key for key in old if old[key] != new[key]} <= refreshed
        assert old["department"] or old == new, "a national scheme is not in the directory"
    # As we had written it: it did not move.
    finistere = "01291,29,Finistère,CPAM du Finistère,1 rue de Savoie,,,29282,Brest Cedex,"
    assert f"\n{finistere}2024-10-15,medium,,\n" in after.decode()
    inode = ours.stat().st_ino
    assert (changed(ours, CSV), ours.stat().st_ino) == (after, inode), "nothing the second time"


def test_no_break_spaces_set_on_reading_are_not_written(ain: Path) -> None:
    raw = ain.read_text(encoding="utf-8")
    ain.write_text(raw.replace("1 place de la Grenouillère", "3 rue du 8 mai 1945"), "utf-8")
    refresh(ain, [service("", mailing(numero_voie="3 RUE DU 8 MAI 1945"))], TODAY).write()
    wanted = "CPAM de l’Ain,3 rue du 8 mai 1945,,,01015,Bourg-en-Bresse Cedex,2024-12-18,high,,\n"
    assert ain.read_text(encoding="utf-8").endswith(wanted)


@pytest.mark.parametrize(
    ("plain", "other"),
    [
        ("\n", "\r\n"),
        ('"Adresse postale inconnue : ', '"Adresse\npostale\ninconnue : '),
        ('"Écrivez le nom', '"Écrivez\nle\nnom'),  # in a line that does not change
    ],
)
def test_what_does_not_change_stays_byte_for_byte(ours: Path, plain: str, other: str) -> None:
    before = ours.read_bytes()
    wanted = changed(ours).replace(plain.encode(), other.encode())
    ours.write_bytes(before.replace(plain.encode(), other.encode()))
    assert changed(ours) == wanted


def test_a_link_stays_a_link_and_the_file_keeps_its_rights(tmp_path: Path, ours: Path) -> None:
    ours.chmod(0o640)
    link = tmp_path / "link.csv"
    link.symlink_to(ours)
    assert "rue de l’Invention".encode() in changed(link)
    assert link.is_symlink()
    assert stat.S_IMODE(ours.stat().st_mode) == 0o640


# The command


def bring_in(path: Path, export: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> Result:
    monkeypatch.setattr(directory, "RECIPIENTS_FILE", path)
    monkeypatch.setattr(directory, "today", lambda: TODAY)
    return CliRunner().invoke(directory.main, [str(export), *options])


def fail(*_: object) -> None:
    raise PermissionError(13, "Permission denied")


UNREAD, UNWRITTEN = "n’existe pas ou ne peut pas être lu.", "{ours} ne peut pas être écrit."
NO_SERVICES = "L’export ne contient aucun service : rien n’est changé."


@pytest.mark.parametrize(
    ("export", "broken", "instead", "sentence"),
    [
        (DATA / "absent.json", "os.fsync", fail, f"{DATA / 'absent.json'} {UNREAD}"),
        (DATA, "os.fsync", fail, f"{DATA} {UNREAD}"),
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
    before = ours.read_bytes()
    monkeypatch.setattr(broken, instead)
    done = bring_in(ours, export, monkeypatch)
    assert done.exit_code == 1
    [line] = done.output.splitlines()
    assert line.startswith("Error: ")
    assert line.endswith(sentence.format(ours=ours))
    assert ours.read_bytes() == before
    assert list(ours.parent.iterdir()) == [ours]


REPORT = """\
21 services lus, dont 20 de caisses. Laissés de côté : fermés 1, en double 1.

Adresses changées : 5
  01011 CPAM de l’Ain : 1 place de la Grenouillère, 01015 Bourg-en-Bresse Cedex → \
2 rue de l’Invention, CS 10001, 01015 Bourg-en-Bresse Cedex (19/09/2017 → 02/01/2025).
  01441 CPAM de Loire-Atlantique : 9 rue Gaëtan-Rondeau, 44958 Nantes Cedex 9 → \
12 quai du Modèle, 44000 Nantes (19/09/2017 → 06/06/2024 ; sûre → assez sûre ; adresse du siège).
  01594 CPAM des Flandres : """
END = """
Adresses refusées, l’ancienne reste : 2
  01202 CPAM de la Haute-Corse : « 5 AVENUE DE LA TRES LONGUE INVENTION DE BASTIA » dépasse \
38 caractères.
  01422 CPAM de la Loire : la plupart des fiches n’ont pas d’adresse postale commune, et celle \
du siège n’est pas donnée.

Caisses introuvables, l’ancienne adresse reste : 1
  01041 CPAM des Alpes-de-Haute-Provence

Services sans caisse chez nous : 2
  « Caisse primaire d’assurance maladie (CPAM) - Lille » : son nom ne dit pas laquelle des \
2 caisses du 59.
  « Caisse primaire d’assurance maladie (CPAM) de Paris » : son département (75) n’a pas de \
caisse ici.

Les régimes nationaux ne sont pas dans cet annuaire : leurs lignes restent.

"""


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
def test_an_import_tells_each_change_and_a_trial_writes_nothing(
    ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    before = ours.read_bytes()
    trial = content is not AS_JSON
    export = written(tmp_path, content.encode())
    done = bring_in(ours, export, monkeypatch, *(["--essai"] * trial))
    assert done.exit_code == 0
    assert done.stdout.startswith(REPORT)
    last = "Essai : rien n’est écrit."
    if not trial:
        last = f"Relisez la comparaison avant de l’enregistrer : git diff {ours}"
    assert done.stdout.endswith(f"{END}{last}\n")
    assert (ours.read_bytes() == before) is trial
    noted = {line.split()[0]: line for line in done.stdout.splitlines() if "Note à relire" in line}
    assert list(noted) == ["01594", "01974", "01976", "01597"]
    assert noted["01974"].endswith("peu sûre → sûre). Note à relire : Adresse à vérifier.")
    assert "aucune → Centre Exemple, Kawéni, BP 84, 97600 Mamoudzou (sans date → " in noted["01976"]
    if not trial:
        done = bring_in(ours, export, monkeypatch)
        assert "\nLignes inchangées : 8\n" in done.stdout
        assert done.stdout.endswith("\nRien à changer : le fichier reste tel quel.\n")
