from celery import shared_task

from accounts import exporting, pushes, signed_in, tokens


@shared_task(name="accounts.prune")
def prune() -> None:
    tokens.prune()
    signed_in.prune()
    exporting.prune_exports()
    # Last: it asks SNS, which may be away.
    pushes.forget_ended()
