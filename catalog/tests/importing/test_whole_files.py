"""A file that is to be imported as a whole: what the trial finds sound is written to its end."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from catalog.importing import running, runs
from catalog.importing.drafts import Draft
from catalog.importing.options import ImportOptions
from catalog.importing.running import Work
from catalog.importing.writing import Writer
from catalog.inventory import release, reserve
from catalog.models import ImportRun, ImportState, Product, ProductTranslation, StockItem
from catalog.tests.builders import make_category, make_product
from catalog.tests.importing.files import (
    counts_of,
    import_file,
    names,
    own,
    problems_of,
)

pytestmark = pytest.mark.usefixtures("boutique", "small_batches")

HEADER = "product,category,name:id,slug:id,name:en,slug:en,variant,option:size,price:IDR"
STOCK = "category,name:id,sku,price:IDR,stock:Gudang"
HOLDER = uuid4()


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """One product each."""
    monkeypatch.setattr(running, "BATCH_ROWS", 1)


def texts(language: str) -> list[str]:
    rows = ProductTranslation.objects.filter(language=language).order_by("product_id")
    return list(rows.values_list("slug", flat=True))


def refused(file: Path) -> list[tuple[int, str, str]]:
    """What is wrong in a file of which nothing was imported."""
    before = list(Product.objects.values())
    run = import_file(file, on_problem="refuse")
    assert run.state == ImportState.REFUSED
    assert list(Product.objects.values()) == before
    return problems_of(run)


def test_an_address_in_another_language_is_one_products_throughout_the_file(
    tmp_path: Path,
) -> None:
    rows = [f",Wanita,{name},,{name} en,skirt,,,1" for name in ("Rok", "Kaos")]
    file = own(tmp_path, *rows, header=HEADER)
    assert refused(file) == [(3, "slug:en", "repeated_slug")]
    assert counts_of(import_file(file)) == (1, 0, 0, 1)


def test_slices_that_each_begin_anew_find_the_same(tmp_path: Path) -> None:
    rows = [f",Wanita,{name},,{name} en,skirt,,,1" for name in ("Rok", "Kaos")]
    file = own(tmp_path, *rows, header=HEADER)
    run = runs.begin(
        path=file, name="x", options=ImportOptions(on_problem="refuse"), is_dry_run=False
    )
    while not Work(runs.hold(run.pk, resume=True), file).go(seconds=0):
        pass
    run.refresh_from_db()
    assert (run.state, problems_of(run)) == ("refused", [(3, "slug:en", "repeated_slug")])


def test_a_variant_is_one_products_throughout_the_file(tmp_path: Path) -> None:
    known = uuid4()
    rows = [f",Wanita,Rok,,,,{known},M,1", f",Wanita,Kaos,,,,{{{known.hex.upper()}}},M,1"]
    assert refused(own(tmp_path, *rows, header=HEADER)) == [(3, "variant", "variant_elsewhere")]


def test_a_product_by_its_identifier_and_by_its_address_is_the_same(tmp_path: Path) -> None:
    skirt = make_product("Rok", category=make_category())
    by_id = f"{skirt.public_id},Wanita,Rok Panjang,,,,,,"
    by_slug = ",Wanita,Rok Pendek,rok,,,,,"
    file = own(tmp_path, by_id, by_slug, header=HEADER)
    assert refused(file) == [(3, "slug:id", "repeated_slug")]
    assert refused(own(tmp_path, by_slug, by_id, header=HEADER)) == [
        (2, "slug:id", "repeated_slug")
    ]


def test_an_identifier_is_the_same_however_it_is_written(tmp_path: Path) -> None:
    known = uuid4()
    rows = [f"{known},Wanita,Rok,,,,,M,1", f"{known.hex.upper()},,,,,,,L,1"]
    run = import_file(own(tmp_path, *rows, header=HEADER), on_problem="refuse")
    assert (run.state, counts_of(run)) == ("done", (1, 0, 0, 0))
    assert Product.objects.get().variants.count() == 2


def test_an_address_that_is_made_leaves_those_that_the_file_gives(tmp_path: Path) -> None:
    rows = [",Wanita,Rok,,Skirt,,,,1", ",Wanita,Rok Midi,,Midi,skirt,,,1"]
    run = import_file(own(tmp_path, *rows, header=HEADER), on_problem="refuse")
    assert (run.state, counts_of(run)) == ("done", (2, 0, 0, 0))
    assert texts("en") == ["skirt-rok", "skirt"]


def somebody_buys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the trial and the writing."""
    begin = Work._begin_writing

    def buy_then_begin(self: Work) -> None:
        item = StockItem.objects.get(variant__sku="K")
        reserve(holder=HOLDER, quantities={item.pk: 4}, until=timezone.now() + timedelta(hours=1))
        begin(self)

    monkeypatch.setattr(Work, "_begin_writing", buy_then_begin)


def stocked(tmp_path: Path, units: int) -> Path:
    rows = [f"Wanita,{name},{name[0]},99000,{units}" for name in ("Rok", "Kaos", "Tas")]
    return own(tmp_path, *rows, header=STOCK)


def stock() -> dict[str, int]:
    return dict(StockItem.objects.values_list("variant__sku", "on_hand"))


def test_a_shop_that_changed_since_the_trial_stops_the_import_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_file(stocked(tmp_path, 5))
    somebody_buys(monkeypatch)
    file = stocked(tmp_path, 3)
    run = import_file(file, on_problem="refuse")
    assert runs.is_halted(run)
    assert (run.next_row, counts_of(run)) == (1, (0, 1, 0, 0))
    assert problems_of(run) == [(3, "stock:Gudang", "stock_below_reserved")]
    assert stock() == {"R": 3, "K": 5, "T": 5}

    release(holder=HOLDER)
    again = import_file(file, on_problem="refuse")
    assert (again.pk, again.state, again.problem_count) == (run.pk, ImportState.DONE, 0)
    assert counts_of(again) == (0, 3, 0, 0)
    assert problems_of(again) == []
    assert stock() == {"R": 3, "K": 3, "T": 3}


def test_what_the_database_does_not_take_stops_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_product("Lain", category=make_category())
    plan = Writer.plan

    def plan_then_somebody_is_faster(self: Writer, batch: list[Draft], **kwargs: Any) -> object:
        made = plan(self, batch, **kwargs)
        if not self.is_trial and batch[0].handle == "kaos":
            ProductTranslation.objects.filter(product=other, language="id").update(slug="kaos")
        return made

    monkeypatch.setattr(Writer, "plan", plan_then_somebody_is_faster)
    run = import_file(stocked(tmp_path, 3), on_problem="refuse")
    assert runs.is_halted(run)
    assert [(line, code) for line, _column, code in problems_of(run)] == [(3, "not_taken")]
    assert names() == ["Lain", "Rok"]


def test_the_command_says_how_far_it_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_file(stocked(tmp_path, 5))
    somebody_buys(monkeypatch)
    with pytest.raises(CommandError, match="stopped after row 1 of 3") as refusal:
        call_command("import_catalogue", stocked(tmp_path, 3), on_problem="refuse")
    assert refusal.value.returncode == 4
    assert ImportRun.objects.latest("pk").state == ImportState.STOPPED
