import ast
import re
from pathlib import Path


def test_each_scenario_of_the_specification_is_one_test() -> None:
    numbers: list[int] = []
    for file in Path(__file__).parent.glob("test_*.py"):
        for node in ast.parse(file.read_text()).body:
            named = re.match(r"test_t(\d+)_", getattr(node, "name", ""))
            numbers += [int(named[1])] if named else []
    assert sorted(numbers) == list(range(1, 53))
