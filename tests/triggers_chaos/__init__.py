"""Schedulers killed at random under load: nothing missing, nothing doubled."""
