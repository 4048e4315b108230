"""Every setting, read once from the environment; wrong values stop the start."""

from __future__ import annotations

import os
from pathlib import Path

from rongdang.config import env
from rongdang.config.keys import key_folder, keyring

# One thread a process: measured to cost 61 % less CPU for the same pages than two.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

SOURCE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = env.folder("RONGDANG_VAR", Path.cwd() / "var")
KEY_DIR = key_folder()
OBJECT_ROOT = env.folder("RONGDANG_OBJECTS", VAR_DIR / "objects")
SEALED_ROOT = env.folder("RONGDANG_SEALED", VAR_DIR / "sealed")
FONT_DIR = env.folder("RONGDANG_FONTS", VAR_DIR / "fonts")
WATCH_ROOT = env.folder("RONGDANG_WATCH", VAR_DIR / "inbox")

# --- Keys (config/keys.py; docs/security/keys.md) ---
KEYRING = keyring()
# The register of approved orders of destruction: a function of (order id, object). None, no destruction.
DISPOSAL_ORDERS = ""
# --- end of keys ---

DEBUG = env.boolean("RONGDANG_DEBUG", default=False)
SECRET_KEY = KEYRING.secret_text("web-sessions")
ALLOWED_HOSTS = env.words("RONGDANG_HOSTS", "127.0.0.1,localhost,[::1]")
SECURE_PROXY = env.boolean("RONGDANG_HTTPS", default=False)
PROXY = env.text("RONGDANG_PROXY", "127.0.0.1")  # whose word on address and scheme counts

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "rongdang.base.orgs",
    "rongdang.base.accounts",
    "rongdang.base.ledger",
    "rongdang.base.alarms",
    "rongdang.base.gate",
    "rongdang.base.hosts",
    "rongdang.base.jobs",
    "rongdang.keep.objects",
    "rongdang.keep.backups",
    "rongdang.describe.access",
    "rongdang.describe.people",
    "rongdang.describe.conflicts",
    "rongdang.describe.casefiles",
    "rongdang.describe.grants",
    "rongdang.describe.statements",
    "rongdang.describe.linkage",
    "rongdang.capture.batches",
    "rongdang.capture.review",
    "rongdang.capture.sources",
    "rongdang.provide.search",
    "rongdang.provide.changes",
    "rongdang.provide.quality",
    "rongdang.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "rongdang.web.middleware.SessionEnds",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "rongdang.web.middleware.ArchiveHeaders",
    "rongdang.web.middleware.DomainErrors",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "rongdang.config.urls"
WSGI_APPLICATION = "rongdang.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "rongdang.web.context.shell",
            ],
        },
    },
]

# One PC: SQLite, encrypted as a whole. A province: PostgreSQL, the same code.
DATABASE = env.text("RONGDANG_DATABASE", "sqlite", choices=("sqlite", "postgresql"))
DATABASE_ENCRYPTED = env.boolean("RONGDANG_DATABASE_ENCRYPTED", default=True)
if DATABASE == "postgresql":
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": env.text("RONGDANG_DB_NAME", "rongdang"),
            "USER": env.text("RONGDANG_DB_USER", ""),
            "PASSWORD": env.text("RONGDANG_DB_PASSWORD", ""),
            "HOST": env.text("RONGDANG_DB_HOST", ""),
            "PORT": env.text("RONGDANG_DB_PORT", ""),
            "CONN_MAX_AGE": 60,
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "rongdang.base.sqlcipher"
            if DATABASE_ENCRYPTED
            else "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "rongdang.db",
            # A local file does not go away: opening it anew would only cost a page cache each time.
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 60,  # a PC under load; nobody waits half as long at rest
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_size=-16000;",
                **({"key": KEYRING.secret_text("database")} if DATABASE_ENCRYPTED else {}),
            },
            "TEST": {"NAME": os.environ.get("RONGDANG_TEST_DB", ":memory:")},
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TASKS = {"default": {"BACKEND": "rongdang.base.jobs.backend.LeaseBackend", "QUEUES": []}}
FLOW = "rongdang.config.flow.FLOW"
JOB_LEASE_SECONDS = env.integer("RONGDANG_JOB_LEASE_SECONDS", 60, least=1)  # without sign of life
JOB_GRACE_SECONDS = env.integer("RONGDANG_JOB_GRACE_SECONDS", 10, least=1)  # past its limit
JOB_ATTEMPTS = env.integer("RONGDANG_JOB_ATTEMPTS", 5, least=1)
JOB_PAUSE_SECONDS = env.integer("RONGDANG_JOB_PAUSE_SECONDS", 5)  # before the second; then doubled

