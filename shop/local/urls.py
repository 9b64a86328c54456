"""Pages that exist only where the local mailbox does."""

from django.urls import path

from shop.local import views

app_name = "local"
urlpatterns = [
    path("mail/", views.list_mail, name="list_mail"),
    path("mail/<str:name>/", views.view_mail, name="view_mail"),
    path("mail/<str:name>/html/", views.view_mail_html, name="view_mail_html"),
]
