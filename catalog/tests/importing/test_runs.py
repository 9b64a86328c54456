"""A run is held by one process, found again after a crash, and goes on where it was."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import override

from catalog.editing.products import lock_product
from catalog.importing import running, runs
from catalog.importing.drafts import Draft
from catalog.importing.grouping import Grouping
from catalog.importing.options import ImportOptions
from catalog.importing.running import Work
from catalog.importing.writing import Writer
from catalog.inventory import reserve
from catalog.models import (
    ImportRun,
    ImportState,
    Location,
    Product,
    ProductTranslation,
    StockItem,
)
from catalog.tests.builders import make_category, make_location, make_product, make_seller
from catalog.tests.importing.files import (
    counts_of,
    import_file,
    movements_sum_to_stock,
    names,
    own,
    problems_of,
    snapshot,
)
from tests.racing import race


def rows(count: int, *, start: int = 1) -> list[str]:
    return [
        f",,Wanita,yes,Kaos {number},,,K-{number},200,Navy,M,99000,,{number % 7}"
        for number in range(start, start + count)
    ]


def begin(file: Path, *, dry_run: bool = False) -> ImportRun:
    return runs.begin(path=file, name=file.name, options=ImportOptions(), is_dry_run=dry_run)


def take(file: Path) -> runs.Hold:
    return runs.hold(begin(file).pk, resume=True)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH_ROWS", 2)


@pytest.mark.django_db(transaction=True)
def test_two_who_import_one_file_at_the_same_moment_import_it_once(tmp_path: Path) -> None:
    make_category()
    file = own(tmp_path, *rows(3))
    results = race([partial(take, file)] * 8)
    assert ImportRun.objects.count() == 1
    assert sum(isinstance(result, runs.Hold) for result in results) == 1
    assert sum(isinstance(result, runs.ImportIsRunning) for result in results) == 7


@pytest.mark.usefixtures("boutique")
def test_the_second_says_that_the_first_is_at_it(tmp_path: Path) -> None:
    file = own(tmp_path, *rows(1))
    take(file)
    with pytest.raises(runs.ImportIsRunning) as refusal:
        take(file)
    with override("en"):
        assert "being imported right now" in refusal.value.user_message
    assert refusal.value.silent_for < 5


@pytest.mark.usefixtures("boutique")
def test_a_process_that_fell_silent_has_lost_the_run_and_writes_nothing_more(
    tmp_path: Path,
) -> None:
    file = own(tmp_path, *rows(2))
    first = take(file)
    ImportRun.objects.update(beat_at=timezone.now() - runs.LEASE - timedelta(seconds=1))
    second = take(file)
    with pytest.raises(runs.ImportStopped):
        Work(first, file).go()
    assert not Product.objects.exists()
    assert Work(second, file).go()
    assert names() == ["Kaos 1", "Kaos 2"]


@pytest.mark.usefixtures("boutique", "small_batches")
def test_a_run_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    file = own(tmp_path, *rows(7))
    hold = take(file)

    def stop_soon(run: ImportRun) -> None:
        if run.next_row == 4:
            runs.stop(run.pk)

    with pytest.raises(runs.ImportStopped):
        Work(hold, file, on_progress=stop_soon).go()
    run = ImportRun.objects.get()
    assert (run.state, run.next_row, run.created_products) == (ImportState.STOPPED, 4, 4)
    assert len(names()) == 4
    again = import_file(file)
    assert (again.pk, again.state, again.next_row) == (run.pk, ImportState.DONE, 7)
    assert counts_of(again) == (7, 0, 0, 0)
    assert names() == [f"Kaos {number}" for number in range(1, 8)]


@pytest.mark.usefixtures("boutique", "small_batches")
def test_a_slice_ends_in_time_and_the_next_one_goes_on(tmp_path: Path) -> None:
    file = own(tmp_path, *rows(5))
    ends = [Work(take(file), file).go(seconds=0) for _ in range(3)]
    assert ends == [False, False, True]
    run = ImportRun.objects.get()
    assert (run.state, counts_of(run)) == (ImportState.DONE, (5, 0, 0, 0))


@pytest.mark.usefixtures("boutique", "small_batches")
def test_a_slice_has_its_time_for_products_however_long_the_file_was_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    opened = Work._open

    def open_slowly(self: Work) -> Grouping:
        now[0] += 100
        return opened(self)

    monkeypatch.setattr(running, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(Work, "_open", open_slowly)
    file = own(tmp_path, *rows(5))
    assert Work(take(file), file).go(seconds=30)
    assert len(names()) == 5


@pytest.mark.django_db(transaction=True)
def test_a_batch_whose_commit_fails_is_written_by_the_next_attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_location(seller=make_seller())
    Location.objects.update(name="Gudang")
    make_category()
    write = Writer.write
    failed: list[int] = []

    def write_what_cannot_be_committed_once(self: Writer, *given: Any) -> None:
        write(self, *given)
        if not failed:
            # Held against the products only at the end of the transaction.
            text = ProductTranslation(product_id=0, language="id", name="x", slug="x")
            ProductTranslation.objects.bulk_create([text])
            failed.append(1)

    monkeypatch.setattr(Writer, "write", write_what_cannot_be_committed_once)
    run = import_file(own(tmp_path, *rows(2)))
    assert failed == [1]
    assert (run.state, counts_of(run)) == (ImportState.DONE, (2, 0, 0, 0))
    assert names() == ["Kaos 1", "Kaos 2"]


@pytest.mark.usefixtures("boutique", "small_batches")
def test_a_refusing_import_in_slices_tries_all_before_it_writes_any(tmp_path: Path) -> None:
    file = own(tmp_path, *rows(4), rows(1, start=9)[0].replace("99000", "x"))
    options = ImportOptions(on_problem="refuse")
    run = runs.begin(path=file, name=file.name, options=options, is_dry_run=False)
    while not Work(runs.hold(run.pk, resume=True), file).go(seconds=0):
        assert not Product.objects.exists()
    run.refresh_from_db()
    assert (run.state, problems_of(run)) == (
        ImportState.REFUSED,
        [(6, "price:IDR", "not_a_number")],
    )
    assert not Product.objects.exists()


@pytest.mark.usefixtures("boutique")
def test_a_file_with_other_options_is_another_run(tmp_path: Path) -> None:
    file = own(tmp_path, *rows(1))
    one = begin(file)
    other = runs.begin(
        path=file, name=file.name, options=ImportOptions(stock="keep"), is_dry_run=False
    )
    trial = begin(file, dry_run=True)
    assert len({one.fingerprint, other.fingerprint, trial.fingerprint}) == 3
    assert begin(file).pk == one.pk


@pytest.mark.usefixtures("boutique")
def test_stock_that_is_reserved_is_never_taken_by_a_file(tmp_path: Path) -> None:
    file = own(tmp_path, *rows(2, start=5))
    import_file(file)
    held = StockItem.objects.get(variant__sku="K-6")
    reserve(holder=uuid4(), quantities={held.pk: 4}, until=timezone.now() + timedelta(hours=1))
    fewer = own(tmp_path, *(row[: row.rindex(",")] + ",3" for row in rows(2, start=5)))
    run = import_file(fewer)
    assert problems_of(run) == [(3, "stock:Gudang", "stock_below_reserved")]
    assert counts_of(run) == (0, 1, 0, 1)
    stock = dict(StockItem.objects.values_list("variant__sku", "on_hand"))
    assert stock == {"K-5": 3, "K-6": 6}
    assert movements_sum_to_stock()


@pytest.mark.usefixtures("boutique")
def test_units_reserved_while_the_batch_is_written_cost_that_product_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_file(own(tmp_path, *rows(2, start=5)))
    held = StockItem.objects.get(variant__sku="K-6")
    plan = Writer.plan

    def plan_then_somebody_buys(self: Writer, batch: list[Draft], **kwargs: Any) -> object:
        made = plan(self, batch, **kwargs)
        if not held.reservations.exists():
            until = timezone.now() + timedelta(hours=1)
            # In the transaction of the batch, which goes back with it; so twice at most.
            reserve(holder=uuid4(), quantities={held.pk: 4}, until=until)
        return made

    monkeypatch.setattr(Writer, "plan", plan_then_somebody_buys)
    fewer = own(tmp_path, *(row[: row.rindex(",")] + ",3" for row in rows(2, start=5)))
    run = import_file(fewer)
    assert problems_of(run) == [(3, "stock:Gudang", "stock_below_reserved")]
    assert dict(StockItem.objects.values_list("variant__sku", "on_hand")) == {"K-5": 3, "K-6": 6}


@pytest.mark.django_db(transaction=True)
def test_what_staff_save_while_a_batch_is_written_is_not_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shirt = make_product("Kemeja", category=make_category())
    text = ProductTranslation.objects.get(product=shirt, language="id")
    plan = Writer.plan

    def save() -> None:
        try:
            with transaction.atomic():
                lock_product(shirt.pk)
                ProductTranslation.objects.filter(pk=text.pk).update(care="Cuci dingin")
        finally:
            connection.close()

    editor = Thread(target=save)

    def plan_then_somebody_saves(self: Writer, batch: list[Draft], **kwargs: Any) -> object:
        made = plan(self, batch, **kwargs)
        editor.start()
        # Done by then where nobody makes it wait.
        editor.join(timeout=1)
        return made

    monkeypatch.setattr(Writer, "plan", plan_then_somebody_saves)
    header = "slug:id,name:id,description:id,category"
    run = import_file(own(tmp_path, "kemeja,Kemeja,Dari linen,Wanita", header=header))
    editor.join()
    assert counts_of(run) == (0, 1, 0, 0)
    text.refresh_from_db()
    assert (text.description, text.care) == ("Dari linen", "Cuci dingin")


@pytest.mark.usefixtures("boutique")
def test_what_the_database_refuses_costs_that_product_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when somebody makes a product of the same address between the look and the write."""
    other = make_product("Lain")
    plan = Writer.plan

    def plan_then_somebody_is_faster(self: Writer, batch: list[Draft], **kwargs: Any) -> object:
        made = plan(self, batch, **kwargs)
        if any(draft.handle == "kaos-3" for draft in batch):
            ProductTranslation.objects.filter(product=other, language="id").update(slug="kaos-3")
        return made

    monkeypatch.setattr(Writer, "plan", plan_then_somebody_is_faster)
    run = import_file(own(tmp_path, *rows(5)))
    assert [(line, code) for line, _column, code in problems_of(run)] == [(4, "not_taken")]
    assert counts_of(run) == (4, 0, 0, 1)
    assert names() == ["Lain", "Kaos 1", "Kaos 2", "Kaos 4", "Kaos 5"]


