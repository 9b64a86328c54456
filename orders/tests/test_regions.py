"""Regions: what the data holds, how it is loaded, and how a customer's words find a place."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import Region, RegionLevel
from orders.regions import files
from orders.regions.files import Place
from orders.regions.finding import children_of, find_region, search_regions
from orders.regions.loading import Loaded, load_country, load_places
from orders.regions.naming import lower_name, upper_name

pytestmark = pytest.mark.django_db

ELSEWHERE = [
    Place("XA", "Provinsi"),
    Place("XA.1", "Kota"),
    Place("XA.1.1", "Hulu Ma'u"),
    Place("XA.1.1.1", "Hilir"),
]


def paths(typed: str) -> list[str]:
    return [place.path for place in search_regions(typed, country="ID")]


def test_indonesia_is_there_with_all_four_levels() -> None:
    counts = {level: Region.objects.filter(level=level).count() for level in RegionLevel}
    assert counts == {
        RegionLevel.PROVINCE: 38,
        RegionLevel.REGENCY: 514,
        RegionLevel.DISTRICT: 7_277,
        RegionLevel.VILLAGE: 83_763,
    }
    assert not Region.objects.filter(is_active=False).exists()
    assert not Region.objects.exclude(level=1).filter(parent=None).exists()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("11.01", "Kabupaten Aceh Selatan"),
        ("31", "DKI Jakarta"),
        ("31.01", "Kabupaten Administrasi Kepulauan Seribu"),
        ("31.74", "Kota Administrasi Jakarta Selatan"),
        ("32.01", "Kabupaten Bogor"),
        ("32.71", "Kota Bogor"),
        ("34", "DI Yogyakarta"),
        ("32.73.19", "Sumur Bandung"),
    ],
)
def test_names_are_written_as_people_write_them(code: str, name: str) -> None:
    assert Region.objects.get(code=code).name == name


@pytest.mark.parametrize(
    ("upstream", "written"),
    [
        ("KI'E", "Ki'e"),
        ('Ra"as', "Ra'as"),
        ("Regapu’u", "Regapu'u"),
        ("TanjungTebat", "Tanjung Tebat"),
        ("Rantau KarauTengah", "Rantau Karau Tengah"),
        ("SoE", "SoE"),
        ("Sungai grong II", "Sungai Grong II"),
        ("UPT Sido", "UPT Sido"),
        ("2 x 11 Kayu Tanam", "2 x 11 Kayu Tanam"),
        ("Teuw*", "Teuw"),
    ],
)
def test_odd_names_of_upstream_are_put_right(upstream: str, written: str) -> None:
    assert lower_name(upstream) == written


def test_numerals_of_shouted_names_stay_numerals() -> None:
    assert upper_name("KABUPATEN KOTO XI TARUSAN") == "Kabupaten Koto XI Tarusan"


def test_the_data_is_small_and_its_licence_lies_beside_it() -> None:
    folder = files.path_of("ID").parent
    assert files.countries() == ["ID"]
    assert files.path_of("ID").stat().st_size < 1_000_000
    assert "Open Database License" in (folder / "LICENSE.md").read_text(encoding="utf-8")
    assert "idn-area-data" in (folder / "NOTICE.md").read_text(encoding="utf-8")


def test_packing_the_same_places_gives_the_same_bytes(tmp_path: Path) -> None:
    again = tmp_path / "regions.csv.xz"
    files.write(again, reversed(list(files.read("ID"))))
    assert again.read_bytes() == files.path_of("ID").read_bytes()


def upstream(folder: Path, villages: str = "XX.01.01.2001,XX.01.01,Dusun II") -> Path:
    for name, head, row in (
        ("provinces", "code,name", "XX,SUMATERA BARU"),
        ("regencies", "code,province_code,name", "XX.01,XX,KOTA BARU"),
        ("districts", "code,regency_code,name", "XX.01.01,XX.01,Hulu"),
        ("villages", "code,district_code,name", villages),
    ):
        (folder / f"{name}.csv").write_text(f"{head}\n{row}\n", encoding="utf-8")
    return folder


def test_the_file_is_made_from_the_tables_of_upstream(tmp_path: Path) -> None:
    to = tmp_path / "packed.csv.xz"
    call_command("pack_regions", upstream(tmp_path), to=to)
    assert to.stat().st_size < 300
    call_command("pack_regions", upstream(tmp_path), to=tmp_path / "again.csv.xz")
    assert to.read_bytes() == (tmp_path / "again.csv.xz").read_bytes()


def test_a_place_without_its_parent_is_refused(tmp_path: Path) -> None:
    to = tmp_path / "packed.csv.xz"
    with pytest.raises(CommandError, match=r"YY\.01\.01\.2001"):
        call_command("pack_regions", upstream(tmp_path, "YY.01.01.2001,YY.01.01,Dusun"), to=to)
    assert not to.exists()


def test_loading_what_is_there_changes_nothing() -> None:
    assert load_country("ID") == Loaded(known=91_592, changed=0, retired=0)


def test_what_no_longer_exists_stays_and_is_offered_to_nobody() -> None:
    assert load_places("XX", ELSEWHERE) == Loaded(known=4, changed=4, retired=0)
    renamed = [*ELSEWHERE[:2], Place("XA.1.1", "Hulu Baru")]
    assert load_places("XX", renamed) == Loaded(known=3, changed=1, retired=1)

    assert Region.objects.get(code="XA.1.1").name == "Hulu Baru"
    assert Region.objects.get(code="XA.1.1.1").is_active is False
    assert find_region("XA.1.1.1", country="XX") is None
    assert search_regions("hilir", country="XX") == []
    assert list(children_of("XA.1.1", country="XX")) == []
    # It comes back, and with it the new name of what it lies in.
    assert load_places("XX", [*renamed, ELSEWHERE[3]]).changed == 1
    assert [each.path for each in search_regions("hilir baru", country="XX")] == [
        "Hilir, Hulu Baru, Kota, Provinsi"
    ]


def test_one_country_does_not_retire_another() -> None:
    load_places("XX", ELSEWHERE)
    assert Region.objects.filter(country="ID", is_active=True).count() == 91_592


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("sumur bandung", "Sumur Bandung, Kota Bandung, Jawa Barat"),
        ("SUMUR BAND", "Sumur Bandung, Kota Bandung, Jawa Barat"),
        ("Kec. Coblong, Kota Bandung", "Coblong, Kota Bandung, Jawa Barat"),
        ("coblong", "Coblong, Kota Bandung, Jawa Barat"),
        ("bandung coblong", "Coblong, Kota Bandung, Jawa Barat"),
        ("kel braga", "Braga, Sumur Bandung, Kota Bandung, Jawa Barat"),
        ("menteng jakarta", "Menteng, Kota Administrasi Jakarta Pusat, DKI Jakarta"),
        ("ｃｏｂｌｏｎｇ", "Coblong, Kota Bandung, Jawa Barat"),
        # Misspelt.
        ("coblog", "Coblong, Kota Bandung, Jawa Barat"),
        ("sumor bandung", "Sumur Bandung, Kota Bandung, Jawa Barat"),
        ("coblog bandung", "Coblong, Kota Bandung, Jawa Barat"),
        ("kebayoran baroe", "Kebayoran Baru, Kota Administrasi Jakarta Selatan, DKI Jakarta"),
    ],
)
def test_a_place_is_found_by_words_of_it_and_of_what_it_lies_in(typed: str, first: str) -> None:
    assert paths(typed)[0] == first


def test_apostrophes_need_not_be_typed() -> None:
    load_places("XX", ELSEWHERE)
    for typed in ("hulu mau", "hulu ma'u", "hulu ma’u"):
        assert next(place.code for place in search_regions(typed, country="XX")) == "XA.1.1"


def test_the_name_itself_comes_first_and_districts_before_villages() -> None:
    found = search_regions("menteng", country="ID")
    assert [place.name for place in found[:3]] == ["Menteng"] * 3
    assert found[0].level == RegionLevel.DISTRICT
    assert len({place.path for place in found}) == len(found) <= 12


@pytest.mark.parametrize("typed", ["", " ", "a", "%", "_ _", "xqztwv", "\\", "'; --"])
def test_what_names_no_place_finds_none(typed: str) -> None:
    assert paths(typed) == []


def test_only_what_an_address_can_name_is_found() -> None:
    levels = {place.level for place in search_regions("jawa barat", country="ID")}
    assert levels <= {RegionLevel.DISTRICT, RegionLevel.VILLAGE}
    assert find_region("32.73", country="ID") is None
    assert find_region("32.73.19", country="SG") is None


@pytest.mark.parametrize(("typed", "queries"), [("suka", 1), ("braga", 2), ("coblog bandung", 7)])
def test_a_search_takes_few_queries_paths_included(typed: str, queries: int) -> None:
    with CaptureQueriesContext(
        connection,
    ) as said:
        assert paths(typed)
    assert len(said) == queries


def test_words_are_read_from_the_index() -> None:
    plan = explain("search_name LIKE '%% brag%%' AND search_text LIKE '%% brag%%'")
    assert "region_found_by_words" in plan
    assert "Seq Scan" not in plan


def explain(condition: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE orders_region")
        cursor.execute(f"EXPLAIN SELECT * FROM orders_region WHERE {condition}")  # noqa: S608
        rows: list[Any] = cursor.fetchall()
    return "\n".join(row[0] for row in rows)
