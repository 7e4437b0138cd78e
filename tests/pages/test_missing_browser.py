"""Without Chromium the browser tests are skipped one by one, and in CI they fail."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import ROOT

pytestmark = pytest.mark.skipif(
    sys.platform == "darwin", reason="on a Mac, Chromium is found outside PATH too"
)

ONE = "tests/pages/test_journey.py::test_no_option_stays_no_option"


def run_without_chromium(tmp_path: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one browser test where no program is to be found."""
    outside = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", ONE],
        cwd=ROOT,
        env=outside | {"PATH": str(tmp_path)} | settings,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_without_chromium_a_browser_test_is_skipped_by_name(tmp_path: Path) -> None:
    run = run_without_chromium(tmp_path)
    assert run.returncode == 0
    assert f"SKIPPED {ONE}: Chromium is missing" in run.stdout
    assert "1 skipped" in run.stdout


def test_in_ci_a_missing_chromium_is_a_failure(tmp_path: Path) -> None:
    run = run_without_chromium(tmp_path, CI="true")
    assert run.returncode == 1
    assert "Chromium is missing" in run.stdout
    assert "skipped" not in run.stdout
