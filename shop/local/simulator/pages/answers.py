"""A page on its way to a browser."""

from urllib.parse import urlsplit

from shop.local.simulator.routing import Response


def html(text: str, *, status: int = 200, form_targets: list[str] | None = None) -> Response:
    """`form_targets`: addresses that a form may redirect to; Chromium holds them against us."""
    targets = " ".join(["'self'", *sorted(set(map(_origin, form_targets or [])))])
    policy = (
        f"default-src 'none'; style-src 'self'; form-action {targets}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
    }
    return Response(status, text.encode(), headers)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
