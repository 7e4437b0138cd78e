"""The bodies that a letter can be sent to: all there, and each fit for an envelope."""

import csv
import re
from datetime import date
from pathlib import Path

import pytest

from letters.catalogue import Catalogue
from letters.facts import Fact
from letters.postal import postal_capitals
from letters.recipients import (
    ADDRESSEES_FILE,
    OFFICER,
    OTHER,
    RECIPIENTS_FILE,
    Recipients,
    RecipientsError,
    load_addressees,
    load_recipients,
)
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

# Copied by hand from the public directory, not from the data file.
ADDRESSES = {
    "01751": ("CPAM de Paris", "75948 PARIS CEDEX 19"),
    "01291": ("CPAM du Finistère", "1 RUE DE SAVOIE", "29282 BREST CEDEX"),
    "01041": (
        "CPAM des Alpes-de-Haute-Provence",
        "3 RUE ALPHONSE RICHARD",
        "04010 DIGNE LES BAINS CEDEX",
    ),
    "01422": ("CPAM de la Loire", "CS 72701", "42027 SAINT ETIENNE CEDEX 1"),
    "01791": (
        "CPAM des Deux-Sèvres",
        "PARC D ACTIVITES DE L EBAUPIN",
        "1 RUE DE L ANGELIQUE",
        "BESSINES",
        "79041 NIORT CEDEX 9",
    ),
    "01974": ("CGSS de La Réunion", "4 BOULEVARD DORET", "CS 53001", "97741 SAINT DENIS CEDEX 9"),
    "cnmss": ("CNMSS", "247 AVENUE JACQUES CARTIER", "83090 TOULON CEDEX 9"),
    "cprpf": ("CPRPF (SNCF)", "17 AVENUE GENERAL LECLERC", "13347 MARSEILLE CEDEX 20"),
    "enim": ("ENIM", "4 AVENUE ERIC TABARLY", "CS 30007", "17183 PERIGNY CEDEX"),
}


