"""How a process keeps its connections: the settings of psycopg's pool."""

from typing import TypedDict

# A request waits so long for a connection before it is refused.
PATIENCE_SECONDS = 3.0
# The pool's pauses between two tries double for as long as it goes on with them, and every request
# waits for the next one: with the usual five minutes a shop would stay away as long again as its
# database was. Given up sooner, they begin anew with the next request.
RECONNECT_SECONDS = 2.5


class PoolOptions(TypedDict):
    min_size: int
    max_size: int
    timeout: float
    reconnect_timeout: float


def pool_options(most: int) -> PoolOptions:
    return {
        "min_size": 1,
        "max_size": most,
        "timeout": PATIENCE_SECONDS,
        "reconnect_timeout": RECONNECT_SECONDS,
    }
