"""Staff at the pages of a product: what a browser would send, cell by cell."""

import html
import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from itertools import count
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from catalog.models import Price, Product, Variant
from catalog.tests.builders import make_product, make_variant

Fields = dict[str, Any]


_numbers = count(1)


def make_staff(*permissions: str, email: str = "") -> Any:
    """A colleague who may do just this: `catalog.change_product`."""
    user = get_user_model().objects.create_user(email or f"staff-{next(_numbers)}@example.com")
    user.is_staff = True
    user.save()
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return user


def make_owner() -> Any:
    """Whoever runs the shop: may do everything."""
    return get_user_model().objects.create_superuser(f"owner-{next(_numbers)}@example.com")


def signed_in(user: Any = None) -> Client:
    """A browser of that colleague, or of the owner, in English."""
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user or make_owner())
    return client


def page_of(product: Product, name: str = "variants", *more: str) -> str:
    return reverse(f"admin:catalog_product_{name}", args=[product.pk, *more])


class _Form(HTMLParser):
    """The fields of the form with that id, as a browser without script would send them."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id = form_id
        self.is_inside = False
        self.fields: list[tuple[str, str]] = []
        self.select = ""

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        attrs = {name: value or "" for name, value in given}
        if tag == "form":
            self.is_inside = attrs.get("id") == self.form_id
        if not self.is_inside or "disabled" in attrs:
            return
        if tag == "select":
            self.select = attrs["name"]
        elif tag == "option" and "selected" in attrs:
            self.fields.append((self.select, attrs.get("value", "")))
        elif tag == "input" and attrs.get("name"):
            kind = attrs.get("type", "text")
            if kind not in ("checkbox", "radio"):
                self.fields.append((attrs["name"], attrs.get("value", "")))
            elif "checked" in attrs:
                self.fields.append((attrs["name"], attrs.get("value", "on")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_inside = False


def read_form(page: str, form_id: str = "matrix") -> Fields:
    """Name → value, or list of values for a name that comes several times."""
    parser = _Form(form_id)
    parser.feed(page)
    fields: Fields = {}
    for name, value in parser.fields:
        if name == "value":
            fields.setdefault(name, []).append(value)
        else:
            fields[name] = value
    return fields


def post(client: Client, url: str, fields: Mapping[str, Any]) -> Any:
    return client.post(
        url, urlencode(fields, doseq=True), content_type="application/x-www-form-urlencoded"
    )


def messages_of(page: str) -> str:
    found = re.search(r'<ul class="messagelist">(.*?)</ul>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split()) if found else ""


def problems_of(page: str) -> dict[str, str]:
    """Cell → what the page says is wrong with it."""
    return {
        name: html.unescape(text)
        for name, text in re.findall(r'class="problem" id="e-([^"]+)">([^<]+)<', page)
    }


def make_matrix(
    *, colours: Sequence[str] = ("terakota",), sizes: Sequence[str] = ("M",), on_hand: int = 0
) -> tuple[Product, list[Variant]]:
    """A product with a variant of each combination, colour by colour."""
    product = make_product()
    variants = [
        make_variant(product=product, colour=colour, size=size, on_hand=on_hand)
        for colour in colours
        for size in sizes
    ]
    return product, variants


def prices_of(variant: Variant) -> list[tuple[int, int | None]]:
    """(Amount, price before) in order of time."""
    rows = Price.objects.filter(variant=variant).order_by("valid_from")
    return list(rows.values_list("amount_minor", "compare_at_minor"))


def opened(client: Client, product: Product) -> Fields:
    answer = client.get(page_of(product))
    assert answer.status_code == 200
    return read_form(answer.text)


def send(
    client: Client, product: Product, fields: Fields, action: str = "save", **more: Any
) -> Any:
    return post(client, page_of(product), {**fields, "action": action, **more})


def saved(client: Client, product: Product, fields: Fields, **more: Any) -> str:
    """Save and return what the next page says."""
    answer = send(client, product, fields, **more)
    assert answer.status_code == 302, problems_of(answer.text) or messages_of(answer.text)
    return messages_of(client.get(page_of(product)).text)


def stock_column(variant: Variant) -> str:
    return f"stock-{variant.stock_items.get().location_id}"


def field_of(fields: Fields, name: str, language: str = "id") -> str:
    """The name of the field of a text in that language, on the page of the details."""
    [row] = [
        key.removesuffix("-language")
        for key, value in fields.items()
        if key.endswith("-language") and value == language and "__prefix__" not in key
    ]
    return f"{row}-{name}"
