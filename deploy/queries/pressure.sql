-- How many people got how many contacts approved in one week. Needs decisions, with people plain or hashed.
SELECT week, contacts, count(*) AS people
FROM (SELECT date_trunc('week', decided) AS week, person, count(*) AS contacts FROM decisions WHERE verdict = 'approved' GROUP BY 1, 2) AS each_person
GROUP BY 1, 2 ORDER BY 1, 2;
