"""Access: which principal may do what, in which tenant and namespace.

Owns: roles, bindings, the one check `can`.
May call: accounts, tenants, common.
Must not: know what a permission protects.
"""
