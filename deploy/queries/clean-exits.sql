-- Clean exits: after how many refusals, cancellations and complaints nobody tried again, day by day. Needs all but rates, and views.sql.
SELECT date_trunc('day', e.known) AS day, count(*) AS exits,
       sum(CASE WHEN e.exit IN (SELECT exit FROM attempts) THEN 0 ELSE 1 END) AS clean_exits,
       round(sum(CASE WHEN e.exit IN (SELECT exit FROM attempts) THEN 0 ELSE 1 END) / count(*), 4) AS clean_share
FROM exits AS e GROUP BY 1 ORDER BY 1;