def test_every_line_of_the_file_is_a_body_of_its_own(recipients: Recipients) -> None:
    with RECIPIENTS_FILE.open(encoding="utf-8", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    assert codes == [body.code for body in recipients]
    assert len(set(codes)) == len(codes) == len(recipients)


def test_there_are_107_local_funds_and_four_schemes(recipients: Recipients) -> None:
    assert len([body for body in recipients if body.department]) == 107
    assert [body.code for body in recipients if not body.department] == SCHEMES


def test_every_department_has_its_fund(recipients: Recipients) -> None:
    assert {body.department for body in recipients} - {""} == set(DEPARTMENTS)


def test_four_departments_have_several_funds(recipients: Recipients) -> None:
    groups = {department: bodies for department, bodies in recipients.by_department() if department}
    several = {
        department: {body.code[2:] for body in bodies}
        for department, bodies in groups.items()
        if len(bodies) > 1
    }
    assert several == SPLIT


def test_funds_of_a_split_department_can_be_told_apart(recipients: Recipients) -> None:
    funds = [body for body in recipients if body.department in SPLIT]
    assert len({body.name for body in funds}) == len(funds) == 10
    assert [body.code for body in funds if body.code[2:] not in body.note] == []


def test_departments_come_in_order_and_the_schemes_last(recipients: Recipients) -> None:
    codes = [department for department, _bodies in recipients.by_department()]
    assert codes == [*DEPARTMENTS, ""]
    assert sum(len(bodies) for _department, bodies in recipients.by_department()) == len(recipients)


def test_a_code_is_that_of_the_department(recipients: Recipients) -> None:
    starts = {body.code: f"01{body.department.translate(CORSICA)[:2]}" for body in recipients}
    local = [body for body in recipients if body.department]
    assert [b.code for b in local if not re.fullmatch(rf"{starts[b.code]}\d", b.code)] == []
    assert [b.code for b in local if not b.department_name] == []


def test_a_name_fits_on_a_line(recipients: Recipients) -> None:
    assert [body.name for body in recipients if not 0 < len(body.name) <= 38] == []


def test_an_address_fits_on_an_envelope(recipients: Recipients) -> None:
    lines = [line for body in recipients for line in body.lines]
    assert [body.code for body in recipients if len(body.lines) > 6] == []
    assert [line for line in lines if not 0 < len(line) <= 38] == []


def test_an_address_starts_with_the_body_and_its_officer(recipients: Recipients) -> None:
    with_address = [body for body in recipients if body.has_address]
    assert [b.code for b in with_address if b.lines[:2] != (b.name, OFFICER)] == []


def test_an_address_ends_with_its_postcode_and_town_in_capitals(recipients: Recipients) -> None:
    last = [body.lines[-1] for body in recipients if body.has_address]
    assert [line for line in last if not re.fullmatch(r"\d{5} [A-Z][A-Z0-9 ]+", line)] == []


def test_places_have_no_punctuation_and_no_accent(recipients: Recipients) -> None:
    places = [line for body in recipients for line in body.lines[2:]]
    assert [line for line in places if not re.fullmatch("[A-Z0-9]+( [A-Z0-9]+)*", line)] == []


def test_a_postcode_is_that_of_the_department(recipients: Recipients) -> None:
    local = [body for body in recipients if body.department and body.has_address]
    starts = {body.code: body.department.translate(CORSICA)[:2] for body in local}
    assert [b.code for b in local if not b.postal_code.startswith(starts[b.code])] == []


def test_an_address_has_the_day_it_was_seen_and_how_sure_it_is(recipients: Recipients) -> None:
    with_address = [body for body in recipients if body.has_address]
    without = [body for body in recipients if not body.has_address]
    assert {body.confidence for body in with_address} <= {"high", "medium", "low"}
    assert [b.code for b in with_address if (b.observed_on or date.min).year < 2016] == []
    assert {(body.confidence, body.observed_on) for body in without} <= {("none", None)}


def test_what_is_not_sure_is_said(recipients: Recipients) -> None:
    unsure = [body for body in recipients if body.confidence in {"low", "none"}]
    assert [body.code for body in unsure if not body.note] == []


@pytest.mark.parametrize("code", ADDRESSES)
def test_an_address_is_the_one_of_the_public_directory(recipients: Recipients, code: str) -> None:
    found = recipients.find(code)
    assert found
    name, *places = ADDRESSES[code]
    assert found.lines == (name, "Délégué à la protection des données", *places)


def test_only_mayotte_and_the_msa_have_no_address(recipients: Recipients) -> None:
    without = [body for body in recipients if not body.has_address]
    assert [(body.code, body.lines) for body in without] == [("01976", ()), ("msa", ())]


@pytest.mark.parametrize("code", ["", OTHER, "01000", "1751", "01751 ", "CNMSS"])
def test_an_unknown_code_finds_nothing(recipients: Recipients, code: str) -> None:
    assert recipients.find(code) is None


def test_a_known_address_is_known_and_a_corrected_one_is_not(recipients: Recipients) -> None:
    paris = ("CPAM de Paris", OFFICER, "75948 PARIS CEDEX 19")
    assert recipients.is_known_address(paris)
    assert not recipients.is_known_address((*paris, "FRANCE"))
    assert not recipients.is_known_address(("CPAM de Paris", OFFICER, "75948 PARIS CEDEX 20"))


# A file that cannot be used

HEADER = (
    "code,department,department_name,name,line_1,line_2,line_3,postal_code,town,observed_on,"
    "confidence,agencies,note"
)
PARIS = "01751,75,Paris,CPAM de Paris,,,,75948,Paris Cedex 19,2017-09-19,high,,"
BROKEN = {
    "column missing in the header": ([HEADER.replace(",note", ""), PARIS[:-1]], 2),
    "column unknown": ([HEADER + ",extra", PARIS + ","], 2),
    "line too short": ([HEADER, PARIS, PARIS[:-1]], 3),
    "line too long": ([HEADER, PARIS, PARIS, PARIS + ",,"], 4),
    "date in French order": ([HEADER, PARIS.replace("2017-09-19", "19/09/2017")], 2),
    "date that does not exist": ([HEADER, PARIS, PARIS.replace("2017-09-19", "2017-09-31")], 3),
    "semicolons": ([HEADER.replace(",", ";"), PARIS.replace(",", ";")], 2),
    "no observation column": (
        [HEADER.replace("observed_on,", ""), PARIS.replace("2017-09-19,", "")],
        2,
    ),
}


def load(tmp_path: Path, content: bytes) -> Recipients:
    path = tmp_path / "recipients.csv"
    path.write_bytes(content)
    return load_recipients(path)


@pytest.mark.parametrize(("lines", "number"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_told_in_french_with_its_line(
    tmp_path: Path, lines: list[str], number: int
) -> None:
    with pytest.raises(RecipientsError) as caught:
        load(tmp_path, "\n".join(lines).encode())
    sentence = f"recipients.csv, ligne {number} : une colonne manque ou une date est fausse."
    assert str(caught.value) == sentence


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_right_file_is_read_with_any_line_end(tmp_path: Path, end: str) -> None:
    found = load(tmp_path, end.join([HEADER, PARIS, ""]).encode())
    assert [body.name for body in found] == ["CPAM de Paris"]


def test_an_address_without_a_date_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecipientsError, match="ligne 2 : l’adresse n’a pas de date"):
        load(tmp_path, f"{HEADER}\n{PARIS.replace('2017-09-19', '')}".encode())


def test_bodies_of_a_department_may_stand_apart(tmp_path: Path) -> None:
    rows = [PARIS, PARIS.replace("01751,75", "01291,29"), PARIS.replace("01751", "01752")]
    found = load(tmp_path, "\n".join([HEADER, *rows]).encode())
    assert [len(bodies) for _, bodies in found.by_department()] == [2, 1]


def test_a_file_that_is_not_in_utf_8_is_told_in_french(tmp_path: Path) -> None:
    with pytest.raises(RecipientsError, match=r"^recipients\.csv n’est pas en UTF-8\.$"):
        load(tmp_path, f"{HEADER}\n{PARIS.replace('Paris', 'Finistère')}".encode("latin-1"))


def test_two_bodies_with_the_same_code_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecipientsError, match=r": code écrit deux fois : 01751\.$"):
        load(tmp_path, f"{HEADER}\n{PARIS}\n{PARIS.replace('Paris', 'Rennes')}".encode())


def test_all_lines_that_are_wrong_are_told_at_once(tmp_path: Path) -> None:
    rows = [PARIS.replace("2017-09-19", "hier"), PARIS, PARIS.replace("2017-09-19", ""), PARIS[:-1]]
    with pytest.raises(RecipientsError) as caught:
        load(tmp_path, "\n".join([HEADER, *rows]).encode())
    assert str(caught.value).split("\n") == [
        "recipients.csv, ligne 2 : une colonne manque ou une date est fausse.",
        "recipients.csv, ligne 4 : l’adresse n’a pas de date.",
        "recipients.csv, ligne 5 : une colonne manque ou une date est fausse.",
    ]


def test_no_address_is_not_a_known_address(recipients: Recipients) -> None:
    assert not recipients.is_known_address(())


# The bodies that everybody writes to


@pytest.fixture(scope="module")
def addressees() -> Recipients:
    return load_addressees()


def test_every_kind_of_recipient_that_is_one_body_has_its_address(
    catalogue: Catalogue, addressees: Recipients
) -> None:
    typed = {"caisse", "soignant", SAME_AS_FIRST}  # chosen or typed by the person who writes
    kinds = {wording.recipient for wording in catalogue.wordings.values()} - typed
    assert kinds == {body.code for body in addressees} == {"cnil", "plateforme"}
    assert [body.code for body in addressees if not body.has_address] == []


def test_the_bodies_that_everybody_writes_to_have_the_address_of_their_fact(
    addressees: Recipients, facts: dict[str, Fact]
) -> None:
    for code, fact in {"cnil": facts["cnil-adresse"], "plateforme": facts["pds-adresse"]}.items():
        body = addressees.find(code)
        assert body
        stated = postal_capitals(fact.statement)
        assert [line for line in body.places if postal_capitals(line) not in stated] == []
        assert body.observed_on == fact.checked_on
        assert (body.confidence == "high") == (fact.confidence == "officiel")


def test_a_letter_to_the_cnil_has_no_line_for_an_officer(addressees: Recipients) -> None:
    cnil, platform = addressees.find("cnil"), addressees.find("plateforme")
    assert cnil and platform
    assert cnil.lines == (
        "CNIL",
        "3 PLACE DE FONTENOY",
        "TSA 80715",
        "75334 PARIS CEDEX 07",
    )
    assert platform.lines[:2] == ("Plateforme des données de santé", OFFICER)


def test_the_bodies_that_everybody_writes_to_fit_on_an_envelope(addressees: Recipients) -> None:
    for body in addressees:
        assert len(body.lines) <= 6
        assert [line for line in body.lines if not 0 < len(line) <= 38] == []
        assert re.fullmatch(r"\d{5} [A-Z][A-Z0-9 ]+", body.lines[-1])


def test_an_address_that_is_not_sure_says_so(addressees: Recipients) -> None:
    assert [b.code for b in addressees if b.confidence != "high" and not b.note] == []


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("CNIL", "cnil"),
        ("Cnil", "cnil"),
        ("CNIL – Service des plaintes", "cnil"),
        ("Commission nationale de l'informatique et des libertés", "cnil"),
        ("COMMISSION NATIONALE DE L’INFORMATIQUE", "cnil"),
        ("Plateforme des données de santé", "plateforme"),
        ("PLATEFORME DES DONNEES DE SANTE", "plateforme"),
        ("Health Data Hub", "plateforme"),
        ("GIP Plateforme des données de santé", "plateforme"),
        ("HDH", "plateforme"),
        ("CPAM de Paris", None),
        ("Clinique du Parc", None),
        ("", None),
        ("Madame la déléguée de la CNIL", None),
    ],
)
def test_a_body_is_known_by_the_first_line_of_its_address(
    addressees: Recipients, line: str, code: str | None
) -> None:
    assert [body.code for body in addressees if body.is_named_by(line)] == ([code] if code else [])


