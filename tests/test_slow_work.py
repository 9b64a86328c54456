"""Work of seconds goes a way of its own, so that no mail waits for it."""

import pytest
from django.db import transaction

from catalog.imaging.uploads import UPLOADED
from catalog.importing import pictures, runs
from shop.core import outbox
from shop.core.models import OutboxMessage


@pytest.mark.django_db
@pytest.mark.parametrize("topic", [UPLOADED, "review-photo", runs.TOPIC, pictures.TOPIC])
def test_pictures_and_imports_keep_no_mail_waiting(topic: str) -> None:
    with transaction.atomic():
        outbox.add(topic, key="slow")
        outbox.add("order-confirmed", key="quick")
    quick, slow = outbox.claim_for_publishing(), outbox.claim_slow_for_publishing()

    keys = dict(OutboxMessage.objects.values_list("pk", "key"))
    assert [keys[pk] for pk in quick] == ["quick"]
    assert [keys[pk] for pk in slow] == ["slow"]
