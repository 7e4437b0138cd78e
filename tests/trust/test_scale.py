"""More than one machine: nginx in front of several, with the very lines of deploy/nginx.

Copies of the application and stand-ins that fall, stay mute or are full, all on this machine: no
request is lost while each copy restarts, and none is done twice without need. Limits: a machine cut
off from the network is not the same as one that is mute.
"""

import random
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.kit.pages import FORM
from tests.server import PATIENCE, Server, running, service
from tests.trust.fronts import FALLS, FULL, NAME, VISITOR, WELL, Front, nginx, several, stand_ins
from tests.trust.test_hosting import PERSON, PLACES
from tests.trust.test_log import CANARIES, check_silent
from tests.trust.test_process import FORM_HEADERS

pytestmark = pytest.mark.server


@contextmanager
def in_front_of(folder: Path, ports: Sequence[int]) -> Iterator[Front]:
    with nginx(folder, ports[0], more=several(ports)) as front:
        yield front


def send(front: Front) -> tuple[int, bytes]:
    reply = front.ask("POST", FORM, urlencode(CANARIES, doseq=True), FORM_HEADERS)
    return reply.status, reply.body


# Copies of the application


def steady_port() -> int:
    """A free port that the system gives to no client while the copy is away."""
    while True:
        with socket.socket() as probe, suppress(OSError):
            probe.bind((VISITOR, random.randrange(20_000, 32_000)))
            return int(probe.getsockname()[1])


def copy(port: int) -> AbstractContextManager[Server]:
    """A copy of the application, which comes back at the same port when it is started again."""
    names = {"DROIT_DE_PLUME_PROXY_HOPS": "1", "DROIT_DE_PLUME_TRUSTED_HOSTS": NAME}
    return running(service(), PORT=str(port), WEB_CONCURRENCY="1", **names)


@pytest.mark.check(30)
def test_each_copy_restarts_and_no_request_is_lost(tmp_path: Path) -> None:
    """Nothing of a person is in a copy: the same answers give the same file, whoever makes it."""
    body = urlencode({**PERSON, "output": "pdf"})
    is_over = threading.Event()
    ports = [steady_port(), steady_port()]
    with ExitStack() as stack:
        copies = [stack.enter_context(ExitStack()) for _ in ports]
        for port, started in zip(ports, copies, strict=True):
            started.enter_context(copy(port))
        front = stack.enter_context(in_front_of(tmp_path / "front", ports))

        def ask_until_then(_: int) -> list[tuple[int, bytes]]:
            seen = []
            while not is_over.is_set():
                reply = front.ask("POST", FORM, body, FORM_HEADERS)
                seen += [(reply.status, reply.body), (front.ask("GET", "/fr/").status, b"")]
            return seen

        with ThreadPoolExecutor(3) as pool:
            asked = pool.map(ask_until_then, range(3))
            try:
                for port, started in zip(ports, copies, strict=True):
                    started.close()
                    started.enter_context(copy(port))
            finally:
                is_over.set()
        seen = [each for some in asked for each in some]
    assert len(seen) > 10
    assert {status for status, _ in seen} == {200}
    [file] = {content for _, content in seen if content}
    assert file.startswith(b"%PDF-")


# Machines in trouble


@pytest.mark.parametrize(
    ("says", "answers", "tries"),
    [
        ((FALLS, WELL), [(200, b"OK")] * 4, {4: WELL}),
        ((FALLS,) * 5, [(502, None)], {3: FALLS}),
        ((FULL, FULL), [(503, b"Pleine")] * 4, {4: FULL}),
    ],
    ids=["a fall is made good by another", "not by all of them", "a full one says so itself"],
)
def test_a_form_is_taken_to_another_machine_when_one_falls_and_then_only(
    tmp_path: Path, says: Sequence[bytes], answers: list[Any], tries: dict[int, bytes]
) -> None:
    with (
        stand_ins(*says) as machines,
        in_front_of(tmp_path / "front", [machine.port for machine in machines]) as front,
    ):
        for status, body in answers:
            got = send(front)
            assert got == (status, got[1] if body is None else body)
        check_silent(front.written)
        assert PLACES.findall(front.written) == []
    for count, kind in tries.items():
        assert sum(len(machine.heard) for machine in machines if machine.says == kind) == count
    heard = [body for machine in machines for body in machine.heard]
    [body] = {request.partition(b"\r\n\r\n")[2] for request in heard}
    assert b"Canarine" in body, "each gets all of it"


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
