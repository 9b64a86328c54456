"""The variables that shop/settings.py reads, and the passwords behind them."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from accounts.totp import new_secret
from shop.local.places import Local, write_private
from shop.local.postgres import Postgres
from shop.local.valkey import Valkey

SECRETS = (
    "SECRET_KEY",
    "DB_PASSWORD",
    "VALKEY_PASSWORD",
    "XENDIT_SECRET_KEY",
    "XENDIT_CALLBACK_TOKENS",
    "MIDTRANS_SERVER_KEYS",
    "DEMO_STAFF_PASSWORD",
    "DEMO_STAFF_TOTP_SECRET",
    "DEMO_CUSTOMER_PASSWORD",
)
# What a new file says; another value in it stays.
DEMO = {"PAYMENT_GATEWAYS": '{"card": "xendit"}'}


def read(path: Path) -> dict[str, str]:
    found = dotenv_values(path, interpolate=False)
    return {name: value for name, value in found.items() if value is not None}


def write(path: Path, values: Mapping[str, str]) -> None:
    """Write the file for `manage.py` in another terminal; what somebody added by hand stays."""
    kept = DEMO | read(path) | dict(values)
    lines = [f"{name}={_quoted(value)}\n" for name, value in kept.items()]
    head = (
        "# Written by `make run`. Lines added here stay; a variable of the caller wins over them.\n"
    )
    write_private(path, head + "".join(lines))


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def kept_secrets(path: Path) -> dict[str, str]:
    """The secrets of the last run; what is missing is drawn now and kept by `write`."""
    known = read(path)
    return {name: known.get(name) or _drawn(name) for name in SECRETS}


def _drawn(name: str) -> str:
    return new_secret() if name.endswith("_TOTP_SECRET") else secrets.token_urlsafe(24)


def services(postgres: Postgres, valkey: Valkey, password: str) -> dict[str, str]:
    return {
        "DATABASE_URL": postgres.url(password),
        "REDIS_URL": valkey.url(0),
        "CELERY_BROKER_URL": valkey.url(1),
    }


def for_shop(
    *, local: Local, ports: Mapping[str, int], secret: Mapping[str, str]
) -> dict[str, str]:
    """Everything that points the shop at this machine instead of AWS and the gateways."""
    return {
        **secret,
        "PUBLIC_URL": f"http://127.0.0.1:{ports['web']}",
        "EXTRA_HOSTS": "localhost",
        "XENDIT_URL": f"http://127.0.0.1:{ports['simulator']}",
        "COD_IS_OFFERED": "true",
        "TRANSFER_ACCOUNT_NUMBER": "0123456789",
        "TRANSFER_ACCOUNT_HOLDER": "RONA CONTOH",
        # One simulator plays both; PAYMENT_GATEWAYS chooses.
        "MIDTRANS_URL": f"http://127.0.0.1:{ports['simulator']}",
        "MIDTRANS_SNAP_URL": f"http://127.0.0.1:{ports['simulator']}",
        "MAIL_FROM": "RONA <halo@rona.example>",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{ports['mailbox']}",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "MAILBOX_DIR": str(local.path / "mail"),
        "MEDIA_ROOT": str(local.path / "media"),
        "MEDIA_FROM_DISK": "1",
        # Stays empty: files are served from the source tree.
        "STATIC_ROOT": str(local.path / "static"),
        "STATIC_FROM_SOURCE": "true",
        "STRICT_SHARED_PAGES": "true",
    }


def for_couriers(source: str, *, port: int) -> dict[str, str]:
    """What makes the shop ask the courier simulator, for one run: it is not kept in the file."""
    if source == "table":
        return {}
    base = {"biteship": "", "rajaongkir": "/api/v1"}[source]
    return {
        "COURIER_RATES": source,
        "COURIER_API_URL": f"http://127.0.0.1:{port}{base}",
        "COURIER_API_KEY": secrets.token_urlsafe(24),
        "COURIER_WEBHOOK_SECRETS": secrets.token_urlsafe(24),
    }


def for_tests(directory: Path) -> dict[str, str]:
    """Nothing of the caller's shop, and nothing that answers: a test states what it needs."""
    return {
        "ENV_FILE": os.devnull,
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_urlsafe(40),
        "PUBLIC_URL": "http://testserver",
        "EXTRA_HOSTS": "localhost,127.0.0.1",
        # Each test closes its own connections; a pool would keep them open past the test database.
        "DB_POOL_MAX": "0",
        "XENDIT_URL": "http://127.0.0.1:9",
        "XENDIT_SECRET_KEY": "xnd_development_test",
        "XENDIT_CALLBACK_TOKENS": "callback-token-of-the-tests",
        "PAYMENT_GATEWAYS": "{}",
        "MAIL_FROM": "RONA <halo@rona.example>",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "MAILBOX_DIR": str(directory / "mail"),
        "MEDIA_ROOT": str(directory / "media"),
        "STATIC_ROOT": str(directory / "static"),
        "STATIC_FROM_SOURCE": "true",
        "STRICT_SHARED_PAGES": "true",
        "DEMO_STAFF_PASSWORD": "password-of-the-tests",
        "DEMO_STAFF_TOTP_SECRET": new_secret(),
        "DEMO_CUSTOMER_PASSWORD": "password-of-the-tests",
    }
