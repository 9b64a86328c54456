"""Staff import and export in the admin."""

from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from catalog.admin import imports
from catalog.importing import runs
from catalog.importing.writing import Writer
from catalog.models import (
    ImportProblem,
    ImportRun,
    ImportState,
    Product,
    StockItem,
    Variant,
)
from catalog.tests.builders import make_variant
from catalog.tests.editing.pages import make_staff, signed_in
from catalog.tests.importing.files import HEADER, names
from shop.core import outbox
from shop.core.models import OutboxMessage

pytestmark = pytest.mark.usefixtures("boutique")

GOOD = ",,Wanita,yes,Rok,,,R,300,Navy,M,99000,,1"
BAD = ",,Tidak Ada,yes,Kaos,,,K,x,Navy,M,99000,,1"
ADD = "admin:catalog_importrun_add"
EXPORT = "/admin/catalog/importrun/export/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser("staff@example.com"))
    return client


def upload(client: Client, *rows: str, **fields: Any) -> Any:
    text = "\r\n".join([HEADER, *rows]) + "\r\n"
    data = {
        "file": SimpleUploadedFile("katalog.csv", text.encode()),
        "on_problem": "skip",
        "stock": "set",
        "language": "id",
        "currency": "IDR",
        **fields,
    }
    return client.post(reverse(ADD), data)


def page_of(run: ImportRun, step: str = "change") -> str:
    return reverse(f"admin:catalog_importrun_{step}", args=[run.pk])


def let_workers_work() -> None:
    for message in OutboxMessage.objects.filter(topic=runs.TOPIC, done_at=None):
        outbox.deliver(message.pk)


@pytest.mark.django_db(transaction=True)
def test_a_file_is_tried_then_imported(staff: Client) -> None:
    response = upload(staff, GOOD, BAD)
    run = ImportRun.objects.get()
    assert response["Location"] == page_of(run)
    assert (run.name, run.is_dry_run, run.state) == ("katalog.csv", True, "waiting")
    assert "katalog" not in str(run.file)
    let_workers_work()
    run.refresh_from_db()
    assert (run.state, run.created_products, run.skipped_products) == ("done", 1, 1)
    assert not Product.objects.exists()

    page = staff.get(page_of(run)).content.decode()
    for shown in ("weight_grams", "Tidak Ada", "<b>1</b>", "/now/"):
        assert shown in page
    staff.post(page_of(run, "now"))
    let_workers_work()
    run.refresh_from_db()
    assert (run.state, run.is_dry_run, run.created_products) == ("done", False, 1)
    assert names() == ["Rok"]
    # What was imported need not be kept.
    assert not run.file
    page = staff.get(page_of(run)).content.decode()
    assert "/now/" not in page
    assert "weight_grams" in page


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_to_be_whole_is_not_imported_with_problems(staff: Client) -> None:
    upload(staff, GOOD, BAD, on_problem="refuse")
    let_workers_work()
    run = ImportRun.objects.get()
    staff.post(page_of(run, "now"))
    let_workers_work()
    run.refresh_from_db()
    assert run.is_dry_run
    assert not Product.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_import_is_stopped_and_goes_on(staff: Client) -> None:
    upload(staff, GOOD)
    run = ImportRun.objects.get()
    staff.post(page_of(run, "stop"))
    let_workers_work()
    run.refresh_from_db()
    assert (run.state, run.next_row) == (ImportState.STOPPED, 0)
    assert "/resume/" in staff.get(page_of(run)).content.decode()
    staff.post(page_of(run, "resume"))
    let_workers_work()
    run.refresh_from_db()
    assert (run.state, run.next_row) == (ImportState.DONE, 1)


