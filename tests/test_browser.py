"""The main path in a real browser: a phone, with and without JavaScript, and staff at a desk."""

import os
import re
import time
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from accounts.totp import code_at
from tests.running import RunningShop, eventually

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
# Generous for a loaded machine; every wait ends as soon as it can.
PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield launched
        launched.close()


class Visit:
    """One person's browser, which remembers every complaint of the console."""

    def __init__(self, browser: Browser, *, size: dict[str, int], script: bool = True) -> None:
        self.complaints: list[str] = []
        self.context = browser.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            java_script_enabled=script,
            locale="en-GB",
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        self.page.on(
            "console",
            lambda message: (
                self.complaints.append(f"{self.page.url}: {message.text}")
                if message.type in ("error", "warning")
                else None
            ),
        )

    def close(self) -> None:
        self.context.close()
        assert self.complaints == []


def choose_a_shirt(page: Page, shop: RunningShop) -> None:
    page.goto(f"{shop.url}/en/")
    page.get_by_role("navigation").get_by_role("link", name="Women").first.click()
    expect(page).to_have_url(f"{shop.url}/en/c/women/")
    page.locator("main .card a").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for option in ("colour", "size"):
        page.locator(f"form.buy input[name={option}]:not([disabled])").first.check()


def fill_checkout(page: Page, email: str, *, script: bool) -> None:
    page.get_by_label("E-mail").fill(email)
    page.locator("[name=phone]").fill("0812-3456 7890")
    page.locator("[name=recipient_name]").fill("Siti Aminah")
    page.locator("[name=street]").fill("Jl. Braga No. 12")
    page.locator("[name=postal_code]").fill("40111")
    page.locator("[name=region_text]").press_sequentially("sumur band")
    if script:
        page.get_by_role("option", name="Sumur Bandung kecamatan, Kota Bandung").click()
    else:
        page.get_by_role("button", name="Find").click()
        page.locator("label.place", has_text="Kota Bandung").first.click()
        page.get_by_role("button", name="Calculate shipping").click()
    expect(page.locator("#couriers input[type=radio]").first).to_be_attached()


def choose_method(page: Page, code: str) -> None:
    page.locator("label.choice", has=page.locator(f"input[value={code}]")).click()


def approve_at_the_gateway(shop: RunningShop, number: str) -> None:
    """As the bank would: the money arrives for the order's first attempt."""
    shop.pay(f"{number}-A1")


def order_number(page: Page) -> str:
    return page.url.rstrip("/").rsplit("/", 1)[-1]


@pytest.mark.parametrize("javascript", ["on", "off"])
def test_from_the_first_page_to_the_parcel(
    shop: RunningShop, browser: Browser, javascript: str
) -> None:
    script = javascript == "on"
    email = f"siti-{uuid4().hex[:8]}@example.com"
    visit = Visit(browser, size=PHONE, script=script)
    page = visit.page
    choose_a_shirt(page, shop)
    page.locator("form.buy button[value=cart]").click()
    page.goto(f"{shop.url}/en/cart/")
    page.get_by_role("link", name="Check out").first.click()
    fill_checkout(page, email, script=script)
    choose_method(page, "bca_va")
    page.get_by_role("button", name="Order and pay").click()

    expect(page).to_have_url(re.compile("/en/pay/"))
    [(number,)] = shop.sql(
        "SELECT o.number FROM orders_order o JOIN orders_ordercontact c ON c.order_id = o.id"
        " WHERE c.email = %s",
        email,
    )
    approve_at_the_gateway(shop, number)
    eventually(lambda: shop.mails(to=email), what="the confirmation mail")
    token = order_number(page)
    page.goto(f"{shop.url}/en/orders/{token}/")
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)

    ship_as_staff(shop, browser, number, tracking_number=f"JNE{uuid4().hex[:8].upper()}")
    eventually(lambda: len(shop.mails(to=email)) == 2, what="the mail about the parcel")
    page.reload()
    expect(page.locator("main")).to_contain_text("JNE")
    visit.close()


