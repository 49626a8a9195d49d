"""Tenants: who shares this instance without seeing each other.

Owns: tenant rows, their settings and quotas, the ids that a tenant may not have.
May call: common, audit.
Must not: know users, flows or executions.
"""
