"""The recipients that a letter can be sent to: all there, and each fit for an envelope."""

import re
from datetime import date
from pathlib import Path

import pytest

from letters.catalogue import Catalogue
from letters.errors import ContentError
from letters.facts import Fact
from letters.postal import postal_capitals
from letters.recipients import OFFICER, OTHER, Recipients, load_addressees, load_recipients
from letters.wording import SAME_AS_EARLIER

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
    assert [fund.code for _department, recipients in groups for fund in recipients] == [
        fund.code for fund in recipients
    ]
    assert [fund.code for fund in groups[-1][1]] == SCHEMES
    assert len(recipients) == 107 + len(SCHEMES)
    several = {name: {fund.code[2:] for fund in recipients} for name, recipients in groups[:-1]}
    assert {name: codes for name, codes in several.items() if len(codes) > 1} == SPLIT


def test_the_code_the_name_and_the_postcode_of_a_fund_are_its_department_s(
    recipients: Recipients,
) -> None:
    local = [fund for fund in recipients if fund.department]
    for fund in local:
        start = fund.department.translate(CORSICA)[:2]
        assert re.fullmatch(rf"01{start}\d", fund.code)
        assert fund.department_name
        assert not fund.has_address or fund.postal_code.startswith(start)
    split = [fund for fund in local if fund.department in SPLIT]
    assert len({fund.name for fund in split}) == len(split) == 10
    assert [fund.code for fund in split if fund.code[2:] not in fund.note] == []


def test_an_address_fits_on_an_envelope(recipients: Recipients, addressees: Recipients) -> None:
    """The name, as a rule the officer, then places in capitals, the last a postcode and a town."""
    for fund in (*recipients, *addressees):
        assert 0 < len(fund.name) <= 38
        if fund.has_address:
            head = [fund.name, fund.attention] if fund.attention else [fund.name]
            assert list(fund.address_lines[: len(head)]) == head
            assert (fund.attention == OFFICER) == (fund.code != "cnil")
            places = fund.address_lines[len(head) :]
            assert [
                line for line in places if not re.fullmatch("[A-Z0-9]+( [A-Z0-9]+)*", line)
            ] == []
            assert re.fullmatch(r"\d{5} [A-Z][A-Z0-9 ]+", places[-1])
            assert len(fund.address_lines) <= 6
            assert [line for line in fund.address_lines if not 0 < len(line) <= 38] == []


def test_an_address_has_the_day_it_was_seen_and_how_sure_it_is(
    recipients: Recipients, addressees: Recipients
) -> None:
    recipients = [*recipients, *addressees]
    known = {fund.code for fund in recipients if fund.has_address}
    assert {fund.code for fund in recipients} - known == {"01976", "msa"}
    for fund in recipients:
        certain = {"high", "medium", "low"} if fund.code in known else {"none"}
        assert fund.confidence in certain
        assert fund.note or fund.confidence not in {"low", "none"}
        assert (fund.observed_on or date(2016, 1, 1)).year >= 2016
        assert (fund.observed_on is None) == (fund.address_lines == ()) == (fund.code not in known)


def test_a_code_that_is_not_ours_finds_nothing(recipients: Recipients) -> None:
    codes = ["", OTHER, "01000", "1751", "01751 ", "CNMSS"]
    assert [code for code in codes if recipients.find(code)] == []


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


# The recipients that everybody writes to


def test_every_kind_of_recipient_that_is_one_body_has_the_address_of_its_fact(
    catalogue: Catalogue, addressees: Recipients, facts: dict[str, Fact]
) -> None:
    typed = {"caisse", "soignant", SAME_AS_EARLIER}  # chosen or typed by the person who writes
    kinds = {wording.recipient_kind for wording in catalogue.wordings.values()} - typed
    assert kinds == {fund.code for fund in addressees} == {"cnil", "plateforme"}
    for fund in addressees:
        fact = facts[{"cnil": "cnil-adresse", "plateforme": "pds-adresse"}[fund.code]]
        assert fund.has_address
        stated = postal_capitals(fact.statement)
        assert [line for line in fund.places if postal_capitals(line) not in stated] == []
        assert fund.observed_on == fact.checked_on
        assert (fund.confidence == "high") == (fact.confidence == "officiel")


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
    names = "|".join(fund.name for fund in recipients)
    for code, lines in [*NAMED.items(), ("", names)]:
        for line in lines.split("|"):
            found = [fund.code for fund in addressees if fund.is_named_by(line)]
            assert found == ([code] if code else []), line
