"""Where everything comes from: what is locked is all that gets in, under a licence we accept.

Limits: a licence is the one that a package tells of itself; advisories need the network, so what
`script/audit` makes of an answer is tried with stand-ins.
"""

import json
import re
import subprocess
import sys
from fnmatch import fnmatch
from importlib.metadata import PackageNotFoundError, metadata, packages_distributions
from pathlib import Path
from typing import Any

import pytest

from tests.server import ROOT
from tests.test_layers import MODULES, imports

INPUTS = ("requirements.in", "requirements-dev.in")
SERVED, TESTED = "requirements.txt", "requirements-dev.txt"
LOCKS = [SERVED, TESTED, "bench/requirements.txt"]
LOCKS += sorted(f"tests/tools/{path.name}" for path in (ROOT / "tests/tools").glob("*.txt"))
LOCKED = re.compile(
    r"[A-Za-z0-9._-]+(?:\[[\w,-]+\])?==[\w.!+]+"  # with its extras, in one version,
    r"(?: ; [^#]*?)?"  # where it is needed at all,
    r"(?:\s+--hash=sha256:[0-9a-f]{64})+\s*"
)
# What anyone may host, change and hand on beside code under MIT, as packages tell it.
ACCEPTED = re.compile(
    r"MIT(?:-0|-CMU| License)?|BSD(?:-[23]-Clause| License)?|Apache-2\.0|PSF-2\.0|OFL-1\.1|ZPL-2\.1"
    r"|Zope Public License|GNU (?:Library or )?Lesser General Public License.*"
)
# Written so that this file does not contain what it looks for.
INDEX = re.compile(
    r"https?://\S+/simple\b|^\s*(?:-i|-f|--(?:extra-)?index-url|--find-links)[ =]"
    r"|\bPIP_(?:EXTRA_)?INDEX_URL\b",
    re.MULTILINE,
)
OTHERS = re.compile(
    r"copyrigh[t]|©\s*\w|licen[cs]ed under|SPDX-Licens[e]|@licens[e]|all rights reserve[d]", re.I
)
# Drawn by script/pictures; found by script/fuzz.
BINARY = ("docs/pictures/*.png", "tests/trust/corpus/*")
LONGEST_LINE = 500  # characters: minified code has lines of thousands


def packages(file: str) -> list[str]:
    """The lines of a requirements file that name a package, continued lines as one."""
    text = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def names(file: str) -> set[str]:
    return {normal(re.split(r"[^\w.-]", line)[0]) for line in packages(file)}


