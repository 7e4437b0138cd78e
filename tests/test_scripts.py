"""The scripts, the locks and every tracked file: nothing of one machine, nothing unpinned.

What a script does is tried in a copy whose other parts are stand-ins that write down their call.
"""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.server import ROOT

SCRIPTS = sorted([*(ROOT / "script").iterdir(), ROOT / ".ci" / "run"])
SCRIPT_NAMES = [str(path.relative_to(ROOT)) for path in SCRIPTS]
INPUTS = ("requirements.in", "requirements-dev.in")
LOCKS = ("requirements.txt", "requirements-dev.txt")

# Written so that this file does not contain what it looks for.
MACHINE_PATH = re.compile(r"(?<![\w.~*-])/(?:work|root|home)/(?=\w)")
INDEX = re.compile(
    r"https?://\S+/simple\b|^\s*(?:-i|-f|--(?:extra-)?index-url|--find-links)[ =]"
    r"|\bPIP_(?:EXTRA_)?INDEX_URL\b",
    re.MULTILINE,
)


@cache
def tracked_files() -> tuple[Path, ...]:
    """What git keeps; whoever owns the folder (a CI often checks out as somebody else)."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return tuple(ROOT / name for name in listed.stdout.split("\0") if name)


def lines_found(pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern stands in the tracked files that still exist."""
    found = []
    for path in filter(Path.is_file, tracked_files()):
        text = path.read_bytes().decode("utf-8", errors="ignore")
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{path.relative_to(ROOT)}:{line}")
    return found


# Every script


@pytest.mark.parametrize("script", SCRIPTS, ids=SCRIPT_NAMES)
def test_every_script_runs_on_its_own(script: Path) -> None:
    assert os.access(script, os.X_OK)
    first, second = script.read_text(encoding="utf-8").splitlines()[:2]
    assert first in {"#!/usr/bin/env bash", "#!/usr/bin/env python3"}
    assert second.startswith(("# ", '"""')), "its second line says what it does"


@pytest.mark.parametrize("script", SCRIPTS, ids=SCRIPT_NAMES)
def test_every_script_has_no_mistake_of_syntax(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    if text.startswith("#!/usr/bin/env python3"):
        compile(text, script, "exec")
    else:
        assert "\nset -euo pipefail\n" in text
        checked = subprocess.run(["bash", "-n", script], capture_output=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, b"")


def test_no_file_holds_a_path_of_one_machine() -> None:
    assert lines_found(MACHINE_PATH) == []


@pytest.mark.check(28)
def test_no_file_holds_the_address_of_a_package_index() -> None:
    assert lines_found(INDEX) == []


# What the scripts do


class Copy:
    """The scripts alone in a folder of their own, with stand-ins for all that they call."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in SCRIPT_NAMES:
            (root / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, root / name)

    def stand_in(self, name: str, code: int = 0) -> None:
        """Put a program at `name` that writes down its call and ends with `code`."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        call = f"{name} $*${{CI:+ with CI=$CI}}"
        path.write_text(
            f'#!/usr/bin/env bash\necho "{call}" >> "{self.root}/calls"\nexit {code}\n',
            encoding="utf-8",
        )
        path.chmod(0o755)

    def run(self, name: str, *arguments: str, **settings: str) -> int:
        """Run a script from another folder than its own; its exit code."""
        (self.root / "calls").write_text("", encoding="utf-8")
        outside = {name: value for name, value in os.environ.items() if name != "CI"}
        return subprocess.run(
            [self.root / name, *arguments],
            cwd="/",
            env=outside | settings,
            capture_output=True,
            check=False,
        ).returncode

    @property
    def calls(self) -> list[str]:
        lines = (self.root / "calls").read_text(encoding="utf-8").splitlines()
        return [line.rstrip() for line in lines]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


@pytest.mark.parametrize("code", [0, 1])
def test_ci_runs_script_test_and_ends_as_it_does(copy: Copy, code: int) -> None:
    copy.stand_in("script/test", code)
    assert copy.run(".ci/run") == code
    assert copy.calls == ["script/test  with CI=true"]


PARTS = {
    "ruff check": (".venv/bin/ruff", ".venv/bin/ruff check ."),
    "ruff format": (".venv/bin/ruff", ".venv/bin/ruff format --check ."),
    "mypy": (".venv/bin/mypy", ".venv/bin/mypy"),
    "pytest": (".venv/bin/python", ".venv/bin/python -m pytest"),
}


@pytest.mark.parametrize("failing", [None, ".venv/bin/ruff", ".venv/bin/mypy", ".venv/bin/python"])
def test_script_test_runs_every_part_and_fails_if_one_does(copy: Copy, failing: str | None) -> None:
    copy.stand_in("script/setup")
    for program, _ in PARTS.values():
        copy.stand_in(program, int(program == failing))
    assert copy.run("script/test") == int(failing is not None)
    assert copy.calls == ["script/setup --dev", *(call for _, call in PARTS.values())]


def test_script_test_hands_its_arguments_to_pytest(copy: Copy) -> None:
    copy.stand_in("script/setup")
    copy.stand_in(".venv/bin/python", 5)
    assert copy.run("script/test", "-k", "lettre") == 5
    assert copy.calls == ["script/setup --dev", ".venv/bin/python -m pytest -k lettre"]


def test_script_server_sets_up_then_starts_gunicorn(copy: Copy) -> None:
    for name in ("script/setup", ".venv/bin/gunicorn"):
        copy.stand_in(name)
    assert copy.run("script/server") == 0
    assert copy.calls == [
        "script/setup",
        ".venv/bin/gunicorn -c deploy/gunicorn.conf.py app:create_app()",
    ]


def test_script_server_starts_nothing_when_a_setting_is_refused(copy: Copy) -> None:
    for name in ("script/setup", ".venv/bin/gunicorn"):
        copy.stand_in(name)
    assert copy.run("script/server", WEB_CONCURRENCY="deux") == 1
    assert copy.calls == []


@pytest.mark.parametrize("script", ["script/server", "script/test"])
def test_nothing_is_started_when_the_setup_fails(copy: Copy, script: str) -> None:
    copy.stand_in("script/setup", 3)
    for program in ("python", "gunicorn", "ruff", "mypy"):
        copy.stand_in(f".venv/bin/{program}")
    assert copy.run(script) == 3
    assert [call.split()[0] for call in copy.calls] == ["script/setup"]


def test_script_setup_says_how_it_is_used() -> None:
    refused = subprocess.run(
        [ROOT / "script" / "setup", "--prod"], capture_output=True, encoding="utf-8", check=False
    )
    assert (refused.returncode, refused.stderr) == (2, "Usage : script/setup [--dev]\n")


# The locks


def packages(file: str) -> list[str]:
    """The lines of a requirements file that name a package, continued lines as one."""
    text = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]


