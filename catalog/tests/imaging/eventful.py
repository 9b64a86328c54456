"""A folder in which something happens, once, while a file is "read" or a finished one "written"."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from pytest_django import Settings

Events = dict[str, Callable[[], None]]


class EventfulStorage(FileSystemStorage):
    events: Events = {}

    def _happen(self, what: str) -> None:
        event = self.events.pop(what, None)
        if event is not None:
            event()

    def open(self, name: str, mode: str = "rb") -> Any:
        self._happen("read")
        return super().open(name, mode)

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        saved = super().save(name, content, max_length)
        if not saved.startswith("originals/"):
            self._happen("written")
        return saved


@pytest.fixture
def events(settings: Settings) -> Events:
    storage = {"BACKEND": f"{__name__}.EventfulStorage", "OPTIONS": {"allow_overwrite": True}}
    settings.STORAGES = {**settings.STORAGES, "default": storage, "pictures": storage}
    EventfulStorage.events = {}
    return EventfulStorage.events
