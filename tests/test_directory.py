"""The public directory's export: matched with care, written at once, told in French.

tests/data/annuaire.json and annuaire.csv hold the same invented services, in the format of the
real export and with its irregularities.
"""

import csv
import json
import stat
import tracemalloc
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from letters.recipients import RECIPIENTS_FILE, Body, Recipients, load_recipients
from tests.conftest import TODAY
from tests.letters_under_test import steady_few
from tools import directory
from tools.export import DirectoryError, Record, records
from tools.refresh import Outcome, Refresh, refresh
from tools.services import Service, department_of, find_body

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


def test_json_and_csv_are_read_whole_and_in_their_order() -> None:
    wanted = json.loads(SAMPLE)["service"]
    assert list(records(JSON)) == wanted
    assert [record["id"] for record in records(CSV)] == [entry["id"] for entry in wanted]
    assert len(wanted) == 21


def nfd(content: bytes) -> bytes:
    return unicodedata.normalize("NFD", content.decode()).encode()


@pytest.mark.parametrize("path", [JSON, CSV], ids=["json", "csv"])
@pytest.mark.parametrize(
    "written",
    [
        lambda content: content,
        lambda content: b"\xef\xbb\xbf" + content,
        lambda content: content.replace(b"\n", b"\r\n"),
        nfd,
    ],
    ids=["as it is", "BOM", "CRLF", "NFD"],
)
def test_another_way_of_writing_gives_the_same(
    ours: Path, export: Callable[[bytes], Path], path: Path, written: Callable[[bytes], bytes]
) -> None:
    wanted = refresh(ours, records(JSON), TODAY)
    assert refresh(ours, records(export(written(path.read_bytes()))), TODAY) == wanted


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


# The export, the line of the fault, and the sentence.
NO_LIST = "la racine n’est pas un objet qui contient une liste « service »"
CUT = "le fichier est coupé ou illisible"
NO_EXPORT = "ce n’est pas un export de l’annuaire"
BAD = "ce n’est pas de l’UTF-8"
HEADER = b"nom;pivot;adresse\n"
WRONG = {
    "cut": (b'{"service": [\n{"nom": "a', 2, CUT),
    "list": (b"[]", 1, NO_LIST),
    "other name": (b'{"services": []}', 1, NO_LIST),
    "one service": (b'{\n"service": {"id": "x"}}', 2, NO_LIST),
    "two documents": (b'{"service": []}\n{"service": []}', 2, CUT),
    "no objects": (b'{"service": [\n"cpam"]}', 2, "ce n’est pas un service"),
    "comma too many": (b'{"service": [{},\n]}', 2, CUT),
    "comma missing": (b'{"service": [{}\n{}]}', 2, CUT),
    "colon missing": (b'{"service" []}', 1, CUT),
    "long number": (b'{"service": [' + b"1" * 10_000 + b"]}", 1, CUT),
    "nothing": (b"", 1, NO_EXPORT),
    "text": (b"Bonjour", 1, CUT),
    "columns": (b"nom;adresse\na;b\n", 1, NO_EXPORT),
    "row too short": (HEADER + b"a;b;c\na;b\n", 3, CUT),
    "row too long": (HEADER + b"a;b;c;d\n", 2, CUT),
    "row not finished": (HEADER + b"a;b;c", 2, CUT),
    "quotation mark left open": (HEADER + b'a;"b;c\n', 2, CUT),
    "line too long": (HEADER + b"a" * (1 << 20), 2, CUT),
    "Latin-1": ('{"service": [\n{"nom": "Finistère"}]}'.encode("latin-1"), 2, BAD),
    "Latin-1 in a CSV": (HEADER + b"a;b;c\n" + "é;é;é\n".encode("latin-1"), 3, BAD),
    "UTF-16": ('{"service": []}'.encode("utf-16"), 1, BAD),
}


