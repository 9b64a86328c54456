"""A kept test database is made anew when something changes that migrations depend on."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.kept_database import ROOT, SOURCES

APPS = ("accounts", "catalog", "orders", "payments", "shop")
# Choices, fields and managers, which write no row and make no trigger.
DECLARED = {
    "catalog.models.listing",
    "catalog.models.variant",
    "orders.models.order",
    "orders.models.shipping",
    "orders.models.tax",
    "shop.core.fields",
}
FOLLOWED = {"orders.regions", "orders.regions.loading", "shop.core.tables", "shop.core.triggers"}


def imported_by(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)


def test_migrations_read_nothing_that_a_kept_database_does_not_follow() -> None:
    """Who adds an import here sees to it that SOURCES has it, if it decides what is written."""
    followed = {file for pattern in SOURCES for file in ROOT.glob(pattern)}
    folders = [folder for app in APPS for folder in (ROOT / app).rglob("migrations")]
    files = {file for folder in folders for file in folder.rglob("*") if file.is_file()}
    assert {file for file in files if file.suffix != ".pyc"} <= followed
    scripts = [file for file in files if file.suffix == ".py"]
    names = {name for file in scripts for name in imported_by(file)}
    assert {name for name in names if name.split(".")[0] in APPS} == DECLARED | FOLLOWED
