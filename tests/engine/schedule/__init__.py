"""Tests of schedules, conditions and windows."""