# --- sign-in -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
# Names and passwords that another service keeps: a directory (LDAP), an identity provider (OIDC).
LDAP = env.ldap()
OIDC = env.oidc()
SIGN_IN_ELSEWHERE = bool(LDAP or OIDC)
# How long a login by the provider vouches for its owner's tokens: it cannot be asked in between.
PROVIDER_HOURS = env.integer("RONGDANG_PROVIDER_HOURS", 24, least=1)
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    *(["rongdang.base.accounts.directory.DirectoryBackend"] if LDAP else []),
]
# officers: the three officers come in with a second factor, others may; everybody: all do;
# ask: as "officers", but it may be put off (the demonstration only; the health page says so).
SECOND_FACTOR = env.text(
    "RONGDANG_SECOND_FACTOR", "officers", choices=("officers", "everybody", "ask")
)
RECENT_FACTOR_SECONDS = env.integer("RONGDANG_RECENT_FACTOR_MINUTES", 10, least=1) * 60
MFA_ADAPTER = "rongdang.base.accounts.sealed_factors.SealedFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["username*"]
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_ADAPTER = "rongdang.web.desk.provider.SocialAdapter"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": OIDC}}
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
PASSWORD_POLICY = env.text("RONGDANG_PASSWORDS", "800-63b", choices=("800-63b", "gbt22239"))
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Failures in a quarter of an hour that shut the door (GB/T 22239-2019, 8.1.4.1): of one account from
# one address, so that colleagues behind it and the person himself elsewhere go on working; of one
# account from anywhere; of one address for whatever account.
LOCK_MINUTES = env.integer("RONGDANG_LOCK_MINUTES", 15, least=1)
LOCK_PAIR, LOCK_ACCOUNT, LOCK_ADDRESS = 5, 20, 50
SESSION_ENGINE = "rongdang.base.accounts.session_store"
SESSION_COOKIE_AGE = env.integer("RONGDANG_IDLE_MINUTES", 15, least=1) * 60
SESSION_LONGEST = env.integer("RONGDANG_SESSION_HOURS", 8, least=1) * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "login", "home", "login"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_PROXY
if SECURE_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "rongdang.web.errors.csrf_failure"
# --- end of sign-in ------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [SOURCE_DIR / "locale"]
TIME_ZONE = env.text("RONGDANG_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# Uploads wait outside memory only as encrypted objects; a part in flight is at most this large.
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 64 * 2**20
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
UPLOAD_LIMIT = env.integer("RONGDANG_UPLOAD_LIMIT_MB", 2048, least=1) * 2**20

# --- What comes in (base/virus, capture/opening; docs/operate/secure.md) ---
VIRUS_SCANNER = env.scanner()
# What a delivery is asked before any of it is kept, by rooms above the one that takes it over.
PICTURE_EXAMINER = "rongdang.capture.opening.pictures.examined"
PAGE_MARKS = "rongdang.capture.reading.secrets.secret_marks"
# --- end of what comes in ---

OCR_ENGINE = env.text("RONGDANG_OCR", "rapid", choices=("rapid", "openvino", "null"))
# A command that takes a PDF's path and fails when it is no PDF/A-2b (veraPDF and its like).
PDFA_VALIDATOR = env.text("RONGDANG_PDFA_VALIDATOR", "")
CATEGORY_SCHEME = env.text("RONGDANG_SCHEME", "2018", choices=("2018", "2012"))
LINKAGE_THREADS = env.integer("RONGDANG_LINKAGE_THREADS", max(1, (os.cpu_count() or 1)), least=1)
WORKERS = env.integer("RONGDANG_WORKERS", max(1, (os.cpu_count() or 1)), least=1)
# A sure value may be confirmed in batches only where the unit's rule says so (default: no).
SECOND_CHECK_PERCENT = env.integer("RONGDANG_SECOND_CHECK_PERCENT", 5)

# --- Reading for a purpose (describe/access) ---
OPENING_HOURS = env.integer("RONGDANG_OPENING_HOURS", 4, least=1)  # a stated reason holds so long
# --- end of reading ---

# --- Backup, restore, drill, scrub (keep/backups; docs/operate/backup.md) ---
BACKUP_TARGET = env.text("RONGDANG_BACKUP_TARGET", "")  # a folder, or s3://bucket/prefix
BACKUP_RECIPIENTS = env.words("RONGDANG_BACKUP_RECIPIENTS", "")  # two public keys, age1…
BACKUP_APPEND_ONLY = env.boolean("RONGDANG_BACKUP_APPEND_ONLY", default=False)
BACKUP_BASE_DAYS = env.integer("RONGDANG_BACKUP_BASE_DAYS", 7)  # PostgreSQL; 0: each time anew
BACKUP_WAIT_SECONDS = env.integer("RONGDANG_BACKUP_WAIT_SECONDS", 60)  # for a still moment
POSTGRESQL_PROGRAMS = env.text("RONGDANG_POSTGRESQL_PROGRAMS", "")  # their folder; else looked for
BACKUP_HOURS = env.integer("RONGDANG_BACKUP_HOURS", 26, least=1)  # older is an alarm
DRILL_DAYS = env.integer("RONGDANG_DRILL_DAYS", 31, least=1)
BACKUP_S3 = {
    "endpoint": env.text("RONGDANG_S3_ENDPOINT", ""),
    "region": env.text("RONGDANG_S3_REGION", "us-east-1"),
    "key": env.text("RONGDANG_S3_KEY", ""),
    "secret": env.text("RONGDANG_S3_SECRET", ""),
    "loopback": env.boolean("RONGDANG_S3_LOOPBACK", default=False),
}
SECOND_COPY = env.text("RONGDANG_SECOND_COPY", "")  # a folder target; scrub mends from it
PARITY_ROOT = env.folder("RONGDANG_PARITY", VAR_DIR / "parity")
SCRUB_RATE = env.integer("RONGDANG_SCRUB_MB_PER_SECOND", 50)  # 0: as fast as it goes
SCRUB_DAYS = env.integer("RONGDANG_SCRUB_DAYS", 90, least=1)

# --- Heads of the ledger kept outside (base/ledger; docs/operate/ledger.md) ---
LEDGER_HEAD_SECONDS = env.integer("RONGDANG_LEDGER_HEAD_SECONDS", 60, least=1)
LEDGER_HEADS_FILE = env.text("RONGDANG_LEDGER_HEADS_FILE", "")  # of the audit officer's
LEDGER_WITNESSES = env.pairs("RONGDANG_LEDGER_WITNESSES")  # address=its public key, …
LEDGER_WATCHED = env.pairs("RONGDANG_LEDGER_WATCHED")  # public key=log, …: whom we witness
LEDGER_TSA = env.text("RONGDANG_LEDGER_TSA", "")  # address of an RFC 3161 authority
LEDGER_TSA_ROOT = env.text("RONGDANG_LEDGER_TSA_ROOT", "")  # PEM file of its root certificate
# --- end of heads ---

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # That a request waits for the one before it is no news to whoever keeps the house running.
    "loggers": {"waitress.queue": {"level": "ERROR"}},
}
