"""Passkeys in a real browser, with an authenticator of Chromium's own that always says yes."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.running import RunningShop, eventually
from tests.test_browser import PHONE, Visit
from tests.test_browser import browser as browser  # the fixture
from tests.test_browser_access import faults

pytestmark = pytest.mark.browser
PASSWORD = "kuda lumping naik sepeda"
FINGER = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}


def register(page: Page, shop: RunningShop, url: str) -> str:
    email = f"siti-{uuid4().hex[:8]}@example.com"
    page.goto(f"{url}/en/account/register/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Mail me a link").click()
    [letter] = eventually(lambda: shop.mails(to=email), what="the link")
    body = letter.get_body(("plain",))
    assert body is not None
    found = re.search(r"https?://\S+/links/\S+", body.get_content())
    assert found is not None
    page.goto(url + urlsplit(found[0]).path)
    page.get_by_label("Your name").fill("Siti")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create an account").click()
    expect(page).to_have_url(f"{url}/en/account/")
    return email


def sign_out(page: Page, url: str) -> None:
    page.goto(f"{url}/en/account/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """By somebody with a finger."""
    visit = Visit(browser, size=PHONE)
    visit.page.emulate_media(reduced_motion="reduce")
    authenticators = visit.context.new_cdp_session(visit.page)
    authenticators.send("WebAuthn.enable")
    authenticators.send("WebAuthn.addVirtualAuthenticator", {"options": FINGER})
    yield visit
    visit.close()


def add_passkey(page: Page, url: str) -> list[str]:
    """What axe objects to on the way."""
    page.goto(f"{url}/en/account/second-factor/app/")
    found = faults(page)
    page.goto(f"{url}/en/account/second-factor/")
    found += faults(page)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("Pixel 9")
    found += faults(page)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    found += faults(page)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.locator("main")).to_contain_text("Pixel 9")
    return found


def test_a_passkey_is_added_and_signs_in_with_and_without_a_password(
    shop: RunningShop, visit: Visit
) -> None:
    # A number has no passkeys.
    url, page = shop.url.replace("127.0.0.1", "localhost"), visit.page
    email = register(page, shop, url)
    found = add_passkey(page, url)

    sign_out(page, url)
    page.goto(f"{url}/en/account/sign-in/?next=/en/cart/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{url}/en/cart/")

    sign_out(page, url)
    page.goto(f"{url}/en/account/sign-in/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    found += faults(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{url}/en/account/")
    assert found == []
