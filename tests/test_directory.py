"""The public directory's export: read in constant memory, matched with care, written at once.

tests/data/annuaire.json and annuaire.csv hold the same invented services, in the format of the
real export and with its irregularities.
"""

import csv
import json
import os
import stat
import tracemalloc
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from letters import directory
from letters.directory import Outcome, Refresh, Service, department_of, find_body, refresh
from letters.export import DirectoryError, Record, records
from letters.recipients import RECIPIENTS_FILE, Body, Recipients, load_recipients
from tests.conftest import TODAY

DATA = Path(__file__).parent / "data"
JSON, CSV = DATA / "annuaire.json", DATA / "annuaire.csv"
SAMPLE = JSON.read_bytes()
KEPT = ("01011", "01041", "01201", "01202", "01291", "01422", "01441", "01594", "01597")
OURS = (*KEPT, "01974", "01976", "cnmss")
CPAM = "Caisse primaire d'assurance maladie (CPAM)"
REFRESHED = {"line_1", "line_2", "line_3", "postal_code", "town"} | {
    "observed_on",
    "confidence",
    "agencies",
}

once_per_example = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


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


@pytest.fixture
def export(tmp_path: Path) -> Callable[[bytes], Path]:
    """Write an export; its name tells nothing of its format."""

    def write(content: bytes) -> Path:
        path = tmp_path / "export"
        path.write_bytes(content)
        return path

    return write


def mailing(number: int = 2, **changes: str) -> dict[str, str]:
    address = {
        "type_adresse": "Adresse postale",
        "numero_voie": f"{number} rue Inventée",
        "code_postal": "01015",
        "nom_commune": "Bourg-en-Bresse Cedex",
    }
    return {**address, **changes}


def street(number: int = 2, **changes: str) -> dict[str, str]:
    return mailing(number, **{"type_adresse": "Adresse", **changes})


def service(name: str = "", *addresses: dict[str, str], **changes: Any) -> Record:
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


def by_code(found: Refresh) -> dict[str, Outcome]:
    return {outcome.old.code: outcome for outcome in found.outcomes}


# Reading


@pytest.mark.parametrize("path", [JSON, CSV], ids=["json", "csv"])
def test_the_export_is_read_whole_and_in_its_order(path: Path) -> None:
    wanted = [entry["id"] for entry in json.loads(SAMPLE)["service"]]
    assert [record["id"] for record in records(path)] == wanted
    assert len(wanted) == 21


def test_json_and_csv_give_the_same(ours: Path) -> None:
    assert refresh(ours, records(JSON), TODAY) == refresh(ours, records(CSV), TODAY)


@once_per_example
@given(chunk=st.integers(1, 10_000))
def test_any_chunk_gives_the_same_services(chunk: int) -> None:
    assert list(records(JSON, chunk)) == json.loads(SAMPLE)["service"]


@once_per_example
@given(
    services=st.lists(
        st.dictionaries(
            st.text(max_size=5),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.text(max_size=9),
                lambda inner: st.lists(inner, max_size=3),
                max_leaves=5,
            ),
            max_size=4,
        ),
        max_size=6,
    ),
    more=st.sampled_from([-12, 3.5, "a]}", None, [], {"service": [1]}, {}]),
    indent=st.none() | st.integers(0, 2),
    chunk=st.integers(1, 40),
)
def test_any_json_gives_what_the_json_module_gives(
    export: Callable[[bytes], Path], services: list[Any], more: Any, indent: int | None, chunk: int
) -> None:
    document = {"before": more, "service": services, "after": more}
    path = export(json.dumps(document, indent=indent).encode())
    assert list(records(path, chunk)) == services


def nfd(content: bytes) -> bytes:
    return unicodedata.normalize("NFD", content.decode()).encode()


@pytest.mark.parametrize("path", [JSON, CSV], ids=["json", "csv"])
@pytest.mark.parametrize(
    "written",
    [
        lambda content: b"\xef\xbb\xbf" + content,
        lambda content: content.replace(b"\n", b"\r\n"),
        nfd,
    ],
    ids=["BOM", "CRLF", "NFD"],
)
def test_another_way_of_writing_gives_the_same_file(
    ours: Path, export: Callable[[bytes], Path], path: Path, written: Callable[[bytes], bytes]
) -> None:
    before = ours.read_bytes()
    refresh(ours, records(path), TODAY).write()
    wanted = ours.read_bytes()
    ours.write_bytes(before)
    refresh(ours, records(export(written(path.read_bytes()))), TODAY).write()
    assert ours.read_bytes() == wanted != before


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_may_have_any_usual_delimiter(
    export: Callable[[bytes], Path], delimiter: str
) -> None:
    with CSV.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    path = export(b"")
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    assert list(records(path)) == list(records(CSV))


