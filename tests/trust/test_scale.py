"""More than one machine: nginx in front of several, with the very lines of deploy/nginx.

Copies of the application and stand-ins that fall, stay mute or are full, all on this machine: no
request is lost while each copy restarts, and none is done twice without need. The Kubernetes
manifest is read over, its schema included: no cluster is here to run it. Limits: a machine cut off
from the network is not the same as one that is mute.
"""

import json
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
from kubernetes_validate.utils import resources_from_file  # type: ignore[import-untyped]

from bench.client import everybody
from bench.scale import balanced, copies_of, roll
from letters.web.settings import Settings, SettingsError
from tests.load.overload import OTHER, PAGES, PDFS, SERVED, TEXTS
from tests.server import PATIENCE, ROOT, gunicorn, running
from tests.test_pages import FORM
from tests.trust.fronts import DEPLOY, VISITOR, Front, nginx, several
from tests.trust.test_hosting import PERSON, PLACES
from tests.trust.test_kit import SERVERS_OWN, graceful_timeout, told
from tests.trust.test_log import CANARIES, check_silent
from tests.trust.test_process import FORM_HEADERS

FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 6\r\n\r\nPleine"
WELL = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
FALLS = b""


@dataclass
class StandIn:
    """A machine that takes a request in, says always the same, and hangs up."""

    says: bytes
    heard: list[bytes] = field(default_factory=list)
    listener: socket.socket = field(default_factory=lambda: socket.create_server((VISITOR, 0)))

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def serve(self) -> None:
        with suppress(OSError):  # the listener was shut down
            while True:
                line, _ = self.listener.accept()
                with line, suppress(ConnectionError):
                    self.heard.append(whole_request(line))
                    line.sendall(self.says)


def whole_request(line: socket.socket) -> bytes:
    line.settimeout(PATIENCE)
    received = b""
    while True:
        head, end, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if end and len(body) >= int(length[1] if length else 0):
            return received
        more = line.recv(65536)
        assert more
        received += more


@contextmanager
def stand_ins(*said: bytes) -> Iterator[list[StandIn]]:
    machines = [StandIn(says) for says in said]
    threads = [threading.Thread(target=machine.serve) for machine in machines]
    for thread in threads:
        thread.start()
    try:
        yield machines
    finally:
        for machine, thread in zip(machines, threads, strict=True):
            machine.listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            machine.listener.close()


@contextmanager
def in_front_of(folder: Path, ports: Sequence[int]) -> Iterator[Front]:
    with nginx(folder, ports[0], more=several(ports)) as front:
        yield front


def send(front: Front) -> tuple[int, bytes]:
    reply = front.ask("POST", FORM, urlencode(CANARIES, doseq=True), FORM_HEADERS)
    return reply.status, reply.body


# Copies of the application


@pytest.mark.check(23)
def test_each_copy_restarts_and_no_request_is_lost(tmp_path: Path) -> None:
    copies = copies_of(2)
    with everybody() as clients, balanced(tmp_path / "front", copies) as front:
        seen = roll(clients, front, copies)
    assert seen.count(OTHER) == 0
    for kind in (PDFS, PAGES, TEXTS):
        assert sum(len(run.times(kind)) for run in seen.each) > 0
    assert seen.count(SERVED) > 20


def test_every_copy_gets_work(tmp_path: Path) -> None:
    copies = copies_of(3)
    commits = [digit * 40 for digit in "abc"]
    for copy, commit in zip(copies, commits, strict=True):
        copy.settings = {"DROIT_DE_PLUME_COMMIT": commit}
    with balanced(tmp_path / "front", copies) as front:
        versions = [json.loads(front.ask("GET", "/version").body) for _ in range(9)]
    assert sorted({version["commit"] for version in versions}) == commits


def test_a_letter_may_go_from_one_copy_to_another(tmp_path: Path) -> None:
    """Nothing of a person is in a copy: the same answers give the same file, whoever makes it."""
    with balanced(tmp_path / "front", copies_of(2)) as front:
        body = urlencode({**PERSON, "output": "pdf"})
        files = {front.ask("POST", FORM, body, FORM_HEADERS).body for _ in range(4)}
    assert len(files) == 1
    assert files.pop().startswith(b"%PDF-")


# Machines in trouble


