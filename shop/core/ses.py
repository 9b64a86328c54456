"""SES with one client for all mails of a process: making one reads megabytes of JSON."""

from typing import Any

from django_ses import SESBackend

_clients: dict[tuple[object, ...], Any] = {}


class KeptSes(SESBackend):  # type: ignore[misc]
    """Safe for threads, as botocore's clients are; credentials of a role are renewed by them."""

    connection: Any

    def open(self) -> bool:
        """Never True: who is told that it has opened a connection closes it again."""
        if self.connection is None:
            key = (self._endpoint_url, self._region_name, self._access_key_id, self._access_key)
            if key not in _clients:
                super().open()
                _clients[key] = self.connection
            self.connection = _clients[key]
        return False
