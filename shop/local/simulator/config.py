"""What the process is told when it starts."""

from dataclasses import dataclass, field
from pathlib import Path

from .midtrans.notifications import MidtransConfig
from .webhooks import Receiver


@dataclass(frozen=True, slots=True)
class Config:
    """`refund_delay`: seconds until a refund succeeds by itself; 0 waits for a control call.

    `chaos`: seed and intensity. Without `midtrans` that gateway is not played.
    """

    host: str
    port: int
    data: Path
    secret_key: str = field(repr=False)
    receiver: Receiver = field(repr=False)
    public_url: str = ""
    refund_delay: float = 0.0
    chaos: tuple[int, float] | None = None
    midtrans: MidtransConfig | None = None
