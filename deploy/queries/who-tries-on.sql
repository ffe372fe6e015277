-- Who tries on after a no: campaigns and engines by how many people they did not let go in peace, and how often. Needs all but rates, and views.sql.
SELECT campaign, engine, count(DISTINCT exit) AS exits, count(*) AS attempts
FROM attempts WHERE how IN ('vetoed', 'approved') GROUP BY 1, 2 ORDER BY 3 DESC, 4 DESC, 1, 2;
