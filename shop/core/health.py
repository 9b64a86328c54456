"""`/livez`: this process answers. `/readyz`: it can serve, that is, database and migrations."""

from django.core.cache import caches
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shop.core.cache import ForgivingRedisCache

# Once seen up to date, a process stays so: code and schema change together with a restart.
_migrated = False


@never_cache
@require_safe
def livez(_request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 or 503. The cache is reported and not required: without it the shop sells on."""
    checks = {"database": _database(), "migrations": "unknown", "cache": _cache()}
    if checks["database"] == "ok":
        checks["migrations"] = "ok" if _is_migrated() else "missing"
    ready = checks["database"] == checks["migrations"] == "ok"
    return JsonResponse(
        {"status": "ok" if ready else "unavailable", **checks}, status=200 if ready else 503
    )


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "unavailable"
    return "ok"


def _is_migrated() -> bool:
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


def _cache() -> str:
    backend = caches["default"]
    alive = isinstance(backend, ForgivingRedisCache) and backend.is_alive()
    return "ok" if alive else "unavailable"
