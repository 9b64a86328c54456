"""How the papers of a sale are laid out as PDF: A5, one letterhead, one set of typefaces."""

from collections.abc import Sequence
from io import BytesIO
from itertools import zip_longest
from typing import Any

from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from orders.receipts.typefaces import BOLD, REGULAR, is_embedded, markup

MARGIN = 12 * mm
WIDTH = A5[0] - 2 * MARGIN
# What ReportLab keeps free inside its margins.
FRAME = 6
INK, MUTED, LINE, BRAND = (HexColor(code) for code in (0x211C18, 0x655B52, 0xE3DBCF, 0x8F3D1E))

TEXT = ParagraphStyle("text", fontName=REGULAR, fontSize=8.5, leading=11.5, textColor=INK)
FINE = ParagraphStyle("fine", TEXT, fontSize=7.5, leading=10, textColor=MUTED)
RIGHT = ParagraphStyle("right", TEXT, alignment=TA_RIGHT)
NAME = ParagraphStyle("name", TEXT, fontName=BOLD, fontSize=15, leading=19, textColor=BRAND)
TITLE = ParagraphStyle("title", NAME, fontSize=11, textColor=INK, alignment=TA_RIGHT)
HEAD = ParagraphStyle("head", FINE, fontName=BOLD, spaceAfter=1 * mm)
SUM = ParagraphStyle("sum", TEXT, fontName=BOLD, fontSize=10.5, leading=14)
FOOT = ParagraphStyle("foot", FINE, fontSize=7, leading=9)
SUM_RIGHT = ParagraphStyle("sum-right", SUM, alignment=TA_RIGHT)

TIGHT = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)] + [
    (side, (0, 0), (-1, -1), width)
    for side, width in (("RIGHTPADDING", 0), ("TOPPADDING", 1.2), ("BOTTOMPADDING", 1.2))
]
RULES = [("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE), ("TOPPADDING", (0, 1), (-1, -1), 3)]
# Shares of the width: what it is and how much; who and when.
AMOUNTS, HALVES = (0.65, 0.35), (0.58, 0.42)
# The most lines at the foot, and the room beside them for the number of the page.
FOOT_LINES, PAGE_NUMBER = 3, 25 * mm


def build(story: Sequence[Any], *, title: str, reference: str, shop_name: str, lang: str) -> bytes:
    """The whole file, with the reference at the foot of each page. Equal stories, equal bytes."""
    file = BytesIO()
    lines = foot_lines(reference)
    document = SimpleDocTemplate(
        file,
        pagesize=A5,
        leftMargin=MARGIN - FRAME,
        rightMargin=MARGIN - FRAME,
        topMargin=MARGIN,
        bottomMargin=MARGIN + 4 * mm + (len(lines) - 1) * FOOT.leading,
        title=f"{title} {reference}",
        author=shop_name,
        lang=lang,
        invariant=1,
    )

    def foot(canvas: Canvas, _document: object) -> None:
        page = _("Page %(number)s") % {"number": canvas.getPageNumber()}
        canvas.setFont(FOOT.fontName, FOOT.fontSize)
        canvas.setFillColor(FOOT.textColor)
        for above, line in enumerate(reversed(lines)):
            canvas.drawString(MARGIN, MARGIN - 2 * mm + above * FOOT.leading, line)
        canvas.drawRightString(A5[0] - MARGIN, MARGIN - 2 * mm, page)

    document.build(list(story), onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


def foot_lines(reference: str) -> list[str]:
    """It beside the number of the page, on a few lines; of more only the beginning, as all of it
    stands in the letterhead."""
    room = WIDTH - PAGE_NUMBER
    lines: list[str] = simpleSplit(reference, FOOT.fontName, FOOT.fontSize, room)
    if len(lines) > FOOT_LINES:
        lines = [*lines[: FOOT_LINES - 1], f"{lines[FOOT_LINES - 1].rstrip(', ')} …"]
    return lines


def letterhead(
    *, shop_name: str, shop_address: Sequence[str], title: str, numbers: Sequence[str]
) -> list[Any]:
    left = [text(shop_name, NAME), *(text(line, FINE) for line in shop_address)]
    right = [text(title, TITLE), *(text(number, RIGHT) for number in numbers)]
    return [_side_by_side(left, right), Spacer(0, 4 * mm)]


def parties(buyer: Sequence[str], facts: Sequence[Any]) -> list[Any]:
    """The buyer, who may have been erased, beside the facts of the sale."""
    who = [text(_("Buyer"), HEAD), *(text(line) for line in buyer)]
    if not buyer:
        who.append(text(_("Name and address of this order have been erased."), FINE))
    return [_side_by_side(who, facts), Spacer(0, 4 * mm)]


def _side_by_side(left: Sequence[Any], right: Sequence[Any]) -> Table:
    """Line by line: one row of many sellers could be higher than a page, and no row is broken."""
    closely = [(side, (0, 0), (-1, -1), 0) for side in ("TOPPADDING", "BOTTOMPADDING")]
    return table(list(zip_longest(left, right, fillvalue="")), HALVES, closely)


def total(label: str, amount: str, above: Sequence[Sequence[Any]] = ()) -> Table:
    """A sum under a line, with the rows above it that lead there."""
    row = [text(label, SUM), text(amount, SUM_RIGHT)]
    rules = [("TOPPADDING", (0, 0), (-1, 0), 6), ("LINEABOVE", (0, -1), (-1, -1), 0.8, INK)]
    return table([*above, row], AMOUNTS, rules)


def amount_row(label: str, amount: str, style: ParagraphStyle = TEXT) -> list[Paragraph]:
    return [text(label, style), text(amount, to_the_right(style))]


def way_to_the_order(url: str, printed: Sequence[str]) -> list[Any]:
    """The address of the order's page; `printed`: texts of strangers, which fonts may not know."""
    story = [Paragraph(f'<link href="{url}">{markup(url)}</link>', FINE)]
    if not all(is_embedded(each) for each in printed):
        story.append(
            text(
                _("If some letters are missing here: the page of your order shows them all."), FINE
            )
        )
    return story


def text(words: str, style: ParagraphStyle = TEXT, *, bold: bool = False) -> Paragraph:
    return Paragraph(markup(words, bold=bold or style.fontName == BOLD), style)


def to_the_right(style: ParagraphStyle) -> ParagraphStyle:
    return ParagraphStyle(f"{style.name}-right", style, alignment=TA_RIGHT)


def table(
    rows: Sequence[Sequence[Any]],
    widths: Sequence[float],
    rules: Sequence[tuple[Any, ...]] = (),
    *,
    repeat: int = 0,
) -> Table:
    """`widths` are shares of the page's; `repeat` head rows come again on each page."""
    made = Table(rows, [share * WIDTH for share in widths], repeatRows=repeat)
    made.setStyle(TableStyle([*TIGHT, *rules]))
    return made
