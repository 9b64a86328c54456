"""The moments of an order at which a part of the shop is killed, and how they are seen.

Each lasts a few milliseconds. So that a kill can be aimed, some are held open: by a trigger in the
drill's own database that sleeps, or by a gateway simulator that is slow. What a snapshot sees at
the moment of the kill is counted, whatever was aimed at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import psycopg

from drills.visits import Intention
from drills.whole import Eye, WholeShop

# Advisory locks of this class say which trigger is asleep. The function below has it too.
CLASS = 4242
HOLD_SECONDS = 0.8
_LOCK = f"EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = {CLASS}"


@dataclass(frozen=True, slots=True)
class Moment:
    """`seen` is SQL that is true while it lasts.

    `lock` is the number of the trigger that holds it open, `fault` what is armed at the gateway
    for that, `wish` what the next buyer does so that it comes.
    """

    name: str
    seen: str
    lock: int = 0
    fault: Mapping[str, object] = field(default_factory=dict, compare=False)
    wish: Intention | None = None


def _held(name: str, lock: int, *, wish: Intention | None = None) -> Moment:
    return Moment(name, f"{_LOCK} AND objid = {lock})", lock=lock, wish=wish)


def _slow(call: str, mode: str = "slow") -> dict[str, object]:
    return {"on": call, "mode": mode, "seconds": HOLD_SECONDS, "probability": 1.0}


_SUBMITTING = "SELECT FROM payments_paymentattempt WHERE state = 'submitting'"
# What an earlier kill left in such a state is nobody's moment any more.
_AT_GATEWAY = "AND submitted_at > now() - interval '3 seconds'"
_WEBHOOK = """SELECT FROM payments_webhookevent
    WHERE state = 'received' AND received_at > now() - interval '3 seconds'"""
# From the beginning of its submission to its next try; a test compares it with the shop's own.
REFUND_LEASE = timedelta(seconds=15)
_REFUND = f"""SELECT FROM payments_refund WHERE state = 'submitting'
    AND next_try_at > now() + interval '{REFUND_LEASE.seconds - 3} seconds'"""
_MAIL = """SELECT FROM core_outboxmessage
    WHERE claimed_at > now() - interval '3 seconds' AND done_at IS NULL"""

PLACING = _held("placing", 1)
PLACED = _held("placed", 2)
ASKED = Moment(
    "asked", f"EXISTS ({_SUBMITTING} {_AT_GATEWAY})", fault=_slow("create", "timeout_before")
)
ANSWERED = Moment("answered", f"EXISTS ({_SUBMITTING} {_AT_GATEWAY})", fault=_slow("create"))
TOLD = Moment("told", f"EXISTS ({_WEBHOOK})", fault=_slow("get"), wish=Intention.PAY)
BOOKING = _held("booking", 3, wish=Intention.PAY)
REFUNDING = Moment("refunding", f"EXISTS ({_REFUND})", fault=_slow("refund"), wish=Intention.REFUND)
MAILING = Moment("mailing", f"EXISTS ({_MAIL})", lock=4, wish=Intention.PAY)
# What they are, for whoever reads the table of a run.
MEANING = {
    PLACING: "the order is written and not committed",
    PLACED: "the order is committed, the gateway not asked",
    ASKED: "the gateway is being asked and will take nothing",
    ANSWERED: "the gateway has it, its answer is on its way",
    TOLD: "a webhook is stored and not processed",
    BOOKING: "the receipt is written and not committed",
    REFUNDING: "a refund is being submitted",
    MAILING: "a worker holds a mail and has not noted it as sent",
}
ALL = tuple(MEANING)
# Those that the drill aims at, for any part; the worker has one of its own.
AIMED = (PLACED, ASKED, ANSWERED, TOLD, REFUNDING)

_TRIGGERS = {
    PLACING: ("AFTER INSERT ON orders_order", ""),
    PLACED: (
        "BEFORE UPDATE ON payments_paymentattempt",
        "WHEN (old.state = 'new' AND new.state = 'submitting')",
    ),
    BOOKING: ("AFTER INSERT ON payments_paymentreceipt", ""),
    MAILING: (
        "BEFORE UPDATE ON core_outboxmessage",
        "WHEN (old.done_at IS NULL AND new.done_at IS NOT NULL AND old.claimed_at IS NOT NULL)",
    ),
}
_INSTALL = """
CREATE TABLE IF NOT EXISTS drill_hold (lock integer PRIMARY KEY, seconds double precision NOT NULL);
CREATE OR REPLACE FUNCTION drill_hold() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE held double precision;
BEGIN
    SELECT seconds INTO held FROM drill_hold WHERE lock = tg_argv[0]::integer;
    IF found THEN
        PERFORM pg_advisory_xact_lock_shared(4242, tg_argv[0]::integer);
        PERFORM pg_sleep(held);
    END IF;
    RETURN new;
END $$;
"""


def install(shop: WholeShop) -> None:
    """The triggers of the drill, which do nothing until one is armed."""
    with psycopg.connect(shop.env["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(_INSTALL)
        for moment, (event, when) in _TRIGGERS.items():
            trigger = (
                f"CREATE OR REPLACE TRIGGER drill_{moment.name} {event} FOR EACH ROW {when}"
                f" EXECUTE FUNCTION drill_hold({moment.lock})"
            )
            connection.execute(trigger)


def arm(shop: WholeShop, moment: Moment) -> None:
    """From now on the moment lasts long enough to be aimed at."""
    if moment.lock:
        shop.sql(
            "INSERT INTO drill_hold VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING lock",
            moment.lock,
            HOLD_SECONDS,
        )
    if moment.fault:
        shop.tell_simulator("faults", **moment.fault)


def disarm(shop: WholeShop) -> None:
    shop.tell_simulator("faults/clear")
    shop.sql("DELETE FROM drill_hold RETURNING lock")


def seen_now(eye: Eye) -> set[str] | None:
    """The names of all moments that are there now; None while the database cannot be asked."""
    rows = eye.look(f"SELECT {', '.join(moment.seen for moment in ALL)}")
    if rows is None:
        return None
    return {moment.name for moment, is_there in zip(ALL, rows[0], strict=True) if is_there}
