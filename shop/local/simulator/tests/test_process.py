"""The program itself: how it starts, what it refuses, how it ends."""

import ast
import json
import os
import signal
import subprocess
import sys
from argparse import ArgumentTypeError
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from shop.local.simulator.__main__ import parse
from shop.local.simulator.chaos import DEFAULT_INTENSITY, read_spec
from shop.local.simulator.tests.conftest import NO_TLS, SECRET_KEY, an_order

PACKAGE = Path(__file__).parent.parent
ROOT = PACKAGE.parents[2]
SECRETS = {"XENDIT_SECRET_KEY": SECRET_KEY, "XENDIT_CALLBACK_TOKENS": "first, second"}


def start(data: Path, more: Sequence[str] = (), **changes: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "shop.local.simulator", "--port", "0", "--data", str(data)]
    kept = {name: value for name, value in os.environ.items() if name not in SECRETS}
    return subprocess.Popen(
        [*command, "--webhook-url", "http://127.0.0.1:1/", *more],
        cwd=ROOT,
        env={**kept, **SECRETS, **changes},
        stderr=subprocess.PIPE,
        text=True,
    )


def log_line(process: subprocess.Popen[str], event: str) -> dict[str, Any]:
    """Waits for it; the end of the log fails the test."""
    assert process.stderr
    for line in process.stderr:
        fields: dict[str, Any] = json.loads(line)
        if fields["event"] == event:
            return fields
    raise AssertionError(f"no {event} in the log")


@pytest.fixture
def ended() -> Iterator[list[subprocess.Popen[str]]]:
    """What is put in here is gone after the test."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait(10)
        assert process.stderr
        process.stderr.close()


def client_of(process: subprocess.Popen[str]) -> httpx.Client:
    return httpx.Client(
        base_url=log_line(process, "started")["url"],
        auth=(SECRET_KEY, ""),
        headers={"api-version": "2024-11-11"},
        trust_env=False,
        verify=NO_TLS,
    )


def test_sigterm_ends_it_cleanly(tmp_path: Path, ended: list[subprocess.Popen[str]]) -> None:
    process = start(tmp_path / "new" / "simulator.sqlite3")
    ended.append(process)
    with client_of(process) as client:
        # An idle connection that is kept alive must not hold up the end.
        assert client.get("/").status_code == 200
        process.send_signal(signal.SIGTERM)
        assert log_line(process, "stopped")["level"] == "info"
        assert process.wait(10) == 0


def test_a_kill_loses_nothing(tmp_path: Path, ended: list[subprocess.Popen[str]]) -> None:
    data = tmp_path / "simulator.sqlite3"
    process = start(data)
    ended.append(process)
    with client_of(process) as client:
        created = client.post("/v3/payment_requests", json=an_order("QRIS") | {"metadata": {}})
        client.post("/_sim/pay", json={"reference_id": "ORD-1-A1"}).raise_for_status()
    process.kill()
    again = start(data)
    ended.append(again)
    with client_of(again) as client:
        path = f"/v3/payment_requests/{created.json()['payment_request_id']}"
        assert client.get(path).json()["status"] == "SUCCEEDED"
        assert len(client.get("/_sim/deliveries").json()["data"]) == 1


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("XENDIT_SECRET_KEY", "", "XENDIT_SECRET_KEY is not set"),
        ("XENDIT_CALLBACK_TOKENS", "", "XENDIT_CALLBACK_TOKENS is not set"),
        ("XENDIT_SECRET_KEY", "xnd_production_1", "XENDIT_SECRET_KEY is a live key"),
    ],
)
def test_it_does_not_start_without_its_secrets_or_with_live_ones(
    name: str, value: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each, text in (SECRETS | {name: value}).items():
        monkeypatch.setenv(each, text)
    with pytest.raises(SystemExit, match=complaint):
        parse(["--data", "unused", "--webhook-url", "http://127.0.0.1:1/"])


def test_the_token_is_the_first_of_the_shops(monkeypatch: pytest.MonkeyPatch) -> None:
    for each, text in SECRETS.items():
        monkeypatch.setenv(each, text)
    config = parse(["--data", "unused", "--webhook-url", "http://127.0.0.1:1/"])
    assert config.receiver.token == "first"
    assert SECRET_KEY not in repr(config)


@pytest.mark.parametrize(
    ("spec", "chaos"), [("42", (42, DEFAULT_INTENSITY)), ("0:0.5", (0, 0.5)), ("7:1", (7, 1.0))]
)
def test_chaos_is_a_seed_and_perhaps_an_intensity(spec: str, chaos: tuple[int, float]) -> None:
    assert read_spec(spec) == chaos


@pytest.mark.parametrize("spec", ["", "x", "-1", "1:0", "1:1.1", "1:often"])
def test_other_chaos_is_refused(spec: str) -> None:
    with pytest.raises(ArgumentTypeError):
        read_spec(spec)


def test_chaos_of_the_command_line_is_on_from_the_start(
    tmp_path: Path, ended: list[subprocess.Popen[str]]
) -> None:
    process = start(tmp_path / "simulator.sqlite3", more=["--chaos", "42:0.5"])
    ended.append(process)
    line = log_line(process, "chaos")
    assert (line["seed"], line["intensity"]) == (42, 0.5)


def test_it_needs_the_standard_library_and_itself_only() -> None:
    for module in PACKAGE.rglob("*.py"):
        if "tests" in module.parts:
            continue
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            else:
                continue
            outside = [name for name in names if not name.startswith("shop.local.simulator.")]
            foreign = {name.split(".")[0] for name in outside} - sys.stdlib_module_names
            assert not foreign, (module.name, foreign)
