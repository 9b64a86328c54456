"""Mutants need minutes (`make mutants`); that they still fit the code is seen here."""

import ast
import re

import pytest

from tests.mutants.__main__ import ROOT, Mutant, all_mutants

HUNK = re.compile(r"^@@.*$", re.MULTILINE)
FILE = re.compile(r"^--- a/(\S+)$", re.MULTILINE)


@pytest.mark.parametrize("mutant", all_mutants(), ids=lambda mutant: mutant.name)
def test_a_mutant_changes_code_that_is_there_and_names_tests_that_are(mutant: Mutant) -> None:
    patch = mutant.patch.read_text()
    for file, changes in zip(*[iter(FILE.split(patch)[1:])] * 2, strict=True):
        code = (ROOT / file).read_text()
        for hunk in HUNK.split(changes)[1:]:
            assert before(hunk) in code, f"{file} has moved on"
    for test in mutant.tests:
        path, _, name = test.partition("::")
        assert (ROOT / path).exists(), path
        if name:
            module = ast.parse((ROOT / path).read_text())
            functions = {node.name for node in module.body if isinstance(node, ast.FunctionDef)}
            assert name.partition("[")[0] in functions, test


def before(hunk: str) -> str:
    """What a part of a patch expects to find."""
    lines = hunk.removeprefix("\n").splitlines(keepends=True)
    return "".join(line[1:] or line for line in lines if line[0] in " -\n")