@pytest.mark.parametrize(("content", "line", "sentence"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_file_is_told_in_one_sentence_with_its_line(
    export: Callable[[bytes], Path], content: bytes, line: int, sentence: str
) -> None:
    with pytest.raises(DirectoryError) as caught:
        list(records(export(content)))
    message = str(caught.value)
    assert message.startswith(f"export, ligne {line}")
    assert message.endswith(f" : {sentence}.")
    assert "\n" not in message


def test_an_error_says_how_many_services_were_read(export: Callable[[bytes], Path]) -> None:
    lines = SAMPLE.splitlines(keepends=True)
    with pytest.raises(DirectoryError) as caught:
        list(records(export(b"".join([*lines[:4], b"?", *lines[4:]]))))
    assert str(caught.value) == f"export, ligne 5 (services lus : 3) : {CUT}."


@any_cut
@given(size=st.integers(0, len(SAMPLE.rstrip()) - 1))
def test_a_json_cut_anywhere_is_refused(export: Callable[[bytes], Path], size: int) -> None:
    with pytest.raises(DirectoryError):
        list(records(export(SAMPLE[:size])))


@any_cut
@given(size=st.integers(0, CSV.stat().st_size - 1))
def test_a_csv_cut_anywhere_but_at_a_line_end_is_refused(
    export: Callable[[bytes], Path], size: int
) -> None:
    cut = CSV.read_bytes()[:size]
    if not cut.endswith(b"\n"):
        with pytest.raises(DirectoryError):
            list(records(export(cut)))


def test_a_csv_cut_early_at_a_line_end_has_too_few_bodies(
    ours: Path, export: Callable[[bytes], Path]
) -> None:
    lines = CSV.read_bytes().splitlines(keepends=True)
    with pytest.raises(DirectoryError, match=r"^L’export ne donne que 4 de nos 11 caisses : rien"):
        refresh(ours, records(export(b"".join(lines[:10]))), TODAY)


def test_half_of_the_bodies_are_enough(tmp_path: Path) -> None:
    path = copy_of(tmp_path, *KEPT, "01974")

    def some(number: int) -> Iterator[Record]:
        departments = ["01", "04", "29", "42", "44"]
        for department in departments[:number]:
            pivot = {"type_service_local": "cpam", "code_insee_commune": f"{department}001"}
            yield service("", nom="CPAM", pivot=pivot)

    assert len(refresh(path, some(5), TODAY).outcomes) == 10
    with pytest.raises(DirectoryError, match=r"que 4 de nos 10 caisses"):
        refresh(path, some(4), TODAY)


def test_memory_does_not_grow_with_the_file(export: Callable[[bytes], Path]) -> None:
    entry = json.dumps(json.loads(SAMPLE)["service"][0])
    path = export(f'{{"service": [{",".join([entry] * 4000)}]}}'.encode())
    size = path.stat().st_size
    tracemalloc.start()
    try:
        assert sum(1 for _ in records(path)) == 4000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < size / 2


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


@pytest.mark.parametrize("pivot", [None, "", "cpam", "[{", 3, [{"type_service_local": "caf"}]])
def test_another_pivot_is_no_fund(ain: Path, pivot: object) -> None:
    sentence = r"^L’export ne contient aucune caisse \(1 services\) : rien n’est changé"
    with pytest.raises(DirectoryError, match=sentence):
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
    found = refresh(ain, [service(" - Ferme des Essais", mailing(2)), *services], TODAY)
    assert found.outcomes[0].new.line_1 == "2 rue Inventée"
    assert found.closed == 3


def test_of_two_services_with_the_same_id_the_newest_counts_once(ain: Path) -> None:
    new = service("", mailing(2), id="a", date_modification="02/02/2025 10:00:00")
    old = service("", mailing(9), id="a", date_modification="02/02/2024 10:00:00")
    undated = service("", mailing(9), id="a", date_modification="")
    for order in ([new, old, undated], [undated, old, new], [old, new, old]):
        found = refresh(ain, order, TODAY)
        assert found.outcomes[0].new.line_1 == "2 rue Inventée"
        assert (found.funds, found.twice) == (3, 2)
    found = refresh(ain, [service(" - A", mailing(), id="")] * 3, TODAY)
    assert (found.funds, found.twice) == (3, 0)


# Which body


@pytest.mark.parametrize(
    ("code", "department"),
    [
        ("2A004", "2A"),
        ("2b033", "2B"),
        ("97105", "971"),
        ("98818", "988"),
        ("20702", "2A"),
        ("20406", "2B"),
        ("20999", ""),
        ("2901", ""),
        ("170000", ""),
        ("", ""),
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
    ("Maison de services", "29"): "01291",
    (f"{CPAM} du Finistère", ""): "01291",
    (f"{CPAM} de la Loire", "42"): "01422",
    (f"{CPAM} de Loire-Atlantique - Rezé", "44"): "01441",
    (f"{CPAM} de l’Eure-et-Loir", ""): "01281",
    (f"{CPAM} des Flandres - Dunkerque", "59"): "01594",
    (f"{CPAM} de Lille - Douai - Seclin", "59"): "01595",
    ("Caisse primaire d'assurance maladie de Roubaix-Tourcoing", "59"): "01597",
    (f"{CPAM} - Cambrai (Hainaut)", "59"): "01599",
    (f"{CPAM} de la Côte d'Opale", "62"): "01623",
    (f"{CPAM} de l'Artois - Lens", "62"): "01624",
    (f"{CPAM} de Pau-Pyrénées - accueil de Bayonne", "64"): "01642",
    (f"{CPAM} de Rouen - Elbeuf - Dieppe - Seine-Maritime", "76"): "01764",
    ("Caisse primaire d'assurance maladie de Corse - siège de Bastia", "2B"): "01202",
    ("Caisse commune de sécurité sociale (CCSS) de la Lozère", "48"): "01481",
    ("Caisse générale de sécurité sociale (CGSS) - La Réunion", "974"): "01974",
    ("Caisse de sécurité sociale (CSSM) de Mayotte", "976"): "01976",
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


def test_a_service_goes_to_its_body_or_nowhere_with_the_reason(recipients: Recipients) -> None:
    for (name, department), code in NAMES.items():
        body, reason = placed(recipients, name, department)
        assert (body and body.code, reason) == (code, ""), name
    for (name, department), reason in STRAYS.items():
        assert placed(recipients, name, department) == (None, reason), name


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

SEAT = "adresse du siège"
# The services of the Ain; the street that is taken, how sure it is, and what is remarked.
CHOICES: dict[str, tuple[list[Record], tuple[str, str, str]]] = {
    "all give it": (
        [service("", mailing()), service(" - Belley", mailing(), street(5)), service(" - C")],
        ("2 rue Inventée", "high", ""),
    ),
    "most give it": (
        [service("", mailing(2)), *(service(f" - {name}", mailing(3)) for name in "ABC")],
        ("3 rue Inventée", "medium", "autre adresse postale sur 1 des 4 fiches"),
    ),
    **{
        f"of the seat{name}": (
            [service(" - A", mailing(7)), service(name, street(1), mailing(2)), service(" - B")],
            ("2 rue Inventée", "medium", SEAT),
        )
        for name in ("", " - siège", " - Siege social", " – siège de Bourg")
    },
    "street of the seat": (
        [service("", street(4)), service(" - A", mailing(7)), service(" - B")],
        ("4 rue Inventée", "medium", SEAT),
    ),
    "a seat that says so comes first": (
        [service("", mailing(3)), service(" - siège", mailing(2)), service(" - A")],
        ("2 rue Inventée", "medium", SEAT),
    ),
}


@pytest.mark.parametrize(("services", "wanted"), CHOICES.values(), ids=CHOICES.keys())
def test_the_address_of_most_services_is_taken_else_that_of_the_seat(
    ain: Path, services: list[Record], wanted: tuple[str, str, str]
) -> None:
    found = outcome(ain, *services)
    assert (found.new.line_1, found.new.confidence, found.remark) == wanted
    assert found.new.lines[3] == "01015 BOURG EN BRESSE CEDEX"


NOT_GIVEN = "n’est pas donnée"
NO_DAY = "aucune fiche ne dit de quand date cette adresse"
OLDER = "cette adresse date du 18/09/2017, la nôtre est plus récente"
EMPTY = {"type_adresse": "Adresse postale", "numero_voie": "", "code_postal": "", "nom_commune": ""}
# The services, and how the refusal ends.
UNSURE: list[tuple[list[Record], str]] = [
    ([service(" - A", mailing(2)), service(" - B", mailing(3))], NOT_GIVEN),
    ([service(" - A"), service("")], NOT_GIVEN),
    ([service("", mailing(2), nom=""), service(" - A")], NOT_GIVEN),
    ([service(" - siège", mailing(2)), service(" siège", mailing(3))], "sont donnés"),
    *(
        ([service("", adresse=form)], NOT_GIVEN)
        for form in (None, "", [], {}, "[]", "{", 3, [None], [{}], EMPTY)
    ),
    *(
        ([service("", mailing(), date_modification=day)], NO_DAY)
        for day in ("", None, "hier", "31/02/2025 10:00:00", f"{TODAY.replace(year=2100)}")
    ),
    ([service("", mailing(), date_modification="18/09/2017 10:00:00")], OLDER),
]


@pytest.mark.parametrize(("services", "end"), UNSURE)
def test_an_address_that_is_not_sure_or_has_no_day_changes_nothing(
    ain: Path, services: list[Record], end: str
) -> None:
    found = outcome(ain, *services)
    assert found.refusal.endswith(end)
    assert found.new == found.old


def test_the_day_is_the_newest_of_the_services_that_give_the_address(ain: Path) -> None:
    days = {2: "05/01/2024 10:00:00", 3: "2024-02-01T10:00:00", 4: "03/01/2024 23:59:59"}
    services = [
        service(f" - {number}", mailing(), date_modification=day) for number, day in days.items()
    ]
    other = service(" - 5", mailing(9), date_modification="01/01/2025 10:00:00")
    assert outcome(ain, *services, other).new.observed_on == date(2024, 2, 1)


INVENTED = ("2 rue Inventée",)
# What the export says, and the lines on an envelope.
LINES = (
    (
        {"service_distribution": "CS 1", "numero_voie": "2 rue A", "complement1": "Bâtiment B"},
        ("Bâtiment B", "2 rue A", "CS 1"),
    ),
    (
        {"complement1": "CPAM de l'Ain", "complement2": "Caisse primaire d’assurance maladie"},
        INVENTED,
    ),
    ({"complement1": "L'Assurance Maladie"}, INVENTED),
    ({"complement1": "2 rue Inventée"}, INVENTED),
    ({"complement1": "-"}, INVENTED),
    ({"numero_voie": "2 bis, rue A"}, ("2 bis rue A",)),
    ({"numero_voie": " 2\u00a0rue\r\n A ,"}, ("2 rue A",)),
    ({"numero_voie": "2 rue de l'Ain"}, ("2 rue de l’Ain",)),
    ({"numero_voie": "2 rue Inve\u0301"}, ("2 rue Invé",)),
    ({"numero_voie": "2 rue\u200b A"}, ("2 rue A",)),
    ({"numero_voie": "2 rue " + "A" * 32}, ("2 rue " + "A" * 32,)),
    ({"numero_voie": 2}, ("2",)),
    ({"numero_voie": "", "service_distribution": "BP 9"}, ("BP 9",)),
    ({"numero_voie": None}, ()),  # the town has a Cedex
)


@pytest.mark.parametrize(("changes", "wanted"), LINES)
def test_an_address_is_written_as_on_an_envelope(
    ain: Path, changes: dict[str, Any], wanted: tuple[str, ...]
) -> None:
    same_day = "19/09/2017 10:00:00"  # as ours
    found = outcome(ain, service("", mailing(**changes), date_modification=same_day))
    assert found.refusal == ""
    assert tuple(filter(None, (found.new.line_1, found.new.line_2, found.new.line_3))) == wanted


NOT_FIVE = "n’a pas cinq chiffres"
FAULTS = (
    ({"numero_voie": "2 rue " + "A" * 33}, f"« 2 RUE {'A' * 33} » dépasse 38 caractères"),
    ({"nom_commune": "S" * 33}, f"« 01015 {'S' * 33} » dépasse 38 caractères"),
    (
        {"complement1": "A", "complement2": "B", "service_distribution": "CS 1"},
        "il y a 4 lignes avant la commune",
    ),
    ({"code_postal": ""}, f"le code postal «  » {NOT_FIVE}"),
    ({"code_postal": "1015"}, f"le code postal « 1015 » {NOT_FIVE}"),
    ({"code_postal": "010150"}, f"le code postal « 010150 » {NOT_FIVE}"),
    ({"code_postal": "٠١٠١٥"}, f"le code postal « ٠١٠١٥ » {NOT_FIVE}"),
    ({"code_postal": "69001"}, "le code postal 69001 n’est pas du 01"),
    ({"nom_commune": ""}, "«  » n’est pas une commune"),
    ({"nom_commune": "01000"}, "« 01000 » n’est pas une commune"),
    ({"numero_voie": "", "nom_commune": "Belley"}, "il n’y a ni voie, ni boîte postale, ni Cedex"),
    ({"numero_voie": "2 rue 東 A"}, "les lettres n’écrivent pas « 東 »"),
    ({"numero_voie": "2 rue \x07A"}, "les lettres n’écrivent pas « \ufffd »"),
)


@pytest.mark.parametrize(("changes", "refusal"), FAULTS)
def test_an_address_that_does_not_fit_is_refused_with_its_reason(
    ain: Path, changes: dict[str, Any], refusal: str
) -> None:
    before = ain.read_bytes()
    found = refresh(ain, [service("", mailing(**changes))], TODAY)
    assert found.outcomes[0].refusal == refusal
    found.write()
    assert ain.read_bytes() == before


def test_an_address_of_la_reunion_may_have_a_cedex_of_its_own(ours: Path) -> None:
    found = by_code(refresh(ours, records(JSON), TODAY))["01974"]
    assert found.new.lines[2:] == (
        "14 BOULEVARD DES FILAOS",
        "CS 53001",
        "97741 SAINT DENIS CEDEX 9",
    )


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


# The new file


def changed(path: Path, export: Path = JSON) -> bytes:
    """The recipients file as it is after an export."""
    refresh(path, records(export), TODAY).write()
    return path.read_bytes()


def rows(content: bytes) -> Iterator[dict[str, str]]:
    return csv.DictReader(content.decode().splitlines())


def test_only_the_address_and_what_dates_it_changes(ours: Path) -> None:
    before = ours.read_bytes()
    after = changed(ours)
    kept = set(before.splitlines(keepends=True)).intersection(after.splitlines(keepends=True))
    assert len(kept) == len(before.splitlines()) - 8
    for old, new in zip(rows(before), rows(after), strict=True):
        assert {key for key in old if old[key] != new[key]} <= REFRESHED
        assert old["department"] or old == new, "a national scheme is not in the directory"
    # As we had written it: it did not move.
    finistere = "01291,29,Finistère,CPAM du Finistère,1 rue de Savoie,,,29282,Brest Cedex,"
    assert f"\n{finistere}2024-10-15,medium,,\n" in after.decode()


def test_the_same_export_changes_nothing_the_second_time(ours: Path) -> None:
    written = changed(ours), ours.stat().st_ino
    assert (changed(ours, CSV), ours.stat().st_ino) == written


def test_no_break_spaces_set_on_reading_are_not_written(ain: Path) -> None:
    raw = ain.read_text(encoding="utf-8")
    ain.write_text(raw.replace("1 place de la Grenouillère", "3 rue du 8 mai 1945"), "utf-8")
    refresh(ain, [service("", mailing(numero_voie="3 RUE DU 8 MAI 1945"))], TODAY).write()
    wanted = "CPAM de l’Ain,3 rue du 8 mai 1945,,,01015,Bourg-en-Bresse Cedex,2024-12-18,high,,\n"
    assert ain.read_text(encoding="utf-8").endswith(wanted)


@pytest.mark.parametrize(
    ("plain", "other"),
    [("\n", "\r\n"), ('"Adresse postale inconnue : ', '"Adresse\npostale\ninconnue : ')],
    ids=["line ends", "note of several lines"],
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


def fail(*_: object) -> None:
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("os.fsync", fail),
        ("pathlib.Path.replace", fail),
        ("tools.refresh._rewritten", lambda *_: "code\n01011,\n"),  # nobody could read it
    ],
)
def test_a_writing_that_fails_leaves_the_old_file_and_nothing_else(
    ours: Path, monkeypatch: pytest.MonkeyPatch, name: str, instead: Any
) -> None:
    before = ours.read_bytes()
    monkeypatch.setattr(name, instead)
    check_refused(bring_in(ours, JSON, monkeypatch))
    assert ours.read_bytes() == before
    assert list(ours.parent.iterdir()) == [ours]


# The command


def bring_in(path: Path, export: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> Result:
    monkeypatch.setattr(directory, "RECIPIENTS_FILE", path)
    monkeypatch.setattr(directory, "today", lambda: TODAY)
    return CliRunner().invoke(directory.main, [str(export), *options])


def check_refused(done: Result, sentence: str = "") -> None:
    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
    assert done.output.endswith(f"{sentence}\n")
    assert len(done.output.splitlines()) == 1


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


@pytest.mark.parametrize("trial", [False, True])
@pytest.mark.parametrize("export", [JSON, CSV], ids=["json", "csv"])
def test_an_import_tells_each_change_and_a_trial_writes_nothing(
    ours: Path, monkeypatch: pytest.MonkeyPatch, export: Path, trial: bool
) -> None:
    before = ours.read_bytes()
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


def test_an_export_that_cannot_be_used_is_one_sentence(
    ours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ours.read_bytes()
    for name in ("absent.json", "."):
        path = tmp_path / name
        sentence = f"{path} n’existe pas ou ne peut pas être lu."
        check_refused(bring_in(ours, path, monkeypatch), sentence)
    path = tmp_path / "export"
    for content, sentence in (
        ('{"service": []}', "L’export ne contient aucun service : rien n’est changé."),
        ("[]", f"export, ligne 1 (services lus : 0) : {NO_LIST}."),
    ):
        path.write_text(content, encoding="utf-8")
        check_refused(bring_in(ours, path, monkeypatch), sentence)
    assert ours.read_bytes() == before


def test_a_recipients_file_that_cannot_be_written_is_told_in_french(
    ours: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.fsync", fail)
    check_refused(bring_in(ours, JSON, monkeypatch), f"{ours} ne peut pas être écrit.")
