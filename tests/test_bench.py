"""`script/bench`: fair turns, targets that can be missed, a report of what today's code measures.

What is made of figures is tried on invented ones; a few letters show that the parts work. Limits:
none of the bench's own packages is here (`bench/requirements.in`), so that the other engines run in
`script/bench --rapide` only, and no figure of this machine is judged.
"""

import ast
import gc
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pydyf
import pytest
import weasyprint

from bench import __main__ as bench
from bench import contenders, growth, plot, race, report, specimen, stages, timing
from bench.growth import Point, Series
from bench.plot import Curve
from bench.race import Entry
from bench.report import Section, Target
from bench.stages import Profile, Watch
from letters import typography
from letters.model import Letter
from letters.render import html, pdf
from tests.load import StopError
from tests.server import ROOT
from tests.test_pdf import sheets
from tests.test_scripts import Copy, names, packages
from tests.test_scripts import copy as copy  # a fixture
from tests.test_voice import MOST_WORDS, sentences, words

HERE = ROOT / "bench"
MODULES = sorted(HERE.glob("*.py"))
OWN = {"fpdf2", "reportlab", "typst", "matplotlib"}
EXTRAS = {"fpdf", "reportlab", "typst", "matplotlib"}  # the same, as they are imported
DAY = date(2026, 11, 22)

MET = Target("Une cible tenue", 0.5, 0.4, "", "less")
EXPLAINED = Target("Une cible manquée", 10, 12.5, "ms", "less", "Le plancher est ici.")
MISSED = replace(EXPLAINED, name="Une cible oubliée", floor="")


# Turns and times


def test_everybody_has_a_turn_in_each_round_in_no_fixed_order() -> None:
    turns = [*timing.turns({"a": 1, "b": 1, "c": 1}, 30)]
    rounds = [tuple(turns[n : n + 3]) for n in range(0, 90, 3)]
    assert all(sorted(each) == ["a", "b", "c"] for each in rounds)
    assert len(set(rounds)) == 6, "somebody would always come after the same one"
    assert turns == [*timing.turns({"a": 1, "b": 1, "c": 1}, 30)]


def test_a_slow_one_takes_part_in_some_rounds_only() -> None:
    assert Counter(timing.turns({"fast": 1, "slow": 5}, 11)) == {"fast": 11, "slow": 3}


def test_each_call_makes_something_new_and_the_first_ones_are_not_timed() -> None:
    asked: dict[str, list[int]] = {"a": [], "b": []}
    took = timing.in_turn({name: made.append for name, made in asked.items()}, 3, {"b": 3})
    assert asked == {"a": [*range(timing.WARM + 3)], "b": [*range(timing.WARM + 1)]}
    assert {name: len(times) for name, times in took.items()} == {"a": 3, "b": 1}


def test_times_are_milliseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([1.0, 1.25])
    monkeypatch.setattr(timing, "perf_counter", lambda: next(clock))
    assert timing.in_turn({"a": lambda _: None}, 1) == {"a": [250.0]}


def test_the_garbage_collector_is_alike_for_all_and_left_as_it_was() -> None:
    hidden = []
    timing.in_turn({"a": lambda _: hidden.append(gc.get_freeze_count() > 0)}, 2)
    assert hidden == [False] * timing.WARM + [True] * 2
    assert gc.get_freeze_count() == 0
    assert gc.isenabled()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux only")
def test_everything_runs_on_one_core_for_a_time() -> None:
    before = os.sched_getaffinity(0)
    with timing.one_core():
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before


@pytest.mark.parametrize(
    ("values", "found"), [([7.0], 7), ([*range(1, 101)], 95), ([*range(20, 0, -1)], 19)]
)
def test_95_of_100_do_not_exceed_it(values: list[float], found: float) -> None:
    assert timing.p95(values) == found


# Targets


@pytest.mark.parametrize(
    ("best_is", "measured", "is_met"),
    [
        ("less", 9.9, True),
        ("less", 10, True),
        ("less", 10.1, False),
        ("more", 10.1, True),
        ("more", 10, True),
        ("more", 9.9, False),
    ],
)
def test_a_target_is_met_or_missed(best_is: str, measured: float, is_met: bool) -> None:
    assert Target("Une cible", 10, measured, "ms", best_is).is_met is is_met


