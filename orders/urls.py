from django.urls import path

from orders import views

app_name = "orders"
urlpatterns = [
    path("cart/", views.view_cart, name="view_cart"),
    path("cart/add/", views.add_to_cart, name="add_to_cart"),
    path("cart/lines/<uuid:variant_id>/", views.set_quantity, name="set_quantity"),
    path("fragments/badge/", views.cart_badge, name="cart_badge"),
    path("orders/<str:token>/", views.view_order, name="view_order"),
]
