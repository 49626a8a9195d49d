"""Settings from a configuration file of Kestra's shape."""

import yaml

from config.environment import from_config

KESTRA = """
kestra:
  url: https://flows.example.com
  server:
    basicAuth: {enabled: true, username: admin@example.com, password: secret-password}
  storage: {type: local, local: {base-path: /data/storage}}
  encryption: {secret-key: a-key}
  templates: {enabled: false}
  variables: {envVarsPrefix: FLOW_, globals: {region: north}}
endpoints: {all: {port: 9081}}
micronaut: {server: {port: 9080}}
"""


def test_kestras_keys_are_ours() -> None:
    found = from_config(yaml.safe_load(KESTRA))
    assert found["url"] == "https://flows.example.com"
    assert (found["admin_username"], found["admin_password"]) == ("admin@example.com", "secret-password")
    assert str(found["storage_path"]) == "/data/storage"
    assert found["encryption_key"] == "a-key"
    assert found["templates_enabled"] is False
    assert found["globals"] == {"region": "north"}
    assert (found["port"], found["management_port"]) == (9080, 9081)


def test_our_own_names_stand_below_either_word() -> None:
    assert from_config({"penstock": {"port": 1, "grace_seconds": 5}}) == {"port": 1, "grace_seconds": 5}
    assert from_config({}) == {}
