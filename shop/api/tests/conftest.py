from payments.tests.conftest import gateway_down, gateway_up, simulator

__all__ = ["gateway_down", "gateway_up", "simulator"]
