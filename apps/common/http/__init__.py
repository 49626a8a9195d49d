"""The base of every HTTP endpoint: tenant scope, permission by name, Kestra's error shape, bodies and paging."""
