"""The nota as a PDF: A5, what it says comes from `nota_of`."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from orders.receipts.nota import Nota
from orders.receipts.typefaces import BOLD, REGULAR, is_embedded, markup
from shop.core.templatetags.shop import moment

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
SUM_RIGHT = ParagraphStyle("sum-right", SUM, alignment=TA_RIGHT)

TIGHT = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)] + [
    (side, (0, 0), (-1, -1), width)
    for side, width in (("RIGHTPADDING", 0), ("TOPPADDING", 1.2), ("BOTTOMPADDING", 1.2))
]


def write_pdf(nota: Nota) -> bytes:
    """The whole file. The same nota gives the same bytes."""
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A5,
        leftMargin=MARGIN - FRAME,
        rightMargin=MARGIN - FRAME,
        topMargin=MARGIN,
        bottomMargin=MARGIN + 4 * mm,
        title=f"{nota.title} {_reference(nota)}",
        author=nota.shop_name,
        lang=nota.order.language,
        invariant=1,
    )
    story = [
        *_letterhead(nota),
        *_parties(nota),
        _goods(nota),
        _steps(nota),
        *_taxes(nota),
        *_payments(nota),
        *_fine_print(nota),
    ]

    def foot(canvas: Canvas, _document: object) -> None:
        text = _("Page %(number)s") % {"number": canvas.getPageNumber()}
        canvas.setFont(REGULAR, 7)
        canvas.setFillColor(MUTED)
        canvas.drawString(MARGIN, MARGIN - 2 * mm, _reference(nota))
        canvas.drawRightString(A5[0] - MARGIN, MARGIN - 2 * mm, text)

    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


def _reference(nota: Nota) -> str:
    return ", ".join(nota.invoices) or nota.order.number


def _letterhead(nota: Nota) -> list[Any]:
    number = _("order %(number)s") % {"number": nota.order.number}
    left = [_text(nota.shop_name, NAME), *(_text(line, FINE) for line in nota.shop_address)]
    right = [_text(nota.title, TITLE), *(_text(each, RIGHT) for each in nota.invoices)]
    right.append(_text(number, RIGHT))
    return [_table([[left, right]], [0.58, 0.42]), Spacer(0, 4 * mm)]


def _parties(nota: Nota) -> list[Any]:
    buyer = [_text(_("Buyer"), HEAD), *(_text(line) for line in nota.buyer)]
    if not nota.buyer:
        buyer.append(_text(_("Name and address of this order have been erased."), FINE))
    facts = [_text(_("Ordered"), HEAD), _text(moment(nota.order.placed_at))]
    for seller in nota.sellers:
        facts += [Spacer(0, 1.5 * mm), _text(_("Seller"), HEAD), _text(seller.name)]
        if seller.invoice and nota.is_of_many_sellers:
            facts.append(_text(seller.invoice))
        if seller.tax_number:
            facts.append(_text(_("NPWP %(number)s") % {"number": seller.tax_number}))
    return [_table([[buyer, facts]], [0.58, 0.42]), Spacer(0, 4 * mm)]


def _goods(nota: Nota) -> Table:
    rows = [
        [
            [_text(line.name, bold=True), _text(line.details, FINE)],
            _text(f"{line.quantity} × {line.unit.format()}", RIGHT),
            _text(line.total.format(), RIGHT),
        ]
        for line in nota.lines
    ]
    heads = [_text(_("Goods"), HEAD), _text(_("Quantity × price"), _right(HEAD))]
    heads.append(_text(_("Amount"), _right(HEAD)))
    rules = [("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE), ("TOPPADDING", (0, 1), (-1, -1), 3)]
    return _table([heads, *rows], [0.5, 0.28, 0.22], rules, repeat=1)


def _steps(nota: Nota) -> Table:
    rows = [[_text(step.label), _text(step.amount.format(), RIGHT)] for step in nota.steps]
    total = [_text(_("Total"), SUM, bold=True), _text(nota.total.format(), SUM_RIGHT, bold=True)]
    return _table(
        [*rows, total],
        [0.65, 0.35],
        [("TOPPADDING", (0, 0), (-1, 0), 6), ("LINEABOVE", (0, -1), (-1, -1), 0.8, INK)],
    )


def _taxes(nota: Nota) -> Iterable[Any]:
    if not nota.has_tax:
        return
    if nota.has_tax_in_prices:
        yield _text(_("Prices include %(tax)s.") % {"tax": nota.tax_label}, FINE)
    rows = []
    for seller in nota.sellers:
        if seller.tax.minor:
            of = f" · {seller.name}" if nota.is_of_many_sellers else ""
            rows.append([_text(_("Tax base (DPP)") + of, FINE), _fine_amount(seller.base.format())])
            rows.append([_text(nota.tax_label + of, FINE), _fine_amount(seller.tax.format())])
    yield _table(rows, [0.65, 0.35])


def _payments(nota: Nota) -> Iterable[Any]:
    yield Spacer(0, 3 * mm)
    for payment in nota.payments:
        facts = {"method": payment.method, "at": moment(payment.at)}
        paid = _("Paid with %(method)s, %(at)s") % facts
        yield _table([[_text(paid), _text(payment.amount.format(), RIGHT)]], [0.65, 0.35])
    for note in nota.credit_notes:
        facts = {"number": note.reference, "invoice": note.refers_to, "at": moment(note.at)}
        label = _("Credit note %(number)s to %(invoice)s, %(at)s") % facts
        amount = _text(f"−{note.amount.format()}", RIGHT)
        yield _table([[_text(label), amount]], [0.65, 0.35])


def _fine_print(nota: Nota) -> Iterable[Any]:
    yield Spacer(0, 4 * mm)
    yield _text(nota.policy, FINE)
    yield Paragraph(f'<link href="{nota.order_url}">{markup(nota.order_url)}</link>', FINE)
    if not all(is_embedded(text) for text in (*nota.buyer, *(line.name for line in nota.lines))):
        text = _("If some letters are missing here: the page of your order shows them all.")
        yield _text(text, FINE)


def _text(text: str, style: ParagraphStyle = TEXT, *, bold: bool = False) -> Paragraph:
    return Paragraph(markup(text, bold=bold or style.fontName == BOLD), style)


def _fine_amount(text: str) -> Paragraph:
    return _text(text, _right(FINE))


def _right(style: ParagraphStyle) -> ParagraphStyle:
    return ParagraphStyle(f"{style.name}-right", style, alignment=TA_RIGHT)


def _table(
    rows: Sequence[Sequence[Any]],
    widths: Sequence[float],
    rules: Sequence[tuple[Any, ...]] = (),
    *,
    repeat: int = 0,
) -> Table:
    """`widths` are shares of the page's; `repeat` head rows come again on each page."""
    table = Table(rows, [share * WIDTH for share in widths], repeatRows=repeat)
    table.setStyle(TableStyle([*TIGHT, *rules]))
    return table
