from django.urls import path

from catalog import alert_views, views, wishlist_views

app_name = "catalog"
urlpatterns = [
    path("search/", views.search, name="search"),
    path("search/suggest/", views.suggest_searches, name="suggest"),
    path("c/<slug:slug>/", views.view_category, name="view_category"),
    path("p/<slug:slug>/", views.view_product, name="view_product"),
    path("p/<slug:slug>/alert/", alert_views.ask_alert, name="ask_alert"),
    path("alerts/<uuid:token>/confirm/", alert_views.confirm_alerts, name="confirm_alerts"),
    path("alerts/<uuid:token>/", alert_views.stop_alerts, name="stop_alerts"),
    path("wishlist/", wishlist_views.view_wishlist, name="view_wishlist"),
    path("wishlist/change/", wishlist_views.change_wishlist, name="change_wishlist"),
    path("fragments/cards/", views.show_cards, name="show_cards"),
    path("fragments/wishlist/", wishlist_views.wishlist_badge, name="wishlist_badge"),
]