def test_a_target_that_is_missed_needs_a_sentence() -> None:
    assert report.problems([MET, EXPLAINED]) == []
    said = "La cible « Une cible oubliée » est manquée sans explication."
    assert report.problems([MET, MISSED]) == [said]


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """The bench without its measures, and where it writes."""
    found = {name: tmp_path / name for name in ("HERE", "BUILD")}
    for name, path in found.items():
        path.mkdir()
        monkeypatch.setattr(bench, name, path)
    monkeypatch.setattr(plot, "draw", lambda panels, path: path.write_text(str(panels)))
    return found


def run(monkeypatch: pytest.MonkeyPatch, target: Target, *arguments: str) -> int | str | None:
    part: bench.Part = ([Section("Une partie", ["Une ligne."])], [target], [])
    monkeypatch.setattr(bench, "measure", lambda short: [part])
    monkeypatch.setattr(sys, "argv", ["bench", *arguments])
    with pytest.raises(SystemExit) as ended:
        bench.main()
    return ended.value.code


@pytest.mark.parametrize(("target", "code"), [(MET, 0), (EXPLAINED, 0), (MISSED, 1)])
def test_the_bench_fails_for_a_missed_target_without_a_word(
    target: Target,
    code: int,
    folders: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, target) == code
    printed = capsys.readouterr().out
    assert ("sans explication." in printed.splitlines()[-1]) is bool(code)
    written = (folders["HERE"] / "RESULTS.md").read_text(encoding="utf-8")
    assert target.name in written
    assert written in printed
    assert (folders["HERE"] / "growth.svg").is_file()