def sign_in_as_staff(page: Page, shop: RunningShop) -> None:
    """From the door of the admin to its first page."""
    page.goto(f"{shop.url}/admin/")
    page.get_by_label("E-mail").fill("staff@example.com")
    page.get_by_label("Password").fill(str(shop.env["DEMO_STAFF_PASSWORD"]))
    page.locator("main").get_by_role("button", name="Sign in").click()
    # Another test may have used the code of this half minute.
    shop.sql("UPDATE accounts_codeapp SET last_step = 0")
    code = code_at(str(shop.env["DEMO_STAFF_TOTP_SECRET"]), at=time.time())
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(f"{shop.url}/admin/")


def ship_as_staff(
    shop: RunningShop, browser: Browser, number: str, *, tracking_number: str
) -> None:
    visit = Visit(browser, size=DESK)
    page = visit.page
    sign_in_as_staff(page, shop)
    page.goto(f"{shop.url}/admin/orders/order/?q={number}")
    page.get_by_role("link", name=number).first.click()
    page.get_by_label("Tracking number").fill(tracking_number)
    page.get_by_role("button", name="Mark as sent").click()
    expect(page.locator("body")).to_contain_text(tracking_number)
    visit.close()


def test_dana_sends_the_customer_to_the_gateway_and_back(
    shop: RunningShop, browser: Browser
) -> None:
    email = f"siti-{uuid4().hex[:8]}@example.com"
    visit = Visit(browser, size=PHONE)
    page = visit.page
    choose_a_shirt(page, shop)
    page.locator("form.buy button[value=checkout]").first.click()
    fill_checkout(page, email, script=True)
    choose_method(page, "dana")
    page.get_by_role("button", name="Order and pay").click()
    page.locator(f"a[href^='{shop.simulator_url}']").first.click()
    page.get_by_role("button", name="Approve").click()
    expect(page).to_have_url(re.compile(f"^{re.escape(shop.url)}/en/"))
    eventually(lambda: shop.mails(to=email), what="the confirmation mail")
    visit.close()


def test_a_page_can_be_shared_by_everybody(shop: RunningShop) -> None:
    answer = httpx.get(f"{shop.url}/en/c/women/")
    assert "set-cookie" not in answer.headers
    assert "cookie" not in answer.headers.get("vary", "").lower()
    assert "csrf" not in answer.text.lower()


def test_a_phone_filters_in_a_sheet(shop: RunningShop, browser: Browser) -> None:
    visit = Visit(browser, size=PHONE)
    page = visit.page
    page.goto(f"{shop.url}/en/c/women/")
    everything = page.locator("#results .card").count()
    page.get_by_role("button", name="Filter").click()
    sheet = page.locator("#filters")
    expect(sheet).to_be_visible()
    sheet.get_by_label("XXL").check()

    expect(page).to_have_url(f"{shop.url}/en/c/women/?size=xxl")
    expect(page.locator("#results .card")).not_to_have_count(everything)
    fewer = page.locator("#results .card").count()
    assert 0 < fewer < everything
    expect(sheet).to_be_visible()
    expect(page.locator("#f-size-xxl")).to_be_focused()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    page.go_back()
    expect(page.locator("#results .card")).to_have_count(everything)
    visit.close()


def test_suggestions_are_chosen_with_the_keys(shop: RunningShop, browser: Browser) -> None:
    visit = Visit(browser, size=PHONE)
    page = visit.page
    page.goto(f"{shop.url}/en/")
    box = page.get_by_role("combobox", name="Search products")
    box.press_sequentially("sh")
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("ArrowDown")
    expect(box).to_be_focused()
    expect(page.get_by_role("option", selected=True)).to_have_count(1)
    box.press("Escape")
    expect(page.get_by_role("option").first).to_be_hidden()
    box.press("ArrowDown")
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"/en/search/\?q=sh"))
    expect(page.locator("#results .card").first).to_be_visible()
    visit.close()


def test_without_script_the_filters_are_a_form(shop: RunningShop, browser: Browser) -> None:
    visit = Visit(browser, size=PHONE, script=False)
    page = visit.page
    page.goto(f"{shop.url}/en/c/women/")
    page.get_by_role("button", name="Filter").click()
    page.locator("#filters").get_by_label("XXL").check()
    page.locator("#show-results").click()

    expect(page).to_have_url(re.compile(r"/en/c/women/\?.*size=xxl"))
    expect(page.locator(".pills")).to_contain_text("Size: XXL")
    visit.close()
