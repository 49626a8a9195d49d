"""Django's settings, made from `config.environment`."""

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from config.environment import environment

ENV = environment()

SECRET_KEY = ENV.secret_key or "unset: `penstock server` generates the key at the first start"
DEBUG = ENV.debug
ALLOWED_HOSTS = ["*"]
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-us"
USE_I18N = False
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "rest_framework",
    "channels",
    "apps.common",
    "apps.audit",
    "apps.storage",
    "apps.tenants",
    "apps.accounts",
    "apps.rbac",
    "apps.instance",
    "apps.namespaces",
    "apps.kv",
    "apps.secrets",
    "apps.logs",
    "apps.workergroups",
    "apps.catalog",
    "apps.flows",
    "apps.executions",
    "apps.triggers",
]

MIDDLEWARE = [
    "apps.common.http.request_id.RequestIdMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
]

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTHENTICATION_BACKENDS: list[str] = []
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "penstock_session"
CSRF_COOKIE_SAMESITE = "Lax"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.accounts.authentication.BearerAuthentication",
        "apps.accounts.authentication.BasicAuthentication",
        "apps.accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["apps.common.http.permissions.NamedPermission"],
    "DEFAULT_RENDERER_CLASSES": ["apps.common.http.renderers.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "apps.common.http.parsers.JsonParser",
        "apps.common.http.parsers.YamlTextParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
        "apps.common.http.parsers.TextParser",
    ],
    "EXCEPTION_HANDLER": "apps.common.http.errors.handle",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
AUTHORIZER = "apps.rbac.authorizer.Authorizer"


SESSION_OPTIONS = "-c timezone=UTC -c idle_in_transaction_session_timeout=10000 -c lock_timeout=20000"


def ui_directory() -> Path:
    """The built browser workspace: inside an installed wheel, or in a checkout."""
    root = Path(__file__).resolve().parent.parent
    packaged = root / "apps" / "common" / "ui"
    return packaged if packaged.is_dir() else root / "frontend" / "dist"


def database(url: str, role: str) -> dict[str, object]:
    """One Django alias for `url`; every connection takes `role`, which owns nothing (architecture section 7)."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "penstock",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or parts.hostname or "",
        "PORT": query.pop("port", "") or str(parts.port or ""),
        "CONN_HEALTH_CHECKS": False,
        "OPTIONS": {
            **query,
            "options": f"{f'-c role={role} ' if role else ''}{SESSION_OPTIONS}",
            "pool": {"min_size": 1, "max_size": 12, "timeout": 20},
        },
        "TEST": {"MIRROR": "owner"} if role else {},
    }


DATABASES = {
    "default": database(ENV.database_url, "penstock_app"),
    "engine": database(ENV.database_url, "penstock_engine"),
    "owner": database(ENV.database_url, ""),
}
DATABASE_ROUTERS = ["apps.common.database.ScopeRouter"]

REDIS_URL = ENV.redis_url
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL], "prefix": "penstock"}}
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer"}
}

STATIC_URL = "/ui/"
STATIC_ROOT = ui_directory()
WHITENOISE_INDEX_FILE = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/ui/assets/.+"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'", "data:"],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
LOGGING_CONFIG = None
