-- The exported files as tables, for DuckDB. For JSON lines write read_json('decisions.ndjson'). CSV is not for this: there an empty text is null.
CREATE VIEW decisions AS SELECT * REPLACE (decided::TIMESTAMP AS decided, earliest::TIMESTAMP AS earliest, not_after::TIMESTAMP AS not_after) FROM 'decisions.parquet';
CREATE VIEW revoked AS SELECT * REPLACE (revoked::TIMESTAMP AS revoked) FROM 'revoked.parquet';
CREATE VIEW redeemed AS SELECT * REPLACE (answered::TIMESTAMP AS answered, not_after::TIMESTAMP AS not_after) FROM 'redeemed.parquet';
CREATE VIEW leaked AS SELECT * REPLACE (refused::TIMESTAMP AS refused, redeemed::TIMESTAMP AS redeemed) FROM 'leaked.parquet';
CREATE VIEW noes AS SELECT * REPLACE (known::TIMESTAMP AS known, said::TIMESTAMP AS said) FROM 'noes.parquet';
CREATE VIEW yeses AS SELECT * REPLACE (said::TIMESTAMP AS said) FROM 'yeses.parquet';
CREATE VIEW rates AS SELECT * REPLACE (minute::TIMESTAMP AS minute) FROM 'rates.parquet';

-- Every objection of every veto: a row each.
CREATE VIEW objections AS
SELECT decided, id, campaign, channel, purpose, engine,
       unnest(string_split(rules, ',')) AS rule, unnest(string_split(reasons, ',')) AS reason, unnest(string_split(lines, ',')) AS line
FROM decisions WHERE verdict = 'vetoed';
