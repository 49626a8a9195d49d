"""What the database itself guards: terminal states, the order of readiness, and rows that are updated in place."""

from django.db import migrations

CREATE = """
create function execution_terminal_guard() returns trigger language plpgsql as $$
begin
  raise exception 'execution % is % and stays so: only a restart, which raises the generation, may leave a terminal state', old.id, old.state;
end $$;
create trigger execution_terminal_guard before update of state on execution for each row
  when (old.state in ('SUCCESS', 'WARNING', 'FAILED', 'KILLED', 'CANCELLED', 'RETRIED', 'SKIPPED')
    and new.state is distinct from old.state and new.generation <= old.generation
    and current_setting('app.overridden_execution', true) is distinct from old.id)
  execute function execution_terminal_guard();
create sequence task_run_ready_seq;
alter table task_run set (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
alter table execution set (fillfactor = 70);
"""
UNDO = "drop sequence task_run_ready_seq; drop trigger execution_terminal_guard on execution; drop function execution_terminal_guard();"


class Migration(migrations.Migration):
    dependencies = [("executions", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, UNDO)]
