from celery import shared_task

from accounts import signed_in, tokens


@shared_task(name="accounts.prune")
def prune() -> None:
    tokens.prune()
    signed_in.prune()
