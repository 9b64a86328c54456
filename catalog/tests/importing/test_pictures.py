"""Pictures that a file names are fetched afterwards, and only from where anybody may fetch."""

import gzip
import resource
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from PIL import Image
from pytest_django import Settings

from catalog.importing import fetching, pictures
from catalog.importing.fetching import (
    ForbiddenAddress,
    NoPicture,
    NotFetched,
    PackedAnswer,
    Refused,
    TooLarge,
    TooManyRedirects,
    Unreachable,
    fetch_picture,
    is_public,
)
from catalog.models import ImageState, ProductImage
from catalog.tests.builders import make_product
from catalog.tests.importing.files import import_file, own, product_named
from shop.core import outbox
from shop.core.models import OutboxMessage

HEADER = "name:id,category,price:IDR,pictures"


def a_picture(kind: str = "JPEG") -> bytes:
    data = BytesIO()
    Image.new("RGB", (600, 800), "#b5593c").save(data, kind)
    return data.getvalue()


class Server(ThreadingHTTPServer):
    """Answers by path; counts what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[str] = []
        self.accepted: list[str] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.accepted.append(self.headers["Accept-Encoding"])
        status, headers, body = self.server.answers.get(self.path, (404, {}, b"no"))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def allowed(server: Server, settings: Settings) -> Server:
    """The shop has been told that it may fetch from this machine."""
    settings.PICTURE_FETCH_NETWORKS = ["127.0.0.0/8"]
    settings.PICTURE_FETCH_PORTS = [80, 443, server.server_address[1]]
    return server


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "224.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "100.100.100.200",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)
def test_what_only_the_shop_could_reach_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_what_anybody_could_reach_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x.jpg",
        "http://localhost/x.jpg",
        "http://2130706433/x.jpg",
        "http://0x7f.1/x.jpg",
        "http://[::1]/x.jpg",
        "http://[::ffff:127.0.0.1]/x.jpg",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:6379/",
        "https://127.0.0.1:5432/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/x",
    ],
)
def test_the_shops_own_network_is_never_asked(url: str) -> None:
    """Nothing is sent: the tests' own guard would have complained about any other address."""
    with pytest.raises(ForbiddenAddress):
        fetch_picture(url)


def test_a_server_on_this_machine_is_not_reached(server: Server, settings: Settings) -> None:
    settings.PICTURE_FETCH_PORTS = [server.server_address[1]]
    server.answers["/x.jpg"] = (200, {}, a_picture())
    with pytest.raises(ForbiddenAddress):
        fetch_picture(f"{server.address}/x.jpg")
    assert server.asked == []


