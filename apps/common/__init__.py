"""What every app stands on: tenant context, database scopes, base models, errors, HTTP base, outbox, sequences of ids.

Owns: the two walls between tenants (scoped managers, row-level security) and the shapes that all answers share.
May call: engine, Django, DRF.
Must not: know any noun of the product, hold a business rule, import another app.
"""
