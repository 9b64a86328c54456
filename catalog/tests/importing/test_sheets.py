"""CSV files as people have them."""

from pathlib import Path

import pytest

from catalog.importing import sheets
from catalog.importing.problems import BadFile
from catalog.importing.sheets import Row, Sheet
from catalog.tests.importing.files import write

TEXT = "nama,harga\r\nKaos “Café”,1\r\n"


@pytest.mark.parametrize(
    ("encoding", "detected"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_found_out(tmp_path: Path, encoding: str, detected: str) -> None:
    sheet = Sheet(write(tmp_path, TEXT, encoding=encoding))
    assert sheet.encoding == detected
    assert sheet.header == ["nama", "harga"]
    assert list(sheet.rows()) == [Row(2, ["Kaos “Café”", "1"])]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_found_out(tmp_path: Path, delimiter: str) -> None:
    sheet = Sheet(write(tmp_path, f'nama{delimiter}harga\n"a{delimiter}b"{delimiter}1\n'))
    assert sheet.delimiter == delimiter
    assert list(sheet.rows()) == [Row(2, [f"a{delimiter}b", "1"])]


def test_excel_names_the_delimiter_on_a_line_of_its_own(tmp_path: Path) -> None:
    sheet = Sheet(write(tmp_path, "sep=;\nnama;harga\nKaos;1\n"))
    assert (sheet.header, list(sheet.rows())) == (["nama", "harga"], [Row(3, ["Kaos", "1"])])


def test_lines_are_those_that_an_editor_shows(tmp_path: Path) -> None:
    text = 'nama,teks\nA,"satu\ndua\n\ntiga"\n\n,\nB,x\n'
    rows = list(Sheet(write(tmp_path, text)).rows())
    # Blank lines and lines of nothing but delimiters are no rows, and still count as lines.
    assert rows == [Row(2, ["A", "satu\ndua\n\ntiga"]), Row(8, ["B", "x"])]


def test_a_row_with_a_stray_quotation_mark_costs_that_row_only(tmp_path: Path) -> None:
    rows = list(Sheet(write(tmp_path, 'nama,teks\nA,"x" y\nB,z\n')).rows())
    assert rows == [Row(2, [], "broken_row"), Row(3, ["B", "z"])]


def test_a_quotation_mark_that_is_never_closed_ends_the_reading(tmp_path: Path) -> None:
    rows = list(Sheet(write(tmp_path, 'nama,teks\nA,b\nB,"z\nC,d\n')).rows())
    assert rows == [Row(2, ["A", "b"]), Row(3, [], "broken_rest")]


def test_a_cell_without_end_ends_the_reading_and_says_why(tmp_path: Path) -> None:
    text = 'nama,teks\nA,b\nB,"' + "z" * (sheets.MAX_FIELD + 1) + '"\nC,d\n'
    rows = list(Sheet(write(tmp_path, text)).rows())
    assert rows == [Row(2, ["A", "b"]), Row(3, [], "endless_cell")]


def test_letters_that_nobody_can_read_are_refused_with_their_line(tmp_path: Path) -> None:
    file = tmp_path / "katalog.csv"
    file.write_bytes(b"nama,harga\nKaos,1\nCaf\xe9,2\n")
    with pytest.raises(BadFile) as refusal:
        Sheet(file, encoding="utf-8")
    assert (refusal.value.problem.line, refusal.value.problem.code) == (3, "undecodable")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as refusal:
        Sheet(write(tmp_path, ""))
    assert refusal.value.problem.code == "empty_file"
