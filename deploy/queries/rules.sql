-- Which rules object, where they stand in the policy, and how often one of them was the only one. Needs decisions.
SELECT o.rule AS rule, o.reason AS reason, o.line AS line, count(*) AS objections, sum(CASE WHEN d.alone = 1 THEN 1 ELSE 0 END) AS alone
FROM objections AS o JOIN (SELECT id, count(*) AS alone FROM objections GROUP BY 1) AS d ON d.id = o.id
GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3;