def kept() -> dict[str, bytes]:
    """What git keeps; whoever owns the folder (a CI often checks out as somebody else)."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    found = ((name, ROOT / name) for name in listed.split("\0") if name)
    return {name: path.read_bytes() for name, path in found if path.is_file()}


# What is locked


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.check(28)
def test_every_package_is_locked_to_one_version_with_its_hashes(lock: str) -> None:
    assert packages(lock)
    assert [line[:60] for line in packages(lock) if not LOCKED.fullmatch(line)] == []


@pytest.mark.parametrize(("wanted", "lock"), [*zip(INPUTS, (SERVED, TESTED), strict=True)])
@pytest.mark.check(28)
def test_every_package_wanted_is_locked_and_says_why(wanted: str, lock: str) -> None:
    assert names(wanted) - names(lock) == set()
    lines = packages(wanted)
    assert [line for line in lines if len(line.partition(" # ")[2].split()) < 3] == []


@pytest.mark.check(28)
def test_the_tests_run_the_versions_that_are_served() -> None:
    served, tested = ({line.split()[0] for line in packages(lock)} for lock in (SERVED, TESTED))
    assert served - tested == set()


@pytest.mark.check(28)
def test_every_licence_is_known_and_one_that_we_accept() -> None:
    found = {name: licences_of(name) for name in names(SERVED)}
    elsewhere = {re.split(r"==", line)[0] for line in packages(SERVED) if " ; " in line}
    assert {name for name, told in found.items() if told is None} <= elsewhere
    assert {
        name: told
        for name, told in found.items()
        if told is not None and not any(map(ACCEPTED.fullmatch, told))
    } == {}


def licences_of(name: str) -> list[str] | None:
    """The licences of which one may choose, as a package tells them; None if it is not here."""
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return None
    told = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier", [])]
    named = [about.get("License-Expression") or about.get("License") or "", *told]
    return [licence for text in named for licence in text.split(" OR ")]


@pytest.mark.tout
@pytest.mark.server
def test_the_sbom_lists_what_is_locked_with_its_licences() -> None:
    """Needs the network."""
    subprocess.run([ROOT / "script" / "sbom"], check=True, capture_output=True)
    found = json.loads((ROOT / "build" / "sbom.cdx.json").read_text(encoding="utf-8"))
    listed = {normal(component["name"]) for component in found["components"]}
    assert listed <= names(SERVED)
    assert listed >= names("requirements.in")
    assert all(component["licenses"] for component in found["components"])


# Nothing of anybody else


def test_a_module_imports_python_ours_and_what_is_locked() -> None:
    """Tools of the tests are installed beside: to import one must not pass."""
    installed, locked = packages_distributions(), names(SERVED)
    ours = {"__future__", "app", "deploy", "letters"}
    for module in (*MODULES, *(f"deploy/{path.name}" for path in (ROOT / "deploy").glob("*.py"))):
        roots = {name.partition(".")[0] for name in imports(module)}
        for root in roots - sys.stdlib_module_names - ours:
            assert locked & {*map(normal, installed.get(root, []))}, f"{module}: {root}"
    assert not locked & {*map(normal, installed["pytest"])}


@pytest.mark.check(28)
def test_no_file_is_of_somebody_else_or_names_an_index() -> None:
    for name, content in kept().items():
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text:
            assert any(fnmatch(name, pattern) for pattern in BINARY), name
            continue
        assert not INDEX.search(text), name
        assert name in {"LICENSE", "tests/trust/protections.toml"} or not OTHERS.search(text), name
        if name.startswith("static/"):
            assert max(map(len, text.splitlines())) < LONGEST_LINE, f"{name} is minified"


# The audit

WELL = {"name": "flask", "version": "3.1.3", "vulns": []}
UNKNOWN = {"name": "babel", "skip_reason": "Dependency not found on PyPI"}
ILL = {
    "name": "pillow",
    "version": "13.0.0",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["13.0.1"]}],
}
UNREAD = "Les avis de sécurité n'ont pas pu être lus"


@pytest.mark.server
@pytest.mark.check(28)
@pytest.mark.parametrize(
    ("report", "code", "sentence"),
    [
        ([WELL, WELL], 0, "Aucune vulnérabilité connue dans 1 paquets."),
        ([WELL, ILL], 1, "PYSEC-1 = CVE-1 ; corrigé par : 13.0.1"),
        ([WELL, UNKNOWN], 2, f"{UNREAD} pour 1 paquets sur 2 : babel."),
        ([ILL, UNKNOWN], 1, f"{UNREAD} pour 1 paquets sur 2 : babel."),
        ([], 2, ""),
        (None, 2, f"{UNREAD} : ConnectionError."),
    ],
)
def test_the_audit_ends_as_what_was_found(
    tmp_path: Path, report: Any, code: int, sentence: str
) -> None:
    told = "true" if report is None else f'cp {tmp_path}/report "$2"'
    programs = {
        "script/audit": (ROOT / "script" / "audit").read_text(encoding="utf-8"),
        "script/tool": f"#!/bin/sh\necho {tmp_path}/bin\n",
        "bin/python": f'#!/bin/sh\nexec "{sys.executable}" "$@"\n',
        "bin/pip-audit": '#!/bin/sh\nwhile [ "$1" != --output ]; do shift; done\n'
        f"{told}\necho ConnectionError >&2\nexit 1\n",
    }
    for name, text in programs.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "report").write_text(json.dumps({"dependencies": report}), encoding="utf-8")
    command = [tmp_path / "script" / "audit"]
    found = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert found.returncode == code
    assert sentence in found.stdout + found.stderr
    assert "Traceback" not in found.stderr
