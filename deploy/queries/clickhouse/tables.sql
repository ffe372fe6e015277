-- The exported files as tables, for clickhouse local. For JSON lines write file('decisions.ndjson', JSONEachRow). CSV is not for this: there an empty
-- text is null.
CREATE VIEW decisions AS SELECT * FROM file('decisions.parquet');
CREATE VIEW revoked AS SELECT * FROM file('revoked.parquet');
CREATE VIEW redeemed AS SELECT * FROM file('redeemed.parquet');
CREATE VIEW leaked AS SELECT * FROM file('leaked.parquet');
CREATE VIEW noes AS SELECT * FROM file('noes.parquet');
CREATE VIEW yeses AS SELECT * FROM file('yeses.parquet');
CREATE VIEW rates AS SELECT * FROM file('rates.parquet');

-- Every objection of every veto: a row each.
CREATE VIEW objections AS
SELECT decided, id, campaign, channel, purpose, engine, one.1 AS rule, one.2 AS reason, one.3 AS line
FROM (
    SELECT *, arrayJoin(arrayZip(splitByChar(',', rules), splitByChar(',', reasons), splitByChar(',', lines))) AS one
    FROM decisions WHERE verdict = 'vetoed'
);
