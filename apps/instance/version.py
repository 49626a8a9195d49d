"""The release that runs."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("penstock")
except PackageNotFoundError:
    VERSION = "0.1.0"
