"""The instance: its set-up, its services and their heartbeats, health and metrics.

Owns: instance settings, the one-time set-up token, the management port's answers.
May call: rbac, accounts, tenants, common.
Must not: know flows or executions.
"""