def test_no_fund_is_taken_for_a_body_that_everybody_writes_to(
    recipients: Recipients, addressees: Recipients
) -> None:
    names = [body.name for body in recipients]
    assert [n for n in names if any(body.is_named_by(n) for body in addressees)] == []


def test_both_files_have_the_columns_of_a_body() -> None:
    with RECIPIENTS_FILE.open(encoding="utf-8", newline="") as file:
        known = next(csv.reader(file))
    with ADDRESSEES_FILE.open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == [*known, "attention", "aliases", "email"]


def test_the_attention_line_may_be_told_or_be_the_officer(tmp_path: Path) -> None:
    rows = [f"{PARIS},Service courrier,Une autre", f"{PARIS.replace('01751', '01752')},,"]
    text = "\n".join([f"{HEADER},attention,aliases", *rows])
    told, none = load(tmp_path, text.encode())
    assert told.lines[:2] == ("CPAM de Paris", "Service courrier")
    assert told.is_named_by("UNE AUTRE CAISSE")
    assert none.lines[:2] == ("CPAM de Paris", "75948 PARIS CEDEX 19")


def test_only_the_platform_has_a_mail_address_and_it_is_still_to_check(
    recipients: Recipients, facts: dict[str, Fact]
) -> None:
    """law.md gives no other; see the fact of the same words."""
    bodies = [*recipients, *load_addressees()]
    [platform] = [body for body in bodies if body.email]
    assert (platform.code, platform.confidence) == ("plateforme", "low")
    assert platform.email in facts["pds-adresse"].statement
    assert facts["pds-adresse"].confidence == "a-verifier"
    assert "vérifiez-les" in platform.note
