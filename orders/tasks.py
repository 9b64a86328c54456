"""The Celery tasks of orders. Each may run twice, or not for a while."""

from datetime import timedelta

from celery import shared_task

from orders import asking_couriers
from orders.closing import close_due
from orders.courier_news import match_kept_news
from orders.delivery import assume_delivered
from orders.returns.deciding import end_late_returns
from orders.reviews import asking

# Less than the minute in which beat asks again, and than the time limit of a task.
AT_A_STRETCH = timedelta(seconds=45)


@shared_task(name="orders.ask_for_reviews")
def ask_for_reviews() -> None:
    asking.ask_due()


@shared_task(name="orders.follow_parcels")
def follow_parcels() -> None:
    match_kept_news()
    assume_delivered(within=AT_A_STRETCH)


@shared_task(name="orders.ask_couriers")
def ask_couriers() -> None:
    asking_couriers.ask_couriers(within=AT_A_STRETCH)


@shared_task(name="orders.close_orders")
def close_orders() -> None:
    end_late_returns()
    close_due(within=AT_A_STRETCH)
