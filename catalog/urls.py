from django.urls import path

from catalog import views

app_name = "catalog"
urlpatterns = [
    path("search/", views.search, name="search"),
    path("search/suggest/", views.suggest_searches, name="suggest"),
    path("c/<slug:slug>/", views.view_category, name="view_category"),
    path("p/<slug:slug>/", views.view_product, name="view_product"),
]
