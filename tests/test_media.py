"""Which files of the shop anybody may fetch, and from where."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from shop import urls
from shop.local.places import ROOT

SHOW = (
    "import json; from django.conf import settings as s; print(json.dumps({"
    "'default': s.STORAGES['default'], 'pictures': s.STORAGES['pictures'],"
    "'img': s.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src']}))"
)


def settings_with(**variables: str) -> dict[str, object]:
    """What a process with these variables reads from its environment."""
    done = subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "shop.settings", **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.django_db
def test_only_finished_pictures_are_handed_out(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    for name in ("products/foto.webp", "originals/foto.jpg", "imports/sheet.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"content")
    settings.ROOT_URLCONF = (*urls.media_from_disk(), *urls.urlpatterns)

    answer = client.get("/media/products/foto.webp")
    assert (answer.status_code, b"".join(answer)) == (200, b"content")
    for path in (
        "/media/originals/foto.jpg",
        "/media/imports/sheet.csv",
        "/media/products/../originals/foto.jpg",
        "/media/products/%2e%2e/originals/foto.jpg",
        "/media/products//../../originals/foto.jpg",
    ):
        # What climbs out of the folder is a bad request, not a file.
        assert client.get(path).status_code in (400, 404)


def test_without_a_bucket_files_lie_in_the_folder() -> None:
    found = settings_with(PUBLIC_URL="https://rona.example")

    assert found == {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"allow_overwrite": False},
        },
        "pictures": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"allow_overwrite": True},
        },
        "img": ["'self'"],
    }


@pytest.mark.parametrize(
    ("url", "location", "domain", "sources"),
    [
        (
            "https://cdn.rona.example",
            "",
            "cdn.rona.example",
            ["'self'", "https://cdn.rona.example"],
        ),
        ("/media/", "media", "rona.example", ["'self'"]),
    ],
    ids=["a host of its own", "the shop's own"],
)
def test_a_bucket_is_seen_through_its_address(
    url: str, location: str, domain: str, sources: list[str]
) -> None:
    found = settings_with(
        PUBLIC_URL="https://rona.example",
        MEDIA_BUCKET="rona-media",
        MEDIA_REGION="ap-southeast-1",
        MEDIA_URL=url,
    )

    assert found["img"] == sources
    shared = {
        "bucket_name": "rona-media",
        "region_name": "ap-southeast-1",
        "location": location,
        "custom_domain": domain,
        "url_protocol": "https:",
        "querystring_auth": False,
        "default_acl": None,
    }
    assert found["default"] == {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {**shared, "file_overwrite": False, "object_parameters": {}},
    }
    assert found["pictures"] == {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            **shared,
            "file_overwrite": True,
            "object_parameters": {"CacheControl": "public, max-age=31536000, immutable"},
        },
    }