def names(file: str) -> set[str]:
    found = (re.match(r"[A-Za-z0-9._-]+", line) for line in packages(file))
    return {re.sub(r"[-_.]+", "-", match[0]).lower() for match in found if match}


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.check(28)
def test_every_package_is_locked_to_one_version_with_its_hashes(lock: str) -> None:
    pinned = re.compile(
        r"[A-Za-z0-9._-]+(?:\[[\w,-]+\])?==[\w.!+]+"  # with its extras, in one version,
        r"(?: ; [^#]*?)?"  # where it is needed at all,
        r"(?:\s+--hash=sha256:[0-9a-f]{64})+\s*"
    )
    assert len(packages(lock)) > 10
    assert [line[:60] for line in packages(lock) if not pinned.fullmatch(line)] == []


@pytest.mark.parametrize(("wanted", "lock"), [*zip(INPUTS, LOCKS, strict=True)])
def test_every_package_wanted_is_locked(wanted: str, lock: str) -> None:
    assert names(wanted) - names(lock) == set()


@pytest.mark.check(28)
def test_the_tests_run_the_versions_that_are_served() -> None:
    served, tested = ({line.split()[0] for line in packages(lock)} for lock in LOCKS)
    assert served - tested == set()


@pytest.mark.parametrize("file", INPUTS)
@pytest.mark.check(28)
def test_every_package_wanted_says_why(file: str) -> None:
    unexplained = [line for line in packages(file) if len(line.partition(" # ")[2].split()) < 3]
    assert unexplained == []


# Pictures


@pytest.mark.parametrize("readme", ["README.md", "README.en.md"])
def test_a_readme_shows_every_picture_that_the_script_makes(readme: str) -> None:
    script = (ROOT / "script" / "pictures").read_text(encoding="utf-8")
    made = set(re.findall(r'(?:shoot|save)\(.*, "([a-z-]+)"\)', script))
    shown = re.findall(
        r"!\[[^]]+\]\(docs/pictures/([a-z-]+)\.png\)", (ROOT / readme).read_text(encoding="utf-8")
    )
    kept = {path.stem for path in (ROOT / "docs" / "pictures").iterdir()}
    assert len(made) >= 4
    assert made == set(shown) == kept
