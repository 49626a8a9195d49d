"""Types of plugins that are not installed: flows that name them can be saved, and fail where they would run.

Owns: the table of declared ids and the classes that stand in for them.
May call: the SDK.
Must not: pretend to work.
"""
