from django.urls import path

from orders import claim_views, receipt_views, return_views, review_views, views, waiting_views

app_name = "orders"
urlpatterns = [
    path("cart/", views.view_cart, name="view_cart"),
    path("cart/add/", views.add_to_cart, name="add_to_cart"),
    path("cart/coupon/", views.set_coupon, name="set_coupon"),
    path("cart/lines/<uuid:variant_id>/", views.set_quantity, name="set_quantity"),
    path("waiting/", waiting_views.join_waiting, name="join_waiting"),
    path("waiting/<uuid:token>/", waiting_views.view_waiting, name="view_waiting"),
    path("fragments/badge/", views.cart_badge, name="cart_badge"),
    path("claims/", claim_views.ask_claim, name="ask_claim"),
    path("claims/<str:token>/", claim_views.claim_orders, name="claim_orders"),
    path("orders/<str:token>/", views.view_order, name="view_order"),
    path("orders/<str:token>/nota/", receipt_views.view_nota, name="view_nota"),
    path("orders/<str:token>/nota.pdf", receipt_views.download_nota, name="download_nota"),
    path(
        "orders/<str:token>/credit-notes/<int:seq>/",
        receipt_views.view_credit_note,
        name="view_credit_note",
    ),
    path(
        "orders/<str:token>/credit-notes/<int:seq>.pdf",
        receipt_views.download_credit_note,
        name="download_credit_note",
    ),
    path("orders/<str:token>/return/", return_views.ask_return, name="ask_return"),
    path(
        "orders/<str:token>/returns/<uuid:return_id>/end/",
        return_views.drop_return,
        name="drop_return",
    ),
    path(
        "orders/<str:token>/reviews/<uuid:variant_id>/",
        review_views.review_line,
        name="review_line",
    ),
    path(
        "orders/<str:token>/reviews/<uuid:variant_id>/erase/",
        review_views.erase_line_review,
        name="erase_review",
    ),
    path(
        "orders/<str:token>/reviews/<uuid:variant_id>/votes/<uuid:review_id>/",
        review_views.vote,
        name="vote_review",
    ),
    path(
        "orders/<str:token>/review-mail/",
        review_views.leave_review_mail,
        name="leave_review_mail",
    ),
    path("p/<slug:slug>/reviews/", review_views.list_reviews, name="list_reviews"),
    path("p/<slug:slug>/reviews/fragment/", review_views.reviews_fragment, name="reviews_fragment"),
]
