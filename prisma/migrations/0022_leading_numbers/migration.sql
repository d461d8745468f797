-- Text counts as the number it begins with, as in the databases clients know: a version 0.98.0 compares as 0.98.
CREATE OR REPLACE FUNCTION "workspace"."text_to_number"(value text) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT coalesce(substring(value FROM '^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)')::float8, 0) $$;
