"""Internal storage: the files of executions, inputs and namespaces, behind one interface.

Owns: storage URIs (`kestra:///…`), backends, the confined opener.
May call: common.
Must not: know what a file means, follow a path out of its tenant.
"""
