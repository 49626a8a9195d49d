"""Accounts: users, groups, service accounts, API tokens and sessions, and who a request comes from.

Owns: identities and their credentials, authentication of requests.
May call: tenants, audit, common.
Must not: decide what an identity may do (rbac does), keep a password or token in clear.
"""
