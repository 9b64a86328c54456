"""All settings of the shop, read from the environment.

A missing or malformed variable stops the program with its name. `make run` writes `.local/env`;
a server gets its variables from its unit file and Secrets Manager.
"""

from datetime import date, timedelta
from urllib.parse import urljoin, urlsplit

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _
from environs import validate
from kombu import Exchange, Queue

from shop.api_settings import REST_FRAMEWORK as REST_FRAMEWORK
from shop.api_settings import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from shop.core.postgres.pooling import pool_options
from shop.environment import BASE_DIR, env
from shop.payment_settings import *  # noqa: F403 - each is a setting, and declared there

# --- where and who -------------------------------------------------------------------------------
DEBUG: bool = env.bool("DEBUG", False)
SECRET_KEY: str = env.str("SECRET_KEY")
# People are known again by pseudonyms made with it; it outlives changes of SECRET_KEY.
PSEUDONYM_KEY: str = env.str("PSEUDONYM_KEY", SECRET_KEY)
# What is sealed with one of them is read again with any; the first seals.
DATA_KEYS: list[str] = env.list("DATA_KEYS", []) or [PSEUDONYM_KEY]
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
PUBLIC_URL: str = env.str("PUBLIC_URL").rstrip("/")
_public = urlsplit(PUBLIC_URL)
ALLOWED_HOSTS: list[str] = [_public.hostname or "", *env.list("EXTRA_HOSTS", [])]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
TRUSTED_PROXIES: list[str] = env.list("TRUSTED_PROXIES", [])
SHOP_NAME: str = env.str("SHOP_NAME", "RONA")
# Names a deployment, such as its commit; without it the code itself is hashed.
SHOP_RELEASE: str = env.str("SHOP_RELEASE", "")

ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "shop.core",
    "accounts",
    "catalog",
    "orders",
    "payments",
    "shop.pages",
    "drills",
    "accounts.staff_room_config.StaffRoomConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "shop.core.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "shop.core.middleware.PathLanguageMiddleware",
    # What it answers from Valkey goes no further: what stands below sees it once, when it is built.
    "catalog.caching.middleware.CataloguePagesMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "shop.core.middleware.DomainErrorMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shop.core.context.shop",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

# --- database ------------------------------------------------------------------------------------
# A stuck lock or a forgotten transaction must never take every worker with it. Migrations and
# commands that need longer set DB_STATEMENT_TIMEOUT_MS themselves.
_pool_max: int = env.int("DB_POOL_MAX", 10)
DATABASES = {"default": env.dj_db_url("DATABASE_URL", engine="shop.core.postgres")}
DATABASES["default"] |= {
    "CONN_MAX_AGE": 0,
    "ATOMIC_REQUESTS": False,
    "OPTIONS": {
        # What the URL asks for, such as sslmode.
        **DATABASES["default"].get("OPTIONS", {}),
        # Only shop.core.prepared asks for it; Django's own cursors never do.
        "prepare_threshold": 5,
        "connect_timeout": 3,
        "options": (
            f"-c statement_timeout={env.int('DB_STATEMENT_TIMEOUT_MS', 5000)} "
            f"-c lock_timeout={env.int('DB_LOCK_TIMEOUT_MS', 2000)} "
            "-c idle_in_transaction_session_timeout=10000"
            " -c plan_cache_mode=force_generic_plan"
        ),
        **({"pool": pool_options(_pool_max)} if _pool_max else {}),
    },
}

# --- cache, broker -------------------------------------------------------------------------------
CACHES = {
    "default": {
        "BACKEND": "shop.core.cache.ForgivingRedisCache",
        "LOCATION": env.str("REDIS_URL"),
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.3},
    }
}
# A catalogue page that looks at its visitor stops with an error, instead of a line in the log.
STRICT_SHARED_PAGES: bool = env.bool("STRICT_SHARED_PAGES", DEBUG)
SESSION_ENGINE = "accounts.sessions"

