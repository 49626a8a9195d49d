"""Runnable types of Kestra's `flow` group: Sleep, and the two hidden ends of ForEachItem.

Owns: `io.kestra.plugin.core.flow.Sleep`, `ForEachItem$ForEachItemSplit`, `ForEachItem$ForEachItemMergeOutputs`.
May call: the SDK and `storage` for splitting.
Must not: hold flowables; those decide and live in the engine.
"""
