-- Why it was vetoed, by the first reason, day by day. Needs rates.
SELECT date_trunc('day', minute) AS day, reason, sum(count) AS vetoed
FROM rates WHERE verdict = 'vetoed' GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2;