@pytest.mark.django_db(transaction=True)
def test_an_import_that_a_worker_lost_is_gone_on_with(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(staff, GOOD)
    message = OutboxMessage.objects.get(topic=runs.TOPIC)
    plan = Writer.plan

    def plan_then_lose_the_run(self: Writer, *given: Any, **named: Any) -> object:
        ImportRun.objects.update(beat_at=timezone.now())
        return plan(self, *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Writer, "plan", plan_then_lose_the_run)
        with pytest.raises(runs.ImportStopped):
            outbox.deliver(message.pk)
    assert ImportRun.objects.get().state == ImportState.RUNNING
    # Whoever took it has died since.
    ImportRun.objects.update(beat_at=timezone.now() - 2 * runs.LEASE)
    assert outbox.deliver(message.pk)
    assert ImportRun.objects.get().state == ImportState.DONE


@pytest.mark.django_db(transaction=True)
def test_a_message_that_comes_twice_does_the_work_once(staff: Client) -> None:
    upload(staff, GOOD)
    run = ImportRun.objects.get()
    message = OutboxMessage.objects.get(topic=runs.TOPIC)
    let_workers_work()
    OutboxMessage.objects.filter(pk=message.pk).update(done_at=None, claimed_at=None)
    let_workers_work()
    run.refresh_from_db()
    assert (run.state, run.created_products) == (ImportState.DONE, 1)


def test_the_page_shows_how_far_it_is_and_looks_again(staff: Client) -> None:
    run = ImportRun.objects.create(
        name="katalog.csv", state="running", next_row=250, total_rows=1000, options={}
    )
    page = staff.get(page_of(run)).content.decode()
    assert '<progress value="250" max="1000">25 %</progress>' in page
    assert '<meta http-equiv="refresh" content="3">' in page


def test_a_page_of_problems_costs_as_many_queries_for_fifty_as_for_one(
    staff: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = ImportRun.objects.create(name="katalog.csv", state="done", options={})
    make_problems(run, 0, 1)
    with django_assert_num_queries(6):
        staff.get(page_of(run))
    make_problems(run, 1, 120)
    with django_assert_num_queries(6):
        page = staff.get(page_of(run)).content.decode()
    assert page.count('<td class="number"') == 50
    assert "120 ×" in page
    assert "1 / 3" in page


def test_a_page_that_looks_again_counts_no_problems(staff: Client) -> None:
    run = ImportRun.objects.create(name="katalog.csv", state="running", options={})
    make_problems(run, 0, 120)
    with CaptureQueriesContext(connection) as asked:
        page = staff.get(page_of(run)).content.decode()
    assert page.count('<td class="number"') == 50
    assert "120 ×" not in page
    counts = [query["sql"] for query in asked.captured_queries if "COUNT(" in query["sql"]]
    assert not [sql for sql in counts if "importproblem" in sql]


def test_pages_show_the_first_problems_and_say_where_the_others_are(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "PROBLEMS_SHOWN", 100)
    run = ImportRun.objects.create(name="katalog.csv", state="done", options={})
    make_problems(run, 0, 120)
    page = staff.get(page_of(run), {"page": 9}, headers={"Accept-Language": "en"}).content.decode()
    assert "2 / 2" in page
    assert "20 more are in the download." in page


def make_problems(run: ImportRun, start: int, end: int) -> None:
    ImportProblem.objects.bulk_create(
        ImportProblem(run=run, line=line, column="sku", code="too_long", value="=1")
        for line in range(start, end)
    )
    ImportRun.objects.filter(pk=run.pk).update(problem_count=end)


def test_a_file_that_stopped_half_way_says_so_and_can_go_on(staff: Client) -> None:
    run = ImportRun.objects.create(
        name="katalog.csv",
        file="imports/x.csv",
        state="stopped",
        options={"on_problem": "refuse", runs.HALTED: True},
        next_row=250,
        total_rows=1000,
    )
    page = staff.get(page_of(run), headers={"Accept-Language": "en"}).content.decode()
    assert "something in the shop has changed since" in page
    assert '<progress value="250" max="1000">' in page
    assert "/resume/" in page


def test_all_problems_can_be_downloaded(staff: Client) -> None:
    run = ImportRun.objects.create(name="katalog.csv", state="done", options={})
    make_problems(run, 7, 8)
    response = staff.get(page_of(run, "problems"))
    lines = b"".join(response).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("7,sku,too_long,")
    assert lines[1].endswith(",'=1,yes")
    assert "attachment" in response["Content-Disposition"]


def test_the_catalogue_can_be_downloaded(staff: Client) -> None:
    make_variant(sku="KL-M")
    response = staff.get(reverse("admin:catalog_importrun_export"))
    assert response.streaming
    assert b"KL-M" in b"".join(response)


def test_a_file_that_is_too_large_is_not_kept(staff: Client, settings: Settings) -> None:
    settings.IMPORT_MAX_BYTES = 100
    response = upload(staff, GOOD)
    assert response.status_code == 200
    assert "import_catalogue" in response.content.decode()
    assert not ImportRun.objects.exists()


def test_a_file_can_be_excels_own_letters(staff: Client) -> None:
    text = f"{HEADER}\n{GOOD.replace('Rok', 'Rok “Café”')}\n"
    file = SimpleUploadedFile("katalog.csv", BytesIO(text.encode("cp1252")).getvalue())
    upload(staff, file=file)
    let_workers_work()
    assert ImportRun.objects.get().created_products == 1


@pytest.mark.parametrize("step", ["now", "stop", "resume"])
def test_nothing_is_done_by_looking(staff: Client, step: str) -> None:
    run = ImportRun.objects.create(name="katalog.csv", options={})
    assert staff.get(page_of(run, step)).status_code == 405
    run.refresh_from_db()
    assert run.state == ImportState.WAITING


ALL = (
    "catalog.add_importrun",
    "catalog.view_importrun",
    "catalog.add_product",
    "catalog.change_product",
)


def test_staff_without_the_permission_may_neither_import_nor_export() -> None:
    run = ImportRun.objects.create(name="katalog.csv", options={"stock": "none"})
    client = signed_in(make_staff("catalog.add_product", "catalog.change_product"))
    assert upload(client, GOOD).status_code == 403
    assert client.get(page_of(run)).status_code == 403
    assert client.post(page_of(run, "stop")).status_code == 403
    assert client.get(page_of(run, "problems")).status_code == 403
    assert client.get(EXPORT).status_code == 403
    looking = signed_in(make_staff("catalog.view_importrun"))
    assert looking.get(page_of(run)).status_code == 200
    assert looking.post(page_of(run, "stop")).status_code == 403
    assert ImportRun.objects.get().state == ImportState.WAITING


@pytest.mark.parametrize("missing", ALL[2:])
def test_a_file_changes_nothing_for_whom_the_editor_would_not(missing: str) -> None:
    run = ImportRun.objects.create(
        name="katalog.csv", options={"stock": "none"}, is_dry_run=True, state="done"
    )
    client = signed_in(make_staff(*(each for each in ALL if each != missing)))
    assert upload(client, GOOD, stock="none").status_code == 403
    for step in ("now", "stop", "resume"):
        assert client.post(page_of(run, step)).status_code == 403
    assert ImportRun.objects.get().state == ImportState.DONE


def test_an_export_shows_costs_to_those_only_who_see_them_in_the_editor() -> None:
    Variant.objects.filter(pk=make_variant().pk).update(cost_minor=88_123)
    assert signed_in(make_staff("catalog.add_importrun")).get(EXPORT).status_code == 403
    response = signed_in(make_staff("catalog.add_importrun", "catalog.view_product")).get(EXPORT)
    assert b"88123" in b"".join(response)


@pytest.mark.django_db(transaction=True)
def test_stock_is_for_those_only_who_may_change_stock(boutique: object) -> None:
    client = signed_in(make_staff(*ALL))
    assert 'value="set"' not in client.get(reverse(ADD)).content.decode()
    assert upload(client, GOOD, stock="set").status_code == 200
    assert upload(client, GOOD, stock="keep").status_code == 200
    assert not ImportRun.objects.exists()

    upload(client, GOOD, stock="none")
    let_workers_work()
    client.post(page_of(ImportRun.objects.get(), "now"))
    let_workers_work()
    assert names() == ["Rok"]
    assert list(StockItem.objects.values_list("on_hand", flat=True)) == [0]
    StockItem.objects.all().delete()
    upload(client, GOOD, stock="none")
    let_workers_work()
    client.post(page_of(ImportRun.objects.latest("pk"), "now"))
    let_workers_work()
    assert not StockItem.objects.exists()

    keeper = signed_in(make_staff(*ALL, "catalog.change_stockitem"))
    upload(keeper, GOOD, stock="set")
    let_workers_work()
    run = ImportRun.objects.latest("pk")
    assert client.post(page_of(run, "now")).status_code == 403
    assert "/now/" not in client.get(page_of(run)).content.decode()
    keeper.post(page_of(run, "now"))
    let_workers_work()
    assert list(StockItem.objects.values_list("on_hand", flat=True)) == [1]
