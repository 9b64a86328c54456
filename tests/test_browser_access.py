"""What somebody needs who cannot see a page, or not well: as far as a machine can tell."""

import json
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from tests.running import RunningShop, eventually
from tests.test_browser import (
    DESK,
    PHONE,
    Visit,
    approve_at_the_gateway,
    choose_a_shirt,
    choose_method,
    fill_checkout,
    order_number,
)
from tests.test_browser import browser as browser  # the fixture

pytestmark = pytest.mark.browser

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    # Of what is well nothing is gathered, which takes axe longer than looking.
    "resultTypes": ["violations"],
}
PAGES = [
    "/",
    "/en/c/women/",
    "/en/c/women/?colour=terracotta&in_stock=1",
    "/en/search/?q=kemja",
    "/en/search/?q=zzzzqqqq",
    "/en/wishlist/",
    "/en/cart/",
    "/en/track/",
    "/en/account/sign-in/",
    "/en/privacy/",
    "/en/gift-card/",
]
# As many layouts and colours as two visits can see.
VISITS = pytest.mark.parametrize(
    ("size", "colours"), [(PHONE, "dark"), (DESK, "light")], ids=["phone, dark", "desk, light"]
)


def faults(page: Page) -> list[str]:
    """Rule, page and element of everything that axe objects to."""
    page.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = page.evaluate(f"axe.run(document, {json.dumps(RULES)})")
    return [
        f"{fault['id']} on {page.url}: {node['html']} ({node['failureSummary']})"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


@VISITS
def test_pages_can_be_used_by_those_who_see_little_or_nothing(
    shop: RunningShop, browser: Browser, size: dict[str, int], colours: Any
) -> None:
    visit = Visit(browser, size=size)
    page = visit.page
    page.emulate_media(color_scheme=colours, reduced_motion="reduce")
    found = []
    for path in PAGES:
        page.goto(f"{shop.url}{path}")
        found += faults(page)
    visit.close()
    assert found == []


@VISITS
def test_the_way_to_an_order_can_be_gone_by_them_too(
    shop: RunningShop, browser: Browser, size: dict[str, int], colours: Any
) -> None:
    visit = Visit(browser, size=size)
    page = visit.page
    page.emulate_media(color_scheme=colours, reduced_motion="reduce")
    choose_a_shirt(page, shop)
    found = faults(page)
    page.locator("form.buy button[value=cart]").click()
    page.goto(f"{shop.url}/en/cart/")
    found += faults(page)
    page.get_by_role("link", name="Check out").first.click()
    page.get_by_role("button", name="Order and pay").click()
    # With what is missing said at the top and at each field.
    found += faults(page)
    fill_checkout(page, "siti@example.com", script=True)
    choose_method(page, "bca_va")
    page.get_by_role("button", name="Order and pay").click()
    page.wait_for_url("**/en/pay/**")
    found += faults(page)
    token = order_number(page)
    [(number,)] = shop.sql("SELECT number FROM orders_order WHERE token = %s", token)
    approve_at_the_gateway(shop, number)
    paid = "SELECT 1 FROM orders_order WHERE token = %s AND status = 'confirmed'"
    eventually(lambda: shop.sql(paid, token), what="the confirmed order")
    for path in ("nota/", ""):
        page.goto(f"{shop.url}/en/orders/{token}/{path}")
        found += faults(page)
    page.locator("summary", has_text="Cancel the order").click()
    page.get_by_role("button", name="Yes, cancel it").click()
    page.get_by_role("link", name="Credit note").click()
    page.wait_for_url("**/credit-notes/1/")
    found += faults(page)
    # Not through `close`: the console complains of the answer 422 to the empty form.
    visit.context.close()
    assert found == []


def test_a_page_with_a_fault_would_be_found(shop: RunningShop, browser: Browser) -> None:
    visit = Visit(browser, size=DESK)
    visit.page.goto(f"{shop.url}/en/")
    visit.page.evaluate("document.querySelector('main').append(new Image())")
    found = faults(visit.page)
    visit.close()
    assert [fault.split(" ")[0] for fault in found] == ["image-alt"]


@VISITS
def test_two_carts_can_be_compared_by_them_too(
    shop: RunningShop, browser: Browser, size: dict[str, int], colours: Any
) -> None:
    found = []
    # The first device leaves its cart in the account, the second comes with another.
    for _device in range(2):
        visit = Visit(browser, size=size)
        page = visit.page
        page.emulate_media(color_scheme=colours, reduced_motion="reduce")
        choose_a_shirt(page, shop)
        page.locator("form.buy button[value=cart]").click()
        page.wait_for_url("**/cart/")
        page.goto(f"{shop.url}/en/account/sign-in/")
        page.get_by_label("E-mail").fill("customer@example.com")
        page.get_by_label("Password").fill(str(shop.env["DEMO_CUSTOMER_PASSWORD"]))
        page.locator("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "sign-in" not in url)
        found += faults(page)
        last = page.url
        page.goto(f"{shop.url}/en/claims/")
        found += faults(page)
        visit.close()
    assert "/en/account/carts/" in last
    assert found == []
