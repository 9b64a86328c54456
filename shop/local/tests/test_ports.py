import socket
import subprocess
import sys
from pathlib import Path

import pytest

from shop.local import ports
from shop.local.places import ROOT


@pytest.fixture
def busy() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def test_a_port_in_use_is_named_and_another_taken(
    tmp_path: Path, busy: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with busy:
        taken = busy.getsockname()[1]
        monkeypatch.setattr(ports, "PREFERRED", {"web": taken})
        chosen, moved = ports.choose(tmp_path / "ports.json")
    assert chosen["web"] != taken
    assert moved == [f"port {taken} (web) is in use, taking {chosen['web']}"]


def test_the_ports_of_the_last_run_are_kept(
    tmp_path: Path, busy: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with busy:
        monkeypatch.setattr(ports, "PREFERRED", {"web": busy.getsockname()[1]})
        first, _ = ports.choose(tmp_path / "ports.json")
    assert ports.choose(tmp_path / "ports.json") == (first, [])


def test_two_roles_never_share_a_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = ports.any_free()
    monkeypatch.setattr(ports, "PREFERRED", {"web": free, "mailbox": free})
    chosen, _ = ports.choose(tmp_path / "ports.json")
    assert chosen["web"] != chosen["mailbox"]


def test_two_shops_that_start_at_once_take_different_ports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = ports.any_free()
    monkeypatch.setattr(ports, "PREFERRED", {"web": free})
    program = (
        "from pathlib import Path\n"
        "from shop.local import ports\n"
        f"ports.PREFERRED = {{'web': {free}}}\n"
        f"print(ports.choose(Path({str(tmp_path / 'one')!r}))[0]['web'], flush=True)\n"
        "input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert int(other.stdout.readline()) == free
        chosen, _ = ports.choose(tmp_path / "two")
        other.communicate("\n")
    assert chosen["web"] != free