_task_limit = 120
CELERY_BROKER_URL: str = env.str("CELERY_BROKER_URL")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than any task may run, or a slow task is handed out twice; swept often, so that the
    # task of a killed worker comes back after seconds instead of minutes.
    "visibility_timeout": _task_limit + 60,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 2,
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    "health_check_interval": 10,
}
# A worker takes from both in turn unless it is told otherwise (`--queues`).
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in ("celery", "slow")]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = _task_limit
CELERY_TASK_SOFT_TIME_LIMIT = _task_limit - 20
CELERY_TASK_PUBLISH_RETRY = False
# A photo of fifty megapixels takes 70 MB for a moment; a progressive, transparent or very long one
# up to 400. A child that ever held more than this is replaced when it is done.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400_000
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {"task": "core.heartbeat", "schedule": 10.0},
    "prune": {"task": "core.prune", "schedule": 3600.0},
    "prune-devices": {"task": "accounts.prune", "schedule": 3600.0},
    "count-sold": {"task": "catalog.count_sold", "schedule": 60.0},
    "tidy-search": {"task": "catalog.tidy_search", "schedule": 3600.0},
    "tell-waiting": {"task": "catalog.tell_waiting", "schedule": 60.0},
    "prune-interest": {"task": "catalog.prune_interest", "schedule": 3600.0},
    "ask-for-reviews": {"task": "orders.ask_for_reviews", "schedule": 600.0},
    "follow-parcels": {"task": "orders.follow_parcels", "schedule": 60.0},
    "ask-couriers": {"task": "orders.ask_couriers", "schedule": 60.0},
    "close-orders": {"task": "orders.close_orders", "schedule": 60.0},
    "share-sales": {"task": "payments.share_sales", "schedule": 300.0},
    "watch-webhooks": {"task": "payments.watch_webhooks", "schedule": 60.0},
    "prune-payments": {"task": "payments.prune", "schedule": 3600.0},
    # At eight in the morning in Jakarta; more often is once a day all the same.
    "tell-untaken": {"task": "payments.tell_untaken", "schedule": crontab(hour=1, minute=0)},
    # At night in Indonesia, when the shop has the least to do.
    "check-books": {"task": "payments.check_books", "schedule": crontab(hour=19, minute=30)},
}
OUTBOX_LEASE = timedelta(seconds=env.int("OUTBOX_LEASE_SECONDS", 60))

# --- life of an order ----------------------------------------------------------------------------
# A parcel without news is taken to have arrived so long after it left; later, where the courier
# itself promised no sooner.
DELIVERED_AFTER = timedelta(days=env.float("DELIVERED_AFTER_DAYS", 21.0))
# How long customers may ask to return what has arrived; then the order closes by itself.
RETURN_WINDOW = timedelta(days=env.float("RETURN_WINDOW_DAYS", 14.0))
# The goods of an approved return have so long to come; exchange goods are held for it meanwhile.
RETURN_ARRIVES_WITHIN = timedelta(days=env.float("RETURN_ARRIVES_WITHIN_DAYS", 21.0))
# Where customers send returns to. Without it the shop writes it into its answer.
RETURN_ADDRESS: str = env.str("RETURN_ADDRESS", "")

# --- reviews -------------------------------------------------------------------------------------
# How long after their last parcel has left buyers are asked how they like it.
REVIEW_REQUEST_AFTER = timedelta(days=env.float("REVIEW_REQUEST_DAYS", 7.0))

# --- back-in-stock alerts ------------------------------------------------------------------------
# How long somebody waits, and how long it is remembered that they were told.
STOCK_ALERT_FOR = timedelta(days=env.float("STOCK_ALERT_DAYS", 180.0))

# --- invoices ------------------------------------------------------------------------------------
# How their numbers are printed: {year}, {number}, {seller}. What has been printed stays.
INVOICE_NUMBERS: dict[str, str] = {
    "invoice": env.str("INVOICE_NUMBER", "INV/{year}/{number:06d}"),
    "credit_note": env.str("CREDIT_NOTE_NUMBER", "CN/{year}/{number:06d}"),
}
for _format in INVOICE_NUMBERS.values():
    # One that cannot be filled stops the program here, not at the first sale of the year.
    _format.format(year=2026, number=1, seller=1)
# What a nota says about the shop below its name, line by line, `|` between them.
SHOP_ADDRESS: list[str] = env.list("SHOP_ADDRESS", [], delimiter="|")

