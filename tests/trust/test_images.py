"""The image of deploy/Dockerfile built and started by buildah, the unit started by systemd-nspawn.

Their Debian 13 comes from debootstrap, once, into build/images; their Python packages from this
machine's pip. `script/setup --tout` installs the tools. Limits: Linux, as root; no registry, no
Docker, no cluster; on the machine's own network, so that shutting it in is not tried here.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from tests.kit.pages import FORM
from tests.server import PATIENCE, ROOT, running, until
from tests.trust.fronts import DEPLOY, answers, free_port, program

pytestmark = [pytest.mark.server, pytest.mark.tout]

IMAGES = ROOT / "build" / "images"
BASE = "docker.io/library/debian:trixie-slim"  # what the Dockerfile starts from
IMAGE = "localhost/droit-de-plume"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
LETTER = {"given_name": "Canarine", "family_name": "D", "recipient": "01751", "output": "pdf"}
Command = tuple[str | Path, ...]


def run(*command: str | Path) -> str:
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    said = (done.stdout + done.stderr).splitlines()
    assert done.returncode == 0, "\n".join([str(command), *said[-20:]])
    return done.stdout.strip()


def as_root(name: str) -> str:
    """A program that only root can run: as with one that is missing, CI does not do without."""
    if os.geteuid() != 0:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{name} : il faut root.")
    return program(name)


def store(*command: str | Path) -> Command:
    """A command of buildah, on images of our own, away from the person's."""
    place = ("--root", IMAGES / "store", "--runroot", IMAGES / "run")
    return (as_root("buildah"), *place, *command)


def inside(container: str, *command: str, user: str = "") -> Command:
    """A command in a container: on the machine's network, without asking for cgroups."""
    options = ("--isolation", "chroot", *(("--user", user) if user else ()))
    return store("run", *options, "--env", "HOST=127.0.0.1", "--env", "PORT=0", container, *command)


def check_serves(url: str, commit: str) -> None:
    with urlopen(url + FORM, urlencode(LETTER).encode(), PATIENCE) as answer:
        assert answer.read().startswith(b"%PDF-1.7")
    with urlopen(f"{url}/version") as told:
        assert json.load(told)["commit"] == commit


def make_base() -> None:
    run(as_root("debootstrap"), "--variant=minbase", "trixie", IMAGES / "trixie")
    empty = run(*store("from", "scratch"))
    run(*store("add", "--quiet", empty, IMAGES / "trixie", "/"))
    run(*store("commit", "--quiet", "--rm", empty, BASE))
    shutil.rmtree(IMAGES / "trixie")


def make_image() -> None:
    """As on a machine that has nothing yet; its packages from wherever this machine gets them."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    if BASE not in run(*store("images", "--format", "{{.Name}}:{{.Tag}}")).split():
        make_base()
    kinds = (f"--platform=manylinux_2_{minor}_{platform.machine()}" for minor in range(5, 42))
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes")
    python = ("--python-version=3.13", "--only-binary=:all:", *kinds)
    run(*pip, *python, "--requirement", "requirements.txt", "--dest", IMAGES / "wheels")
    conf, wheels = IMAGES / "pip.conf", IMAGES / "wheels"
    conf.write_text("[global]\nno-index = true\nfind-links = /wheels\n", encoding="utf-8")
    mounts = (f"--volume={wheels}:/wheels:ro", f"--volume={conf}:/etc/pip.conf:ro")
    how = ("--isolation=chroot", "--format=docker", "--pull-never", "--layers", *mounts)
    what = ("--file", DEPLOY / "Dockerfile", "--build-arg", f"COMMIT={COMMIT}")
    run(*store("build", *how, *what, "--tag", IMAGE, "."))


def test_the_image_and_the_unit_serve_letters_and_keep_nothing_of_them() -> None:
    make_image()
    container = run(*store("from", "--pull-never", IMAGE))
    check_image(container)
    check_unit(container)
    run(*store("rm", container))


def check_image(container: str) -> None:
    """It serves, and has nowhere to write."""
    told = json.loads(run(*store("inspect", container)))["Docker"]["config"]
    assert run(*inside(container, "id", "-u")) == "65532"
    with running(inside(container, *told["Cmd"])) as server:
        check_serves(server.url, COMMIT)
        check = ("env", f"PORT={server.port}", *told["Healthcheck"]["Test"][1:])
        run(*inside(container, *check))
    assert run(*inside(container, "find", ".", "-writable")) == ""


def check_unit(container: str) -> None:
    """In the image, with systemd and git added: the same Debian, prepared by the same set-up."""
    install = "apt-get -q update && apt-get -q install -y --no-install-recommends systemd-sysv git"
    commit = "git init -q && git -c user.name=x -c user.email=x commit -q --allow-empty -m x"
    enable = "systemctl enable -q droit-de-plume && mkdir -p /var/log/journal"
    run(*store("copy", container, DEPLOY / "droit-de-plume.service", "/etc/systemd/system/"))
    run(*inside(container, "sh", "-c", f"{install} && {commit} && {enable}", user="0"))
    head = run(*inside(container, "git", "-c", "safe.directory=*", "rev-parse", "HEAD"))
    root, port = Path(run(*store("mount", container))), free_port()
    (root / "etc/droit-de-plume.env").write_text(f"PORT={port}\n", encoding="utf-8")

    # Without a systemd of its own, the machine has nobody to register with.
    alone = () if Path("/run/systemd/system").exists() else ("--register=no", "--keep-unit")
    old_cgroups = "SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"  # for machines that still have them
    command = (as_root("systemd-nspawn"), "-q", "-D", root, "-b", "--console=pipe", *alone)
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        [*command, old_cgroups], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    ) as machine:
        try:
            until(lambda: machine.poll() is not None or answers(port))
            check_serves(url, head)
        finally:
            machine.terminate()  # « shut down », to the systemd inside
    journal = run("journalctl", "-D", root / "var/log/journal", "-o", "cat")
    assert f"Droit de plume : {url} (Ctrl+C pour arrêter)" in journal.splitlines()
    assert "droit-de-plume.service: Deactivated successfully." in journal
    assert "Canarine" not in journal
    run(*store("umount", container))
