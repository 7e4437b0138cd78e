"""Where everything comes from: what is locked is all that gets in, under a licence we accept.

That each package has its hashes is seen by pip, which script/setup tells to require them. Limits: a
licence is the one that a package tells of itself; advisories need the network, so what
`script/audit` makes of an answer is tried with stand-ins.
"""

import ast
import json
import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, metadata, packages_distributions
from pathlib import Path
from typing import Any

import pytest

from tests.server import ROOT
from tests.test_layers import MODULES, imports

# What anyone may host, change and hand on beside code under MIT, as packages tell it.
ACCEPTED = re.compile(
    r"MIT(?:-0|-CMU| License)?|BSD(?:-[23]-Clause| License)?|Apache-2\.0|PSF-2\.0|OFL-1\.1|ZPL-2\.1"
    r"|Zope Public License|GNU (?:Library or )?Lesser General Public License.*"
)


def locked(file: str = "requirements.txt") -> dict[str, str]:
    """The packages of a requirements file, each with its version and its condition."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    named = (re.match(r"([\w.-]+)(?:\[[\w,-]+\])?(.*)", line) for line in lines)
    return {normal(found[1]): found[2] for found in named if found}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.check(28)
def test_the_tests_run_the_versions_that_are_served() -> None:
    served, tested = (
        {name: told.split()[0] for name, told in locked(file).items()}
        for file in ("requirements.txt", "requirements-dev.txt")
    )
    assert tested | served == tested


@pytest.mark.check(28)
def test_every_licence_is_known_and_one_that_we_accept() -> None:
    found = {name: licences_of(name) for name in locked()}
    elsewhere = {name for name, where in locked().items() if " ; " in where}
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
    assert locked("requirements.in").keys() <= listed <= locked().keys()
    assert all(component["licenses"] for component in found["components"])


def test_a_module_imports_python_ours_and_what_is_locked() -> None:
    """Tools of the tests are installed beside: to import one must not pass."""
    installed, ours = packages_distributions(), {"__future__", "app", "deploy", "letters"}
    served = {
        f"deploy/{path.name}": ast.parse(path.read_bytes())
        for path in (ROOT / "deploy").glob("*.py")
    }
    for module, tree in (MODULES | served).items():
        roots = {name.partition(".")[0] for name in imports(module, tree)}
        for root in roots - sys.stdlib_module_names - ours:
            packages = {*map(normal, installed.get(root, []))}
            assert packages & locked().keys(), f"{module}: {root}"


@pytest.mark.check(28)
def test_no_list_of_packages_names_an_index() -> None:
    """Of a network where it was made, which nobody else reaches."""
    index = re.compile(r"index-url|find-links|^-[if]\b", re.MULTILINE)
    for pattern in ("requirements*", "bench/requirements*", "tests/tools/*"):
        for path in ROOT.glob(pattern):
            assert not index.search(path.read_text(encoding="utf-8")), path


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
        ([WELL], 0, "Aucune vulnérabilité connue dans 1 paquets."),
        ([ILL, UNKNOWN], 1, "PYSEC-1 = CVE-1 ; corrigé par : 13.0.1"),
        ([WELL, UNKNOWN], 2, f"{UNREAD} pour 1 paquets sur 2 : babel."),
        (None, 2, f"{UNREAD} : ConnectionError."),
    ],
)
def test_the_audit_ends_as_what_was_found(
    tmp_path: Path, report: Any, code: int, sentence: str
) -> None:
    """With a pip-audit that knows no network: it writes this report, or none."""
    told = "true" if report is None else 'cp "$0.json" "$2"'
    (script := tmp_path / "script").mkdir()
    shutil.copy(ROOT / "script" / "audit", script)
    (script / "python").symlink_to(sys.executable)
    (script / "pip-audit.json").write_text(json.dumps({"dependencies": report}), encoding="utf-8")
    for name, text in (
        ("tool", f"echo {script}"),
        (
            "pip-audit",
            f'while [ "$1" != --output ]; do shift; done; {told}; echo ConnectionError >&2',
        ),
    ):
        (script / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (script / name).chmod(0o755)
    found = subprocess.run([script / "audit"], capture_output=True, encoding="utf-8", check=False)
    assert found.returncode == code
    assert sentence in found.stdout + found.stderr
    assert "Traceback" not in found.stderr
