"""Descriptions written in HTML as plain text with paragraphs, which is what our pages show."""

import re
from html.parser import HTMLParser

_LOOKS_LIKE_HTML = re.compile(r"<[a-zA-Z/!]|&(#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+);")
_TAG = re.compile(r"<[^<>]*>")
_HEADINGS = {f"h{level}" for level in range(1, 7)}
_PARAGRAPHS = _HEADINGS | {"p", "div", "ul", "ol", "table", "section", "article", "pre", "hr", "dl"}
_PARAGRAPHS |= {"blockquote", "figure"}
_LINES = {"br", "li", "tr", "dt", "dd"}
_SILENT = {"script", "style", "template", "iframe", "noscript", "svg"}


def plain_text(text: str) -> str:
    """Paragraphs separated by a blank line, list entries by `• `. Plain text stays as it is."""
    if not _LOOKS_LIKE_HTML.search(text):
        return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip()
    reader = _Reader()
    try:
        reader.feed(text)
        reader.close()
    except AssertionError:
        # Python's own complaint about a declaration such as <![foo[.
        return plain_text(_TAG.sub(" ", text).replace("<!", " "))
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag in _PARAGRAPHS:
            # A paragraph that opens a list entry stays on its line.
            if "".join(self._parts[-2:]).rstrip(" \n\t")[-1:] != "•":
                self._parts.append("\0\0")
        elif tag in _LINES:
            self._parts.append("\0• " if tag == "li" else "\0")
        elif tag in ("td", "th"):
            self._parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag in _PARAGRAPHS:
            self._parts.append("\0\0")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            # WordPress breaks lines in the source where a paragraph is meant.
            self._parts.append(re.sub(r"\n\s*\n", "\0\0", data.replace("\0", "")))

    def text(self) -> str:
        # \0 is a line break that the markup asked for; other white space is only source layout.
        lines = [" ".join(line.split()) for line in "".join(self._parts).split("\0")]
        kept = [line for line in lines if line != "•"]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
