"""What somebody likes, waits for or has looked at, in a real browser."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.running import RunningShop
from tests.test_browser import DESK, PHONE, Visit
from tests.test_browser import browser as browser  # the fixture

pytestmark = pytest.mark.browser


def ask(shop: RunningShop, path: str) -> Any:
    return httpx.get(f"{shop.url}/api/v1{path}", headers={"Accept-Language": "en"}).json()


def test_hearts_are_filled_without_leaving_the_page(shop: RunningShop, browser: Browser) -> None:
    visit = Visit(browser, size=PHONE)
    page = visit.page
    page.goto(f"{shop.url}/en/c/women/")
    hearts = page.locator("main .heart")
    expect(hearts.first).to_have_attribute("aria-pressed", "false")

    # Faster than the answers come: the second belongs to the list that the first has begun.
    for number in (0, 1, 2):
        hearts.nth(number).click()
    expect(page.locator(".top .badge-n")).to_have_text("3")
    hearts.nth(1).click()
    expect(page.locator(".top .badge-n")).to_have_text("2")
    page.reload()

    expect(page.locator(".top .badge-n")).to_have_text("2")
    pressed = [hearts.nth(number).get_attribute("aria-pressed") for number in range(4)]
    assert pressed == ["true", "false", "true", "false"]
    page.get_by_role("link", name="Wishlist").click()
    expect(page.locator("main .card")).to_have_count(2)
    page.get_by_role("button", name="Remove").first.click()
    expect(page.locator("main .card")).to_have_count(1)
    expect(page.get_by_text("It is off your wishlist.")).to_be_visible()
    visit.close()


def test_hearts_of_a_list_that_was_filtered_know_what_is_kept(
    shop: RunningShop, browser: Browser
) -> None:
    visit = Visit(browser, size=DESK)
    page = visit.page
    page.goto(f"{shop.url}/en/c/women/?sort=price_asc")
    page.locator("main .heart").first.click()
    expect(page.locator(".top .badge-n")).to_have_text("1")
    slug = page.locator("main .heart").first.get_attribute("value")

    page.locator("#sort").select_option("price_desc")
    expect(page.locator("main .heart").first).not_to_have_attribute("value", str(slug))
    page.locator("#sort").select_option("price_asc")

    expect(page.locator(f"main .heart[value={slug}]")).to_have_attribute("aria-pressed", "true")
    visit.close()


def test_without_script_a_heart_leads_to_the_wishlist(shop: RunningShop, browser: Browser) -> None:
    visit = Visit(browser, size=PHONE, script=False)
    page = visit.page
    page.goto(f"{shop.url}/en/")

    page.locator("main .heart").first.click()

    expect(page).to_have_url(f"{shop.url}/en/wishlist/")
    expect(page.get_by_text("It is on your wishlist now.")).to_be_visible()
    expect(page.locator("main .card")).to_have_count(1)
    visit.context.close()


def gone_variant(shop: RunningShop) -> tuple[str, Any]:
    for card in ask(shop, "/products?page_size=100")["results"]:
        product = ask(shop, f"/products/{card['slug']}")
        for variant in product["variants"]:
            if not variant["available"] and len(product["variants"]) > 1:
                return card["slug"], variant
    raise AssertionError("the demo has something that is sold out")


@pytest.mark.parametrize("javascript", ["on", "off"])
def test_who_chooses_what_is_gone_can_wait_for_it(
    shop: RunningShop, browser: Browser, javascript: str
) -> None:
    slug, variant = gone_variant(shop)
    email = f"siti-{uuid4().hex[:8]}@example.com"
    visit = Visit(browser, size=PHONE, script=javascript == "on")
    page = visit.page
    page.goto(f"{shop.url}/en/p/{slug}/")
    expect(page.locator("#tell")).to_be_hidden()
    for option, value in variant["values"].items():
        page.locator(f"form.buy input[name={option}][value={value}]").check()
    if javascript == "off":
        page.locator("form.buy button[value=cart]").click()

    page.get_by_label("Tell me when it is back").fill(email)
    page.get_by_role("button", name="Tell me").click()

    expect(page.get_by_text("We write to you once")).to_be_visible()
    assert shop.sql("SELECT language FROM catalog_stockalert WHERE email = %s", email) == [("en",)]
    visit.context.close()


def test_what_was_looked_at_is_remembered_by_the_browser_alone(
    shop: RunningShop, browser: Browser
) -> None:
    first, second = [card["slug"] for card in ask(shop, "/products?page_size=2")["results"]]
    visit = Visit(browser, size=DESK)
    page = visit.page
    page.goto(f"{shop.url}/en/p/{first}/")
    recent = page.locator("#recent")
    expect(recent).to_be_hidden()

    page.goto(f"{shop.url}/en/p/{second}/")

    expect(recent.locator(".card a")).to_have_attribute("href", f"/en/p/{first}/")
    assert {cookie.get("name") for cookie in visit.context.cookies()} <= {"csrf"}
    page.goto(f"{shop.url}/")
    expect(recent.locator(".card")).to_have_count(2)
    recent.locator(".head button").click()
    expect(recent).to_have_count(0)
    page.reload()
    expect(page.locator("#recent")).to_be_hidden()
    visit.close()