NO_LIST = "la racine n’est pas un objet qui contient une liste « service »"
CUT = "le fichier est coupé ou illisible"
NO_EXPORT = "ce n’est pas un export de l’annuaire"
BAD = "ce n’est pas de l’UTF-8"
HEADER = b"nom;pivot;adresse\n"
WRONG = {
    "list": (b"[]", 1, NO_LIST),
    "empty object": (b"{}", 1, NO_LIST),
    "other name": (b'{"services": []}', 1, NO_LIST),
    "one service": (b'{\n"service": {"id": "x"}}', 2, NO_LIST),
    "text of the service": (b'{"service": "[]"}', 1, NO_LIST),
    "two documents": (b'{"service": []}\n{"service": []}', 2, "le fichier continue après sa fin"),
    "no objects": (b'{"service": [\n"cpam"]}', 2, "ce n’est pas un service"),
    "comma too many": (b'{"service": [{},\n]}', 2, CUT),
    "comma missing": (b'{"service": [{}\n{}]}', 2, CUT),
    "colon missing": (b'{"service" []}', 1, CUT),
    "deep": (b'{"service": [' + b"[" * 200_000, 1, CUT),
    "long number": (b'{"service": [' + b"1" * 10_000 + b"]}", 1, CUT),
    "nothing": (b"", 1, NO_EXPORT),
    "text": (b"Bonjour", 1, CUT),
    "page": (b"<!DOCTYPE html>\n<html></html>\n", 1, NO_EXPORT),
    "zip": (b"PK\x03\x04\x00\x00\n", 1, NO_EXPORT),
    "columns": (b"nom;adresse\na;b\n", 1, NO_EXPORT),
    "row too short": (HEADER + b"a;b;c\na;b\n", 3, CUT),
    "row too long": (HEADER + b"a;b;c;d\n", 2, CUT),
    "row not finished": (HEADER + b"a;b;c", 2, CUT),
    "quotation mark left open": (HEADER + b'a;"b;c\n', 2, CUT),
    "quotation mark inside": (HEADER + b'a;"b"b;c\n', 2, CUT),
    "field too long": (HEADER + b"a;b;" + b"c" * 200_000 + b"\n", 2, CUT),
    "header too long": (b"a" * 200_000 + b"\n", 1, CUT),
    "line too long": (HEADER + b"a" * (1 << 20), 2, CUT),
    "Latin-1": ('{"service": [\n{"nom": "Finistère"}]}'.encode("latin-1"), 2, BAD),
    "Latin-1 in a CSV": (HEADER + b"a;b;c\n" + "é;é;é\n".encode("latin-1"), 3, BAD),
    "UTF-16": ('{"service": []}'.encode("utf-16"), 1, BAD),
}


@pytest.mark.parametrize(("content", "line", "sentence"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_is_told_in_one_sentence_with_its_line(
    ours: Path, export: Callable[[bytes], Path], content: bytes, line: int, sentence: str
) -> None:
    before = ours.read_bytes()
    with pytest.raises(DirectoryError) as caught:
        refresh(ours, records(export(content)), TODAY)
    message = str(caught.value)
    assert message.startswith(f"export, ligne {line}")
    assert message.endswith(f" : {sentence}.")
    assert "\n" not in message
    assert ours.read_bytes() == before


def test_the_line_of_a_bad_byte_is_right_after_a_long_line(
    export: Callable[[bytes], Path],
) -> None:
    long = b'{"before": "' + b"a" * 1_048_000 + b'",' + b" " * 2_000_000 + b"\n"
    with pytest.raises(DirectoryError, match=r"^export, ligne 2 : ce n’est pas de l’UTF-8"):
        list(records(export(long + b'"service": [{"nom": "\xe9"}]}')))


def test_an_error_says_how_many_services_were_read(export: Callable[[bytes], Path]) -> None:
    lines = SAMPLE.splitlines(keepends=True)
    with pytest.raises(DirectoryError) as caught:
        list(records(export(b"".join([*lines[:4], b"?", *lines[4:]]))))
    assert str(caught.value) == f"export, ligne 5 (services lus : 3) : {CUT}."


@pytest.mark.parametrize("name", ["absent.json", "."])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(DirectoryError, match="n’existe pas ou ne peut pas être lu"):
        list(records(tmp_path / name))


# A file that is cut


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(0, len(SAMPLE) - 1), chunk=st.integers(1, 5000))
def test_a_json_cut_anywhere_changes_nothing(
    ours: Path, export: Callable[[bytes], Path], size: int, chunk: int
) -> None:
    before = ours.read_bytes()
    cut = SAMPLE[:size]
    if cut.strip() == SAMPLE.strip():
        return
    with pytest.raises(DirectoryError):
        refresh(ours, records(export(cut), chunk), TODAY).write()
    assert ours.read_bytes() == before


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(0, CSV.stat().st_size - 1))
def test_a_csv_cut_anywhere_but_at_a_line_end_changes_nothing(
    ours: Path, export: Callable[[bytes], Path], size: int
) -> None:
    before = ours.read_bytes()
    cut = CSV.read_bytes()[:size]
    if cut.endswith(b"\n"):
        return
    with pytest.raises(DirectoryError):
        refresh(ours, records(export(cut)), TODAY).write()
    assert ours.read_bytes() == before


