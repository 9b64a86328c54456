"""What all pages share: the frame, the words for amounts and times, forms of one button."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from html import escape

# Path and name. Another gateway adds its own.
NAVIGATION = (
    ("/", "Payments"),
    ("/desk/refunds", "Refunds"),
    ("/desk/money", "Money"),
    ("/desk/webhooks", "Webhooks"),
    ("/desk/trouble", "Trouble"),
    ("/midtrans/", "Midtrans"),
)


def page(title: str, content: str, *, here: str = "") -> str:
    """`here` is the path of the navigation that the page belongs to."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>{escape(title)} · payment gateway simulator</title>
<link rel="stylesheet" href="/static/simulator.css">
</head>
<body>
<header>
<div class="wrap"><a href="/">Payment gateway simulator</a><p>No real money moves here.</p></div>
</header>
<nav aria-label="Main"><ul class="wrap">
{_navigation(here)}
</ul></nav>
<main class="wrap">
{content}
</main>
</body>
</html>
"""


def _navigation(here: str) -> str:
    return "\n".join(
        f'<li><a href="{path}"{_current(path == here)}>{name}</a></li>' for path, name in NAVIGATION
    )


def _current(is_here: bool) -> str:  # noqa: FBT001 - one flag is all there is
    return ' aria-current="page"' if is_here else ""


def refusal(message: str) -> str:
    title = "That did not work"
    way_out = '<p><a href="/">All payment requests</a></p>'
    return page(title, f"<h1>{title}</h1>\n<p>{escape(message)}</p>\n{way_out}")


def rupiah(amount: int) -> str:
    sign = "−" if amount < 0 else ""
    return f"{sign}Rp{abs(amount):,}".replace(",", ".")


def time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def grouped(number: str) -> str:
    """In fours, as a bank's app shows it."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def facts(pairs: Iterable[tuple[str, object]]) -> str:
    """A definition list of those that have a value."""
    rows = "\n".join(
        f"<div><dt>{name}</dt><dd>{escape(str(value))}</dd></div>" for name, value in pairs if value
    )
    return f"<dl>\n{rows}\n</dl>"


def section(title: str, rows: Iterable[str], *, nothing: str = "", more: str = "") -> str:
    """A heading with its list; without rows `nothing`, or no section at all."""
    listed = "\n".join(rows)
    if not (listed or nothing or more):
        return ""
    content = f'<ul class="rows">\n{listed}\n</ul>' if listed else f"<p>{nothing}</p>"
    return f"<section>\n<h2>{title}</h2>\n{content}\n{more}\n</section>"


def do(
    call: str,
    label: str,
    *,
    back: str,
    values: Mapping[str, object] | None = None,
    inputs: str = "",
    look: str = "",
) -> str:
    """A form of one button that makes the control call /_sim/`call` and returns to `back`."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(str(value))}">'
        for name, value in {"back": back, **(values or {})}.items()
    )
    css = f' class="{look}"' if look else ""
    button = f'<button type="submit"{css}>{label}</button>'
    return f'<form method="post" action="/do/{call}">{hidden}{inputs}{button}</form>'


def field(name: str, label: str, value: object = "", *, kind: str = "text") -> str:
    steps = {"number": ' type="number" step="any" min="0"', "amount": ' type="number" min="1"'}
    attributes = steps.get(kind, ' type="text" autocomplete="off"')
    return (
        f"<label><span>{label}</span>"
        f'<input name="{name}" value="{escape(str(value))}"{attributes}></label>'
    )


def check(name: str, label: str) -> str:
    box = f'<input type="checkbox" name="{name}" value="on">'
    return f'<label class="check">{box}<span>{label}</span></label>'


def select(name: str, label: str, options: Iterable[tuple[str, str]], *, chosen: str = "") -> str:
    listed = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
        f"{escape(words)}</option>"
        for value, words in options
    )
    return f'<label><span>{label}</span><select name="{name}">{listed}</select></label>'


def more(summary: str, content: str) -> str:
    return f"<details>\n<summary>{summary}</summary>\n{content}\n</details>" if content else ""
