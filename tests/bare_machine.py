"""Run one test as on a machine where no program is installed beside Python."""

import os
import subprocess
import sys
from pathlib import Path

from tests.server import ROOT


def run_test(test: str, empty: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `test` with the folder `empty` for all programs, and CI only if `settings` say so."""
    outside = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", test],
        cwd=ROOT,
        env=outside | {"PATH": str(empty)} | settings,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
