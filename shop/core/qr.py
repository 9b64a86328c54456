"""A text as a picture that a phone scans (ISO/IEC 18004)."""

from io import BytesIO

from PIL import Image
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

# Modules of light around it, without which readers do not find it.
QUIET = 4
# Pixels per module: sharp on a phone, and in a picture that is sent on to another one.
SCALE = 8


def qr_png(text: str) -> bytes:
    """A black and white PNG. Raises ValueError for a text that no QR code can hold."""
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    size = code.getModuleCount()
    picture = Image.new("1", (size + 2 * QUIET, size + 2 * QUIET), 1)
    for row in range(size):
        for column in range(size):
            if code.isDark(row, column):
                picture.putpixel((column + QUIET, row + QUIET), 0)
    side = picture.width * SCALE
    out = BytesIO()
    picture.resize((side, side), Image.Resampling.NEAREST).save(out, "PNG", optimize=True)
    return out.getvalue()
