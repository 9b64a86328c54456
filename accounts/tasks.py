from celery import shared_task

from accounts import tokens


@shared_task(name="accounts.prune")
def prune() -> None:
    tokens.prune()
