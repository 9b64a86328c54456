"""One page of a list that is newest first."""

from shop.local.simulator.errors import Json, not_found
from shop.local.simulator.routing import Request, Response, json_response


def page_of(found: list[Json], request: Request, *, id_field: str) -> Response:
    """`after_id`: what comes after it in the list; `before_id`: what comes right before it."""
    limit = request.limit(default=10)
    page, has_more = cut(found, request, id_field=id_field, limit=limit)
    return json_response(200, {"data": page, "has_more": has_more})


def cut(
    found: list[Json], request: Request, *, id_field: str, limit: int
) -> tuple[list[Json], bool]:
    """The page asked for, and whether there is more in its direction."""
    places = {each[id_field]: place for place, each in enumerate(found)}
    after, before = request.argument("after_id"), request.argument("before_id")
    for cursor in (after, before):
        if cursor and cursor not in places:
            raise not_found(cursor)
    if before:
        end = places[before]
        start = max(end - limit, 0)
        return found[start:end], start > 0
    start = places[after] + 1 if after else 0
    return found[start : start + limit], len(found) > start + limit