def test_a_csv_cut_early_at_a_line_end_has_too_few_bodies(
    ours: Path, export: Callable[[bytes], Path]
) -> None:
    lines = CSV.read_bytes().splitlines(keepends=True)
    with pytest.raises(DirectoryError, match=r"^L’export ne donne que 4 de nos 11 caisses : rien"):
        refresh(ours, records(export(b"".join(lines[:10]))), TODAY)


def test_a_file_without_services_is_refused(ours: Path, export: Callable[[bytes], Path]) -> None:
    with pytest.raises(DirectoryError, match=r"^L’export ne contient aucun service"):
        refresh(ours, records(export(b'{"service": []}')), TODAY)


def test_a_file_without_funds_is_refused(ours: Path) -> None:
    mairie = service(pivot=[{"type_service_local": "mairie"}])
    with pytest.raises(DirectoryError, match=r"^L’export ne contient aucune caisse"):
        refresh(ours, [mairie, mairie], TODAY)


# Memory


def big_json(folder: Path) -> Path:
    entry = json.dumps(json.loads(SAMPLE)["service"][0], ensure_ascii=False)
    path = folder / "big.json"
    with path.open("w", encoding="utf-8") as file:
        file.write('{"service": [')
        file.writelines(f"{entry},\n" for _ in range(60_000))
        file.write(f"{json.dumps(service('', mailing()))}]}}")
    return path


def big_csv(folder: Path) -> Path:
    header, row, *_ = CSV.read_text(encoding="utf-8").splitlines(keepends=True)
    path = folder / "big.csv"
    with path.open("w", encoding="utf-8") as file:
        file.writelines([header, *(row for _ in range(60_000))])
    return path


@pytest.mark.parametrize("big", [big_json, big_csv])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, big: Callable[[Path], Path]) -> None:
    path = big(tmp_path)
    assert path.stat().st_size > 15_000_000
    tracemalloc.start()
    try:
        assert sum(1 for _ in records(path)) >= 60_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000


