from celery import shared_task

from catalog.roll_ups import count_sold, count_words
from catalog.search import prune_misses


@shared_task(name="catalog.count_sold")
def count_sold_task() -> None:
    count_sold()


@shared_task(name="catalog.tidy_search")
def tidy_search() -> None:
    count_words()
    prune_misses()
