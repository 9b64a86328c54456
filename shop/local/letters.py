"""Reading the messages that the local mailbox keeps."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

_NAME = re.compile(r"\d+-[0-9a-f]{32}")
_SHOWN_HEADERS = ("From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID")


class LetterNotFound(Exception):
    """No message has this name."""


@dataclass(frozen=True, slots=True)
class Letter:
    name: str
    received_at: datetime
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def recipients(self) -> str:
        return str(self.message["To"] or "")

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(self.message[name])) for name in _SHOWN_HEADERS if self.message[name]]

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def attachments(self) -> list[str]:
        return [part.get_filename("") for part in self.message.iter_attachments()]

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part else ""


def read_letter(directory: Path, name: str) -> Letter:
    """Read one message; raises LetterNotFound."""
    try:
        if not _NAME.fullmatch(name):
            raise LetterNotFound(name)
        content = (directory / f"{name}.eml").read_bytes()
    except FileNotFoundError as error:
        raise LetterNotFound(name) from error
    received_at = datetime.fromtimestamp(int(name.partition("-")[0]) / 1e9, UTC)
    return Letter(name, received_at, message_from_bytes(content, policy=policy.default))


def newest_letters(directory: Path, *, limit: int) -> Iterator[Letter]:
    names = sorted((path.stem for path in directory.glob("*.eml")), reverse=True)
    return (read_letter(directory, name) for name in names[:limit])
