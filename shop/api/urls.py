"""Every address of the API, below /api/v1/."""

from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.urls import path, re_path
from django.views.decorators.http import conditional_page

from catalog.caching import cached_page
from shop.api.base import CatalogueView
from shop.api.views.accounts import (
    DeviceListView,
    DeviceView,
    LoginView,
    LogoutView,
    MeView,
    RefreshView,
)
from shop.api.views.carts import (
    CartCouponView,
    CartLineView,
    CartListView,
    CartView,
    ShippingQuoteView,
)
from shop.api.views.catalogue import CategoryListView, ProductView
from shop.api.views.documents import SchemaView, docs
from shop.api.views.fallback import NoSuchAddressView
from shop.api.views.listing import ProductListView, SuggestView
from shop.api.views.money_back import MoneyBackView
from shop.api.views.order_life import OrderCancelView, OrderReturnListView, OrderReturnView
from shop.api.views.orders import (
    OrderListView,
    OrderPaymentListView,
    OrderView,
    PaymentMethodListView,
)
from shop.api.views.passwords import (
    ChangePasswordView,
    RegisterView,
    ResetPasswordView,
    VerifyEmailView,
)
from shop.api.views.proofs import ProofListView
from shop.api.views.pushes import PushView
from shop.api.views.receipts import CreditNoteView, ReceiptView
from shop.api.views.regions import RegionListView
from shop.api.views.reviews import (
    HelpfulView,
    OrderReviewListView,
    ReviewListView,
    ReviewPhotoListView,
    ReviewPhotoView,
    ReviewView,
)
from shop.api.views.stock_alerts import StockAlertListView
from shop.api.views.waiting import (
    CartHoldView,
    WaitingConfirmView,
    WaitingListView,
    WaitingView,
)
from shop.api.views.wishlists import WishlistLineView, WishlistListView, WishlistView

app_name = "api"


def kept(view: type[CatalogueView], *names: str) -> Callable[..., HttpResponseBase]:
    """The view, its answers kept until one of the names is bumped."""
    params = view.known_parameters
    return cached_page(*names, params=params, is_api=True)(view.as_view())


urlpatterns = [
    path("auth/register", RegisterView.as_view(), name="register"),
    path("auth/verify-email", VerifyEmailView.as_view(), name="verify_email"),
    path("auth/password/reset", ResetPasswordView.as_view(), name="reset_password"),
    path("auth/password/change", ChangePasswordView.as_view(), name="change_password"),
    path("auth/login", LoginView.as_view(), name="sign_in"),
    path("auth/refresh", RefreshView.as_view(), name="refresh_tokens"),
    path("auth/logout", LogoutView.as_view(), name="sign_out"),
    path("me", MeView.as_view(), name="me"),
    path("me/devices", DeviceListView.as_view(), name="list_devices"),
    path("me/devices/<uuid:device>", DeviceView.as_view(), name="sign_out_device"),
    path("me/devices/<uuid:device>/push", PushView.as_view(), name="push"),
    path("products", kept(ProductListView, "tree", "catalogue"), name="list_products"),
    path("products/<slug:slug>", kept(ProductView, "tree", "p:{slug}"), name="get_product"),
    path("categories", kept(CategoryListView, "tree", "catalogue"), name="list_categories"),
    path("search/suggest", kept(SuggestView, "tree", "catalogue"), name="suggest"),
    path(
        "products/<slug:slug>/reviews",
        kept(ReviewListView, "tree", "p:{slug}", "r:{slug}"),
        name="list_reviews",
    ),
    path("reviews/<uuid:review>", ReviewView.as_view(), name="change_review"),
    path("reviews/<uuid:review>/photos", ReviewPhotoListView.as_view(), name="add_review_photo"),
    path(
        "reviews/<uuid:review>/photos/<uuid:photo>",
        ReviewPhotoView.as_view(),
        name="remove_review_photo",
    ),
    path("reviews/<uuid:review>/helpful", HelpfulView.as_view(), name="vote_review_helpful"),
    path("carts", CartListView.as_view(), name="create_cart"),
    path("carts/<uuid:token>", CartView.as_view(), name="get_cart"),
    path("carts/<uuid:token>/lines/<uuid:variant>", CartLineView.as_view(), name="cart_line"),
    path("carts/<uuid:token>/coupon", CartCouponView.as_view(), name="cart_coupon"),
    path("carts/<uuid:token>/shipping-quotes", ShippingQuoteView.as_view(), name="quote_shipping"),
    path("carts/<uuid:token>/holds/<uuid:waiting>", CartHoldView.as_view(), name="put_held"),
    path("waiting", WaitingListView.as_view(), name="join_waiting"),
    path("waiting/<uuid:token>", WaitingView.as_view(), name="get_waiting"),
    path("waiting/<uuid:token>/confirm", WaitingConfirmView.as_view(), name="confirm_waiting"),
    path("wishlists", WishlistListView.as_view(), name="create_wishlist"),
    path("wishlists/<uuid:token>", WishlistView.as_view(), name="get_wishlist"),
    path(
        "wishlists/<uuid:token>/products/<slug:slug>",
        WishlistLineView.as_view(),
        name="wishlist_line",
    ),
    path("stock-alerts", StockAlertListView.as_view(), name="ask_stock_alert"),
    path("regions", RegionListView.as_view(), name="list_regions"),
    path("payment-methods", PaymentMethodListView.as_view(), name="list_payment_methods"),
    path("orders", OrderListView.as_view(), name="place_order"),
    path("orders/<slug:number>", OrderView.as_view(), name="get_order"),
    path("orders/<slug:number>/receipt.pdf", ReceiptView.as_view(), name="get_receipt"),
    path(
        "orders/<slug:number>/credit-notes/<int:position>.pdf",
        CreditNoteView.as_view(),
        name="get_credit_note",
    ),
    path("orders/<slug:number>/reviews", OrderReviewListView.as_view(), name="list_order_reviews"),
    path("orders/<slug:number>/cancel", OrderCancelView.as_view(), name="cancel_order"),
    path("orders/<slug:number>/returns", OrderReturnListView.as_view(), name="request_return"),
    path(
        "orders/<slug:number>/returns/<uuid:goods_return>",
        OrderReturnView.as_view(),
        name="cancel_return",
    ),
    path("orders/<slug:number>/money-back", MoneyBackView.as_view(), name="money_back"),
    path("orders/<slug:number>/proofs", ProofListView.as_view(), name="transfer_proofs"),
    path("orders/<slug:number>/payments", OrderPaymentListView.as_view(), name="pay_again"),
    path("schema/", conditional_page(SchemaView.as_view()), name="schema"),
    path("docs/", docs, name="docs"),
    # A dot would let a line break through, to the page for browsers.
    re_path(r"^[\s\S]*$", NoSuchAddressView.as_view()),
]
