"""Staff at the pages of a product: what a browser would send, cell by cell."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.tests.builders import make_owner
from catalog.models import Product

Fields = dict[str, Any]


def signed_in(user: User | None = None, *, language: str = "en") -> Client:
    client = Client(headers={"Accept-Language": language})
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
