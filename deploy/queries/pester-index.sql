-- Pester index: of the intents of a campaign from an engine, how many were for people who had said no to it. Needs rates.
SELECT campaign, engine, sum(count) AS intents,
       sum(CASE WHEN verdict = 'vetoed' AND reason LIKE 'refused.%' THEN count ELSE 0 END) AS after_no,
       round(sum(CASE WHEN verdict = 'vetoed' AND reason LIKE 'refused.%' THEN count ELSE 0 END) / sum(count), 4) AS pester_index
FROM rates GROUP BY 1, 2 ORDER BY 4 DESC, 5 DESC, 1, 2;
