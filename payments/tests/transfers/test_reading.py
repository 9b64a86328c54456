"""The files that banks give: read in all their forms, and never half."""

from datetime import date

import pytest

from payments.tables import LineUnreadable, Unreadable
from payments.tests.transfers.builders import ACCOUNT
from payments.transfers.reading import Credit, OtherAccount, read_movements

TODAY = date(2026, 11, 23)
KLIKBCA = f"""\
Informasi Rekening - Mutasi Rekening
No. rekening : {ACCOUNT}
Nama : SITI RONA
Periode : 01/11/2026 - 22/11/2026
Kode Mata Uang : Rp

Tanggal Transaksi,Keterangan,Cabang,Jumlah,,Saldo
'05/11,'TRSF E-BANKING CR 0511/FTSCY/149123.00 BUDI SANTOSO,'0000,"149,123.00",CR,"8,500,000.00"
'10/11,'TARIKAN ATM 10/11,'0123,"2,000,000.00",DB,"6,500,000.00"
'11/11,'BUNGA,'0000,"1,234.56",CR,"6,501,234.56"
'PEND,'TRSF E-BANKING CR,'0000,"15,000.00",CR,"6,516,234.56"
Saldo Awal,:,"8,350,877.00"
Mutasi Kredit,:,"150,357.56"
"""


def facts(found: list[Credit]) -> list[tuple[date, int]]:
    return [(credit.booked_on, credit.amount_minor) for credit in found]


def read(text: str) -> list[tuple[date, int]]:
    return facts(read_movements(text.encode(), today=TODAY).credits)


def test_a_file_of_klikbca_is_read_and_every_line_accounted_for() -> None:
    movements = read_movements(KLIKBCA.encode(), today=TODAY)
    [credit] = movements.credits
    assert (credit.booked_on, credit.amount_minor) == (date(2026, 11, 5), 149_123)
    assert credit.position == 8
    assert credit.description.endswith("149123.00 BUDI SANTOSO")
    assert (movements.outgoing, movements.pending, movements.uneven) == (1, 1, 1)
    assert (movements.first_on, movements.last_on) == (date(2026, 11, 1), date(2026, 11, 22))


@pytest.mark.parametrize(
    "text",
    [
        # The mark behind the amount, and five columns.
        "Tanggal,Keterangan,Cabang,Jumlah,Saldo\n'05/11/2026,A,'0000,149123.00 CR,850000.00\n",
        'Tanggal,Keterangan,Cabang,Jumlah,Saldo\n05/11/26,A,0000,"149,123.00 CR","8,000.00"\n',
        # Semicolons and Indonesian numbers.
        "Tanggal;Keterangan;Cabang;Jumlah;Jenis;Saldo\n05/11/2026;A;0000;149.123,00;CR;1.000,00\n",
        "No. Rekening,=,'0123456789\n\nTanggal,Keterangan,Cabang,Jumlah,,Saldo\n"
        "'05/11/2026,A,'0000,149123.00,CR,4964637.00\nSaldo Awal,=,1.00\n",
        "Date,Description,Branch,Amount,,Balance\n05/11/2026,A,0000,149123,CR,1\n",
        # A day without a year is the last one there was.
        "Tanggal,Keterangan,Jumlah\n05/11,A,149.123 CR\n",
    ],
)
def test_other_forms_of_it_say_the_same(text: str) -> None:
    assert read(text) == [(date(2026, 11, 5), 149_123)]
    assert read("\ufeff" + text.replace("\n", "\r\n")) == [(date(2026, 11, 5), 149_123)]


def test_a_day_without_a_year_is_of_the_period_also_over_the_turn_of_the_year() -> None:
    text = (
        "Periode : 20/12/2025 - 10/01/2026\nTanggal,Keterangan,Cabang,Jumlah,,Saldo\n"
        "'31/12,A,'0,5000.00,CR,1\n'02/01,A,'0,6000.00,CR,1\n"
    )
    assert read(text) == [(date(2025, 12, 31), 5_000), (date(2026, 1, 2), 6_000)]


@pytest.mark.parametrize(
    "row",
    [
        "'05/11,A,'0000,abc,CR,1",
        "'31/02,A,'0000,5000.00,CR,1",
        "'05/11,A,'0000,5000.00,,1",
        "'05/11,A,'0000,5000.0,CR,1",
        "yesterday,A,'0000,5000.00,CR,1",
    ],
)
def test_a_line_that_is_not_understood_stops_all_of_it(row: str) -> None:
    text = f"Tanggal,Keterangan,Cabang,Jumlah,,Saldo\n'05/11,A,'0000,1000.00,CR,1\n{row}\n"
    with pytest.raises(LineUnreadable) as refused:
        read(text)
    assert refused.value.extra == {"line": 3}


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe\0T\0a", b"a,b\n1,2\n"])
def test_what_is_no_list_of_movements_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_movements(content, today=TODAY)


def test_a_file_of_another_account_is_refused() -> None:
    with pytest.raises(OtherAccount) as refused:
        read(KLIKBCA.replace(ACCOUNT, "9876543210"))
    assert "6789" in refused.value.user_message


def test_the_same_line_has_the_same_key_in_every_form_that_tells_the_balance() -> None:
    short = "Tanggal,Keterangan,Jumlah,Saldo\n05/11/2026,Dari BUDI,149.123 CR,8.500.000\n"
    keys = {
        credit.key
        for text in (KLIKBCA, short)
        for credit in read_movements(text.encode(), today=TODAY).credits
    }
    assert len(keys) == 1
    assert "BUDI" not in keys.pop()


def test_lines_of_a_day_that_look_the_same_are_told_apart_by_balance_or_place() -> None:
    def keys(*rows: str) -> list[str]:
        text = "\n".join(["Tanggal,Keterangan,Cabang,Jumlah,,Saldo", *rows])
        return [one.key for one in read_movements(text.encode(), today=TODAY).credits]

    twice = keys("05/11,A,0,5000.00,CR,10000", "05/11,A,0,5000.00,CR,15000")
    assert len(set(twice)) == 2
    # The second alone, as in a file that begins later, is the same line.
    assert keys("05/11,A,0,5000.00,CR,15000") == twice[1:]
    without = keys("05/11,A,0,5000.00,CR,", "05/11,A,0,5000.00,CR,")
    assert len(set(without)) == 2
    assert keys("05/11,A,0,5000.00,CR,", "05/11,A,0,5000.00,CR,") == without
