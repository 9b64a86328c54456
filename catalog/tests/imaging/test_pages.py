"""Pictures on catalogue pages: the right file for each screen, and a place until it is there."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from catalog.catalogue.pictures import Picture
from catalog.models import Product
from catalog.tests.builders import make_category, make_image, make_product, make_variant

pytestmark = pytest.mark.django_db


def make_sold(name: str = "Kaos") -> Product:
    return make_variant(product=make_product(name, category=make_category("Wanita"))).product


def images_in(page: str) -> list[str]:
    return re.findall(r"<img[^>]*>", page)


def being_prepared(product: Product, *, colour: str = "") -> None:
    make_image(product)
    product.images.update(renditions=[], state="processing", colour=colour)


def test_the_first_pictures_of_a_list_come_at_once_and_the_rest_when_they_are_near(
    client: Client,
) -> None:
    for number in range(6):
        make_image(make_sold(f"Kaos {number}"))

    images = images_in(client.get("/c/wanita/").text)

    assert ['fetchpriority="high"' in image for image in images] == [True] + [False] * 5
    assert ['loading="lazy" decoding="async"' in image for image in images] == [False] * 4 + [
        True
    ] * 2
    assert all('width="900" height="1200"' in image for image in images)


def test_a_product_page_hurries_for_one_picture_only(client: Client) -> None:
    product = make_sold()
    for number in range(3):
        make_image(product, name=f"foto-{number}", position=number)

    images = images_in(client.get("/p/kaos/").text)

    # Three in the gallery, three thumbnails.
    assert ['fetchpriority="high"' in image for image in images] == [True] + [False] * 5
    assert ['loading="lazy"' in image for image in images] == [False] + [True] * 5


def test_every_source_says_how_wide_it_is_shown(client: Client) -> None:
    make_image(make_sold())

    page = client.get("/p/kaos/").text

    sources = re.findall(r"<source[^>]*>", page)
    assert [re.findall(r'type="([^"]*)"', source)[0] for source in sources] == [
        "image/avif",
        "image/webp",
    ]
    assert all('sizes="(min-width: 60rem) 36rem, 100vw"' in source for source in sources)
    assert "/media/products/foto-360.avif 360w, /media/products/foto-900.avif 900w" in sources[0]


@pytest.mark.parametrize("path", ["/p/kaos/", "/c/wanita/", "/"])
def test_while_a_picture_is_being_prepared_its_place_has_its_shape_and_colour(
    client: Client, path: str
) -> None:
    being_prepared(make_sold(), colour="#b5593c")

    page = client.get(path).text

    assert images_in(page) == []
    assert 'viewBox="0 0 900 1200"' in page
    assert '<rect width="100%" height="100%" fill="#b5593c"/>' in page
    assert " style=" not in page


def test_the_place_of_a_picture_is_named_like_the_picture(client: Client) -> None:
    being_prepared(make_sold())

    page = client.get("/p/kaos/").text

    assert 'role="img" aria-label="Kaos"' in page
    assert "Perbesar gambar" not in page


@pytest.mark.parametrize("path", ["/p/kaos/", "/c/wanita/"])
def test_a_product_without_a_picture_has_an_empty_place(client: Client, path: str) -> None:
    make_sold()

    page = client.get(path).text

    assert images_in(page) == []
    assert '<svg class="blank" viewBox="0 0 3 4"' in page
    assert " style=" not in page


def test_a_picture_that_failed_is_not_waited_for(client: Client) -> None:
    product = make_sold()
    make_image(product, name="gagal")
    product.images.update(renditions=[], state="failed", failure="picture_broken")
    make_image(product, name="lain", position=1)

    page = client.get("/p/kaos/").text

    assert len(images_in(page)) == 1
    assert "blank" not in page


def test_the_api_names_only_files_that_are_there(client: Client) -> None:
    being_prepared(make_sold())

    product = client.get(reverse("api:get_product", args=["kaos"])).json()
    card = client.get(reverse("api:list_products")).json()["results"][0]

    assert (product["images"], card["image"]) == ([], None)


def test_a_picture_is_made_of_plain_values() -> None:
    """A listing keeps these in its row and makes its cards of them."""
    view = Picture(0, 0, [], None, "", "#29344d").view(product_name="Kaos", value_names={})

    assert (view.width, view.height, view.src, view.sources) == (900, 1200, "", [])
    assert (view.colour, view.is_ready) == ("#29344d", False)
