"""The address in a real browser: a few letters and the keys are enough, and it has no fault."""

import pytest
from playwright.sync_api import Browser, expect

from tests.running import RunningShop
from tests.test_browser import PHONE, Visit, choose_a_shirt
from tests.test_browser import browser as browser  # the fixture
from tests.test_browser_access import faults

pytestmark = pytest.mark.browser

PATH = "Coblong, Kota Bandung, Jawa Barat"


def test_a_place_is_chosen_by_keyboard_by_list_and_among_many(
    shop: RunningShop, browser: Browser
) -> None:
    visit = Visit(browser, size=PHONE)
    page = visit.page
    choose_a_shirt(page, shop)
    page.locator("form.buy button[value=cart]").click()
    page.goto(f"{shop.url}/en/checkout/")
    field, couriers = page.locator("[name=region_text]"), page.locator("#couriers input")

    field.press_sequentially("coblong")
    expect(page.get_by_role("option").first).to_contain_text("Coblong")
    assert page.get_by_role("option").first.evaluate("option => option.offsetHeight") >= 44
    assert faults(page) == []
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value(PATH)
    expect(field).to_be_focused()
    expect(couriers.first).to_be_attached()

    page.locator("details.lists summary").click()
    page.get_by_label("Village").select_option(label="Dago")
    expect(field).to_have_value(f"Dago, {PATH}")

    # Left without a choice, the field asks which one is meant; arrows walk without losing the way.
    field.fill("sukamaju")
    field.press("Tab")
    places = page.locator("#region-matches input")
    expect(places).to_have_count(12)
    places.first.focus()
    places.first.press("ArrowDown")
    expect(couriers.first).to_be_attached()
    expect(places.nth(1)).to_be_focused()
    expect(places).to_have_count(12)
    assert faults(page) == []
    visit.close()
