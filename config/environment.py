"""What the environment and the configuration file may set, read once, with Kestra's names where it has them."""

import os
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from platformdirs import user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

DEFAULT_TENANT = "main"


def default_data_dir() -> Path:
    """`/var/lib/penstock` for root, whose home other users can't enter; else the user's own data folder."""
    return Path("/var/lib/penstock") if os.geteuid() == 0 else user_data_path("penstock")


class Environment(BaseSettings):
    """All settings; each is the variable `PENSTOCK_<NAME>`, or a key of `config.yaml` below `penstock:` or `kestra:`."""

    model_config = SettingsConfigDict(env_prefix="PENSTOCK_", extra="ignore")

    port: int = 8080
    management_port: int = 8081
    host: str = "127.0.0.1"
    data_dir: Path = Field(default_factory=default_data_dir)
    database_url: str = ""
    redis_url: str = ""
    url: str = ""
    secret_key: str = ""
    encryption_key: str = ""
    worker_token: str = ""
    admin_username: str = ""
    admin_password: str = ""
    config: Path | None = None
    worker_threads: int = 0
    scripts_runner: str = "docker"
    storage_path: Path | None = None
    storage_type: Literal["local", "s3", "minio"] = "local"
    storage_bucket: str = ""
    storage_endpoint: str = ""
    storage_region: str = ""
    storage_access_key: str = ""
    storage_secret_key: str = ""
    storage_path_prefix: str = ""
    templates_enabled: bool = True
    env_prefix_of_flows: str = Field(default="ENV_", validation_alias="PENSTOCK_VARIABLES_ENV_VARS_PREFIX")
    plugin_defaults: list[dict[str, Any]] = []
    globals: dict[str, Any] = {}
    environment_name: str = ""
    grace_seconds: float = 30.0
    lease_seconds: float = 30.0
    debug: bool = False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file."""
        return (init_settings, env_settings, ConfigFile(settings_cls))

    @property
    def storage_dir(self) -> Path:
        """Where the local backend of internal storage keeps its files."""
        return self.storage_path or self.data_dir / "storage"


class ConfigFile(PydanticBaseSettingsSource):
    """Settings from the YAML file that `PENSTOCK_CONFIG` names, in the shape of Kestra's."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Not used: the whole file is read at once."""
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        """The file's values under our names; empty without a file."""
        path = os.environ.get("PENSTOCK_CONFIG")
        if not path:
            return {}
        return from_config(yaml.safe_load(Path(path).read_text()) or {})


def from_config(document: dict[str, Any]) -> dict[str, Any]:
    """The settings that a configuration file of Kestra's shape gives (seed-api.md, section 5)."""
    root = document.get("penstock") or document.get("kestra") or {}
    found: dict[str, Any] = {name: root[name] for name in Environment.model_fields if name in root}
    for name, keys in CONFIG_KEYS.items():
        value = dig(document if keys[0] in ("datasources", "endpoints", "micronaut") else root, keys)
        if value is not None:
            found[name] = value
    return {**found, **object_store(root)}


def object_store(root: dict[str, Any]) -> dict[str, Any]:
    """The settings below `storage.s3` or `storage.minio`, whichever `storage.type` names; MinIO has its endpoint in three parts."""
    kind = dig(root, ("storage", "type"))
    if kind not in ("s3", "minio"):
        return {}
    keys = {f"storage_{plain_name}": ("storage", kind, name) for plain_name, name in OBJECT_STORE.items()}
    found = {name: value for name, path in keys.items() if (value := dig(root, path)) is not None}
    port, secure = dig(root, ("storage", kind, "port")), dig(root, ("storage", kind, "secure"))
    endpoint = str(found.get("storage_endpoint", ""))
    if endpoint and "://" not in endpoint:
        found["storage_endpoint"] = f"{'https' if secure else 'http'}://{endpoint}{f':{port}' if port else ''}"
    return found


OBJECT_STORE = {
    "bucket": "bucket",
    "endpoint": "endpoint",
    "region": "region",
    "access_key": "accessKey",
    "secret_key": "secretKey",
    "path_prefix": "path",
}
CONFIG_KEYS: dict[str, tuple[str, ...]] = {
    "url": ("url",),
    "admin_username": ("server", "basicAuth", "username"),
    "admin_password": ("server", "basicAuth", "password"),
    "encryption_key": ("encryption", "secret-key"),
    "plugin_defaults": ("plugins", "defaults"),
    "globals": ("variables", "globals"),
    "PENSTOCK_VARIABLES_ENV_VARS_PREFIX": ("variables", "envVarsPrefix"),
    "storage_path": ("storage", "local", "basePath"),
    "storage_type": ("storage", "type"),
    "templates_enabled": ("templates", "enabled"),
    "environment_name": ("environment", "name"),
    "management_port": ("endpoints", "all", "port"),
    "port": ("micronaut", "server", "port"),
}


def dig(document: Any, keys: tuple[str, ...]) -> Any:
    """The value below `keys`, or None; `base-path` and `basePath` are one name."""
    for key in keys:
        if not isinstance(document, dict):
            return None
        document = next((v for k, v in document.items() if plain(k) == plain(key)), None)
    return document


def plain(name: Any) -> str:
    """A configuration key without its case and hyphens."""
    return str(name).replace("-", "").lower()


@cache
def environment() -> Environment:
    """The settings of this process."""
    return Environment()