def test_the_very_address_that_was_checked_is_connected_to(
    allowed: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that answers another address each time it is looked up gains nothing by it."""
    looked_up: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        if host != "rebinding.example":
            return list(real(host, *args, **kwargs))
        looked_up.append(host)
        return real("127.0.0.1" if len(looked_up) == 1 else "10.0.0.1", *args, **kwargs)

    monkeypatch.setattr("shop.core.deadline.socket.getaddrinfo", look_up)
    allowed.answers["/x.jpg"] = (200, {}, a_picture())
    port = allowed.server_address[1]
    # The tests' guard lets only loopback through: the second answer would have been refused.
    assert fetch_picture(f"http://rebinding.example:{port}/x.jpg") == a_picture()
    assert looked_up == ["rebinding.example"]


def test_a_name_with_one_private_address_among_public_ones_is_refused(
    allowed: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [(2, 1, 6, "", (address, 80)) for address in ("127.0.0.1", "10.0.0.1")]
    monkeypatch.setattr("shop.core.deadline.socket.getaddrinfo", lambda *a, **k: found)
    with pytest.raises(ForbiddenAddress):
        fetch_picture(f"http://two.example:{allowed.server_address[1]}/x.jpg")
    assert allowed.asked == []


def test_a_redirect_is_held_to_the_same_rules(allowed: Server) -> None:
    allowed.answers["/a"] = (302, {"Location": "http://169.254.169.254/latest/"}, b"")
    with pytest.raises(ForbiddenAddress):
        fetch_picture(f"{allowed.address}/a")
    allowed.answers["/a"] = (302, {"Location": "file:///etc/passwd"}, b"")
    with pytest.raises(ForbiddenAddress):
        fetch_picture(f"{allowed.address}/a")


def test_a_few_redirects_are_followed_and_no_more(allowed: Server) -> None:
    for step in range(5):
        allowed.answers[f"/{step}"] = (302, {"Location": f"/{step + 1}"}, b"")
    allowed.answers["/3"] = (200, {}, a_picture())
    assert fetch_picture(f"{allowed.address}/0") == a_picture()
    allowed.answers["/3"] = (302, {"Location": "/4"}, b"")
    with pytest.raises(TooManyRedirects):
        fetch_picture(f"{allowed.address}/0")


def test_a_picture_larger_than_allowed_is_not_read_to_its_end(
    allowed: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MAX_BYTES", 1000)
    allowed.answers["/x"] = (200, {}, b"\xff\xd8\xff" + b"x" * 5000)
    with pytest.raises(TooLarge):
        fetch_picture(f"{allowed.address}/x")


def test_an_answer_that_would_unpack_to_gigabytes_is_not_unpacked(allowed: Server) -> None:
    bomb = gzip.compress(gzip.compress(b"\xff\xd8\xff" + bytes(300_000_000)))
    assert len(bomb) < 5000
    allowed.answers["/x"] = (200, {"Content-Encoding": "gzip, gzip"}, bomb)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(PackedAnswer):
        fetch_picture(f"{allowed.address}/x")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 50_000
    assert allowed.accepted == ["identity"]


@pytest.mark.parametrize("location", ["http://[", "http://127.0.0.1:99999/", "//host:abc/x.jpg"])
def test_a_redirect_to_nowhere_is_refused(allowed: Server, location: str) -> None:
    allowed.answers["/a"] = (302, {"Location": location}, b"")
    with pytest.raises(NotFetched):
        fetch_picture(f"{allowed.address}/a")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_pictures_are_known_by_their_content(allowed: Server, kind: str) -> None:
    allowed.answers["/x"] = (200, {"Content-Type": "text/html"}, a_picture(kind))
    assert fetch_picture(f"{allowed.address}/x") == a_picture(kind)


def test_a_page_that_calls_itself_a_picture_is_none(allowed: Server) -> None:
    allowed.answers["/x"] = (200, {"Content-Type": "image/jpeg"}, b"<html>maaf</html>")
    with pytest.raises(NoPicture):
        fetch_picture(f"{allowed.address}/x")


@pytest.mark.parametrize(("status", "is_passing"), [(404, False), (403, False), (503, True)])
def test_a_server_that_refuses_is_believed_or_asked_again(
    allowed: Server, *, status: int, is_passing: bool
) -> None:
    allowed.answers["/x"] = (status, {}, b"")
    with pytest.raises(Refused) as refusal:
        fetch_picture(f"{allowed.address}/x")
    assert refusal.value.is_passing is is_passing
    assert str(status) in refusal.value.user_message


def test_a_server_that_does_not_answer_is_asked_again(
    allowed: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.3)
    allowed.server_close()
    with pytest.raises(Unreachable) as refusal:
        fetch_picture(f"{allowed.address}/x")
    assert refusal.value.is_passing


# --- from the file to the picture ---------------------------------------------------------------


def deliver_all() -> None:
    """What the workers do: everything that is due now, and what comes of it."""
    while messages := list(OutboxMessage.objects.filter(done_at=None, topic=pictures.TOPIC)):
        due = [message for message in messages if outbox.deliver(message.pk)]
        if not due:
            return


@pytest.fixture
def empty_cache() -> None:
    cache.clear()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("boutique", "empty_cache")
def test_pictures_are_fetched_after_the_import_once(allowed: Server, tmp_path: Path) -> None:
    allowed.answers["/a.jpg"] = (200, {}, a_picture())
    allowed.answers["/b.jpg"] = (200, {}, b"<html>")
    urls = " | ".join(f"{allowed.address}/{name}.jpg" for name in ("a", "b"))
    file = own(tmp_path, f"Rok,Wanita,99000,{urls}", header=HEADER)
    import_file(file)
    assert allowed.asked == []
    deliver_all()
    first, second = product_named("Rok").images.order_by("position")
    assert (first.state, first.width, first.height) == (ImageState.PROCESSING, 600, 800)
    assert first.file
    # Staff read why, in the language of the shop.
    assert second.state == ImageState.FAILED
    assert second.failure
    import_file(file)
    deliver_all()
    assert allowed.asked == ["/a.jpg", "/b.jpg"]
    assert ProductImage.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_cache")
def test_a_server_in_trouble_is_asked_later_and_given_up_in_the_end(allowed: Server) -> None:
    allowed.answers["/x.jpg"] = (503, {}, b"")
    image = waiting(f"{allowed.address}/x.jpg")
    pictures.fetch_stretch(stretch(image, attempt=1))
    later = OutboxMessage.objects.get()
    assert later.payload == stretch(image, attempt=2)
    assert (later.available_at - later.created_at).total_seconds() == 120
    image.refresh_from_db()
    assert image.state == ImageState.FETCHING

    pictures.fetch_stretch(stretch(image, attempt=pictures.ATTEMPTS))
    image.refresh_from_db()
    assert (image.state, "503" in image.failure) == (ImageState.FAILED, True)
    assert OutboxMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_cache")
def test_a_host_is_asked_by_few_at_a_time(allowed: Server) -> None:
    image = waiting(f"{allowed.address}/x.jpg")
    for number in range(pictures.PER_HOST):
        cache.add(f"fetching:127.0.0.1:{number}", 1, 60)
    pictures.fetch_stretch(stretch(image, attempt=1))
    assert allowed.asked == []
    assert OutboxMessage.objects.get().payload == stretch(image, attempt=1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_cache")
def test_a_long_stretch_is_handed_on(allowed: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "SLICE_SECONDS", 0)
    images = [waiting(f"{allowed.address}/{n}.jpg") for n in range(2)]
    payload = {**stretch(images[0], attempt=1), "last": images[1].pk}
    pictures.fetch_stretch(payload)
    assert allowed.asked == ["/0.jpg"]
    assert OutboxMessage.objects.get().payload == {**payload, "first": images[0].pk + 1}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_cache")
@pytest.mark.parametrize("port", ["99999", "abc"])
def test_a_picture_of_a_port_that_is_none_keeps_no_other_waiting(
    allowed: Server, port: str
) -> None:
    allowed.answers["/b.jpg"] = (200, {}, a_picture())
    images = [waiting(f"http://127.0.0.1:{port}/a.jpg"), waiting(f"{allowed.address}/b.jpg")]
    pictures.fetch_stretch({**stretch(images[0], attempt=1), "last": images[1].pk})
    states = [ProductImage.objects.get(pk=image.pk).state for image in images]
    assert states == [ImageState.FAILED, ImageState.PROCESSING]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_cache")
def test_a_picture_that_nobody_thought_of_keeps_no_other_waiting(
    allowed: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed.answers["/b.jpg"] = (200, {}, a_picture())
    images = [waiting(f"{allowed.address}/{name}.jpg") for name in "ab"]

    def stumble(url: str) -> bytes:
        if url.endswith("/a.jpg"):
            raise ZeroDivisionError
        return fetch_picture(url)

    monkeypatch.setattr(pictures, "fetch_picture", stumble)
    pictures.fetch_stretch({**stretch(images[0], attempt=1), "last": images[1].pk})
    first, second = (ProductImage.objects.get(pk=image.pk) for image in images)
    assert (first.state, bool(first.failure)) == (ImageState.FAILED, True)
    assert second.state == ImageState.PROCESSING


def waiting(url: str) -> ProductImage:
    return ProductImage.objects.create(
        product=make_product(), source_url=url, state=ImageState.FETCHING
    )


def stretch(image: ProductImage, *, attempt: int) -> dict[str, Any]:
    return {"host": "127.0.0.1", "first": image.pk, "last": image.pk, "attempt": attempt}
