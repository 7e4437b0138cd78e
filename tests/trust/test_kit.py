"""The rest of deploy/ read over: systemd unit, container, hosting platforms, settings, guide.

systemd itself judges the unit, and the command of the unit is run under strace to see that what it
forbids is nothing that the server does. Limits: without systemd as the first process the unit is
not started here, nor is a container built (no Docker): what they say is compared with what is.
"""

import json
import os
import re
import shlex
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import pytest

from letters.web.settings import Settings, SettingsError
from tests.server import PATIENCE, ROOT, gunicorn, running
from tests.test_scripts import tracked_files
from tests.trust.fronts import DEPLOY, NAME, program

PLACE = "/srv/droit-de-plume"
UNIT = "droit-de-plume.service"
EXPOSURE = 1.0  # of 10, by `systemd-analyze security`
SERVERS_OWN = {"HOST", "PORT", "WEB_CONCURRENCY"}


def text_of(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def directives(name: str) -> dict[str, list[str]]:
    """What a unit says, by name."""
    found: dict[str, list[str]] = {}
    for line in text_of(name).splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


# The unit


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit as if the program were installed where it is, by a path without a space."""
    path, place = tmp_path / UNIT, tmp_path / "plume"
    place.symlink_to(ROOT)
    path.write_text(text_of(UNIT).replace(PLACE, str(place)), encoding="utf-8")
    return path


def judged(*arguments: str | Path) -> str:
    """What systemd-analyze says, which has to be satisfied."""
    done = subprocess.run(
        [program("systemd-analyze"), *arguments],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "SYSTEMD_PAGER": "", "LC_ALL": "C.UTF-8"},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_systemd_finds_nothing_wrong_with_the_unit(unit: Path) -> None:
    """Programs that are not there, directives that do not exist."""
    assert judged("verify", "--man=no", unit) == ""


@pytest.mark.check(26)
def test_systemd_finds_the_service_well_shut_in(unit: Path) -> None:
    threshold = f"--threshold={round(EXPOSURE * 10)}"
    said = judged("security", "--offline=yes", "--no-pager", threshold, unit)
    assert "Overall exposure level" in said


@pytest.mark.check(11)
@pytest.mark.check(26)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LimitCORE", "0"),  # a crash would put the memory on disk
        ("MemorySwapMax", "0"),
        ("InaccessiblePaths", "/tmp /var/tmp"),
        ("ProtectSystem", "strict"),
        ("DynamicUser", "yes"),
        ("IPAddressDeny", "any"),
        ("IPAddressAllow", "localhost"),
        ("StandardOutput", "journal"),
        ("StandardError", "journal"),
    ],
)
def test_what_a_person_types_does_not_leave_memory(name: str, value: str) -> None:
    """What `systemd-analyze security` does not count, or counts for too little."""
    assert directives(UNIT)[name] == [value]


def test_the_unit_names_nothing_that_is_not_there() -> None:
    named = re.findall(rf"{PLACE}/([\w./-]+)", text_of(UNIT))
    assert len(named) >= 2
    assert [name for name in named if not (ROOT / name).exists()] == []
    assert directives(UNIT)["EnvironmentFile"] == ["-/etc/droit-de-plume.env"]


def graceful_timeout() -> int:
    found = re.search(r"^graceful_timeout = (\d+)$", text_of("gunicorn.conf.py"), re.MULTILINE)
    assert found
    return int(found[1])


def test_who_stops_the_server_waits_for_what_is_under_way() -> None:
    assert directives(UNIT)["KillSignal"] == ["SIGTERM"]
    assert directives(UNIT)["KillMode"] == ["mixed"], "the first process tells the others"
    assert int(directives(UNIT)["TimeoutStopSec"][0]) > graceful_timeout()
    grace = re.search(r"^ +stop_grace_period: (\d+)s", text_of("compose.yaml"), re.MULTILINE)
    assert grace
    assert int(grace[1]) > graceful_timeout()


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """(name, rest) of every system call of the unit's own command, asked for pages and a PDF."""
    trace = tmp_path_factory.mktemp("trace") / "calls"
    _, *arguments = shlex.split(directives(UNIT)["ExecStart"][0])
    command = (str(ROOT / ".venv" / "bin" / "gunicorn"), *arguments)
    strace = (program("strace"), "-D", "-f", "-qq", "-y", "-o", str(trace))
    body = "given_name=C&family_name=D&recipient=01751&output=pdf"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    with running((*strace, *command)) as server:
        assert server.ask("GET", "/fr/")[0] == 200
        assert server.ask("POST", "/fr/lettres/opposition-sante", body, kind)[0] == 200
        server.stop()
        assert server.code == 0
    lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [re.match(r"\d+ +(\w+)\((.*)", line) for line in lines]
    return [(call[1], call[2]) for call in found if call]


def allowed_calls() -> set[str]:
    """What the unit's SystemCallFilter lets through, groups spelled out by systemd."""
    allowed: set[str] = set()
    for value in directives(UNIT)["SystemCallFilter"]:
        names = set[str]()
        for group in value.removeprefix("~").split():
            names |= spelled_out(group)
        allowed = allowed - names if value.startswith("~") else allowed | names
    return allowed


def spelled_out(group: str) -> set[str]:
    if not group.startswith("@"):
        return {group}
    said = judged("syscall-filter", "--no-pager", group).splitlines()[1:]
    names = [line.strip() for line in said if line.strip() and "#" not in line]
    return {name for each in names for name in spelled_out(each)}


def test_the_unit_forbids_no_call_that_the_server_makes(calls: list[tuple[str, str]]) -> None:
    made = {name for name, _ in calls}
    assert {"execve", "bind", "accept4"} <= made
    # `execve` of the server itself is systemd's; the others are always let through.
    assert made - allowed_calls() - {"execve", "exit", "exit_group", "rt_sigreturn"} == set()


def test_the_unit_forbids_no_kind_of_socket_and_no_memory_that_the_server_wants(
    calls: list[tuple[str, str]],
) -> None:
    families = {rest.partition(",")[0] for name, rest in calls if name == "socket"}
    assert families <= set(directives(UNIT)["RestrictAddressFamilies"][0].split())
    assert directives(UNIT)["MemoryDenyWriteExecute"] == ["yes"]
    asked = [rest for name, rest in calls if name in {"mmap", "mprotect"}]
    assert [rest for rest in asked if "PROT_WRITE|PROT_EXEC" in rest] == []


# The settings


def example() -> dict[str, str]:
    """deploy/.env.example as a shell reads it, which is how all three of its readers do."""
    lines = text_of(".env.example").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: "".join(shlex.split(value)) for name, _, value in pairs}


