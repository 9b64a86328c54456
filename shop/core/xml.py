"""Writing XML piece by piece."""

from collections.abc import Mapping
from io import StringIO
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl


class XmlWriter:
    """Collects what is written until it is taken away to be sent."""

    def __init__(self) -> None:
        self._written = StringIO()
        self._generator = XMLGenerator(self._written, encoding="utf-8")
        self._generator.startDocument()

    def open(self, name: str, attributes: Mapping[str, str] | None = None) -> None:
        self._generator.startElement(name, AttributesImpl(dict(attributes or {})))

    def close(self, name: str) -> None:
        self._generator.endElement(name)

    def element(self, name: str, text: str) -> None:
        self.open(name)
        # Control characters have no place in XML at all.
        self._generator.characters("".join(one for one in text if one >= " " or one in "\n\t"))
        self.close(name)

    def size(self) -> int:
        """Characters that wait to be taken."""
        return self._written.tell()

    def take(self) -> bytes:
        text = self._written.getvalue()
        self._written.seek(0)
        self._written.truncate()
        return text.encode()
