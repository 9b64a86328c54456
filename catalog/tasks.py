from celery import shared_task

from catalog import stock_alerts, waiting, wishlists
from catalog.roll_ups import count_sold, count_words
from catalog.search import prune_misses


@shared_task(name="catalog.count_sold")
def count_sold_task() -> None:
    count_sold()


@shared_task(name="catalog.tidy_search")
def tidy_search() -> None:
    count_words()
    prune_misses()


@shared_task(name="catalog.tell_waiting")
def tell_waiting() -> None:
    stock_alerts.tell_waiting()


@shared_task(name="catalog.prune_interest")
def prune_interest() -> None:
    stock_alerts.prune()
    waiting.prune()
    wishlists.prune()