def test_a_form_whose_machine_falls_is_taken_to_another(tmp_path: Path) -> None:
    with (
        stand_ins(FALLS, WELL) as [falls, well],
        in_front_of(tmp_path / "front", [falls.port, well.port]) as front,
    ):
        for _ in range(4):
            assert send(front) == (200, b"OK")
        check_silent(front.written)
        assert PLACES.findall(front.written) == []
    assert falls.heard
    assert len(well.heard) == 4
    [body] = {heard.partition(b"\r\n\r\n")[2] for heard in falls.heard + well.heard}
    assert b"Canarine" in body, "the other machine gets all of it"


def test_what_makes_machines_fall_is_not_taken_to_all_of_them(tmp_path: Path) -> None:
    with (
        stand_ins(*[FALLS] * 5) as machines,
        in_front_of(tmp_path / "front", [machine.port for machine in machines]) as front,
    ):
        assert send(front)[0] == 502
    assert sum(len(machine.heard) for machine in machines) == 3


def test_a_machine_that_is_full_says_so_itself(tmp_path: Path) -> None:
    with (
        stand_ins(FULL, FULL) as machines,
        in_front_of(tmp_path / "front", [machine.port for machine in machines]) as front,
    ):
        for _ in range(4):
            assert send(front) == (503, b"Pleine")
    assert sum(len(machine.heard) for machine in machines) == 4


def test_a_machine_that_comes_back_is_asked_at_once(tmp_path: Path) -> None:
    """Else two that restart one after the other would close the site."""
    with (
        stand_ins(FALLS, FALLS) as machines,
        in_front_of(tmp_path / "front", [machine.port for machine in machines]) as front,
    ):
        assert [send(front)[0] for _ in range(4)] == [502] * 4
        for machine in machines:
            machine.says = WELL
        assert [send(front)[0] for _ in range(4)] == [200] * 4


def test_a_mute_machine_holds_one_request_and_the_others_go_elsewhere(tmp_path: Path) -> None:
    is_held = threading.Event()

    def send_until_one_is_held() -> list[int]:
        statuses = []
        while not is_held.is_set():
            statuses.append(send(front)[0])
        return statuses

    with socket.create_server((VISITOR, 0)) as mute, stand_ins(WELL) as [well]:
        mute.settimeout(PATIENCE)
        ports = [mute.getsockname()[1], well.port]
        with in_front_of(tmp_path / "front", ports) as front, ThreadPoolExecutor(1) as pool:
            first_ones = pool.submit(send_until_one_is_held)
            line, _ = mute.accept()
            is_held.set()
            with line:
                assert [send(front)[0] for _ in range(6)] == [200] * 6
            assert set(first_ones.result()) == {200}, "it hangs up: the one held goes elsewhere"


# The Kubernetes manifest

MANIFEST = DEPLOY / "kubernetes" / "droit-de-plume.yaml"
OLDEST = "1.27"  # of Kubernetes; the newest is the newest that the validator knows
Resource = dict[str, Any]


def resources() -> list[Resource]:
    return list(resources_from_file(MANIFEST))


def resource(kind: str) -> Resource:
    [found] = [each for each in resources() if each["kind"] == kind]
    return found


def pod() -> Resource:
    return dict(resource("Deployment")["spec"]["template"]["spec"])


def container() -> Resource:
    [only] = pod()["containers"]
    return dict(only)


def in_the_container() -> dict[str, str]:
    """Its environment: the ConfigMap, then what is said on the spot."""
    assert container()["envFrom"] == [{"configMapRef": {"name": "droit-de-plume"}}]
    said = {each["name"]: each["value"] for each in container()["env"]}
    return {**resource("ConfigMap")["data"], **said}


@pytest.mark.parametrize("version", [OLDEST, kubernetes_validate.latest_version()])
def test_kubernetes_finds_nothing_wrong_with_the_manifest(version: str) -> None:
    assert len(resources()) == 6
    for each in resources():
        read_as = kubernetes_validate.validate(each, version, strict=True)
        assert version.startswith(read_as)


@pytest.mark.parametrize(
    ("kind", "place", "misspelt"),
    [
        ("Deployment", ("spec", "template", "spec"), "enableServiceLink"),
        ("Deployment", ("spec", "strategy", "rollingUpdate"), "maxUnavailables"),
        ("HorizontalPodAutoscaler", ("spec",), "minReplica"),
        ("NetworkPolicy", ("spec",), "outgress"),
    ],
)
def test_a_misspelt_key_of_the_manifest_is_found(
    kind: str, place: tuple[str, ...], misspelt: str
) -> None:
    whole = resource(kind)
    part = whole
    for key in place:
        part = part[key]
    part[misspelt] = 1
    with pytest.raises(kubernetes_validate.ValidationError, match=misspelt):
        kubernetes_validate.validate(whole, OLDEST, strict=True)


