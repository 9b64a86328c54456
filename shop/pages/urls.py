from django.urls import path

from shop.pages import account, address, checkout, choose_cart, home, static_pages, track

app_name = "pages"
urlpatterns = [
    path("", home.home, name="home"),
    path("checkout/", checkout.checkout, name="checkout"),
    path("checkout/shipping/", checkout.shipping_options, name="shipping_options"),
    path("checkout/region/", address.choose_region, name="choose_region"),
    path("checkout/regions/", address.suggest_regions, name="suggest_regions"),
    path("account/", account.show_account, name="account"),
    path("account/sign-in/", account.sign_in, name="sign_in"),
    path("account/sign-out/", account.sign_out, name="sign_out"),
    path("account/carts/", choose_cart.choose_cart, name="choose_cart"),
    path("track/", track.track, name="track"),
    path("how-to-order/", static_pages.how_to_order, name="how_to_order"),
    path("privacy/", static_pages.privacy, name="privacy"),
    path("manifest.webmanifest", static_pages.manifest, name="manifest"),
]
