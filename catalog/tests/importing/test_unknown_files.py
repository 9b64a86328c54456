"""Files that are not what they should be."""

from pathlib import Path

import pytest

from catalog.tests.importing.files import (
    HEADER,
    counts_of,
    import_file,
    own,
    problems_of,
)

pytestmark = pytest.mark.usefixtures("boutique")

ROW_M = ",,Wanita > Atasan,yes,Kemeja Linen,,,KL-M,300,Terakota,M,149000,199000,5"
ROW_L = ",,,,,,,KL-L,310,Terakota,L,149000,199000,0"


def test_columns_that_nobody_knows_are_said_and_left_out(tmp_path: Path) -> None:
    run = import_file(own(tmp_path, f"{ROW_M},x", header=f"{HEADER},warna"))
    assert problems_of(run) == [(1, "warna", "unknown_column")]
    assert (run.problem_count, counts_of(run)) == (1, (1, 0, 0, 0))


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    file = own(tmp_path, "1,2", header="a,b")
    run = import_file(file)
    assert (run.state, problems_of(run)) == ("refused", [(1, "", "unknown_format")])


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    run = import_file(own(tmp_path))
    assert (run.state, problems_of(run)) == ("refused", [(1, "", "empty_file")])
