"""Tests of the expression language: no Django, no network, no server."""
