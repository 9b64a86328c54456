"""The same on S3: in-process moto, nothing of it mocked on our side."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from moto import mock_aws
from pytest_django import Settings

from catalog.catalogue.pictures import pictures_of
from catalog.imaging import fill_picture, remove_picture
from catalog.models import ProductImage
from catalog.tests.builders import make_product
from catalog.tests.imaging import samples
from catalog.tests.imaging.samples import work
from shop.settings import media_storage

pytestmark = pytest.mark.django_db

BUCKET = "rona-media"
REGION = "ap-southeast-3"


@pytest.fixture
def bucket(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    # What the tests' environment points at nowhere would be asked instead of moto.
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    with mock_aws():
        made = boto3.resource("s3", region_name=REGION).create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        settings.STORAGES = {
            **django_settings.STORAGES,
            "default": media_storage(BUCKET, is_kept_by_browsers=False),
            "pictures": media_storage(BUCKET, is_kept_by_browsers=True),
        }
        yield made


def keys(bucket: Any) -> set[str]:
    return {item.key for item in bucket.objects.all()}


def test_an_upload_becomes_files_that_browsers_keep(bucket: Any) -> None:
    image = samples.prepared(samples.photo())

    assert image.state == "ready"
    assert keys(bucket) == {
        f"media/{image.file.name}",
        *(f"media/{file['path']}" for file in image.renditions),
    }
    for file in image.renditions:
        stored = bucket.Object(f"media/{file['path']}")
        assert stored.content_type == f"image/{file['format']}"
        assert stored.cache_control == "public, max-age=31536000, immutable"


def test_the_original_is_nobody_s_to_keep(bucket: Any) -> None:
    image = samples.upload(samples.photo())

    original = bucket.Object(f"media/{image.file.name}")
    assert original.content_type == "image/jpeg"
    assert original.cache_control is None
    grants = original.Acl().grants
    assert [grant["Grantee"]["Type"] for grant in grants] == ["CanonicalUser"]


def test_pages_name_the_files_by_the_shop_s_own_address(bucket: Any) -> None:
    image = samples.prepared(samples.photo(240, 320))

    [picture] = pictures_of([image.product_id], shown_values={})[image.product_id]

    view = picture.view(product_name="Kaos", value_names={})
    assert view.src == f"http://testserver/media/{image.renditions[1]['path']}"
    assert "?" not in view.src


def test_an_original_that_is_gone_fails_the_picture(bucket: Any) -> None:
    image = samples.upload(samples.photo())
    default_storage.delete(image.file.name or "")

    work()

    assert ProductImage.objects.get().failure == "picture_lost"


def test_replaced_and_deleted_pictures_leave_the_bucket_empty(bucket: Any) -> None:
    image = samples.prepared(samples.photo(), product=make_product())
    fill_picture(image=image, data=samples.photo(60, 80))
    work()
    assert len(keys(bucket)) == 3

    remove_picture(product_id=image.product_id, image_id=image.pk)
    work()

    assert keys(bucket) == set()
