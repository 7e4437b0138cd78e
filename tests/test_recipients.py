"""The bodies that a letter can be sent to: all there, and each fit for an envelope."""

import re
from datetime import date
from pathlib import Path

import pytest

from letters.catalogue import Catalogue
from letters.errors import ContentError
from letters.facts import Fact
from letters.postal import postal_capitals
from letters.recipients import OFFICER, OTHER, Recipients, load_addressees, load_recipients
from letters.wording import SAME_AS_FIRST

# Official codes of the departments: no 20 since Corsica is two, no 975 (its fund is apart).
BEFORE_CORSICA = [f"{number:02}" for number in range(1, 20)]
AFTER_CORSICA = [f"{number}" for number in range(21, 96)]
OVERSEAS = ["971", "972", "973", "974", "976"]
DEPARTMENTS = [*BEFORE_CORSICA, "2A", "2B", *AFTER_CORSICA, *OVERSEAS]
SPLIT = {
    "59": {"594", "595", "597", "599"},
    "62": {"623", "624"},
    "64": {"641", "642"},
    "76": {"763", "764"},
}
CORSICA = str.maketrans("AB", "00")  # 2A and 2B have codes and postcodes that start with 20
SCHEMES = ["cnmss", "cprpf", "enim", "msa"]


@pytest.fixture(scope="module")
def addressees() -> Recipients:
    return load_addressees()


def test_every_department_has_its_fund_in_order_and_the_schemes_come_last(
    recipients: Recipients,
) -> None:
    groups = recipients.by_department()
    assert [department for department, _bodies in groups] == [*DEPARTMENTS, ""]
    assert [body.code for _department, bodies in groups for body in bodies] == [
        body.code for body in recipients
    ]
    assert [body.code for body in groups[-1][1]] == SCHEMES
    assert len(recipients) == 107 + len(SCHEMES)
    several = {name: {body.code[2:] for body in bodies} for name, bodies in groups[:-1]}
    assert {name: codes for name, codes in several.items() if len(codes) > 1} == SPLIT


def test_the_code_the_name_and_the_postcode_of_a_fund_are_its_department_s(
    recipients: Recipients,
) -> None:
    local = [body for body in recipients if body.department]
    for body in local:
        start = body.department.translate(CORSICA)[:2]
        assert re.fullmatch(rf"01{start}\d", body.code)
        assert body.department_name
        assert not body.has_address or body.postal_code.startswith(start)
    split = [body for body in local if body.department in SPLIT]
    assert len({body.name for body in split}) == len(split) == 10
    assert [body.code for body in split if body.code[2:] not in body.note] == []


def test_an_address_fits_on_an_envelope(recipients: Recipients, addressees: Recipients) -> None:
    """The name, as a rule the officer, then places in capitals, the last a postcode and a town."""
    for body in (*recipients, *addressees):
        assert 0 < len(body.name) <= 38
        if body.has_address:
            head = [body.name, body.attention] if body.attention else [body.name]
            assert list(body.lines[: len(head)]) == head
            assert (body.attention == OFFICER) == (body.code != "cnil")
            places = body.lines[len(head) :]
            assert [
                line for line in places if not re.fullmatch("[A-Z0-9]+( [A-Z0-9]+)*", line)
            ] == []
            assert re.fullmatch(r"\d{5} [A-Z][A-Z0-9 ]+", places[-1])
            assert len(body.lines) <= 6
            assert [line for line in body.lines if not 0 < len(line) <= 38] == []


def test_an_address_has_the_day_it_was_seen_and_how_sure_it_is(
    recipients: Recipients, addressees: Recipients
) -> None:
    bodies = [*recipients, *addressees]
    known = {body.code for body in bodies if body.has_address}
    assert {body.code for body in bodies} - known == {"01976", "msa"}
    for body in bodies:
        certain = {"high", "medium", "low"} if body.code in known else {"none"}
        assert body.confidence in certain
        assert body.note or body.confidence not in {"low", "none"}
        assert (body.observed_on or date(2016, 1, 1)).year >= 2016
        assert (body.observed_on is None) == (body.lines == ()) == (body.code not in known)


def test_a_code_or_an_address_that_is_not_ours_finds_nothing(recipients: Recipients) -> None:
    codes = ["", OTHER, "01000", "1751", "01751 ", "CNMSS"]
    assert [code for code in codes if recipients.find(code)] == []
    paris = ("CPAM de Paris", OFFICER, "75948 PARIS CEDEX 19")
    assert recipients.is_known_address(paris)
    others = [(), (*paris, "FRANCE"), (*paris[:2], "75948 PARIS CEDEX 20")]
    assert [lines for lines in others if recipients.is_known_address(lines)] == []


