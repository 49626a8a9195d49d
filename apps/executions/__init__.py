"""Executions and their task runs: the shell around the engine.

Owns: execution and task-run rows, the inbox, the executor loop, actions, slots, timers.
May call: flows, workergroups.dispatch, logs, storage, engine.
Must not: decide what happens next (engine.decide does).
"""
