"""Tests of inputs and outputs."""
