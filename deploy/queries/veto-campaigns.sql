-- Which campaigns are vetoed the most, on which channel. Needs rates.
SELECT campaign, channel, sum(count) AS decisions,
       sum(CASE WHEN verdict = 'vetoed' THEN count ELSE 0 END) AS vetoed,
       round(sum(CASE WHEN verdict = 'vetoed' THEN count ELSE 0 END) / sum(count), 4) AS veto_rate
FROM rates GROUP BY 1, 2 ORDER BY 4 DESC, 1, 2;
