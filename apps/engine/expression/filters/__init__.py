"""The filters, one family a file; each file ends with its rows of the table.

Owns: what stands after `|`.
May call: values, printing, budgets and the argument checks of the expression package.
Must not: import the compiler, or make a large result without paying for it first.
"""
