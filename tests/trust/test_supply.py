"""Where everything comes from: what is locked is listed, and nothing else gets in.

The locks themselves (exact versions, hashes, no address of an index, a reason for each package)
are judged in `tests/test_scripts.py`. Limits: the SBOM is held against the fields that we use, not
against the whole schema of CycloneDX, which no package of the tests carries; advisories need the
network, so what `script/audit` makes of an answer is tried with stand-ins.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from importlib.metadata import packages_distributions
from pathlib import Path
from shlex import quote
from typing import Any

import pytest

from tests.server import ROOT
from tests.test_layers import MODULES, imports
from tests.test_scripts import names, packages, tracked_files

SBOM, LICENCES = Path("docs/sbom.cdx.json"), Path("docs/licences.md")
# What anyone may host, change and hand on beside code under MIT; of a choice (OR), one is enough.
ACCEPTED = {
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "FTL",
    "HPND-sell-variant",
    "LGPL-2.0-or-later",
    "LGPL-2.1-or-later",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MIT-Modern-Variant",
    "OFL-1.1",
    "PSF-2.0",
}
# Drawn by script/pictures; found by script/fuzz.
BINARY = ("docs/pictures/*.png", "tests/trust/corpus/*")
OURS = {"static/address.js", "static/copy.js", "static/icon.svg", "static/style.css"}
# Written so that this file does not contain what it looks for.
OTHERS = re.compile(
    r"copyrigh[t]|©\s*\w|licen[cs]ed under|SPDX-Licens[e]|@licens[e]|all rights reserve[d]", re.I
)
OUR_LICENCE = "LICENSE"
LONGEST_LINE = 500  # characters: minified code has lines of thousands
INSTALLED = packages_distributions()
DEPLOYED = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "deploy").glob("*.py"))


def is_accepted(licence: str) -> bool:
    return any(
        all(part in ACCEPTED for part in choice.split(" AND ")) for choice in licence.split(" OR ")
    )


def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / SBOM).read_text(encoding="utf-8"))
    return found


def components() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = document()["components"]
    return found


def licence_of(component: dict[str, Any]) -> str:
    [found] = component["licenses"]
    return str(found.get("expression") or found["license"]["id"])


def rows() -> list[list[str]]:
    """The rows of the tables of docs/licences.md, cell by cell."""
    lines = (ROOT / LICENCES).read_text(encoding="utf-8").splitlines()
    tables = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return [row for row in tables if row[0] not in {"paquet", "bibliothèque"}]


# The lists


class Copy:
    """script/sbom and what it reads, in a folder where each can be spoilt."""

    FILES = ("script/sbom", "requirements.txt", "requirements.in", "letters/__init__.py")

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in (*self.FILES, str(SBOM), str(LICENCES)):
            (root / name).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, root / name)
        (root / ".venv").symlink_to(sys.prefix)

    def spoil(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text(encoding="utf-8")
        assert old in text
        (self.root / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.root / ".venv" / "bin" / "python", self.root / "script" / "sbom", *arguments],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


@pytest.mark.check(28)
def test_the_lists_are_what_the_script_would_write(copy: Copy) -> None:
    found = copy.run("--check")
    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "old", "new", "sentence"),
    [
        (str(SBOM), "BSD-3-Clause", "MIT", "docs/sbom.cdx.json : ce n’est plus vrai. Tapez"),
        (str(LICENCES), "FreeType", "FreeTypo", "docs/licences.md : ce n’est plus vrai. Tapez"),
        ("letters/__init__.py", '__version__ = "', '__version__ = "1', "sbom.cdx.json : ce n’est"),
        ("requirements.in", "# the web framework", "# a web framework", "licences.md : ce n’est"),
        ("requirements.txt", "--hash=sha256:", "--hash=sha256:0", "sbom.cdx.json : ce n’est"),
        ("requirements.txt", "#   jinja2\n", "#   babel\n", "sbom.cdx.json et docs/licences.md :"),
        ("requirements.txt", "flask==", "flask==0", "n’est pas installé : tapez script/setup"),
        ("requirements.txt", "flask==", "flosk==", "n’est pas installé : tapez script/setup"),
        ("requirements.txt", " \\\n", "\n", "n’est pas écrit comme script/lock l’écrit"),
        ("script/sbom", '    "pyphen": ', '    "pyphon": ', "pyphen ne nomme pas sa licence"),
    ],
)
def test_a_list_that_is_not_true_any_more_is_named_with_what_to_do(
    copy: Copy, name: str, old: str, new: str, sentence: str
) -> None:
    copy.spoil(name, old, new)
    found = copy.run("--check")
    assert found.returncode == 1
    assert sentence in found.stderr
    assert found.stderr.count("\n") == 1


def test_the_same_lock_gives_the_same_bytes(copy: Copy) -> None:
    for name in (SBOM, LICENCES):
        (copy.root / name).unlink()
    assert copy.run().returncode == 0
    for name in (SBOM, LICENCES):
        assert (copy.root / name).read_bytes() == (ROOT / name).read_bytes()


@pytest.mark.check(28)
def test_every_locked_package_is_listed_with_its_hashes() -> None:
    locked = {
        re.split(r"[ ;]", line)[0]: set(re.findall(r"sha256:(\w+)", line))
        for line in packages("requirements.txt")
    }
    listed = {
        f"{found['name']}=={found['version']}": {
            digest["content"]
            for place in found["externalReferences"]
            for digest in place.get("hashes", [])
        }
        for found in components()
    }
    assert listed == locked


def test_the_sbom_has_what_cyclonedx_asks_for() -> None:
    found = document()
    assert (found["bomFormat"], found["specVersion"], found["version"]) == ("CycloneDX", "1.6", 1)
    assert "serialNumber" not in found and "timestamp" not in found["metadata"]
    refs = [found["metadata"]["component"]["bom-ref"], *(c["bom-ref"] for c in components())]
    assert len(refs) == len(set(refs))
    assert [node["ref"] for node in found["dependencies"]] == refs
    needed = {ref for node in found["dependencies"] for ref in node["dependsOn"]}
    assert needed == set(refs[1:]), "each is needed by something, and is listed"
    for component in components():
        assert component["type"] == "library"
        assert component["purl"] == f"pkg:pypi/{component['name']}@{component['version']}"


@pytest.mark.check(28)
def test_every_licence_is_one_that_we_accept() -> None:
    found = {c["name"]: licence_of(c) for c in components()}
    found |= {row[0]: row[-3] for row in rows()}
    assert len(found) > 30
    assert {name: licence for name, licence in found.items() if not is_accepted(licence)} == {}


@pytest.mark.parametrize(
    ("licence", "accepted"),
    [
        ("MIT", True),
        ("AGPL-3.0-only", False),
        ("", False),
        ("MIT AND Apache-2.0", True),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-2.0-or-later OR LGPL-2.1-or-later", True),
        ("GPL-2.0-or-later OR SSPL-1.0", False),
    ],
)
def test_a_licence_is_accepted_or_not(licence: str, accepted: bool) -> None:
    assert is_accepted(licence) is accepted


def test_the_list_for_people_says_the_same_as_the_one_for_programs() -> None:
    python, system = rows()[: len(components())], rows()[len(components()) :]
    assert [row[:3] for row in python] == [
        [c["name"], c["version"], licence_of(c)] for c in components()
    ]
    assert all(len(row) == 5 and all(row) for row in python)
    assert all(len(row) == 4 and all(row) for row in system)
    assert {"HarfBuzz", "Fontconfig"} <= {row[0].split()[0] for row in system}
    markers = {c["name"]: c["properties"][0]["value"] for c in components() if "properties" in c}
    assert {row[0] for row in python if "seulement si" in row[4]} == set(markers)
    assert all(f"seulement si `{markers[row[0]]}`" in row[4] for row in python if row[0] in markers)


# Nothing of anybody else


def is_binary(path: Path) -> bool:
    content = path.read_bytes()
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return b"\0" in content


def kept() -> dict[str, Path]:
    """The tracked files that are there, by their path."""
    return {str(path.relative_to(ROOT)): path for path in tracked_files() if path.is_file()}


def texts() -> dict[str, str]:
    readable = {name: path for name, path in kept().items() if not is_binary(path)}
    return {name: path.read_text(encoding="utf-8") for name, path in readable.items()}


@pytest.mark.check(28)
def test_no_file_is_binary_but_our_pictures() -> None:
    found = [name for name, path in kept().items() if is_binary(path)]
    assert len(found) >= 4
    assert [n for n in found if not any(fnmatch(n, pattern) for pattern in BINARY)] == []


@pytest.mark.check(28)
def test_no_file_bears_the_notice_of_somebody_else() -> None:
    found = {name for name, text in texts().items() if OTHERS.search(text)}
    assert found == {OUR_LICENCE, "tests/trust/protections.toml"}, "which quotes one, to be found"


@pytest.mark.check(28)
def test_no_file_for_browsers_is_minified_or_another_than_ours() -> None:
    assert {name for name in kept() if name.startswith("static/")} == OURS
    code = {n: t for n, t in texts().items() if n.endswith((".js", ".css", ".svg"))}
    assert set(code) >= OURS
    long = {name: max(map(len, text.splitlines())) for name, text in code.items()}
    assert {name: length for name, length in long.items() if length > LONGEST_LINE} == {}


@pytest.mark.check(28)
@pytest.mark.parametrize("module", [*MODULES, *DEPLOYED])
def test_a_module_imports_python_ours_and_what_is_locked(module: str) -> None:
    roots = {name.partition(".")[0] for name in imports(module)}
    outside = roots - sys.stdlib_module_names - {"__future__", "app", "deploy", "letters"}
    locked = names("requirements.txt")
    foreign = {
        root
        for root in outside
        if not locked.intersection(normal(name) for name in INSTALLED.get(root, []))
    }
    assert foreign == set()


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_what_is_locked_is_what_modules_are_held_against() -> None:
    """Tools of the tests are installed beside: to import one must not pass."""
    assert names("requirements.txt").isdisjoint(map(normal, INSTALLED["pytest"]))
    assert names("requirements.txt").issuperset(map(normal, INSTALLED["flask"]))


# The audit


def audited(tmp_path: Path, report: Any, *, installs: bool = True) -> tuple[int, str]:
    """Run script/audit with stand-ins for its tools; its exit code, and what it says."""
    tools = tmp_path / "tools"
    tools.mkdir()
    programs = {
        "pip": f"exit {int(not installs)}",
        "pip-audit": 'while [ "$1" != --output ]; do shift; done\n'
        + (f'cat {tools}/report > "$2"\n' if report is not None else "")
        + "echo ConnectionError >&2\nexit 1",
    }
    (tools / "report").write_text(json.dumps({"dependencies": report}), encoding="utf-8")
    maker, python = tmp_path / "python", quote(sys.executable)
    for path, body in {
        **{tools / name: body for name, body in programs.items()},
        maker: f'mkdir "$3/bin"\ncp {tools}/* "$3/bin"\nln -s {python} "$3/bin/python"',
    }.items():
        path.write_text(f"#!/usr/bin/env bash\n{body}\n", encoding="utf-8")
        path.chmod(0o755)
    found = subprocess.run(
        [ROOT / "script" / "audit"],
        env=os.environ | {"PYTHON": str(maker)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return found.returncode, found.stdout + found.stderr


def package(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, **more}


WELL = package("flask", version="3.1.3", vulns=[])
UNKNOWN = package("babel", skip_reason="Dependency not found on PyPI and could not be audited")
ILL = package(
    "pillow",
    version="13.0.0",
    vulns=[{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["13.0.1"]}],
)
UNREAD = "Les avis de sécurité n'ont pas pu être lus"


@pytest.mark.check(28)
@pytest.mark.parametrize(
    ("report", "code", "sentences"),
    [
        ([WELL, WELL], 0, ["Aucune vulnérabilité connue dans 1 paquets."]),
        (
            [WELL, ILL],
            1,
            [
                "pillow 13.0.0 :",
                "PYSEC-1 = CVE-1 ; corrigé par : 13.0.1",
                "Tapez : script/lock --upgrade-package pillow",
            ],
        ),
        ([WELL, UNKNOWN], 2, [f"{UNREAD} pour 1 paquets sur 2 : babel."]),
        ([UNKNOWN], 2, [f"{UNREAD} pour 1 paquets sur 1. Vérifiez"]),
        ([ILL, UNKNOWN], 1, ["PYSEC-1", f"{UNREAD} pour 1 paquets sur 2 : babel."]),
        ([], 2, []),
        (None, 2, [f"{UNREAD} : ConnectionError."]),
    ],
)
def test_the_audit_ends_as_what_was_found(
    tmp_path: Path, report: Any, code: int, sentences: list[str]
) -> None:
    ended, said = audited(tmp_path, report)
    assert ended == code
    assert [sentence for sentence in sentences if sentence not in said] == []
    assert "Traceback" not in said


def test_the_audit_says_when_its_tool_cannot_be_installed(tmp_path: Path) -> None:
    ended, said = audited(tmp_path, [WELL], installs=False)
    assert (ended, said.count("\n")) == (2, 1)
    assert said.startswith(f"{UNREAD} : pip-audit ne s'installe pas.")
