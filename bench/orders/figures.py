"""Pure arithmetic on what was measured."""

from collections.abc import Sequence
from statistics import quantiles


def percentiles(values: Sequence[float]) -> tuple[float, float, float]:
    """p50, p95, p99; of one value thrice the same, of none nothing to speak of."""
    if len(values) < 2:
        return (values[0],) * 3 if values else (0.0, 0.0, 0.0)
    cuts = quantiles(values, n=100, method="inclusive")
    return cuts[49], cuts[94], cuts[98]


def middle(values: Sequence[float]) -> float:
    return percentiles(values)[0]
