"""Tests of the deciding part of the engine."""
