"""The systemd unit, the settings and the Kubernetes manifest, read over by their own tools.

Limits: no cluster; test_images.py starts the unit and the image, with `--tout` only.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from letters.web.settings import PREFIX, Settings
from tests.server import ROOT, running
from tests.trust.fronts import DEPLOY, program

UNIT = DEPLOY / "droit-de-plume.service"
MANIFEST = DEPLOY / "kubernetes" / "droit-de-plume.yaml"
OLDEST = "1.27"  # of Kubernetes; the newest is the newest that the validator knows
SERVERS_OWN = {"HOST": "127.0.0.1", "PORT": "8000", "WEB_CONCURRENCY": ""}


@pytest.mark.server
@pytest.mark.check(26)
def test_systemd_finds_the_service_well_shut_in(tmp_path: Path) -> None:
    """Nor anything wrong: programs that are not there, directives that do not exist."""
    unit, place = tmp_path / UNIT.name, tmp_path / "plume"  # where it is, by a path without a space
    place.symlink_to(ROOT)
    text = UNIT.read_text(encoding="utf-8").replace("/srv/droit-de-plume", str(place))
    unit.write_text(text, encoding="utf-8")
    assert output("systemd-analyze", "verify", "--man=no", unit) == ("", "")
    most = "--threshold=10"  # of 100
    output("systemd-analyze", "security", "--offline=yes", "--no-pager", most, unit)


def output(name: str | Path, *arguments: str | Path) -> tuple[str, str]:
    """What a program says on both streams, and it has to be satisfied."""
    quiet = {**os.environ, "SYSTEMD_PAGER": "", "LC_ALL": "C.UTF-8"}
    command = [program(str(name)), *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=quiet, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, done.stderr


@pytest.mark.check(11, 26)
def test_what_a_person_types_does_not_leave_memory() -> None:
    """By a crash or the swap, which put it on disk: no tool counts that, or not enough."""
    unit, compose = (
        {line.partition(" #")[0].strip() for line in file.read_text(encoding="utf-8").splitlines()}
        for file in (UNIT, DEPLOY / "compose.yaml")
    )
    assert unit >= {"LimitCORE=0", "MemorySwapMax=0", "InaccessiblePaths=/tmp /var/tmp"}
    assert unit >= {"ProtectSystem=strict", "IPAddressDeny=any", "IPAddressAllow=localhost"}
    assert compose >= {"read_only: true", "core: 0", "mem_limit: 768m", "memswap_limit: 768m"}
    assert compose >= {"- ALL", "- no-new-privileges:true"}
    assert "volumes:" not in compose


def test_the_example_explains_every_setting_and_says_its_default() -> None:
    """As each of its readers reads it: systemd, Docker, compose."""
    text = (DEPLOY / ".env.example").read_text(encoding="utf-8")
    values = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
    settings = {f"{PREFIX}{name.upper()}" for name in Settings.__slots__}
    assert set(values) == SERVERS_OWN.keys() | settings
    assert set(re.findall(r"^#.*\n(\w+)=", text, re.MULTILINE)) == set(values)
    assert {name: values[name] for name in SERVERS_OWN} == SERVERS_OWN
    assert Settings.from_environment(values) == Settings()


@pytest.mark.server
@pytest.mark.tout
def test_kubernetes_finds_nothing_wrong_with_the_manifest_and_its_probes_are_answered() -> None:
    tool = Path(output(ROOT / "script" / "tool", "kubernetes")[0].strip())
    for version in ((), ("-k", OLDEST)):
        output(tool / "kubernetes-validate", "--strict", "--quiet", *version, MANIFEST)
    read = "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))"
    said, _ = output(tool / "python", "-c", read, MANIFEST)
    resources = {each["kind"]: each for each in json.loads(said)}
    pod = resources["Deployment"]["spec"]["template"]["spec"]
    assert pod["enableServiceLinks"] is False, "else it adds variables that are no settings"
    assert resources["NetworkPolicy"]["spec"]["egress"] == []
    [only] = pod["containers"]
    assert only["securityContext"]["readOnlyRootFilesystem"]
    settings = {**resources["ConfigMap"]["data"], "HOST": "127.0.0.1", "PORT": "0"}
    with running(**settings) as server:
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            asked = only[probe]["httpGet"]
            headers = {each["name"]: each["value"] for each in asked["httpHeaders"]}
            assert server.ask("GET", asked["path"], headers=headers)[0] == 200
        assert server.ask("GET", "/sante", headers={"Host": "10.0.0.7:8000"})[0] == 400