def test_an_unclosed_value_is_not_read_to_the_end_of_the_file(
    export: Callable[[bytes], Path],
) -> None:
    path = export(b'{"service": [{"nom": "' + b"a" * 20_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(DirectoryError, match=CUT):
            list(records(path))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000


# Which services


@pytest.mark.parametrize(
    "pivot",
    [
        [{"type_service_local": "cpam"}],
        {"type_service_local": "cpam"},
        '[{"type_service_local": "cpam"}]',
        '{"type_service_local": "CPAM"}',
        [{"type_service_local": "caf"}, {"type_service_local": "cpam"}],
        [{"type_service_local": "cgss"}],
        [{"type_service_local": ["cssm"]}],
        [{}, None, "x", {"type_service_local": "ccss"}],
    ],
)
def test_a_fund_is_told_by_its_pivot(ain: Path, pivot: object) -> None:
    assert outcome(ain, service("", mailing(), pivot=pivot)).is_moved


@pytest.mark.parametrize("pivot", [None, "", [], {}, "cpam", "[{", 3, [{"type_service_local": ""}]])
def test_another_pivot_is_no_fund(ain: Path, pivot: object) -> None:
    with pytest.raises(DirectoryError, match="aucune caisse"):
        outcome(ain, service("", mailing(), pivot=pivot))


def test_a_service_may_lack_everything_but_its_pivot(ain: Path) -> None:
    bare = {"pivot": [{"type_service_local": "cpam"}]}
    found = refresh(ain, [service("", mailing()), bare], TODAY)
    assert [reason for _, reason in found.strays] == [
        "son département (inconnu) n’a pas de caisse ici"
    ]


@pytest.mark.parametrize(
    "closed",
    [
        {"nom": f"{CPAM} de l'Ain (fermé)"},
        {"nom": f"{CPAM} de l'Ain - Agence ferme\u0301e"},
        {"nom": f"{CPAM} de l'Ain - fermeture définitive"},
        {"statut_de_diffusion": False},
        {"statut_de_diffusion": "false"},
    ],
)
def test_a_closed_service_does_not_count(ain: Path, closed: dict[str, Any]) -> None:
    services = [service("", mailing(9), **closed)] * 3
    found = refresh(ain, [service("", mailing(2)), *services], TODAY)
    assert found.outcomes[0].new.line_1 == "2 rue Inventée"
    assert found.closed == 3


def test_a_name_that_only_looks_closed_is_open(ain: Path) -> None:
    assert outcome(ain, service(" - Ferme des Essais", mailing())).is_moved


def test_of_two_services_with_the_same_id_the_newest_counts_once(ain: Path) -> None:
    new = service("", mailing(2), id="a", date_modification="02/02/2025 10:00:00")
    old = service("", mailing(9), id="a", date_modification="02/02/2024 10:00:00")
    undated = service("", mailing(9), id="a", date_modification="")
    for order in ([new, old, undated], [undated, old, new], [old, new, old]):
        found = refresh(ain, order, TODAY)
        assert found.outcomes[0].new.line_1 == "2 rue Inventée"
        assert (found.funds, found.twice) == (3, 2)


def test_services_without_an_id_all_count(ain: Path) -> None:
    found = refresh(ain, [service(" - A", mailing(), id="")] * 3, TODAY)
    assert (found.funds, found.twice) == (3, 0)


# Which body


@pytest.mark.parametrize(
    ("code", "department"),
    [
        ("01053", "01"),
        ("29019", "29"),
        ("2A004", "2A"),
        ("2b033", "2B"),
        ("97105", "971"),
        ("97611", "976"),
        ("98818", "988"),
        ("20090", "2A"),
        ("20702", "2A"),
        ("20200", "2B"),
        ("20406", "2B"),
        ("20999", ""),
        ("2901", ""),
        ("170000", ""),
        ("", ""),
        ("Brest", ""),
    ],
)
def test_a_code_tells_a_department(code: str, department: str) -> None:
    assert department_of(code) == department


@pytest.mark.parametrize(
    "fields",
    [
        {"code_insee_commune": "01053", "pivot": {"type_service_local": "cpam"}},
        {"code_insee_commune": ["01053"], "pivot": {"type_service_local": "cpam"}},
        {"pivot": {"type_service_local": "cpam", "code_insee_commune": "01053"}},
        {"pivot": [{"type_service_local": "cpam", "code_insee_commune": ["", "01053", "69001"]}]},
        {"code_insee_commune": "1053", "pivot": [{"type_service_local": "cpam"}]},
        {"code_insee_commune": None, "pivot": [{"type_service_local": "cpam"}]},
    ],
)
def test_a_department_comes_from_the_first_code_that_tells(
    ain: Path, fields: dict[str, Any]
) -> None:
    assert outcome(ain, service("", mailing(), nom="CPAM", **fields)).is_found


NAMES = {
    (f"{CPAM} du Finistère - Brest", "29"): "01291",
    ("CPAM", "29"): "01291",
    ("Maison de services", "29"): "01291",
    (f"{CPAM} du Finistère", ""): "01291",
    (f"{CPAM} de la Loire", "42"): "01422",
    (f"{CPAM} de la Loire", ""): "01422",
    (f"{CPAM} de Loire-Atlantique - Rezé", "44"): "01441",
    (f"{CPAM} de Loire Atlantique", ""): "01441",
    (f"{CPAM} de la Haute-Loire", ""): "01431",
    (f"{CPAM} de l’Eure-et-Loir", ""): "01281",
    (f"{CPAM} des Flandres - Dunkerque", "59"): "01594",
    ("CPAM DES FLANDRES", "59"): "01594",
    (f"{CPAM} de Lille - Douai - Seclin", "59"): "01595",
    ("Caisse primaire d'assurance maladie de Roubaix-Tourcoing", "59"): "01597",
    (f"{CPAM} - Cambrai (Hainaut)", "59"): "01599",
    (f"{CPAM} de la Côte d'Opale", "62"): "01623",
    (f"{CPAM} de l'Artois - Lens", "62"): "01624",
    (f"{CPAM} de Bayonne - Saint-Palais", "64"): "01641",
    (f"{CPAM} de Pau-Pyrénées - accueil de Bayonne", "64"): "01642",
    (f"{CPAM} du Havre", "76"): "01763",
    (f"{CPAM} de Rouen - Elbeuf - Dieppe - Seine-Maritime", "76"): "01764",
    ("Caisse primaire d'assurance maladie de Corse - siège de Bastia", "2B"): "01202",
    (f"{CPAM} de la Corse-du-Sud", "2A"): "01201",
    ("Caisse commune de sécurité sociale (CCSS) de la Lozère", "48"): "01481",
    ("Caisse générale de sécurité sociale (CGSS) - La Réunion", "974"): "01974",
    ("Caisse de sécurité sociale (CSSM) de Mayotte", "976"): "01976",
    (f"{CPAM} de l'Isère - Vienne", "38"): "01381",
}
STRAYS = {
    (f"{CPAM} - Lille", "59"): "son nom ne dit pas laquelle des 4 caisses du 59",
    (f"{CPAM} des Flandres - Dunkerque", "62"): (
        "son nom est celui de « CPAM des Flandres », hors du 62"
    ),
    ("Accueil Hainaut et Flandres", "59"): "son nom ne dit pas laquelle des 4 caisses du 59",
    ("CPAM", ""): "son département (inconnu) n’a pas de caisse ici",
    ("CPAM", "977"): "son département (977) n’a pas de caisse ici",
    ("", "59"): "son nom ne dit pas laquelle des 4 caisses du 59",
}


def placed(recipients: Recipients, name: str, department: str) -> tuple[Body | None, str]:
    local = [body for body in recipients if body.department]
    return find_body(Service("", name, department, None, True, ()), local)


@pytest.mark.parametrize(("name", "department"), NAMES)
def test_a_service_goes_to_its_body(recipients: Recipients, name: str, department: str) -> None:
    body, reason = placed(recipients, name, department)
    assert body
    assert (body.code, reason) == (NAMES[name, department], "")


@pytest.mark.parametrize(("name", "department"), STRAYS)
def test_a_service_that_cannot_be_placed_goes_nowhere(
    recipients: Recipients, name: str, department: str
) -> None:
    assert placed(recipients, name, department) == (None, STRAYS[name, department])


def test_every_body_of_ours_is_found_by_its_full_name(recipients: Recipients) -> None:
    kinds = {
        "CPAM": CPAM,
        "CGSS": "Caisse générale de sécurité sociale (CGSS)",
        "CSSM": "Caisse de sécurité sociale (CSSM)",
        "CCSS": "Caisse commune de sécurité sociale (CCSS)",
    }
    local = [body for body in recipients if body.department]
    for body in local:
        kind, _, rest = body.name.partition(" ")
        for name in (f"{kinds[kind]} {rest}", f"{kinds[kind]} {rest} - Accueil", body.name.upper()):
            for department in (body.department, ""):
                assert placed(recipients, name, department)[0] == body, name


def test_our_own_addresses_in_an_export_move_nothing(
    tmp_path: Path, recipients: Recipients
) -> None:
    path = tmp_path / "recipients.csv"
    path.write_bytes(RECIPIENTS_FILE.read_bytes())
    export = [
        {
            "nom": body.name,
            "pivot": {"type_service_local": "cpam", "code_insee_commune": f"{body.department}001"},
            "code_insee_commune": f"{body.department}00001"[:5],
            "adresse": mailing(
                numero_voie=body.line_1.replace("-", " "),
                complement1="",
                service_distribution=body.line_2.upper(),
                code_postal=body.postal_code,
                nom_commune=body.town.upper(),
            ),
            "date_modification": "18/12/2024 17:42:39",
        }
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


def test_an_address_of_all_services_is_sure(ain: Path) -> None:
    found = outcome(ain, service("", mailing()), service(" - Belley", mailing(), street(5)))
    assert found.new.lines[2:] == ("2 RUE INVENTEE", "01015 BOURG EN BRESSE CEDEX")
    assert (found.new.confidence, found.remark) == ("high", "")


def test_an_address_of_most_services_is_less_sure(ain: Path) -> None:
    agencies = [service(f" - {name}", mailing(3)) for name in "ABC"]
    found = outcome(ain, service("", mailing(2)), *agencies)
    assert (found.new.line_1, found.new.confidence) == ("3 rue Inventée", "medium")
    assert found.remark == "autre adresse postale sur 1 des 4 fiches"


def test_services_that_say_nothing_do_not_make_an_address_less_sure(ain: Path) -> None:
    found = outcome(ain, service(" - A", mailing()), service(" - B", mailing()), service(" - C"))
    assert found.new.confidence == "high"


@pytest.mark.parametrize("seat", ["", " - siège", " - Siege social", " – siège de Bourg"])
def test_without_a_shared_address_the_seat_has_it(ain: Path, seat: str) -> None:
    found = outcome(
        ain, service(" - A", mailing(7)), service(seat, street(1), mailing(2)), service(" - B")
    )
    assert found.new.line_1 == "2 rue Inventée"
    assert (found.new.confidence, found.remark) == ("medium", "adresse du siège")


def test_a_seat_without_a_mailing_address_has_its_street(ain: Path) -> None:
    found = outcome(ain, service("", street(4)), service(" - A", mailing(7)), service(" - B"))
    assert (found.new.line_1, found.new.confidence) == ("4 rue Inventée", "medium")


@pytest.mark.parametrize(
    ("services", "end"),
    [
        ([service(" - A", mailing(2)), service(" - B", mailing(3))], "n’est pas donnée"),
        ([service(" - A"), service("")], "n’est pas donnée"),
        ([service(" - siège", mailing(2)), service(" siège", mailing(3))], "sont donnés"),
    ],
)
def test_without_shared_address_nor_one_seat_nothing_changes(
    ain: Path, services: list[Record], end: str
) -> None:
    found = outcome(ain, *services)
    assert found.refusal.endswith(end)
    assert found.new == found.old


def test_a_seat_that_says_so_comes_before_a_service_without_a_place(ain: Path) -> None:
    services = [service("", mailing(3)), service(" - siège", mailing(2)), service(" - A")]
    assert outcome(ain, *services).new.line_1 == "2 rue Inventée"


def test_a_service_without_a_name_is_no_seat(ain: Path) -> None:
    found = outcome(ain, service("", mailing(2), nom=""), service(" - A"))
    assert found.refusal.endswith("n’est pas donnée")


def test_the_day_is_the_newest_of_the_services_that_give_the_address(ain: Path) -> None:
    days = {2: "05/01/2024 10:00:00", 3: "2024-02-01T10:00:00", 4: "03/01/2024 23:59:59"}
    services = [
        service(f" - {number}", mailing(), date_modification=day) for number, day in days.items()
    ]
    other = service(" - 5", mailing(9), date_modification="01/01/2025 10:00:00")
    assert outcome(ain, *services, other).new.observed_on == date(2024, 2, 1)


@pytest.mark.parametrize("day", ["", None, "hier", "31/02/2025 10:00:00", "01/01/2027 00:00:00"])
def test_an_address_without_a_day_that_can_be_is_refused(ain: Path, day: object) -> None:
    found = outcome(ain, service("", mailing(), date_modification=day))
    assert found.refusal == "aucune fiche ne dit de quand date cette adresse"
    assert found.new == found.old


def test_an_address_older_than_ours_is_refused(ain: Path) -> None:
    found = outcome(ain, service("", mailing(), date_modification="18/09/2017 10:00:00"))
    assert found.refusal == "cette adresse date du 18/09/2017, la nôtre est plus récente"
    same = outcome(ain, service("", mailing(), date_modification="19/09/2017 10:00:00"))
    assert same.is_moved


LINES = {
    "the order of an envelope": (
        {
            "service_distribution": "CS 1",
            "numero_voie": "2 rue A",
            "complement1": "Bâtiment B",
            "nom_commune": "BELLEY",
        },
        ("Bâtiment B", "2 rue A", "CS 1"),
    ),
    "no name of the body": (
        {"complement1": "CPAM de l'Ain", "complement2": "Caisse primaire d’assurance maladie"},
        ("2 rue Inventée",),
    ),
    "no name of all bodies": ({"complement1": "L'Assurance Maladie"}, ("2 rue Inventée",)),
    "nothing twice": ({"complement1": "2 rue Inventée"}, ("2 rue Inventée",)),
    "no comma after the number": ({"numero_voie": "2 bis, rue A"}, ("2 bis rue A",)),
    "one line": ({"numero_voie": " 2\u00a0rue\r\n A ,"}, ("2 rue A",)),
    "apostrophe": ({"numero_voie": "2 rue de l'Ain"}, ("2 rue de l’Ain",)),
    "accent apart": ({"numero_voie": "2 rue Inve\u0301"}, ("2 rue Invé",)),
    "invisible sign": ({"numero_voie": "2 rue\u200b A"}, ("2 rue A",)),
    "a number": ({"numero_voie": 2}, ("2",)),
    "no words": ({"complement1": "-"}, ("2 rue Inventée",)),
    "only a box": ({"numero_voie": "", "service_distribution": "BP 9"}, ("BP 9",)),
    "only a Cedex": ({"numero_voie": None}, ()),
}


@pytest.mark.parametrize(("changes", "wanted"), LINES.values(), ids=LINES.keys())
def test_an_address_is_written_as_on_an_envelope(
    ain: Path, changes: dict[str, Any], wanted: tuple[str, ...]
) -> None:
    found = outcome(ain, service("", mailing(**changes)))
    assert found.refusal == ""
    assert tuple(filter(None, (found.new.line_1, found.new.line_2, found.new.line_3))) == wanted


FAULTS = {
    "line of 39 characters": (
        {"numero_voie": "2 rue Inventée pour être longue de 39 c"},
        "« 2 RUE INVENTEE POUR ETRE LONGUE DE 39 C » dépasse 38 caractères",
    ),
    "town of 33 letters": (
        {"nom_commune": "Saint-Remy-en-Bouzemont-Saint-Gen"},
        "« 01015 SAINT REMY EN BOUZEMONT SAINT GEN » dépasse 38 caractères",
    ),
    "four lines": (
        {"complement1": "A", "complement2": "B", "service_distribution": "CS 1"},
        "il y a 4 lignes avant la commune",
    ),
    "no postcode": ({"code_postal": ""}, "le code postal «  » n’a pas cinq chiffres"),
    "short postcode": ({"code_postal": "1015"}, "le code postal « 1015 » n’a pas cinq chiffres"),
    "postcode too long": (
        {"code_postal": "010150"},
        "le code postal « 010150 » n’a pas cinq chiffres",
    ),
    "foreign digits": ({"code_postal": "٠١٠١٥"}, "le code postal « ٠١٠١٥ » n’a pas cinq chiffres"),
    "postcode elsewhere": ({"code_postal": "69001"}, "le code postal 69001 n’est pas du 01"),
    "no town": ({"nom_commune": ""}, "«  » n’est pas une commune"),
    "number for a town": ({"nom_commune": "01000"}, "« 01000 » n’est pas une commune"),
    "no street nor Cedex": (
        {"numero_voie": "", "nom_commune": "Belley"},
        "il n’y a ni voie, ni boîte postale, ni Cedex",
    ),
    "character that the font lacks": (
        {"numero_voie": "2 rue 東 A"},
        "les lettres n’écrivent pas « 東 »",
    ),
    "control character": ({"numero_voie": "2 rue \x07A"}, "les lettres n’écrivent pas « \ufffd »"),
}


@pytest.mark.parametrize(("changes", "refusal"), FAULTS.values(), ids=FAULTS.keys())
def test_an_address_that_does_not_fit_is_refused_with_its_reason(
    ain: Path, changes: dict[str, Any], refusal: str
) -> None:
    before = ain.read_bytes()
    found = refresh(ain, [service("", mailing(**changes))], TODAY)
    assert found.outcomes[0].refusal == refusal
    found.write()
    assert ain.read_bytes() == before


def test_a_line_of_38_characters_fits(ain: Path) -> None:
    found = outcome(ain, service("", mailing(numero_voie="2 rue Inventée pour être longue de 38c")))
    assert len(found.new.lines[2]) == 38


def test_an_address_of_la_reunion_may_have_a_cedex_of_its_own(ours: Path) -> None:
    found = by_code(refresh(ours, records(JSON), TODAY))["01974"]
    assert found.new.lines[2:] == (
        "14 BOULEVARD DES FILAOS",
        "CS 53001",
        "97741 SAINT DENIS CEDEX 9",
    )


EMPTY = {"type_adresse": "Adresse postale", "numero_voie": "", "code_postal": "", "nom_commune": ""}


@pytest.mark.parametrize("addresses", [None, "", [], {}, "[]", "{", 3, [None], [{}], EMPTY])
def test_no_address_in_any_form_is_none(ain: Path, addresses: object) -> None:
    assert outcome(ain, service("", adresse=addresses)).refusal.endswith("n’est pas donnée")


# The agencies that tell the bodies of a department apart


def of_flandres(name: str, town: str) -> Record:
    address = mailing(code_postal="59386", nom_commune="Dunkerque Cedex 1")
    place = street(code_postal="59140", nom_commune=town)
    insee = {"type_service_local": "cpam", "code_insee_commune": "59183"}
    return service("", address, place, nom=f"{CPAM} des Flandres - {name}", pivot=insee)


def test_agencies_keep_their_name_their_order_and_gain_the_new_ones(tmp_path: Path) -> None:
    path = copy_of(tmp_path, "01594")
    old = load_recipients(path).find("01594")
    assert old
    towns = ["Wormhout", "GRANDE SYNTHE", "Cassel", "Dunkerque Cedex 1", "Hazebrouck"]
    found = outcome(path, *(of_flandres(str(n), town) for n, town in enumerate(towns)))
    assert found.new.agencies == "Cassel; Dunkerque; Grande-Synthe; Hazebrouck; Wormhout"
    same = outcome(path, *(of_flandres(town, town) for town in old.agencies.split("; ")[::-1]))
    assert same.new.agencies == old.agencies


def test_a_town_with_two_agencies_keeps_both(tmp_path: Path) -> None:
    path = copy_of(tmp_path, "01623")
    insee = {"type_service_local": "cpam", "code_insee_commune": "62193"}
    seat = service(
        "",
        mailing(code_postal="62108", nom_commune="Calais Cedex"),
        street(code_postal="62100", nom_commune="Calais"),
        nom=f"{CPAM} de la Côte d'Opale",
        pivot=insee,
    )
    assert outcome(path, seat).new.agencies == "Calais; Calais – Fort-Nieulay"


def test_agencies_stay_when_no_town_is_given(tmp_path: Path) -> None:
    path = copy_of(tmp_path, "01594")
    only_mailing = of_flandres("A", "")
    found = outcome(path, only_mailing)
    assert found.is_moved
    assert found.new.agencies == found.old.agencies


def test_a_body_alone_in_its_department_has_no_agencies(ain: Path) -> None:
    assert outcome(ain, service("", mailing(), street(nom_commune="Belley"))).new.agencies == ""


# The new file


@pytest.fixture
def refreshed(ours: Path) -> tuple[bytes, bytes]:
    before = ours.read_bytes()
    refresh(ours, records(JSON), TODAY).write()
    return before, ours.read_bytes()


def rows(content: bytes) -> Iterator[dict[str, str]]:
    return csv.DictReader(content.decode().splitlines())


def test_the_sample_gives_what_a_person_would_write(ours: Path) -> None:
    found = refresh(ours, records(CSV), TODAY)
    assert (found.read, found.funds, found.closed, found.twice) == (21, 20, 1, 1)
    codes = {
        "moved": [o.old.code for o in found.outcomes if o.is_moved],
        "confirmed": [o.old.code for o in found.outcomes if o.is_confirmed],
        "refused": [o.old.code for o in found.outcomes if o.refusal],
        "missing": [o.old.code for o in found.outcomes if not o.is_found],
    }
    assert codes == {
        "moved": ["01011", "01441", "01594", "01974", "01976"],
        "confirmed": ["01201", "01291", "01597"],
        "refused": ["01202", "01422"],
        "missing": ["01041"],
    }
    assert len(found.strays) == 2


def test_only_the_address_and_what_dates_it_changes(refreshed: tuple[bytes, bytes]) -> None:
    before, after = map(rows, refreshed)
    for old, new in zip(before, after, strict=True):
        changed = {key for key in old if old[key] != new[key]}
        assert changed <= REFRESHED
        assert old["department"] or not changed, "a national scheme is not in the directory"


def test_a_line_that_does_not_change_stays_byte_for_byte(refreshed: tuple[bytes, bytes]) -> None:
    before, after = (content.splitlines(keepends=True) for content in refreshed)
    same = [line for line in after if line in before]
    assert len(same) == len(before) - 8


def test_our_way_of_writing_an_address_that_did_not_move_stays(
    refreshed: tuple[bytes, bytes],
) -> None:
    finistere = "01291,29,Finistère,CPAM du Finistère,1 rue de Savoie,,,29282,Brest Cedex,"
    assert f"\n{finistere}2024-10-15,medium,,\n" in refreshed[1].decode()


def test_no_break_spaces_set_on_reading_are_not_written(ain: Path) -> None:
    raw = ain.read_text(encoding="utf-8")
    ain.write_text(raw.replace("1 place de la Grenouillère", "3 rue du 8 mai 1945"), "utf-8")
    refresh(ain, [service("", mailing(numero_voie="3 RUE DU 8 MAI 1945"))], TODAY).write()
    wanted = "CPAM de l’Ain,3 rue du 8 mai 1945,,,01015,Bourg-en-Bresse Cedex,2024-12-18,high,,\n"
    assert ain.read_text(encoding="utf-8").endswith(wanted)


def test_the_new_file_can_be_read_and_fits_envelopes(ours: Path) -> None:
    refresh(ours, records(JSON), TODAY).write()
    found = load_recipients(ours)
    assert [body.code for body in found] == list(OURS)
    assert all(len(body.lines) <= 6 for body in found)
    assert all(len(line) <= 38 for body in found for line in body.lines)


def test_the_same_export_changes_nothing_the_second_time(ours: Path) -> None:
    refresh(ours, records(JSON), TODAY).write()
    written = ours.stat().st_ino, ours.read_bytes()
    again = refresh(ours, records(CSV), TODAY)
    assert [o.old.code for o in again.outcomes if o.new != o.old] == []
    again.write()
    assert (ours.stat().st_ino, ours.read_bytes()) == written


def test_line_ends_stay(ours: Path, refreshed: tuple[bytes, bytes]) -> None:
    before, after = refreshed
    ours.write_bytes(before.replace(b"\n", b"\r\n"))
    refresh(ours, records(JSON), TODAY).write()
    assert ours.read_bytes() == after.replace(b"\n", b"\r\n")


def test_a_note_of_several_lines_stays(ours: Path, refreshed: tuple[bytes, bytes]) -> None:
    before, after = refreshed
    note = b'"Adresse\npostale\ninconnue : '
    ours.write_bytes(before.replace(b'"Adresse postale inconnue : ', note))
    refresh(ours, records(JSON), TODAY).write()
    assert ours.read_bytes() == after.replace(b'"Adresse postale inconnue : ', note)


def test_nothing_is_written_before_write(ours: Path) -> None:
    before = ours.read_bytes()
    refresh(ours, records(JSON), TODAY)
    assert ours.read_bytes() == before


def test_a_new_file_keeps_the_rights_of_the_old_one(ours: Path) -> None:
    ours.chmod(0o640)
    refresh(ours, records(JSON), TODAY).write()
    assert stat.S_IMODE(ours.stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path, ours: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(ours)
    refresh(link, records(JSON), TODAY).write()
    assert link.is_symlink()
    assert b"rue de l\xe2\x80\x99Invention" in ours.read_bytes()


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_writing_that_fails_leaves_the_old_file_and_nothing_else(
    ours: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    before = ours.read_bytes()
    found = refresh(ours, records(JSON), TODAY)
    if step == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        found.write()
    assert ours.read_bytes() == before
    assert list(ours.parent.iterdir()) == [ours]


def test_a_file_that_the_program_could_not_read_is_never_put_in_place(
    ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ours.read_bytes()
    found = refresh(ours, records(JSON), TODAY)
    monkeypatch.setattr(directory, "_rewritten", lambda *_: "code\n01011,\n")
    with pytest.raises(Exception, match="une colonne manque"):
        found.write()
    assert ours.read_bytes() == before
    assert list(ours.parent.iterdir()) == [ours]


def test_every_written_column_is_one_of_a_body() -> None:
    assert {field.name for field in fields(Body)} >= REFRESHED
    assert set(directory._WRITTEN) == REFRESHED


def test_half_of_the_bodies_are_enough(tmp_path: Path) -> None:
    path = copy_of(tmp_path, *KEPT, "01974")

    def some(number: int) -> Iterable[Record]:
        departments = ["01", "04", "29", "42", "44"]
        for department in departments[:number]:
            pivot = {"type_service_local": "cpam", "code_insee_commune": f"{department}001"}
            yield service("", nom="CPAM", pivot=pivot)

    assert len(refresh(path, some(5), TODAY).outcomes) == 10
    with pytest.raises(DirectoryError, match=r"que 4 de nos 10 caisses"):
        refresh(path, some(4), TODAY)
