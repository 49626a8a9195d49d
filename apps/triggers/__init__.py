"""Triggers: what starts executions by itself.

Owns: trigger rows, the scheduler loop, backfills, webhooks, flow triggers.
May call: executions, flows, engine.
Must not: be known by any app below.
"""
