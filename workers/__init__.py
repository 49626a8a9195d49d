"""The worker: takes jobs from the gateway, runs task types and polling triggers, and reports.

Owns: one worker process: claims, leases, working directories, log lines, redaction.
May call: `apps.plugins` to do the work, `apps.engine` for messages and expressions, the gateway over HTTP, the broker for tickets.
Must not: import Django or any app; hold database credentials; decide what runs next. Read top-down:
main > tasks > work > runner > working_directory > context > reporter, leases, job_services > gateway > redaction, settings.
"""
