"""The roles' processes: importing this package loads Django, so the command line does it only when a role starts."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
