-- Time to quiet and time to honour, in seconds: from when the no was known to the last attempt of any kind, and to the last contact that was
-- blocked, half of them and 99 of 100, by nearest rank. Needs all but rates, and views.sql.
WITH
took AS (
    SELECT 'quiet' AS figure, exit, max(date_diff('millisecond', known, tried)) AS ms FROM attempts GROUP BY 1, 2
    UNION ALL
    SELECT 'honour' AS figure, exit, max(date_diff('millisecond', known, tried)) AS ms FROM attempts WHERE how IN ('vetoed', 'turned away') GROUP BY 1, 2
),
ranked AS (
    SELECT figure, ms, row_number() OVER (PARTITION BY figure ORDER BY ms) AS place, count(*) OVER (PARTITION BY figure) AS of_all FROM took
)
SELECT figure, count(*) AS exits,
       min(CASE WHEN place * 100 >= of_all * 50 THEN ms END) / 1000 AS p50_seconds,
       min(CASE WHEN place * 100 >= of_all * 99 THEN ms END) / 1000 AS p99_seconds
FROM ranked GROUP BY 1 ORDER BY 1;
