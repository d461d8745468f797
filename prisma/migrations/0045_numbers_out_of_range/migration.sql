-- Ids and commit hashes read as numbers such as 12e345, which no float holds: they count as infinite instead of failing the whole query.
CREATE OR REPLACE FUNCTION "workspace"."text_to_number"(value text) RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT CASE WHEN abs(n) < 1e308 THEN round(n, 300)::float8 ELSE sign(n)::float8 * 'Infinity'::float8 END
  FROM (
    -- 255 is as often as PostgreSQL repeats; names are no longer.
    SELECT coalesce(substring(value FROM '^\s*([+-]?(?:\d{1,255}(?:\.\d{0,255})?|\.\d{1,255})(?:[eE][+-]?\d{1,3})?)')::numeric, 0) AS n
  ) AS number
$$;
