"""The typefaces of a PDF, and which of them knows a letter.

The shop's own first, then Noto for more of the Latin, Greek and Cyrillic scripts; both lie beside
this module and go into the file. Chinese, Japanese and Korean are left to the reader's fonts, as
PDF foresees. What none of them knows is replaced. In both cases the nota says where to look.
"""

from html import escape
from itertools import groupby
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

FONTS = Path(__file__).parent / "fonts"
REGULAR, BOLD, WIDE = "PlusJakartaSans-Regular", "PlusJakartaSans-Bold", "NotoSans-Regular"
CJK, KOREAN = "HeiseiKakuGo-W5", "HYGothic-Medium"
UNKNOWN = "?"

_embedded = {name: TTFont(name, FONTS / f"{name}.ttf") for name in (REGULAR, BOLD, WIDE)}
for _font in (*_embedded.values(), UnicodeCIDFont(CJK), UnicodeCIDFont(KOREAN)):
    pdfmetrics.registerFont(_font)


def markup(text: str, *, bold: bool = False) -> str:
    """The text for a ReportLab paragraph, each stretch of it in a typeface that knows it."""
    own = BOLD if bold else REGULAR
    stretches = groupby(text, key=lambda letter: _font_of(letter, own))
    return "".join(_stretch(font, "".join(letters)) for font, letters in stretches)


def is_embedded(text: str) -> bool:
    """Whether every reader shows it, whatever fonts its machine has."""
    return all(_font_of(letter, REGULAR) in _embedded for letter in text)


def _stretch(font: str, text: str) -> str:
    shown = escape(text) if font else UNKNOWN * len(text)
    return f'<font name="{font}">{shown}</font>' if font else shown


def _font_of(letter: str, own: str) -> str:
    """Empty where none knows it."""
    code = ord(letter)
    for name in (own, WIDE):
        if code in _embedded[name].face.charToGlyph:
            return name
    if 0x1100 <= code <= 0x11FF or 0xAC00 <= code <= 0xD7A3:
        return KOREAN
    if 0x3000 <= code <= 0x30FF or 0x4E00 <= code <= 0x9FFF or 0xFF00 <= code <= 0xFFEF:
        return CJK
    return ""
