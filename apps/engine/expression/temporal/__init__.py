"""Moments, zones, durations and Java's date patterns.

Owns: reading dates from texts, writing them by pattern and locale, zones and ISO durations.
May call: babel for names and styles, zoneinfo for zones.
Must not: read a clock.
"""
