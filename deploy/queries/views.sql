-- What several queries need, for DuckDB and ClickHouse alike.

-- What a purpose is to the person: as in no-means-no. Write your policy's here; one that is missing is taken for a solicitation.
CREATE VIEW purposes AS
SELECT 'receipt' AS purpose, 'person' AS class UNION ALL SELECT 'password_reset', 'person' UNION ALL SELECT 'reply', 'person'
UNION ALL SELECT 'confirmation', 'confirmation' UNION ALL SELECT 'legal', 'legal'
UNION ALL SELECT 'service', 'service' UNION ALL SELECT 'billing', 'service'
UNION ALL SELECT 'collection', 'collection' UNION ALL SELECT 'payment_reminder', 'collection';

-- Decisions that a no can be about: exempt purposes are left out. Refused: one of the reasons is a no of the person.
CREATE VIEW judged AS
SELECT decided, id, person, channel, purpose, subject, brand, campaign, engine, verdict,
       (',' || reasons) LIKE '%,refused.%' AS refused, (',' || reasons || ',') LIKE '%,refused.address,%' AS refused_address,
       purpose NOT IN (SELECT purpose FROM purposes) AS solicits
FROM decisions WHERE purpose NOT IN (SELECT purpose FROM purposes WHERE class IN ('person', 'confirmation', 'legal'));

-- Exits: every refusal, cancellation and complaint, each with a number.
CREATE VIEW exits AS
SELECT row_number() OVER (ORDER BY known, person, signal, kind, channel, purpose, subject, brand) AS exit, * FROM noes;

-- Attempts after a no, of what it is about: vetoed for it, a worker turned away for it, a contact that was under way, or approved with no yes since.
CREATE VIEW attempts AS
WITH
about AS (
    SELECT e.exit AS exit, e.known AS known, e.said AS said, e.person AS person, e.of_address AS of_address, d.decided AS tried, d.verdict AS verdict, d.refused AS refused,
           d.channel AS channel, d.purpose AS purpose, d.subject AS subject, d.brand AS brand, d.campaign AS campaign, d.engine AS engine, d.id AS decision
    FROM exits AS e JOIN judged AS d ON d.person = e.person
    WHERE d.decided >= e.known AND (
        (e.kind = 'complaint' AND d.solicits AND e.brand IN ('', d.brand))
        OR (e.kind = 'cancellation' AND d.solicits AND ((e.subject = '' AND e.brand IN ('', d.brand)) OR (e.subject <> '' AND e.subject = d.subject)))
        OR (e.kind = 'refusal' AND e.purpose IN ('', d.purpose) AND (
            (e.subject <> '' AND e.subject = d.subject)
            OR (e.subject = '' AND e.channel IN ('', d.channel) AND e.brand IN ('', d.brand) AND (NOT e.of_address OR d.refused_address)))))
),
lifted AS (
    SELECT DISTINCT a.exit AS exit, a.decision AS decision
    FROM about AS a JOIN yeses AS y ON y.person = a.person
    WHERE y.said > a.said AND y.channel IN ('', a.channel) AND y.purpose IN ('', a.purpose) AND y.subject IN ('', a.subject) AND y.brand IN ('', a.brand)
)
SELECT exit, known, tried, 'vetoed' AS how, campaign, engine FROM about WHERE verdict = 'vetoed' AND refused
UNION ALL
SELECT exit, known, tried, 'approved' AS how, campaign, engine FROM about
WHERE verdict = 'approved' AND tried > known AND NOT of_address AND (exit, decision) NOT IN (SELECT exit, decision FROM lifted)
UNION ALL
SELECT e.exit AS exit, e.known AS known, l.refused AS tried, 'leaked' AS how, '' AS campaign, '' AS engine
FROM exits AS e JOIN leaked AS l ON l.person = e.person AND l.signal = e.signal WHERE e.signal <> ''
UNION ALL
SELECT e.exit AS exit, e.known AS known, r.answered AS tried, 'turned away' AS how, '' AS campaign, '' AS engine
FROM exits AS e JOIN revoked AS v ON v.signal = e.signal JOIN redeemed AS r ON r.decision = v.decision
WHERE e.signal <> '' AND r.person = e.person AND v.reason LIKE 'refused.%' AND NOT r.ok AND (r.reason = 'revoked' OR r.reason LIKE 'refused.%');
