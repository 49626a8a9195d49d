"""The functions, one family a file; each file ends with its rows of the table.

Owns: what is called with parentheses.
May call: values, printing, budgets, the argument checks, and the ports of the scope.
Must not: reach the world outside except through the ports.
"""
