"""Database triggers that several apps' migrations install."""

from django.db import migrations


def append_only(table: str) -> migrations.RunSQL:
    """Forbid UPDATE, DELETE and TRUNCATE of a table: its rows are history."""
    return migrations.RunSQL(
        sql=f"""
CREATE FUNCTION {table}_is_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_is_history();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_history();
""",
        reverse_sql=f"""
DROP TRIGGER {table}_append_only ON {table};
DROP TRIGGER {table}_no_truncate ON {table};
DROP FUNCTION {table}_is_history();
""",
    )
