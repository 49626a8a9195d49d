"""What each flowable does: which of its children start next, and what its expressions mean; one file each.

Owns: the rules of the flowables, the plan of a flow (its lists without disabled tasks), the variables that expressions see.
May call: expression, inputs, execution, flow and state of the engine.
Must not: know events, retries, kills or the shell; `decide` calls the rules and carries their answers out.
"""
