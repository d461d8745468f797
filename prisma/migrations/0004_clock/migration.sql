-- Rows of one transaction get times in the order they were written, as clients list them; now() would give all of them the time of its start.
DO $$
DECLARE
  c record;
BEGIN
  FOR c IN SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'workspace' AND column_default LIKE '%now() AT TIME ZONE%' LOOP
    EXECUTE format('ALTER TABLE workspace.%I ALTER COLUMN %I SET DEFAULT (clock_timestamp() AT TIME ZONE ''utc''::text)', c.table_name, c.column_name);
  END LOOP;
END
$$;
