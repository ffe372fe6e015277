-- The veto rate, hour by hour. Needs rates.
SELECT date_trunc('hour', minute) AS hour, sum(count) AS decisions,
       sum(CASE WHEN verdict = 'vetoed' THEN count ELSE 0 END) AS vetoed,
       round(sum(CASE WHEN verdict = 'vetoed' THEN count ELSE 0 END) / sum(count), 4) AS veto_rate
FROM rates GROUP BY 1 ORDER BY 1;