# A file that cannot be used

HEADER = (
    "code,department,department_name,name,line_1,line_2,line_3,postal_code,town,observed_on,"
    "confidence,agencies,note"
)
PARIS = "01751,75,Paris,CPAM de Paris,,,,75948,Paris Cedex 19,2017-09-19,high,,"
LYON = PARIS.replace("01751,75,Paris", "01691,69,Rhône")
BAD_LINE = "une colonne manque ou une date est fausse."
# The lines of a file, and each line that is told with its sentence.
WRONG: list[tuple[list[str], dict[int, str]]] = [
    ([HEADER[:-5], PARIS[:-1]], {2: BAD_LINE}),  # a column less
    ([HEADER + ",extra", PARIS + ","], {2: BAD_LINE}),
    ([HEADER.replace(",", ";"), PARIS.replace(",", ";")], {2: BAD_LINE}),
    ([HEADER, PARIS, PARIS, LYON + ",,"], {4: BAD_LINE}),
    (
        [
            HEADER,
            PARIS.replace("2017-09-19", "19/09/2017"),
            PARIS,
            PARIS.replace("2017-09-19", ""),
            PARIS[:-1],
        ],
        {2: BAD_LINE, 4: "l’adresse n’a pas de date.", 5: BAD_LINE},
    ),
]


def refuse(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "recipients.csv"
    path.write_bytes(content)
    with pytest.raises(ContentError) as caught:
        load_recipients(path)
    return str(caught.value)


@pytest.mark.parametrize(("lines", "wrong"), WRONG)
def test_all_lines_that_are_wrong_are_told_in_french(
    tmp_path: Path, lines: list[str], wrong: dict[int, str]
) -> None:
    told = (f"recipients.csv, ligne {line} : {sentence}" for line, sentence in wrong.items())
    assert refuse(tmp_path, "\n".join(lines).encode()) == "\n".join(told)


def test_a_file_that_is_wrong_as_a_whole_is_told_in_french(tmp_path: Path) -> None:
    latin = f"{HEADER}\n{PARIS.replace('Paris', 'Finistère')}".encode("latin-1")
    assert refuse(tmp_path, latin) == "recipients.csv n’est pas en UTF-8."
    twice = "\n".join([HEADER, LYON, PARIS, LYON, PARIS]).encode()
    assert refuse(tmp_path, twice) == "recipients.csv : code écrit deux fois : 01691, 01751."
    sentence = r"^absent\.csv n’existe pas ou ne peut pas être lu\.$"
    with pytest.raises(ContentError, match=sentence):
        load_recipients(tmp_path / "absent.csv")


# The bodies that everybody writes to


def test_every_kind_of_recipient_that_is_one_body_has_the_address_of_its_fact(
    catalogue: Catalogue, addressees: Recipients, facts: dict[str, Fact]
) -> None:
    typed = {"caisse", "soignant", SAME_AS_FIRST}  # chosen or typed by the person who writes
    kinds = {wording.recipient for wording in catalogue.wordings.values()} - typed
    assert kinds == {body.code for body in addressees} == {"cnil", "plateforme"}
    for body in addressees:
        fact = facts[{"cnil": "cnil-adresse", "plateforme": "pds-adresse"}[body.code]]
        assert body.has_address
        stated = postal_capitals(fact.statement)
        assert [line for line in body.places if postal_capitals(line) not in stated] == []
        assert body.observed_on == fact.checked_on
        assert (body.confidence == "high") == (fact.confidence == "officiel")


NAMED = {
    "cnil": "CNIL|Cnil|CNIL – Service des plaintes|COMMISSION NATIONALE DE L’INFORMATIQUE|"
    "Commission nationale de l'informatique et des libertés",
    "plateforme": "Plateforme des données de santé|PLATEFORME DES DONNEES DE SANTE|"
    "Health Data Hub|GIP Plateforme des données de santé|HDH",
    "": "CPAM de Paris|Clinique du Parc||Madame la déléguée de la CNIL|CNILS",
}


def test_a_body_is_known_by_the_first_line_of_its_address(
    recipients: Recipients, addressees: Recipients
) -> None:
    names = "|".join(body.name for body in recipients)
    for code, lines in [*NAMED.items(), ("", names)]:
        for line in lines.split("|"):
            found = [body.code for body in addressees if body.is_named_by(line)]
            assert found == ([code] if code else []), line