def test_the_example_has_every_setting_and_no_other() -> None:
    source = (ROOT / "letters" / "web" / "settings.py").read_text(encoding="utf-8")
    read = re.findall(r'\(values, "([A-Z_]+)"', source)
    assert len(read) == len(Settings.__slots__)
    assert set(example()) == SERVERS_OWN | {f"DROIT_DE_PLUME_{name}" for name in read}


def test_the_example_says_the_defaults() -> None:
    values = example()
    assert Settings.from_environment(values) == Settings.from_environment({}) == Settings()
    assert (values["HOST"], values["PORT"], values["WEB_CONCURRENCY"]) == ("127.0.0.1", "8000", "2")
    for name in SERVERS_OWN:
        assert re.search(rf'"{name}"\)? or "{values[name]}"|"{name}", "{values[name]}"', GUNICORN)


GUNICORN = text_of("gunicorn.conf.py")


def test_the_example_is_what_a_shell_reads() -> None:
    shell = 'set -a; . "$0"; env'
    said = subprocess.run(
        ["bash", "-c", shell, str(DEPLOY / ".env.example")],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    read = dict(line.split("=", 1) for line in said.splitlines())
    assert {name: read[name] for name in example()} == example()


def test_every_setting_is_explained_and_the_explanations_examples_are_accepted() -> None:
    blocks = re.findall(r"((?:^#.*\n)+)^(\w+)=", text_of(".env.example"), re.MULTILINE)
    assert {name for _, name in blocks} == set(example())
    said = {name: words for words, name in blocks}
    examples = {name: re.findall(r"Exemple : \"?([^\"\n]+)", words) for name, words in said.items()}
    filled = {name: values[0] for name, values in examples.items() if values}
    assert len(filled) >= 2
    Settings.from_environment(filled)
    with pytest.raises(SettingsError):
        Settings.from_environment({"DROIT_DE_PLUME_TRUSTED_HOSTS": "a/b"})


# Containers and platforms


def packages_of_setup() -> list[str]:
    setup = (ROOT / "script" / "setup").read_text(encoding="utf-8")
    found = re.search(r"^ +packages='([^'$]+)'$", setup, re.MULTILINE)
    assert found
    return sorted(found[1].split())


def instructions() -> list[tuple[str, str]]:
    """(INSTRUCTION, rest) of the Dockerfile, continued lines as one."""
    text = re.sub(r"\\\n", " ", text_of("Dockerfile"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in lines]


def told(instruction: str) -> list[str]:
    return [rest for name, rest in instructions() if name == instruction]


def test_every_host_installs_the_packages_of_setup() -> None:
    apt = next(rest for rest in told("RUN") if "apt-get install" in rest)
    assert sorted(re.findall(r"\blib[\w.-]+", apt.partition("&& rm")[0])) == packages_of_setup()
    assert sorted(text_of("paas/Aptfile").split()) == packages_of_setup()


@pytest.mark.check(28)
def test_the_image_has_the_locked_packages_only() -> None:
    pip = [rest for rest in told("RUN") if "pip install" in rest]
    assert len(pip) == 1
    assert "--require-hashes -r requirements.txt" in pip[0]


def copied() -> list[str]:
    return [source for rest in told("COPY") for source in rest.split()[:-1]]


def test_all_that_the_image_needs_is_copied_and_nothing_else_gets_near() -> None:
    assert [source for source in copied() if not (ROOT / source).exists()] == []
    ignore = text_of("Dockerfile.dockerignore").splitlines()
    rules = [line for line in ignore if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert sorted(copied()) == sorted(line[1:] for line in rules if line.startswith("!"))
    # Whatever the application opens or imports, found among what git keeps.
    kept = {str(path.relative_to(ROOT)) for path in tracked_files() if path.is_file()}
    program_files = {
        name
        for name in kept | {"deploy/worker.py"}
        if fnmatch(name, "letters/*") or fnmatch(name, "static/*") or fnmatch(name, "templates/*")
    } | {"app.py", "deploy/gunicorn.conf.py", "deploy/worker.py", "requirements.txt"}
    missing = [
        f for f in program_files if not any(f == c or f.startswith(f"{c}/") for c in copied())
    ]
    assert missing == []
    for line in re.findall(r"^from (deploy\.\w+) import", GUNICORN, re.MULTILINE):
        assert f"{line.replace('.', '/')}.py" in copied()


def test_the_image_runs_as_nobody_and_builds_the_font() -> None:
    users = told("USER")
    assert len(users) == 1
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[0])
    names = [name for name, _ in instructions()]
    assert "RUN" not in names[names.index("USER") :]
    assert any("python -m letters.render.font" in rest for rest in told("RUN"))
    assert re.fullmatch(r"python:3\.\d+-slim-bookworm", told("FROM")[0])
    assert json.loads(told("CMD")[0])[1:] == list(gunicorn()[3:])


def test_the_health_check_tells_a_server_from_none() -> None:
    check = json.loads(told("HEALTHCHECK")[0].partition(" CMD ")[2])
    assert check[:2] == ["python", "-c"]

    def ask(port: int) -> int:
        return subprocess.run(
            [ROOT / ".venv" / "bin" / "python", *check[1:]],
            env={"PORT": str(port)},
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        ).returncode

    with running(DROIT_DE_PLUME_TRUSTED_HOSTS=NAME) as server:
        port = server.port
        assert ask(port) == 0
    assert ask(port) == 1


@pytest.mark.check(11)
def test_the_container_has_no_power_and_no_disk() -> None:
    lines = [line.partition(" #")[0].strip() for line in text_of("compose.yaml").splitlines()]
    wanted = ("read_only: true", "- ALL", "- no-new-privileges:true", "core: 0", "- .env")
    assert [line for line in wanted if line not in lines] == []
    assert [line for line in lines if line.endswith(':8000"')] == ['- "127.0.0.1:8000:8000"']
    limits = dict(line.split(": ") for line in lines if re.match(r"mem\w*_limit: ", line))
    assert limits["mem_limit"] == limits["memswap_limit"], "nothing goes to the swap"
    assert "volumes:" not in lines


def test_what_was_never_run_says_so() -> None:
    for name in ("Dockerfile", "compose.yaml", "yunohost.md", "README.md"):
        assert re.search(r"jamais (été )?exécuté ici", text_of(name), re.IGNORECASE), name


def test_the_platforms_start_the_server_that_we_test() -> None:
    command = text_of("paas/Procfile").removeprefix("web: ")
    assert f"gunicorn {shlex.join(gunicorn()[3:])}\n" in command
    assert "python -m letters.render.font;" in command


# The guide


def test_the_guide_names_files_that_are_there() -> None:
    for name in ("README.md", "yunohost.md"):
        text = text_of(name)
        inside = re.findall(rf"(?:{PLACE}/|\b)((?:deploy|script)/[\w./-]*[\w])", text)
        inside += [f"deploy/{target}" for target in re.findall(r"\]\(([\w./-]+)\)", text)]
        assert len(inside) > 2
        assert [
            path for path in inside if not (ROOT / path).exists() and path != "deploy/.env"
        ] == []


def test_the_guide_names_settings_that_exist() -> None:
    names = set(
        re.findall(r"DROIT_DE_PLUME_[A-Z_]+", text_of("README.md") + text_of("yunohost.md"))
    )
    assert names <= set(example())
    assert {"DROIT_DE_PLUME_TRUSTED_HOSTS", "DROIT_DE_PLUME_PROXY_HOPS"} <= names


def test_setup_installs_every_program_that_these_tests_call() -> None:
    setup = (ROOT / "script" / "setup").read_text(encoding="utf-8")
    installed = set(re.findall(r"([\w-]+):[\w-]+", re.findall(r"^tools='(.*)'$", setup, re.M)[0]))
    called = {
        name
        for path in (ROOT / "tests").rglob("*.py")
        for name in re.findall(r'\bprogram\("([\w-]+)"\)', path.read_text(encoding="utf-8"))
    } - {"a-program-that-nobody-has"}
    assert called
    assert called <= installed
