import os

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from shop.pages.demo import read, read_products
from shop.pages.demo.catalogue import load_catalogue
from shop.pages.demo.people import (
    CUSTOMER_EMAIL,
    STAFF_EMAIL,
    load_customer,
    load_staff,
    load_staff_factor,
)
from shop.pages.demo.pictures import copy_pictures
from shop.pages.demo.promotions import load_promotions
from shop.pages.demo.shipping import load_shipping


class Command(BaseCommand):
    help = (
        "Load the sample boutique into an empty shop; what is already there stays as it is. "
        f"DEMO_STAFF_PASSWORD, where set, becomes the password of {STAFF_EMAIL} and "
        "DEMO_STAFF_TOTP_SECRET what its codes are made from, "
        f"DEMO_CUSTOMER_PASSWORD that of {CUSTOMER_EMAIL}."
    )

    # `make run` calls it at every start, after `migrate` has run the checks.
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        # The files first: a picture that no row names does no harm, the reverse is a broken page.
        self._say("pictures", is_loaded=copy_pictures() > 0)
        with transaction.atomic():
            is_new = load_catalogue(read("catalogue.json"), read_products(), now=timezone.now())
            self._say("catalogue", is_loaded=is_new)
            fares = read("shipping.json")
            self._say("shipping fares", is_loaded=load_shipping(fares))
            offers = load_promotions(read("promotions.json"), currency=fares["currency"])
            self._say("promotions", is_loaded=offers)
        password = os.environ.get("DEMO_STAFF_PASSWORD")
        if password:
            is_new = load_staff(password)
            secret = os.environ.get("DEMO_STAFF_TOTP_SECRET")
            if secret:
                is_new |= load_staff_factor(secret)
            self._say(STAFF_EMAIL, is_loaded=is_new)
        password = os.environ.get("DEMO_CUSTOMER_PASSWORD")
        if password:
            self._say(CUSTOMER_EMAIL, is_loaded=load_customer(password))

    def _say(self, what: str, *, is_loaded: bool) -> None:
        self.stdout.write(f"{what}: {'loaded' if is_loaded else 'unchanged'}")