@pytest.mark.django_db(transaction=True)
def test_an_import_that_is_killed_ends_as_one_that_is_not(tmp_path: Path) -> None:
    Location.objects.filter(pk=make_location(seller=make_seller()).pk).update(name="Gudang")
    make_category()
    file = own(tmp_path, *rows(1_500))
    command = run_command(file)
    wait_for(command, lambda: next_row() > 0)
    command.send_signal(signal.SIGKILL)
    command.wait()
    assert 0 < next_row() < 1_500
    assert Product.objects.count() == next_row()

    assert run_command(file).wait() == 0

    run = ImportRun.objects.get()
    assert (run.state, counts_of(run)) == (ImportState.DONE, (1_500, 0, 0, 0))
    assert movements_sum_to_stock()
    killed = snapshot()
    empty_catalogue()
    assert counts_of(import_file(file)) == (1_500, 0, 0, 0)
    assert snapshot() == killed


def run_command(file: Path) -> "subprocess.Popen[bytes]":
    """The real command in a process of its own, on the database of this test."""
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{connection.settings_dict['NAME']}"
    return subprocess.Popen(
        [sys.executable, "manage.py", "import_catalogue", str(file)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": url, "IMPORT_LEASE_SECONDS": "3"},
        stdout=subprocess.DEVNULL,
    )


def next_row() -> int:
    return ImportRun.objects.values_list("next_row", flat=True).first() or 0


def wait_for(command: "subprocess.Popen[bytes]", is_true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not is_true():
        assert command.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)


def empty_catalogue() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE catalog_product, catalog_importrun CASCADE")
