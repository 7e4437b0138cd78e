"""The bench runs from end to end: one smoke test, since its figures are for people to read."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LIBRARY = ROOT / "build" / "bench" / "lib"


@pytest.mark.tout
@pytest.mark.server
@pytest.mark.parametrize("option", ["--rapide", "--endurance=20", "--rapide --surcharge"])
def test_the_bench_runs_and_writes_its_report(option: str) -> None:
    if not LIBRARY.is_dir():
        pytest.skip("script/bench has not installed the other engines here")
    report = ROOT / "build" / "bench" / "RESULTS.md"
    report.unlink(missing_ok=True)
    run = subprocess.run(
        [sys.executable, "-m", "bench", *option.split()],
        cwd=ROOT,
        env={"PYTHONPATH": str(LIBRARY), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.stderr == ""
    assert run.returncode == 0, run.stdout
    assert report.is_file() is (option == "--rapide")
