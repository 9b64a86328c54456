import pytest

from payments.gateways.methods import METHODS, SPECS
from payments.tests.simulated import Simulator


@pytest.fixture
def cards_up(gateway_up: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """Xendit collects cards, too."""
    monkeypatch.setitem(METHODS, "card", SPECS["xendit", "card"])
    gateway_up.switch(refund_delay=0, no_refunds=[], no_partial_refunds=[], balance=None)
    return gateway_up
