"""Without Chromium the browser tests are skipped one by one, and in CI they fail."""

import sys
from pathlib import Path

import pytest

from tests.bare_machine import run_test

pytestmark = pytest.mark.skipif(
    sys.platform == "darwin", reason="on a Mac, Chromium is found outside PATH too"
)

ONE = "tests/pages/test_journey.py::test_no_option_stays_no_option"


def test_without_chromium_a_browser_test_is_skipped_by_name(tmp_path: Path) -> None:
    run = run_test(ONE, tmp_path)
    assert run.returncode == 0
    assert f"SKIPPED {ONE}: Chromium is missing" in run.stdout
    assert "1 skipped" in run.stdout


def test_in_ci_a_missing_chromium_is_a_failure(tmp_path: Path) -> None:
    run = run_test(ONE, tmp_path, CI="true")
    assert run.returncode == 1
    assert "Chromium is missing" in run.stdout
    assert "skipped" not in run.stdout
