from django.urls import path

from accounts.links import LinkKind
from shop.pages import (
    account,
    account_factors,
    account_invitation,
    account_links,
    account_password,
    address,
    checkout,
    choose_cart,
    home,
    second_step,
    static_pages,
    track,
)

app_name = "pages"
urlpatterns = [
    path("", home.home, name="home"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("checkout/shipping/", checkout.shipping_options, name="shipping_options"),
    path("checkout/region/", address.choose_region, name="choose_region"),
    path("checkout/regions/", address.suggest_regions, name="suggest_regions"),
    path("account/", account.show_account, name="account"),
    path("account/sign-in/", account.sign_in, name="sign_in"),
    path("account/sign-in/code/", second_step.second_step, name="second_step"),
    path("account/confirm/", second_step.confirm, name="confirm"),
    path("account/second-factor/", account_factors.show_factors, name="second_factor"),
    path("account/second-factor/app/", account_factors.set_up, name="set_up_app"),
    path("account/second-factor/app/qr.png", account_factors.secret_qr, name="secret_qr"),
    path("account/second-factor/app/remove/", account_factors.remove, name="remove_app"),
    path("account/second-factor/codes/", account_factors.recovery_codes, name="recovery_codes"),
    path("account/sign-out/", account.sign_out, name="sign_out"),
    path(
        "account/sign-in/by-mail/",
        account_links.ask,
        {"kind": LinkKind.SIGN_IN},
        name="ask_sign_in",
    ),
    path("account/sign-in/links/<str:token>/", account_links.finish_sign_in, name="finish_sign_in"),
    path("account/register/", account_links.ask, {"kind": LinkKind.REGISTER}, name="register"),
    path(
        "account/register/links/<str:token>/",
        account_links.finish_registration,
        name="finish_registration",
    ),
    path("account/reset/", account_links.ask, {"kind": LinkKind.RESET}, name="ask_reset"),
    path("account/reset/links/<str:token>/", account_links.finish_reset, name="finish_reset"),
    path(
        "account/invitations/<str:token>/",
        account_invitation.accept_invitation,
        name="accept_invitation",
    ),
    path("account/link-sent/", account_links.link_sent, name="link_sent"),
    path("account/password/", account_password.change_password, name="change_password"),
    path("account/carts/", choose_cart.choose_cart, name="choose_cart"),
    path("track/", track.track, name="track"),
    path("how-to-order/", static_pages.how_to_order, name="how_to_order"),
    path("privacy/", static_pages.privacy, name="privacy"),
    path("manifest.webmanifest", static_pages.manifest, name="manifest"),
]