def test_the_short_bench_writes_elsewhere_and_judges_nothing(
    folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(monkeypatch, MISSED, "--rapide") == 0
    assert [*folders["HERE"].iterdir()] == []
    assert {path.name for path in folders["BUILD"].iterdir()} == {"RESULTS.md", "growth.svg"}


# The report


@pytest.mark.parametrize(
    ("number", "decimals", "written"),
    [(0.5, 2, "0,50"), (1234.56, 1, "1\u00a0234,6"), (20_000, 0, "20\u00a0000")],
)
def test_a_number_is_written_in_french(number: float, decimals: int, written: str) -> None:
    assert report.french(number, decimals) == written


@pytest.mark.parametrize(
    ("number", "unit", "written"),
    [
        (0.5512, "", "0,55"),
        (12.34, "ms", "12,3\u00a0ms"),
        (5, "%", "5\u00a0%"),
        (16759.0, "", "16\u00a0759"),
    ],
)
def test_a_figure_has_the_decimals_that_it_needs(number: float, unit: str, written: str) -> None:
    assert report.figure(number, unit) == written


SECTION = Section(
    "Une partie : l’essai", ["Voilà « tout » ; 5 % de plus ?", *report.table("ab", ["cd"])]
)


def test_the_report_tells_the_targets_first_then_the_parts() -> None:
    lines = report.document(DAY, [MET, EXPLAINED], [SECTION]).splitlines()
    titles = [line for line in lines if line.startswith("#")]
    assert titles == [
        "# Vitesse et croissance",
        "## Cibles",
        "## Une partie\u00a0: l’essai",
        "## Courbes",
    ]
    assert "| Une cible tenue | ≤\u00a00,50 | 0,40 | tenue |" in lines
    assert "| Une cible manquée | ≤\u00a010\u00a0ms | 12,5\u00a0ms | manquée |" in lines
    assert "- **Une cible manquée.** Le plancher est ici." in lines
    assert "Tenues\u00a0: 1 sur 2." in lines
    assert "22\u00a0novembre 2026" in lines[2]


def test_the_report_names_the_machine_and_every_engine() -> None:
    text = report.document(DAY, [], [])
    assert f"{os.cpu_count()} cœurs" in text
    assert f"weasyprint {weasyprint.__version__}" in text
    for name in (*report.LIBRARIES, *report.PROGRAMS):
        assert re.search(rf"\b{name} (\d|absent|\?)", text), name


def test_the_report_has_the_spaces_of_french() -> None:
    text = report.document(DAY, [MET, EXPLAINED], [SECTION])
    assert "« tout »" not in text
    assert re.findall(r" [:;?!»%]|« ", text) == []


def test_what_is_told_is_told_in_short_sentences() -> None:
    parts = [race.section(ENTRIES), growth.section([series(1)])]
    told = [line for part in parts for line in part.lines if line[:1] not in "|#"]
    told += [target.floor for target in (*aims().values(), *growth.targets([series(1)]))]
    told += [aims(changes={contenders.FPDF2: UNTAGGED})[SIZE].floor]
    found = [sentence for text in told for sentence in sentences(text) if sentence]
    assert len(found) > 15
    assert [sentence for sentence in found if len(words(sentence)) > MOST_WORDS] == []


def test_every_row_of_a_table_has_as_many_cells() -> None:
    assert report.table(["a", "b"], [["c", "d"]]) == ["| a | b |", "| --- | ---: |", "| c | d |"]


# Our own letter, stage by stage


class Clock:
    """A clock that is told what time it is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(stages, "perf_counter", lambda: self.now)

    def work(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_stage_counts_its_own_time_only(clock: Clock) -> None:
    watch = Watch()
    with watch.on("whole"):
        clock.work(1)
        with watch.on("part"):
            clock.work(10)
        clock.work(2)
    clock.work(100)
    with watch.on("part"):
        clock.work(20)
    assert watch.spent == {"whole": 3, "part": 30}


def test_a_generator_is_timed_only_while_it_works(clock: Clock) -> None:
    def pages() -> Iterator[int]:
        for number in (1, 2):
            clock.work(5)
            yield number
        clock.work(1)

    watch = Watch()
    found = []
    for page in stages.timed(pages, "layout", watch)():
        clock.work(100)
        found.append(page)
    assert found == [1, 2]
    assert watch.spent == {"layout": 11}


def test_our_finisher_is_timed_apart(clock: Clock) -> None:
    def write(finisher: object) -> None:
        clock.work(5)
        finisher()

    watch = Watch()
    stages.timed(write, "write", watch)(finisher=lambda: clock.work(2))
    assert watch.spent == {"write": 5, stages.FINISHER: 2}


def wrapped() -> list[object]:
    return [
        weasyprint.HTML.__init__,
        weasyprint.HTML.render,
        weasyprint.document.layout_document,
        weasyprint.document.Document.write_pdf,
        pydyf.Stream.data,
        html.document,
    ]


def test_the_engine_is_left_as_it_was() -> None:
    before = wrapped()
    with pytest.raises(ZeroDivisionError), stages.watched(Watch()):
        assert not [new for new, old in zip(wrapped(), before, strict=True) if new is old]
        raise ZeroDivisionError
    assert wrapped() == before


def test_a_profile_has_every_stage_and_all_of_the_time() -> None:
    found = stages.profile(*specimen.asked(), 1)
    assert [*found.stages] == [*(name for name, *_ in stages.STAGES), stages.FINISHER, stages.REST]
    assert all(ms > 0 for ms in found.stages.values())
    assert found.share(stages.LAYOUT) > 20
    assert found.engine > 0.8 * found.whole
    section, _ = stages.measure(*specimen.asked(), 1)
    text = "\n".join(section.lines)
    assert str(ROOT) not in text
    assert "`weasyprint/" in text
    assert f"| {stages.LAYOUT} |" in text


@pytest.mark.parametrize(
    ("module", "name"), [("weasyprint.document", "no_such_stage"), ("weasyprint", "NoHTML.render")]
)
def test_an_engine_without_a_stage_is_told_of(
    module: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = ("Une étape", stages.ENGINE, module, name)
    monkeypatch.setattr(stages, "STAGES", (*stages.STAGES, stage))
    with pytest.raises(StopError, match=rf"ne passe plus par « {re.escape(f'{module}.{name}')} »"):
        stages.profile(*specimen.asked(), 1)


def test_a_stage_that_nobody_comes_by_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = ("Une étape", stages.ENGINE, "weasyprint.document", "Document.copy")
    monkeypatch.setattr(stages, "STAGES", (*stages.STAGES, stage))
    with pytest.raises(StopError, match=r"ne passe plus par « weasyprint.document.Document.copy »"):
        stages.profile(*specimen.asked(), 1)


def invented_profile(ours: float) -> Profile:
    """An engine that takes 100 ms, of which layout 90, and what we add."""
    times = dict.fromkeys([name for name, *_ in stages.STAGES], 0.0)
    return Profile(
        times
        | {stages.COMPOSE: 7, stages.LAYOUT: 90, "Dessin": 10}
        | {stages.FINISHER: ours, stages.REST: 1},
        drawn=101 + ours,
        alone=100,
    )


@pytest.mark.parametrize(("ours", "is_met"), [(3.0, True), (5.0, False)])
def test_what_we_add_is_compared_with_the_engine_alone(ours: float, is_met: bool) -> None:
    found = stages.target(invented_profile(ours))
    assert found.measured == pytest.approx(ours + 1)
    assert found.is_met is found.is_explained is is_met


# Beside the others


def test_the_letter_is_the_example_and_each_turn_has_one_of_its_own() -> None:
    letter = specimen.example()
    other = specimen.of_number(letter, 8)
    assert "12 rue de l’Exemple" in " ".join(specimen.words(letter))
    assert "8 rue de l’Exemple" in " ".join(specimen.words(other))
    assert specimen.of_number(other, 12) == letter
    assert letter in [*specimen.every_letter()]


def test_a_file_that_lacks_a_word_is_found_out() -> None:
    letter = specimen.example()
    content = pdf.pdf(letter)
    assert race.missing_words(content, letter) == []
    assert race.missing_words(content, replace(letter, subject="Introuvable")) == ["Introuvable"]
    twice = replace(letter, signature=f"{letter.signature} {letter.subject}")
    assert "Opposition" in race.missing_words(content, twice)


def test_a_line_may_end_inside_a_word_that_has_a_hyphen() -> None:
    content = weasyprint.HTML(string="<p style='width: 1px'>États-Unis").write_pdf()
    line = Letter((), (), "", "États-Unis", (), (), "")
    assert race.missing_words(content, line) == []


def test_a_newcomer_draws_the_whole_letter_on_one_page() -> None:
    letter = specimen.example()
    content = contenders.newcomer(letter)
    assert race.missing_words(content, letter) == []
    assert sheets(content) == 1


def test_browsers_get_the_same_words_and_nothing_in_the_margins() -> None:
    letter = specimen.example()
    page, ours = contenders._html(letter), contenders._html(letter, page_margins=True)
    assert "margin: 15mm" in ours
    assert "margin: 0; }\n  body { padding: 15mm" in page
    assert ours.partition("<body>")[2] == page.partition("<body>")[2] != ""
    assert 'style="zoom: 1.28"' in contenders._html(letter, zoom=1.28)


def test_tagged_is_read_in_the_file() -> None:
    page = weasyprint.HTML(string="<p>Bonjour")
    assert race.is_tagged(page.write_pdf(pdf_tags=True))
    assert not race.is_tagged(page.write_pdf())


ENTRIES = {
    contenders.OURS: Entry([40, 50, 60], 15_000, True, True),
    contenders.NEWCOMER: Entry([100] * 3, 16_000, True, True),
    contenders.TYPST: Entry([5] * 3, 21_000, True, True),
    contenders.CHROMIUM: Entry([60] * 3, 25_000, True, False),
}


UNTAGGED = Entry([80], 14_000, False, False)


def aims(
    longest: int = 19_000,
    changes: dict[str, Entry] | None = None,
    *,
    added: float = 3,
    bare: int = 12_000,
) -> dict[str, Target]:
    entries = ENTRIES | (changes or {})
    return {t.name: t for t in race.targets(entries, invented_profile(added), longest, bare)}


def test_the_table_has_everybody_with_their_ratio_to_ours() -> None:
    lines = race.section(ENTRIES).lines
    assert f"| {contenders.NEWCOMER} | 100,0 | 100,0 | 16\u00a0000 | oui | oui | 0,50 |" in lines
    assert f"| {contenders.CHROMIUM} | 60,0 | 60,0 | 25\u00a0000 | oui | non | 0,83 |" in lines
    for name in set(contenders.NAMES) - set(ENTRIES):
        assert [line for line in lines if line.startswith(f"| {name} | absent |")]
    assert "10,0 fois plus vite" in " ".join(lines)


def test_each_is_compared_with_its_limit_and_whoever_is_missing_with_none() -> None:
    found = aims()
    times = {name: target for name, target in found.items() if name.startswith("Temps")}
    assert {t.limit: t.measured for t in times.values()} == {0.55: 0.5, 0.90: pytest.approx(5 / 6)}
    assert all("WeasyPrint lui-même" in target.floor for target in times.values())
    assert all(target.is_met for target in found.values())


@pytest.mark.parametrize(
    ("changes", "longest", "missed"),
    [
        ({contenders.NEWCOMER: Entry([90], 16_000, True, True)}, 0, "WeasyPrint"),
        ({contenders.NEWCOMER: Entry([100], 14_999, True, True)}, 0, "face au plus petit"),
        ({contenders.CHROMIUM: Entry([60], 25_000, True, True)}, 0, "Fichiers de Chromium"),
        ({contenders.OURS: Entry([50], 15_000, True, False)}, 0, "par notre fichier"),
        ({contenders.OURS: Entry([50], 20_001, True, True)}, 0, "Taille de l’exemple"),
        ({}, 20_001, "plus longue lettre"),
    ],
)
def test_every_target_of_the_engines_can_be_missed(
    changes: dict[str, Entry], longest: int, missed: str
) -> None:
    found = aims(longest, changes)
    assert any(missed in name for name, target in found.items() if not target.is_met)


SLOW = {contenders.NEWCOMER: Entry([60], 16_000, True, True)}
SIZE = "Taille du fichier, face au plus petit des autres"


def test_a_time_that_is_missed_is_the_engines_fault_only_if_next_to_nothing_is_ours() -> None:
    (name,) = (name for name in aims() if contenders.NEWCOMER in name)
    assert not aims(changes=SLOW)[name].is_met
    assert aims(changes=SLOW)[name].is_explained
    assert not aims(changes=SLOW, added=9)[name].is_explained


def test_a_size_that_is_missed_is_the_archives_fault_only_if_it_would_be_met_without() -> None:
    lighter = {contenders.FPDF2: UNTAGGED}
    assert not aims(changes=lighter)[SIZE].is_met
    assert aims(changes=lighter)[SIZE].is_explained
    assert not aims(changes=lighter, bare=14_001)[SIZE].is_explained


def test_our_page_without_the_archive_weighs_less() -> None:
    letter = specimen.example()
    assert 10_000 < race.without_archive(letter) < len(pdf.pdf(letter))


def test_the_engine_is_timed_alone_on_our_own_page() -> None:
    drawn, alone = stages.beside_the_engine(specimen.example(), 3)
    assert min(drawn, alone) > 1


def test_a_figure_that_is_none_is_a_dash() -> None:
    assert report.figure(float("nan"), "ms") == report.DASH
    assert not Target("Une cible", 1, float("nan"), "", "less").is_met


# Growth


def series(power: float, memory: float = 1.0) -> Series:
    """Something whose time, above 10 ms, and memory grow with a power of the work."""
    works = (1.0, 2.0, 5.0)
    points = [Point(n, w, 10 + 7 * w**power, w**memory) for n, w in enumerate(works)]
    return Series("Taille du dossier", "lettres", "PDF", 10, points)


@pytest.mark.parametrize("power", [0.5, 1, 2])
def test_the_exponent_leaves_the_fixed_part_out(power: float) -> None:
    assert series(power).exponent == pytest.approx(power)
    time, memory = growth.targets([series(power)])
    assert time.is_met is (power <= growth.LIMIT)
    assert memory.is_met


def test_memory_for_a_unit_of_work_must_not_rise() -> None:
    assert series(1, 2).memory_per_work == pytest.approx(5)
    assert [target.is_met for target in growth.targets([series(1, 2)])] == [True, False]
    assert [target.is_met for target in growth.targets([series(1, 0)])] == [True, True]


def test_each_series_has_a_table_and_two_curves() -> None:
    text = "\n".join(growth.section([series(1)]).lines)
    assert "| 2 | 5,00 | 45,0 | 5,0 |" in text
    assert "Exposant du temps : 1,00." in text
    times, memory = growth.panels([series(1)])
    assert times.curves == [Curve("", [0, 1, 2], [17, 24, 45])]
    assert memory.curves == [Curve("", [0, 1, 2], [1, 2, 5])]
    assert times.title != memory.title


def test_more_options_and_more_paragraphs_are_more_work() -> None:
    for kind in (growth.LENGTH, growth.OPTIONS):
        work = [growth.job(kind, size)[1] for size in (growth.NOTHING, 0, 1, 4)]
        assert work == sorted(set(work))


def test_so_many_paragraphs_fill_a_sheet() -> None:
    size = growth._paragraphs(1)
    taken = [
        sheets(pdf.pdf(growth._letter(growth.LENGTH, n), large=True)) for n in (size, size + 1)
    ]
    assert taken == [1, 2]


def test_a_bundle_holds_so_many_letters() -> None:
    make, nothing = growth.job(growth.BUNDLE, growth.NOTHING)
    assert nothing == 0
    text = make()
    assert isinstance(text, bytes)
    assert text.startswith(b"Objet")
    _, one = growth.job(growth.BUNDLE, 1)
    _, three = growth.job(growth.BUNDLE, 3)
    assert 1 <= one < three


def test_a_bundle_that_is_refused_ends_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(growth.load.PERSON, "family_name", "")
    with pytest.raises(StopError, match=r"Un dossier de 2 lettres est refusé \(422\)\."):
        growth.job(growth.BUNDLE, 2)


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux only")
def test_memory_is_measured_in_a_process_apart() -> None:
    assert 0 <= growth._peak_apart(growth.OPTIONS, 1) < 100


def test_a_process_apart_that_fails_ends_the_bench() -> None:
    with pytest.raises(StopError, match="n’a pas été mesurée"):
        growth._peak_apart(growth.OPTIONS, "beaucoup")


# What is committed is what today's code writes


def named(kind: str) -> list[tuple[str, str]]:
    """Names given to each `kind` of thing in the source of the bench, as patterns, by module."""
    found = []
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == kind:
                name = node.args[0] if node.args else node.keywords[0].value
                found.append((path.name, pattern(name)))
    return found


def pattern(name: ast.expr) -> str:
    """A regular expression for a literal, with anything where a value goes in."""
    if isinstance(name, ast.Constant):
        return re.escape(typography.french(str(name.value)))
    if isinstance(name, ast.JoinedStr):
        return "".join(pattern(part) for part in name.values)
    return ".+"


def lacking(text: str, kind: str) -> list[tuple[str, str]]:
    return [(file, name) for file, name in named(kind) if not re.search(name, text)]


def test_names_are_found_in_the_source() -> None:
    modules = {file for file, _ in named("Target")}
    assert {"race.py", "stages.py", "growth.py", "serving.py", "scale.py"} <= modules
    assert len(named("Target")) > 8
    assert ("race.py", re.escape("Taille de l’exemple")) in lacking("", "Target")
    assert lacking("Temps du PDF, face à X", "Target") != lacking("", "Target")


def committed(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["Target", "Section"])
def test_the_results_have_every_target_and_every_part(kind: str) -> None:
    assert lacking(committed(report.RESULTS), kind) == []


def test_the_results_have_every_engine_and_every_series() -> None:
    text = committed(report.RESULTS)
    titles = [title for title, *_ in growth.LABELS.values()]
    assert [name for name in (*contenders.NAMES, *titles) if f"{name}" not in text] == []
    assert [stage for stage, *_ in stages.STAGES if f"| {stage} |" not in text] == []


def test_the_results_explain_what_is_missed() -> None:
    lines = committed(report.RESULTS).splitlines()
    missed = [
        line.split(" | ")[0].removeprefix("| ") for line in lines if line.endswith("| manquée |")
    ]
    told = [line for line in lines if line.startswith("- **")]
    assert [name for name in missed if not any(f"**{name}.** " in line for line in told)] == []
    assert "Sans explication." not in "".join(lines)


def test_the_plot_has_every_panel() -> None:
    drawing = committed(report.PLOT)
    assert drawing.startswith("<?xml")
    assert lacking(drawing, "Panel") == []
    assert [title for title, *_ in growth.LABELS.values() if title not in drawing] == []


# Packages and script


def test_the_engines_of_the_bench_are_not_of_the_application_nor_of_its_tests() -> None:
    wanted = names("bench/requirements.in")
    assert wanted == OWN
    for file in (
        "requirements.in",
        "requirements.txt",
        "requirements-dev.in",
        "requirements-dev.txt",
    ):
        assert wanted & names(file) == set(), file


def test_the_engines_are_locked_with_their_hashes_and_with_our_versions() -> None:
    assert names("bench/requirements.txt") >= OWN
    locked = packages("bench/requirements.txt")
    assert [line[:40] for line in locked if not re.match(r"\S+==\S+ .*--hash=sha256:", line)] == []
    ours = {line.split()[0] for line in packages("requirements-dev.txt")}
    shared = names("bench/requirements.txt") & names("requirements-dev.txt")
    assert "fonttools" in shared
    theirs = {line.split()[0] for line in locked}
    assert {pin for pin in theirs if pin.partition("==")[0].lower() in shared} <= ours


def test_every_engine_says_why() -> None:
    lines = packages("bench/requirements.in")
    assert [line for line in lines if len(line.partition(" # ")[2].split()) < 3] == []


def test_the_tests_do_without_the_packages_of_the_bench() -> None:
    without = f"import sys; sys.modules.update(dict.fromkeys({EXTRAS})); import bench.__main__"
    done = subprocess.run(
        [sys.executable, "-c", without],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("arguments", ["--court", "--rapide --rapide", "10"])
def test_the_script_refuses_what_it_does_not_know(copy: Copy, arguments: str) -> None:
    copy.stand_in("script/setup")
    assert copy.run("script/bench", *arguments.split()) == 2
    assert copy.calls == []


def test_the_script_installs_its_engines_once(copy: Copy) -> None:
    for name in ("script/setup", ".venv/bin/python"):
        copy.stand_in(name)
    lock = copy.root / "bench" / "requirements.txt"
    lock.parent.mkdir()
    lock.write_text("typst==1\n", encoding="utf-8")

    def calls(*arguments: str) -> list[str]:
        assert copy.run("script/bench", *arguments) == 0
        return [call.removeprefix(".venv/bin/python ") for call in copy.calls if " -V" not in call]

    first = calls()
    assert first[0] == "script/setup --dev"
    assert first[1].startswith("-m pip install ")
    assert "--require-hashes --target build/bench/lib -r bench/requirements.txt" in first[1]
    assert first[2:] == ["-m bench"]
    assert calls("--rapide") == ["script/setup --dev", "-m bench --rapide"]
    lock.write_text("typst==2\n", encoding="utf-8")
    assert len(calls()) == 3, "another lock, other engines"


def test_an_engine_that_cannot_be_installed_ends_the_script(copy: Copy) -> None:
    copy.stand_in("script/setup")
    python = copy.root / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/usr/bin/env bash\n[ "$2" != pip ] || exit 1\ntouch "ran-$2"\n')
    python.chmod(0o755)
    (copy.root / "bench").mkdir()
    (copy.root / "bench" / "requirements.txt").touch()
    assert copy.run("script/bench") == 1
    assert not (copy.root / "ran-bench").exists()
    assert not (copy.root / "build" / "bench" / "lib" / ".stamp").exists()
    assert (copy.root / "ran-").exists(), "the stand-in works"
