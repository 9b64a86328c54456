from celery import shared_task

from accounts import pushes, signed_in, tokens


@shared_task(name="accounts.prune")
def prune() -> None:
    tokens.prune()
    signed_in.prune()
    pushes.forget_ended()
