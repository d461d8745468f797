-- Seconds as clients read durations: ISO 8601 with years of 365 days, `PT1M30S`.
CREATE FUNCTION "workspace"."wire_duration"(seconds float8) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT CASE
    WHEN seconds IS NULL THEN NULL
    WHEN m.micros = 0 THEN 'PT0S'
    ELSE concat(
      CASE WHEN seconds < 0 THEN '-' END, 'P',
      CASE WHEN m.days >= 365 THEN m.days / 365 || 'Y' END,
      CASE WHEN m.days % 365 > 0 THEN m.days % 365 || 'D' END,
      CASE WHEN m.micros % 86400000000 > 0 THEN 'T' END,
      CASE WHEN m.micros % 86400000000 >= 3600000000 THEN m.micros % 86400000000 / 3600000000 || 'H' END,
      CASE WHEN m.micros % 3600000000 >= 60000000 THEN m.micros % 3600000000 / 60000000 || 'M' END,
      CASE WHEN m.micros % 60000000 > 0 THEN trim_scale((m.micros % 60000000)::numeric / 1000000) || 'S' END
    )
  END
  FROM (SELECT round(abs(seconds) * 1000000)::bigint AS micros, (round(abs(seconds) * 1000000)::bigint / 86400000000) AS days) m
$$;
