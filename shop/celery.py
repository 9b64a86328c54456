"""Celery carries mail and other work that may be late; money never waits for it."""

import os
import sys

from celery import Celery
from celery.signals import task_postrun
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["shop.core", "catalog", "orders", "payments"])

# Celery itself would close the whole pool around each task: connecting anew costs more than most
# tasks do. What a forked process inherits is closed in any case.
app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize


@task_postrun.connect
def give_connections_back(**_details: object) -> None:
    """To their pool, which hands out none that is broken."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
