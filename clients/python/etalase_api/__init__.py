"""The client of an Etalase shop's API: `Etalase("https://shop.example/api/v1")`."""

from etalase_api.generated import types
from etalase_api.generated.operations import Operations as Etalase
from etalase_api.transport import Problem

__all__ = ["Etalase", "Problem", "types"]
