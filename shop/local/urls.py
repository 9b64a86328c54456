"""Pages that exist only where the local mailbox does."""

from django.urls import path

from shop.local import views

app_name = "local"
urlpatterns = [
    path("", views.list_mail, name="list_mail"),
    path("<str:name>/", views.view_mail, name="view_mail"),
    path("<str:name>/html/", views.view_mail_html, name="view_mail_html"),
]
