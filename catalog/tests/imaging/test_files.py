"""Files go when the last picture that needs them goes, and not a moment before."""

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client
from django.urls import reverse

from catalog.imaging import fill_picture, remove_picture
from catalog.models import Product, ProductImage
from catalog.tests.builders import make_image, make_product
from catalog.tests.imaging import samples
from catalog.tests.imaging.conftest import files_in
from catalog.tests.imaging.samples import work

pytestmark = pytest.mark.django_db


def files_of(image: ProductImage) -> set[str]:
    return {image.file.name or "", *(file["path"] for file in image.renditions)}


def remove(image: ProductImage) -> bool:
    return remove_picture(product_id=image.product_id, image_id=image.pk)


def copied(image: ProductImage) -> ProductImage:
    """The same picture on a copied product: it shares the files."""
    return ProductImage.objects.create(
        product=make_product(),
        file=image.file.name,
        width=image.width,
        height=image.height,
        renditions=image.renditions,
        state=image.state,
    )


def test_the_files_of_a_replaced_picture_go_and_those_of_the_new_one_stay(media: Path) -> None:
    image = samples.prepared(samples.photo())

    fill_picture(image=image, data=samples.photo(60, 80))
    work()

    assert files_in(media) == files_of(ProductImage.objects.get())


def test_the_files_of_a_deleted_picture_go(media: Path) -> None:
    kept, gone = samples.prepared(samples.photo()), samples.prepared(samples.photo())

    assert remove(gone) is True
    assert files_of(gone) <= files_in(media)
    work()

    assert files_in(media) == files_of(kept)
    assert remove(gone) is False


@pytest.mark.django_db(transaction=True)
def test_a_deletion_that_is_rolled_back_takes_no_file(media: Path) -> None:
    image = samples.prepared(samples.photo())

    with transaction.atomic():
        remove(image)
        transaction.set_rollback(True)
    work()

    assert files_in(media) == files_of(image)


def test_files_that_a_copied_product_shares_stay_until_the_last_picture_goes(media: Path) -> None:
    image = samples.prepared(samples.photo())
    copy = copied(image)

    remove(image)
    work()
    assert files_in(media) == files_of(copy)

    remove(copy)
    work()
    assert files_in(media) == set()


def test_files_that_were_not_uploaded_are_never_deleted(media: Path) -> None:
    """Those of the demo belong to all who run it."""
    demo = make_image(make_product())
    for name in files_of(demo):
        default_storage.save(name, ContentFile(b"demo"))

    remove(demo)
    work()

    assert files_in(media) == files_of(demo)


def test_a_name_in_a_message_that_is_no_picture_of_ours_is_left_alone(media: Path) -> None:
    image = samples.prepared(samples.photo())
    default_storage.save("imports/sheet.csv", ContentFile(b"a,b"))
    ProductImage.objects.update(
        renditions=[{"format": "webp", "width": 1, "path": "imports/sheet.csv"}]
    )

    remove(image)
    work()

    assert files_in(media) == {"imports/sheet.csv"}


@pytest.mark.parametrize("way", ["its page"])
def test_a_product_that_staff_delete_takes_the_files_of_its_pictures_along(
    way: str, client: Client, media: Path
) -> None:
    client.force_login(get_user_model().objects.create_superuser("staff@example.com"))
    kept = samples.prepared(samples.photo())
    gone = samples.prepared(samples.photo()).product

    if way == "its page":
        page = reverse("admin:catalog_product_delete", args=[gone.pk])
        answer = client.post(page, {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": gone.pk, "post": "yes"}
        answer = client.post(reverse("admin:catalog_product_changelist"), chosen)
    assert answer.status_code == 302
    work()

    assert list(Product.objects.all()) == [kept.product]
    assert files_in(media) == files_of(kept)