def test_the_manifest_says_first_that_it_was_never_run() -> None:
    assert MANIFEST.read_text(encoding="utf-8").startswith("# JAMAIS EXÉCUTÉ ICI")


def test_the_manifest_runs_the_image_that_the_dockerfile_makes() -> None:
    settings = in_the_container()
    assert [each["containerPort"] for each in container()["ports"]] == [int(told("EXPOSE")[0])]
    assert settings["PORT"] == told("EXPOSE")[0]
    assert settings["HOST"] == "0.0.0.0"
    who = pod()["securityContext"]
    assert f"{who['runAsUser']}:{who['runAsGroup']}" == told("USER")[0]
    assert {"command", "args"} & container().keys() == set(), "the image knows what to run"


def test_the_settings_of_the_manifest_are_settings() -> None:
    settings = in_the_container()
    ours = {name: value for name, value in settings.items() if name not in SERVERS_OWN}
    assert {name[:15] for name in ours} == {"DROIT_DE_PLUME_"}
    assert Settings.from_environment(ours).proxy_hops == 1


def test_kubernetes_adds_no_variable_that_would_be_taken_for_a_setting() -> None:
    name = resource("Service")["metadata"]["name"].upper().replace("-", "_")
    for added in (f"{name}_SERVICE_HOST", f"{name}_PORT"):
        with pytest.raises(SettingsError):
            Settings.from_environment({added: "10.0.0.1"})
    assert pod()["enableServiceLinks"] is False


@pytest.mark.check(11)
@pytest.mark.check(26)
def test_the_pod_has_no_power_and_no_disk() -> None:
    assert (
        pod()["securityContext"]
        | {
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        == pod()["securityContext"]
    )
    assert container()["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod()["automountServiceAccountToken"] is False
    [volume] = pod()["volumes"]
    assert volume["emptyDir"]["medium"] == "Memory"
    assert container()["volumeMounts"] == [{"name": volume["name"], "mountPath": "/dev/shm"}]
    policy = resource("NetworkPolicy")["spec"]
    assert "Egress" in policy["policyTypes"]
    assert policy["egress"] == []


def test_a_pod_that_stops_is_sent_nobody_and_ends_what_is_under_way() -> None:
    command, seconds = container()["lifecycle"]["preStop"]["exec"]["command"]
    assert command == "sleep"
    assert pod()["terminationGracePeriodSeconds"] > int(seconds) + graceful_timeout()
    assert resource("Deployment")["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_the_autoscaler_decides_how_many_and_one_at_least_stays() -> None:
    assert "replicas" not in resource("Deployment")["spec"]
    scaler = resource("HorizontalPodAutoscaler")["spec"]
    assert scaler["scaleTargetRef"]["name"] == resource("Deployment")["metadata"]["name"]
    assert scaler["minReplicas"] > resource("PodDisruptionBudget")["spec"]["minAvailable"] > 0
    assert "cpu" in container()["resources"]["requests"], "what its percentage is of"
    assert "cpu" not in container()["resources"]["limits"]


def test_everything_is_about_the_same_pods() -> None:
    labels = resource("Deployment")["spec"]["template"]["metadata"]["labels"]
    said = [
        resource("Deployment")["spec"]["selector"]["matchLabels"],
        resource("Service")["spec"]["selector"],
        resource("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        resource("NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        pod()["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"],
    ]
    assert said == [labels] * len(said)
    [port] = container()["ports"]
    assert resource("Service")["spec"]["ports"][0]["targetPort"] == port["name"]
    assert resource("NetworkPolicy")["spec"]["ingress"] == [{"ports": [{"port": port["name"]}]}]


def test_the_probes_are_answered_with_the_settings_of_the_manifest() -> None:
    """Kubernetes asks by the address of the pod unless it is told otherwise."""
    probes = [container()[f"{name}Probe"]["httpGet"] for name in ("startup", "readiness")]
    assert container()["livenessProbe"]["httpGet"] in probes
    here = {**in_the_container(), "HOST": VISITOR, "PORT": "0"}
    with running(gunicorn(), ROOT, **here) as server:
        for probe in probes:
            assert probe["port"] == "http"
            headers = {each["name"]: each["value"] for each in probe["httpHeaders"]}
            assert server.ask("GET", probe["path"], headers=headers)[0] == 200
        assert server.ask("GET", "/sante", headers={"Host": "10.0.0.7:8000"})[0] == 400