# --- buying --------------------------------------------------------------------------------------
# How long an order that staff make for a customer waits for its payment, unless they say otherwise.
STAFF_ORDER_HOURS: int = min(max(env.int("STAFF_ORDER_HOURS", 24), 1), 72)
# Open unpaid orders that one person may have, whichever of these is the same.
OPEN_ORDER_LIMITS: dict[str, int] = {"account": 3, "email": 3, "phone": 3, "address": 6} | dict(
    env.json("OPEN_ORDER_LIMITS", {})
)
# How long the first in the queue for reserved units has them, once they become free.
WAITING_HOLD = timedelta(minutes=env.int("WAITING_HOLD_MINUTES", 20))
PRICES_INCLUDE_TAX: bool = env.bool("PRICES_INCLUDE_TAX", True)
# Totals are multiples of it, in minor units, by currency.
ROUND_TOTALS_TO: dict[str, int] = dict(env.json("ROUND_TOTALS_TO", {}))
DEFAULT_CURRENCY: str = env.str("DEFAULT_CURRENCY", "IDR")
DEFAULT_COUNTRY: str = env.str("DEFAULT_COUNTRY", "ID")
# Where parcels may go (ISO 3166, two letters): the first is offered first; zones say what it costs.
SHIPPING_COUNTRIES: list[str] = env.list("SHIPPING_COUNTRIES", [DEFAULT_COUNTRY])
# The upper ends of the price ranges that listings offer, in minor units, by currency; after a
# change `manage.py rebuild_listings`.
PRICE_RANGES: dict[str, list[int]] = dict(
    env.json("PRICE_RANGES", {"IDR": [100_000, 200_000, 300_000, 500_000]})
)

# --- couriers: docs/shipping.md -------------------------------------------------------------------
_courier_apis = {"table": "", "biteship": "https://api.biteship.com"}
_courier_apis["rajaongkir"] = "https://rajaongkir.komerce.id/api/v1"
COURIER_RATES: str = env.str("COURIER_RATES", "table", validate=validate.OneOf(_courier_apis))
COURIER_API_URL: str = env.str("COURIER_API_URL", _courier_apis[COURIER_RATES]).rstrip("/")
COURIER_API_KEY: str = "" if COURIER_RATES == "table" else env.str("COURIER_API_KEY")
COURIER_CODES: list[str] = env.list("COURIER_CODES", ["jne", "jnt", "sicepat", "anteraja"])
COURIER_TIMEOUT = timedelta(seconds=min(env.float("COURIER_TIMEOUT_SECONDS", 3.0), 3.0))
COURIER_QUOTE_FOR = timedelta(hours=env.float("COURIER_QUOTE_HOURS", 6.0))
COURIER_PACKING_GRAMS: int = env.int("COURIER_PACKING_GRAMS", 0, validate=validate.Range(min=0))
COURIER_VOLUMETRIC_DIVISOR: int = env.int("COURIER_VOLUMETRIC_DIVISOR", 6000)
COURIER_HANDLING_DAYS: int = env.int("COURIER_HANDLING_DAYS", 1, validate=validate.Range(min=0))
_day = [validate.Length(min=1), validate.ContainsOnly(range(1, 8))]
COURIER_WORKING_DAYS = env.list("COURIER_WORKING_DAYS", [*range(1, 7)], subcast=int, validate=_day)
COURIER_HOLIDAYS: list[date] = env.list("COURIER_HOLIDAYS", [], subcast=date.fromisoformat)

# --- mail ----------------------------------------------------------------------------------------
EMAIL_BACKEND = "shop.core.ses.KeptSes"
USE_SES_V2 = True
AWS_ENDPOINT_URL: str | None = env.str("AWS_ENDPOINT_URL", None)
AWS_SES_REGION_NAME: str = env.str("AWS_REGION", "ap-southeast-3")
AWS_SES_REGION_ENDPOINT_URL: str | None = AWS_ENDPOINT_URL
AWS_SES_AUTO_THROTTLE = None
DEFAULT_FROM_EMAIL: str = env.str("MAIL_FROM")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Only `make run` and the tests set it: where the local SES endpoint keeps what it was given.
MAILBOX_DIR: str = env.str("MAILBOX_DIR", "")

# --- messages to apps ----------------------------------------------------------------------------
# Platform applications of Amazon SNS, as ARNs; without one nothing is sent to that kind of phone.
SNS_PLATFORMS: dict[str, str] = {
    "fcm": env.str("SNS_PLATFORM_FCM", ""),
    "apns": env.str("SNS_PLATFORM_APNS", ""),
}

