"""The scripts of a first start, and no path of one machine in any tracked file.

What a script does is tried in a copy whose other parts are stand-ins that write down their call.
"""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.server import ROOT

LOCK = "requirements.txt"


@pytest.mark.check(28)
def test_no_file_holds_a_path_of_one_machine() -> None:
    folders = "|".join(("work", "root", "home"))
    pattern = rf"(^|[^A-Za-z0-9_.~*-])/({folders})/[A-Za-z0-9_]"
    command = ["git", "-c", "safe.directory=*", "grep", "-nIE", pattern]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert (found.returncode, found.stdout) == (1, "")


# What the scripts do


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return copied(tmp_path / "copy")


def copied(root: Path) -> Path:
    """A folder with the scripts alone."""
    for name in ("script", ".ci"):
        shutil.copytree(ROOT / name, root / name)
    return root


def stand_in(root: Path, name: str, code: int = 0) -> None:
    """Put a program at `name` that writes down its call and ends with `code`."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    call = f"{name} $*${{CI:+ with CI=$CI}}"
    path.write_text(
        f'#!/usr/bin/env bash\necho "{call}" >> "{root}/calls"\n'
        f"[ {code} = 0 ] || echo In English. >&2\nexit {code}\n",
        encoding="utf-8",
    )
    path.chmod(0o755)


def run(
    root: Path, name: str, *arguments: str, user: int | None = None
) -> tuple[int, list[str], list[str]]:
    """Run a script from another folder and without HOME: its code, its words, what it called."""
    calls = root / "calls"
    calls.unlink(missing_ok=True)
    outside = {name: os.environ[name] for name in os.environ.keys() - {"CI", "HOME", "PYTHON"}}
    done = subprocess.run(
        [root / name, *arguments],
        cwd="/",
        env=outside,
        user=user,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    called = calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []
    assert done.stdout == "" or name in {".ci/run", "script/test"}
    return done.returncode, done.stderr.splitlines(), [line.rstrip() for line in called]


def test_script_test_runs_every_part_although_one_fails(copy: Path) -> None:
    stand_in(copy, "script/setup")
    for name, code in (("ruff", 1), ("mypy", 0), ("python", 0)):
        stand_in(copy, f".venv/bin/{name}", code)
    code, _, calls = run(copy, ".ci/run")
    parts = [f".venv/bin/{name}" for name in ("ruff", "ruff", "mypy", "python")]
    assert (code, [call.split()[0] for call in calls]) == (1, ["script/setup", *parts])
    assert all(call.endswith("with CI=true") for call in calls)
    stand_in(copy, ".venv/bin/python", 5)
    code, _, calls = run(copy, "script/test", "-k", "lettre")
    assert (code, calls[-1]) == (5, ".venv/bin/python -m pytest -k lettre")


def test_script_server_sets_up_then_serves_even_by_a_link(copy: Path, tmp_path: Path) -> None:
    stand_in(copy, "script/setup")
    stand_in(copy, ".venv/bin/python")
    (tmp_path / "bin").mkdir()
    (tmp_path / "plume").symlink_to(copy / "script" / "server")
    (tmp_path / "bin" / "plume").symlink_to("../plume")
    served = ["script/setup", ".venv/bin/python -m deploy.serve"]
    assert run(copy, "../bin/plume") == (0, [], served)
    stand_in(copy, "script/setup", 3)
    code, _, calls = run(copy, "script/server")
    assert (code, calls) == (3, ["script/setup"]), "nothing is started when the set-up fails"


# What script/setup says, in one sentence each


def test_setup_never_empties_the_folder_that_a_link_leads_to(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    (copy / ".venv").symlink_to(tmp_path)
    sentence = ".venv est un lien vers un autre dossier : retirez-le (rm .venv), puis relancez."
    assert run(copy, "script/setup") == (1, [sentence], [])
    assert (tmp_path / "kept").exists()


def test_setup_says_that_it_cannot_write() -> None:
    with TemporaryDirectory() as folder:  # which somebody else may enter, unlike tmp_path
        copy = copied(Path(folder) / "copy")
        for path, mode in ((copy.parent, 0o755), (copy, 0o555)):
            path.chmod(mode)
        said = run(copy, "script/setup", user=65534 if os.geteuid() == 0 else None)
        copy.chmod(0o755)
    sentence = (
        f"Il manque quelque chose, et {copy} ne peut pas être écrit : "
        "lancez script/setup avec le compte à qui est ce dossier."
    )
    assert said == (1, [sentence], [])


def test_setup_without_network_says_so_and_nothing_in_english(copy: Path) -> None:
    stand_in(copy, ".venv/bin/python", 1)  # pip fails
    (copy / ".venv/.packages").write_text(f"{copy}, Python \n", encoding="utf-8")
    (copy / LOCK).touch()
    code, words, _ = run(copy, "script/setup")
    assert (code, words) == (
        1,
        [
            "Installation des paquets Python (une minute environ la première fois).",
            "L'installation des paquets Python a échoué : vérifiez la connexion, puis relancez "
            "(détail : build/setup.log).",
        ],
    )


def test_setup_makes_a_lost_font_again_and_does_nothing_when_all_is_there(copy: Path) -> None:
    stand_in(copy, ".venv/bin/python")
    font = copy / ".venv/share/droit-de-plume/regular.ttf"
    for path in (LOCK, "tools/font.py", "letters/cleaning.py", font):
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).touch()
    installed = f"{copy}, Python \n4294967295 0 {LOCK}\n"  # `cksum` of an empty file
    (copy / ".venv/.packages").write_text(installed, encoding="utf-8")
    makes = ".venv/bin/python -m tools.font"
    assert makes in run(copy, "script/setup")[2]
    assert makes not in run(copy, "script/setup")[2]
    font.unlink()
    assert makes in run(copy, "script/setup")[2], "though its stamp says that it is there"
