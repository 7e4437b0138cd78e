"""docs/capacite.md: its arithmetic, its sentences, and what it takes from the bench.

When the bench finds other figures, the rows that are measured change by hand, and these tests say
what the others become. Limits: that its assumptions are right is for whoever has seen a press peak.
"""

import re
from math import ceil, floor, log10
from statistics import mean

import pytest
from letters.web.pdfs import RETRY_AFTER

from bench.serving import ALL_SORTS, BOTH, OURS, READ, WATCHER
from letters.web.settings import PDF_SLOTS
from tests.server import ROOT
from tests.test_voice import MOST_WORDS, sentences, words
from tests.trust.test_scale import resource

PAGE = (ROOT / "docs" / "capacite.md").read_text(encoding="utf-8")
NEAR = 1.5  # times: what the page says of the machine, against the last bench


def cells(text: str, name: str) -> list[float]:
    """The numbers of the row of a Markdown table."""
    [row] = re.findall(rf"^\| {re.escape(name)} \|(.*)\|$", text, re.MULTILINE)
    found = (re.search(r"[\d\s]*\d(,\d+)?", cell) for cell in row.split("|"))
    return [float(re.sub(r"\s", "", each[0]).replace(",", ".")) for each in found if each]


def said(name: str) -> float:
    [value] = cells(PAGE, name)
    return value


def rounded_down(value: float) -> float:
    """Two figures that count: 66 666 gives 66 000."""
    unit = 10.0 ** (floor(log10(value)) - 1)
    return floor(value / unit + 1e-9) * unit


def test_what_one_person_costs_is_worked_out() -> None:
    cost = said("un PDF, lettres de toutes sortes") * said("PDF par personne")
    cost += said("une page ou un texte") * said("pages et textes par personne")
    assert said("calcul pour une personne") == cost
    a_second = said("part d’un cœur que l’on accepte d’occuper") / 100 / (cost / 1000)
    assert said("personnes par seconde et par cœur") == pytest.approx(rounded_down(a_second))
    a_day = a_second * 3600 / worst()
    assert said("personnes par jour et par cœur") == pytest.approx(rounded_down(a_day))


def worst() -> float:
    """The share of a day that its worst minute would make in an hour."""
    share = said("part de l’heure la plus chargée dans le jour") / 100
    return share * said("la pire minute de cette heure, contre sa moyenne")


def test_what_a_day_of_press_takes_is_worked_out() -> None:
    [header] = re.findall(r"^\| Pour un jour de \| (.*) \|$", PAGE, re.MULTILINE)
    days = [float(re.sub(r"\D", "", cell)) for cell in header.split("|")]
    assert days == [100_000, 1_000_000]
    a_second = [day * worst() / 3600 for day in days]
    assert cells(PAGE, "personnes par seconde, à la pire minute") == [
        pytest.approx(rounded_down(each)) for each in a_second
    ]
    cores = [ceil(day / said("personnes par jour et par cœur")) for day in days]
    assert cells(PAGE, "cœurs") == cores
    memory = [number * said("un processus") for number in cores]
    assert cells(PAGE, "mémoire, un processus par cœur") == memory
    sent = said("données envoyées par personne") * 8 / 1000
    assert cells(PAGE, "réseau, à la pire minute") == [
        pytest.approx(rounded_down(each * sent)) for each in a_second
    ]
    assert max(cores) <= resource("HorizontalPodAutoscaler")["spec"]["maxReplicas"]


def test_the_capacity_page_and_the_manifest_agree() -> None:
    scaler = resource("HorizontalPodAutoscaler")["spec"]
    target = scaler["metrics"][0]["resource"]["target"]["averageUtilization"]
    assert said("part d’un cœur que l’on accepte d’occuper") == target
    assert f"de {scaler['minReplicas']} à {scaler['maxReplicas']}\ncopies" in PAGE
    assert "jamais exécuté ici" in PAGE.lower()
    slots = {1: "un", 2: "deux", 3: "trois", 4: "quatre", 5: "cinq", 6: "six", 7: "sept"}[PDF_SLOTS]
    assert f"prend {slots} PDF à la fois" in PAGE
    assert (RETRY_AFTER, "d’attendre\nquelques secondes" in PAGE) == (5, True)


def test_the_capacity_page_is_near_what_the_bench_measured() -> None:
    results = (ROOT / "bench" / "RESULTS.md").read_text(encoding="utf-8")
    mixed, *_ = cells(results, ALL_SORTS)
    pages = [cells(results, kind)[1] for kind in READ]
    held = [cells(results, name)[0] for name in (BOTH, WATCHER)]
    for name, measured in {
        "un PDF, lettres de toutes sortes": OURS.workers * 1000 / mixed,
        "une page ou un texte": mean(pages),
        "un processus": sum(held) / OURS.workers,
    }.items():
        assert measured / NEAR < said(name) < measured * NEAR, f"{name}: {measured:.1f}"


def test_the_capacity_page_has_short_sentences() -> None:
    prose = re.sub(r"```[^`]*```|^[|#].*$|\]\([^)]*\)|[*\[\]]", "", PAGE, flags=re.MULTILINE)
    blocks = re.split(r"\n\n|\n(?=\d\. )", prose)
    found = [sentence for block in blocks for sentence in sentences(block.strip()) if sentence]
    assert len(found) > 30
    assert [sentence for sentence in found if len(words(sentence)) > MOST_WORDS] == []


def test_the_capacity_page_leads_to_what_is_there() -> None:
    targets = re.findall(r"\]\(([\w./-]+)\)", PAGE)
    assert len(targets) > 3
    assert [target for target in targets if not (ROOT / "docs" / target).exists()] == []
