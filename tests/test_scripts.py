"""The scripts, and no path of one machine in any tracked file.

What a script does is tried in a copy whose other parts are stand-ins that write down their call.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.server import ROOT

SCRIPTS = sorted([*(ROOT / "script").iterdir(), ROOT / ".ci" / "run"])
SCRIPT_NAMES = [str(path.relative_to(ROOT)) for path in SCRIPTS]
LOCK = "requirements.txt"

# Written so that this file does not contain what it looks for.
MACHINE_PATH = re.compile(r"(?<![\w.~*-])/(?:work|root|home)/(?=\w)")


def lines_found(pattern: re.Pattern[str]) -> list[str]:
    """Where it stands in the files that git keeps, whoever owns the folder."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    found = []
    for path in (ROOT / name for name in listed.stdout.split("\0")):
        if path.is_file():
            lines = path.read_text(encoding="utf-8", errors="ignore").splitlines()
            found += [f"{path}:{n}" for n, line in enumerate(lines, 1) if pattern.search(line)]
    return found


# Every script


def test_every_script_runs_on_its_own_and_has_no_mistake_of_syntax() -> None:
    for script in SCRIPTS:
        text = script.read_text(encoding="utf-8")
        assert os.access(script, os.X_OK), script
        if text.startswith("#!/usr/bin/env python3\n"):
            compile(text, script, "exec")
        else:
            assert text.startswith("#!/usr/bin/env bash\n"), script
            checked = subprocess.run(["bash", "-n", script], capture_output=True, check=False)
            assert (checked.returncode, checked.stderr) == (0, b""), script


@pytest.mark.check(28)
def test_no_file_holds_a_path_of_one_machine() -> None:
    assert lines_found(MACHINE_PATH) == []


# What the scripts do


class Copy:
    """The scripts alone in a folder of their own, with stand-ins for all that they call."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in SCRIPT_NAMES:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)

    def stand_in(self, name: str, code: int = 0) -> None:
        """Put a program at `name` that writes down its call and ends with `code`."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        call = f"{name} $*${{CI:+ with CI=$CI}}"
        path.write_text(
            f'#!/usr/bin/env bash\necho "{call}" >> "{self.root}/calls"\n'
            f"[ {code} = 0 ] || echo In English. >&2\nexit {code}\n",
            encoding="utf-8",
        )
        path.chmod(0o755)

    def run(
        self, name: str, *arguments: str, user: int | None = None, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a script from another folder than its own, without HOME."""
        (self.root / "calls").unlink(missing_ok=True)
        ours = {"CI", "HOME", "PYTHON"}
        outside = {name: value for name, value in os.environ.items() if name not in ours}
        return subprocess.run(
            [self.root / name, *arguments],
            cwd="/",
            env=outside | settings,
            user=user,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    def refusal(self, name: str, user: int | None = None) -> list[str]:
        """What a script says when it stops, of which nothing is for another program to read."""
        refused = self.run(name, user=user)
        assert (refused.returncode, refused.stdout) == (1, "")
        return refused.stderr.splitlines()

    @property
    def calls(self) -> list[str]:
        lines = (self.root / "calls").read_text(encoding="utf-8").splitlines()
        return [line.rstrip() for line in lines]


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path / "copy")


def test_script_test_runs_every_part_although_one_fails(copy: Copy) -> None:
    copy.stand_in("script/setup")
    for name, code in (("ruff", 1), ("mypy", 0), ("python", 0)):
        copy.stand_in(f".venv/bin/{name}", code)
    assert copy.run(".ci/run").returncode == 1
    parts = [f".venv/bin/{name}" for name in ("ruff", "ruff", "mypy", "python")]
    assert [call.split()[0] for call in copy.calls] == ["script/setup", *parts]
    assert all(call.endswith("with CI=true") for call in copy.calls)
    copy.stand_in(".venv/bin/python", 5)
    assert copy.run("script/test", "-k", "lettre").returncode == 5
    assert copy.calls[-1] == ".venv/bin/python -m pytest -k lettre"


def test_script_server_sets_up_then_serves_even_by_a_link(copy: Copy, tmp_path: Path) -> None:
    copy.stand_in("script/setup")
    copy.stand_in(".venv/bin/python")
    (tmp_path / "bin").mkdir()
    (tmp_path / "plume").symlink_to(copy.root / "script" / "server")
    (tmp_path / "bin" / "plume").symlink_to("../plume")
    assert copy.run("../bin/plume").returncode == 0
    assert copy.calls == ["script/setup", ".venv/bin/python -m deploy.serve"]
    copy.stand_in("script/setup", 3)
    assert copy.run("script/server").returncode == 3
    assert copy.calls == ["script/setup"], "nothing is started when the set-up fails"


# What script/setup says, in one sentence each


def test_setup_never_empties_the_folder_that_a_link_leads_to(copy: Copy, tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    (copy.root / ".venv").symlink_to(tmp_path)
    sentence = ".venv est un lien vers un autre dossier : retirez-le (rm .venv), puis relancez."
    assert copy.refusal("script/setup") == [sentence]
    assert (tmp_path / "kept").exists()


def test_setup_says_that_it_cannot_write() -> None:
    with TemporaryDirectory() as folder:  # which somebody else may enter, unlike tmp_path
        copy = Copy(Path(folder))
        copy.root.chmod(0o555)
        said = copy.refusal("script/setup", user=65534 if os.geteuid() == 0 else None)
        copy.root.chmod(0o755)
    assert said == [
        f"Il manque quelque chose, et {folder} ne peut pas être écrit : "
        "lancez script/setup avec le compte à qui est ce dossier."
    ]


def test_setup_without_network_says_so_and_nothing_in_english(copy: Copy) -> None:
    copy.stand_in(".venv/bin/python", 1)  # pip fails
    (copy.root / ".venv/.packages").write_text(f"{copy.root}, Python \n", encoding="utf-8")
    (copy.root / LOCK).touch()
    assert copy.refusal("script/setup") == [
        "Installation des paquets Python (une minute environ la première fois).",
        "L'installation des paquets Python a échoué : vérifiez la connexion, puis relancez "
        "(détail : build/setup.log).",
    ]


def test_setup_makes_a_lost_font_again_and_does_nothing_when_all_is_there(copy: Copy) -> None:
    copy.stand_in(".venv/bin/python")
    font = copy.root / ".venv/share/droit-de-plume/regular.ttf"
    for path in (LOCK, "tools/font.py", "letters/cleaning.py", font):
        (copy.root / path).parent.mkdir(parents=True, exist_ok=True)
        (copy.root / path).touch()
    installed = f"{copy.root}, Python \n4294967295 0 {LOCK}\n"  # `cksum` of an empty file
    (copy.root / ".venv/.packages").write_text(installed, encoding="utf-8")

    def makes_the_font() -> bool:
        copy.run("script/setup")
        return ".venv/bin/python -m tools.font" in copy.calls

    assert makes_the_font()
    assert not makes_the_font()
    font.unlink()
    assert makes_the_font(), "though its stamp says that it is there"
