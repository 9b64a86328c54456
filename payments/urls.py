from django.urls import path

from payments import views
from payments.credit import views as credit_views
from payments.proofs.views import send_proof
from payments.refunds.views import money_back

app_name = "payments"
urlpatterns = [
    path("gift-card/", credit_views.gift_card, name="gift_card"),
    path("pay/<str:token>/", views.pay, name="pay"),
    path("pay/<str:token>/status/", views.pay_status, name="pay_status"),
    path("pay/<str:token>/qr.png", views.pay_qr, name="qr"),
    path("pay/<str:token>/check/", views.check_payment, name="check_payment"),
    path("pay/<str:token>/proof/", send_proof, name="send_proof"),
    path("pay/<str:token>/again/", views.pay_again, name="pay_again"),
    path("orders/<str:token>/money-back/", money_back, name="money_back"),
    path("orders/<str:token>/cancel/", views.cancel_order, name="cancel_order"),
]