# --- files ---------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
# Where customers' browsers find what is in the folders below; ends in a slash.
MEDIA_URL: str = env.str("MEDIA_URL", "/media/").rstrip("/") + "/"
MEDIA_BUCKET: str = env.str("MEDIA_BUCKET", "")
MEDIA_ROOT = env.str("MEDIA_ROOT", str(BASE_DIR / ".local" / "media"))
# What may be fetched by anybody. All else in the storage is the shop's own: the originals of
# pictures have the place in them where they were taken.
MEDIA_FOLDERS = ("products", "reviews")
# On a laptop Django itself hands out what was uploaded; on a server S3 and CloudFront do.
MEDIA_FROM_DISK: bool = env.bool("MEDIA_FROM_DISK", DEBUG)
# Serving from the source tree spares a laptop the 23 s and more of a compressed collectstatic.
STATIC_FROM_SOURCE: bool = env.bool("STATIC_FROM_SOURCE", DEBUG)
WHITENOISE_USE_FINDERS = STATIC_FROM_SOURCE
WHITENOISE_AUTOREFRESH = DEBUG
_media = urlsplit(urljoin(f"{PUBLIC_URL}/", MEDIA_URL))


def media_storage(bucket: str, *, is_kept_by_browsers: bool) -> dict[str, object]:
    """The bucket or, without one, the folder.

    A file that browsers keep has a name for one content only: to write it again is to repeat it.
    """
    if not bucket:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"allow_overwrite": is_kept_by_browsers},
        }
    kept = {"CacheControl": "public, max-age=31536000, immutable"}
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "region_name": env.str("MEDIA_REGION", env.str("AWS_REGION", "ap-southeast-3")),
            # CloudFront hands the path on as it is, so a key begins with the path of MEDIA_URL.
            "location": _media.path.strip("/"),
            "custom_domain": _media.netloc,
            "url_protocol": f"{_media.scheme}:",
            "querystring_auth": False,
            # Who may read what is the bucket's policy; an object has no list of its own.
            "default_acl": None,
            "file_overwrite": is_kept_by_browsers,
            "object_parameters": kept if is_kept_by_browsers else {},
        },
    }


STORAGES = {
    "default": media_storage(MEDIA_BUCKET, is_kept_by_browsers=False),
    "pictures": media_storage(MEDIA_BUCKET, is_kept_by_browsers=True),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if STATIC_FROM_SOURCE
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576

# --- imports of the catalogue --------------------------------------------------------------------
# A process that says nothing for so long has lost its import to whoever comes next.
IMPORT_LEASE = timedelta(seconds=env.int("IMPORT_LEASE_SECONDS", 30))
IMPORT_MAX_BYTES: int = env.int("IMPORT_MAX_BYTES", 200 * 1_048_576)
PICTURE_FETCH_PORTS: list[int] = env.list("PICTURE_FETCH_PORTS", [80, 443], subcast=int)
# Networks of the merchant's own from which pictures may be fetched although they are private.
PICTURE_FETCH_NETWORKS: list[str] = env.list("PICTURE_FETCH_NETWORKS", [])

# --- languages, time -----------------------------------------------------------------------------
LANGUAGE_CODE = "id"
LANGUAGES = [("id", _("Indonesian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Jakarta"
USE_I18N = True
USE_TZ = True

# --- people --------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.RoleBackend"]
LOGIN_URL = "pages:sign_in"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.EasyToGuess"},
]

# --- security ------------------------------------------------------------------------------------
_https = _public.scheme == "https"
SECURE_SSL_REDIRECT = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _https
SECURE_HSTS_PRELOAD = _https
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_NAME = "__Host-session" if _https else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if _https else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "shop.pages.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
_media_host = [f"{_media.scheme}://{_media.netloc}"] if _media.netloc != _public.netloc else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", *_media_host],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# --- logs ----------------------------------------------------------------------------------------
LOG_LEVEL: str = env.str("LOG_LEVEL", "INFO")
LOGGING_CONFIG = "shop.core.logs.configure"
LOGGING: dict[str, object] = {"level": LOG_LEVEL}
