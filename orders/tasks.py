"""The Celery tasks of orders. Each may run twice, or not for a while."""

from celery import shared_task

from orders.reviews import asking


@shared_task(name="orders.ask_for_reviews")
def ask_for_reviews() -> None:
    asking.ask_due()
