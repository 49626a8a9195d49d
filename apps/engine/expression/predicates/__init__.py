"""The tests of `is` and `is not`.

Owns: what stands after `is`.
May call: values and operators of the expression package.
Must not: change or print a value.
"""
