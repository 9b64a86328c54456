"""The local mailbox against the client that production uses: django-ses through boto3."""

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client, override_settings

from shop.core import ses
from shop.local.letters import newest_letters
from shop.local.mailbox import Mailbox


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    with Mailbox(("127.0.0.1", 0), tmp_path / "mail") as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def send(mailbox: Mailbox, subject: str) -> int:
    host, port = mailbox.server_address[:2]
    url = f"http://{host!s}:{port}"
    with override_settings(AWS_SES_REGION_ENDPOINT_URL=url):
        connection = get_connection("shop.core.ses.KeptSes", aws_region_endpoint=url)
        message = EmailMultiAlternatives(
            subject, "Terima kasih …", "RONA <halo@rona.example>", ["sari@example.com"]
        )
        message.attach_alternative("<p>Terima <b>kasih</b></p>", "text/html")
        return connection.send_messages([message]) or 0


def test_a_mail_sent_through_ses_lies_in_the_mailbox(mailbox: Mailbox) -> None:
    assert send(mailbox, "Pesanan A–1") == 1
    (letter,) = newest_letters(mailbox.directory, limit=10)
    assert letter.subject == "Pesanan A–1"
    assert letter.recipients == "sari@example.com"
    assert letter.text == "Terima kasih …"
    assert letter.html == "<p>Terima <b>kasih</b></p>"
    assert mailbox.directory.stat().st_mode & 0o777 == 0o700


def test_one_client_sends_the_mails_of_a_process(mailbox: Mailbox) -> None:
    """Making one takes longer than an order."""
    before = dict(ses._clients)
    assert [send(mailbox, subject) for subject in ("first", "second")] == [1, 1]
    assert len(ses._clients) == len(before) + 1
    assert len(list(newest_letters(mailbox.directory, limit=10))) == 2


def test_a_body_that_is_no_message_is_refused_and_not_kept(mailbox: Mailbox) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", mailbox.server_address[1])
    connection.request("POST", "/v2/email/outbound-emails", body=b'{"Content": {"Simple": {}}}')
    response = connection.getresponse()
    assert (response.status, response.headers["x-amzn-ErrorType"]) == (400, "BadRequestException")
    connection.close()
    assert list(mailbox.directory.iterdir()) == []


def test_mail_can_be_read_in_the_browser(mailbox: Mailbox, client: Client) -> None:
    send(mailbox, "first")
    send(mailbox, "second")
    with override_settings(MAILBOX_DIR=str(mailbox.directory)):
        listing = client.get("/dev/mail/").content.decode()
        assert listing.index(">second<") < listing.index(">first<")
        (newest, _) = newest_letters(mailbox.directory, limit=2)
        page = client.get(f"/dev/mail/{newest.name}/").content.decode()
        assert "Terima kasih …" in page
        html = client.get(f"/dev/mail/{newest.name}/html/")
        assert html.content.decode() == "<p>Terima <b>kasih</b></p>"
        # A mail's HTML is foreign: it may neither run nor load anything.
        assert html["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["1-" + "0" * 32, "..%2F..%2Fenv", "x"])
def test_only_messages_can_be_opened(mailbox: Mailbox, client: Client, name: str) -> None:
    with override_settings(MAILBOX_DIR=str(mailbox.directory)):
        assert client.get(f"/dev/mail/{name}/").status_code == 404
