"""The page on which staff upload, sort and delete the pictures of a product."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.imaging import MAX_BYTES
from catalog.models import Product, ProductImage
from catalog.tests.builders import make_image, make_product, make_value, make_variant
from catalog.tests.imaging import samples
from catalog.tests.imaging.samples import work
from shop.core.models import OutboxMessage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser("staff@example.com"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def page_of(product: Product) -> str:
    return reverse("admin:catalog_productimage_page", args=[product.pk])


def file(name: str = "foto.jpg", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, samples.photo() if data is None else data, "image/jpeg")


def upload(staff: Client, product: Product, *files: SimpleUploadedFile, **more: object) -> str:
    data: Mapping[str, object] = {"pictures": list(files), **more}
    answer = staff.post(page_of(product), data, follow=True)
    assert answer.redirect_chain == [(page_of(product), 302)]
    return answer.text


def press(staff: Client, product: Product, button: str, **more: object) -> str:
    """What a browser without script sends when the button is pressed."""
    data = {"do": button, "order": order_of(product), **more}
    address = reverse("admin:catalog_productimage_change_all", args=[product.pk])
    return staff.post(address, data, follow=True).text


def order_of(product: Product) -> list[int]:
    return list(product.images.order_by("position", "pk").values_list("pk", flat=True))


def said(page: str) -> list[str]:
    return re.findall(r'<li class="(?:success|error)">(.*?)</li>', page)


def three(product: Product) -> list[int]:
    return [make_image(product, name=f"foto-{n}", position=n).pk for n in range(3)]


@pytest.mark.parametrize(
    "page", ["", "add/", "{pk}/change/", "{pk}/delete/", "{pk}/history/", "{pk}/"]
)
def test_no_picture_comes_or_goes_past_the_page_of_its_product(
    staff: Client, media: Path, page: str
) -> None:
    product = make_product()
    [pk, *_others] = three(product)
    address = f"/admin/catalog/productimage/{page.format(pk=pk)}"
    bomb = SimpleUploadedFile("foto.html", samples.claiming("PNG", 30_000), "image/png")

    assert staff.get(address).status_code == 404
    fields = {"product": product.pk, "file": bomb, "post": "yes", "_selected_action": pk}
    assert staff.post(address, fields | {"action": "delete_selected"}).status_code == 404

    assert product.images.count() == 3
    assert list(media.iterdir()) == []


def test_a_product_with_pictures_can_be_deleted(staff: Client) -> None:
    product = make_product()
    three(product)
    address = reverse("admin:catalog_product_delete", args=[product.pk])
    assert staff.get(address).status_code == 200
    assert staff.post(address, {"post": "yes"}).status_code == 302
    assert not ProductImage.objects.exists()


def test_three_pictures_are_uploaded_at_once_in_the_colour_chosen(staff: Client) -> None:
    product = make_variant(product=make_product("Kaos"), colour="navy").product
    navy = make_value("colour", "navy")

    page = upload(staff, product, file("a.jpg"), file("b.jpg"), file("c.jpg"), colour=str(navy.pk))

    assert said(page) == ["3 pictures are uploaded and being prepared."]
    assert list(product.images.order_by("position").values_list("position", "option_value")) == [
        (0, navy.pk),
        (1, navy.pk),
        (2, navy.pk),
    ]
    assert page.count('data-state="processing"') == 3
    work()
    page = staff.get(page_of(product)).text
    assert page.count('data-state="ready"') == 3
    assert len(re.findall(r"<picture>", page)) == 3


def test_what_is_refused_is_said_by_name_and_the_others_are_taken(staff: Client) -> None:
    product = make_product()

    page = upload(
        staff,
        product,
        file("besar.jpg", samples.photo() + b"\0" * MAX_BYTES),
        file("baik.jpg"),
        file("<b>logo.svg", b"<svg/>"),
    )

    assert said(page) == [
        "Besar.jpg: The file is larger than 10 MB. Save the picture smaller and try again.",
        "&lt;b&gt;logo.svg: The file is no picture that the shop can read. "
        "JPEG, PNG, WebP and AVIF are possible.",
        "1 picture is uploaded and being prepared.",
    ]
    assert product.images.count() == 1


def test_an_upload_of_nothing_says_so(staff: Client) -> None:
    assert said(upload(staff, make_product())) == ["Choose at least one picture."]


def test_pictures_are_moved_by_buttons_that_every_browser_has(staff: Client) -> None:
    product = make_product()
    one, two, three_ = three(product)

    page = press(staff, product, f"up:{three_}")
    assert order_of(product) == [one, three_, two]
    assert said(page) == ["The picture is in place 2 now."]

    press(staff, product, f"down:{one}")
    assert order_of(product) == [three_, one, two]

    press(staff, product, f"up:{three_}")
    assert order_of(product) == [three_, one, two]
    assert list(product.images.order_by("position").values_list("position", flat=True)) == [0, 1, 2]


def test_the_page_comes_back_at_the_picture_that_was_moved(staff: Client) -> None:
    product = make_product()
    _one, two, _three = three(product)

    answer = staff.post(
        reverse("admin:catalog_productimage_change_all", args=[product.pk]), {"do": f"up:{two}"}
    )

    assert answer.headers["Location"] == f"{page_of(product)}#picture-{two}"


def test_a_dragged_order_is_saved_and_what_came_meanwhile_goes_last(staff: Client) -> None:
    product, other = make_product(), make_product()
    one, two, three_ = three(product)
    foreign = make_image(other, position=5).pk

    press(staff, product, "order", order=[three_, foreign, one])

    assert order_of(product) == [three_, one, two]
    assert ProductImage.objects.get(pk=foreign).position == 5


def test_each_picture_is_given_a_colour_of_the_product(staff: Client) -> None:
    product = make_product()
    make_variant(product=product, colour="navy")
    make_variant(product=product, colour="terakota")
    one, two, three_ = three(product)
    navy, terakota = make_value("colour", "navy"), make_value("colour", "terakota")
    other = make_value("colour", "gading")
    product.images.filter(pk=three_).update(option_value=navy)

    page = press(
        staff,
        product,
        "save",
        **{f"colour-{one}": terakota.pk, f"colour-{two}": other.pk, f"colour-{three_}": ""},
    )

    assert said(page) == ["The colours are saved."]
    colours = dict(product.images.values_list("pk", "option_value"))
    assert colours == {one: terakota.pk, two: None, three_: None}
    assert ">Navy blue</option>" in page
    assert "Ivory" not in page


def test_a_colour_is_saved_with_whatever_button_was_pressed(staff: Client) -> None:
    product = make_variant(colour="navy").product
    one, _two, _three = three(product)
    navy = make_value("colour", "navy")

    press(staff, product, f"down:{one}", **{f"colour-{one}": navy.pk})

    assert product.images.get(pk=one).option_value == navy


def test_the_colour_of_a_picture_of_another_product_is_not_to_be_changed_here(
    staff: Client,
) -> None:
    product = make_variant(colour="navy").product
    foreign = make_image(make_product())
    navy = make_value("colour", "navy")

    press(staff, product, "save", **{f"colour-{foreign.pk}": navy.pk})
    press(staff, product, f"remove:{foreign.pk}")
    press(staff, product, f"up:{foreign.pk}")

    assert ProductImage.objects.get(pk=foreign.pk).option_value is None


def test_a_deleted_picture_is_gone_with_its_files(staff: Client, media: Path) -> None:
    product = make_product("Kaos")
    upload(staff, product, file())
    work()
    [image] = product.images.all()

    page = press(staff, product, f"remove:{image.pk}")
    work()

    assert said(page) == ["The picture is deleted."]
    assert not product.images.exists()
    assert [path for path in media.rglob("*") if path.is_file()] == []


def test_a_failed_picture_says_why_and_is_tried_again(staff: Client, media: Path) -> None:
    product = make_product()
    upload(staff, product, file())
    [image] = product.images.all()
    original = media / (image.file.name or "")
    data = original.read_bytes()
    original.unlink()
    work()

    page = staff.get(page_of(product)).text
    assert "The uploaded file is gone. Delete the picture and upload it again." in page
    assert f'value="retry:{image.pk}"' in page

    original.write_bytes(data)
    page = press(staff, product, f"retry:{image.pk}")
    assert said(page) == ["The picture is being prepared again."]
    assert f'value="retry:{image.pk}"' not in page
    work()
    assert product.images.get().state == "ready"


def test_a_picture_of_another_product_is_not_tried_again_here(staff: Client) -> None:
    foreign = make_image(make_product())
    ProductImage.objects.update(renditions=[], state="failed")

    press(staff, make_product(), f"retry:{foreign.pk}")

    assert ProductImage.objects.get().state == "failed"
    assert not OutboxMessage.objects.exists()


def test_the_page_costs_as_many_queries_for_nine_pictures_as_for_one(
    staff: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    product = make_variant(product=make_product(), colour="navy").product
    make_image(product, colour="navy")
    with django_assert_max_num_queries(8) as for_one:
        staff.get(page_of(product))
    for number in range(8):
        make_image(product, colour="navy", position=number)

    with django_assert_num_queries(len(for_one)):
        page = staff.get(page_of(product)).text
    assert len(re.findall(r"<picture>", page)) == 9


def test_the_page_of_the_product_leads_to_its_pictures(staff: Client) -> None:
    product = make_product()
    three(product)

    page = staff.get(reverse("admin:catalog_product_change", args=[product.pk])).text

    assert f'href="{page_of(product)}"' in page
    assert "Add, sort or delete pictures (3)" in page
    assert len(re.findall(r"<picture>", page)) == 3


def test_nothing_on_the_page_is_inline(staff: Client) -> None:
    product = make_variant().product
    three(product)

    page = staff.get(page_of(product)).text

    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)


@pytest.mark.parametrize(
    ("allowed", "answers"),
    [
        ([], (403, 403, 403)),
        (["view_productimage"], (200, 403, 403)),
        (["view_productimage", "add_productimage"], (200, 302, 403)),
        (["change_productimage"], (200, 403, 302)),
    ],
)
def test_everybody_does_what_they_are_allowed_to(
    client: Client, allowed: list[str], answers: tuple[int, int, int]
) -> None:
    user = get_user_model().objects.create_user("lena@example.com", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=allowed))
    client.force_login(user)
    product = make_product()
    image = make_image(product)
    change = reverse("admin:catalog_productimage_change_all", args=[product.pk])

    assert (
        client.get(page_of(product)).status_code,
        client.post(page_of(product), {"pictures": [file()]}).status_code,
        client.post(change, {"do": "save"}).status_code,
    ) == answers
    assert client.post(change, {"do": f"remove:{image.pk}"}).status_code == 403
    assert product.images.filter(pk=image.pk).exists()


def test_strangers_are_sent_to_sign_in(client: Client) -> None:
    product = make_product()

    assert client.post(page_of(product), {"pictures": [file()]}).status_code == 302
    assert not product.images.exists()


def test_what_was_done_stands_in_the_history_of_the_product(staff: Client) -> None:
    product = make_product()
    upload(staff, product, file("depan.jpg"))
    press(staff, product, f"remove:{product.images.get().pk}")

    messages = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]

    assert messages[0] == "Added picture “depan.jpg”."
    assert messages[1].startswith("Deleted picture")


def test_an_unknown_product_has_no_page(staff: Client) -> None:
    assert staff.get(reverse("admin:catalog_productimage_page", args=[4711])).status_code == 404
