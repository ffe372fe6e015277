-- contact.veto-rates as a table that is always up to date, for a ClickHouse server that reads Kafka. Counts are absolute and only grow: of
-- several records of one key the highest stands, so it does not matter how often one is read.
CREATE TABLE veto_rates_in (minute String, partition UInt32, campaign String, channel String, purpose String, engine String, verdict String, reason String, count UInt64)
ENGINE = Kafka SETTINGS kafka_broker_list = 'kafka:9092', kafka_topic_list = 'contact.veto-rates', kafka_group_name = 'clickhouse-veto-rates', kafka_format = 'JSONEachRow';

CREATE TABLE veto_rates (minute DateTime('UTC'), partition UInt32, campaign LowCardinality(String), channel LowCardinality(String), purpose LowCardinality(String), engine LowCardinality(String), verdict LowCardinality(String), reason LowCardinality(String), count SimpleAggregateFunction(max, UInt64))
ENGINE = AggregatingMergeTree ORDER BY (minute, partition, campaign, channel, purpose, engine, verdict, reason);

CREATE MATERIALIZED VIEW veto_rates_move TO veto_rates AS
SELECT parseDateTimeBestEffort(minute, 'UTC') AS minute, partition, campaign, channel, purpose, engine, verdict, reason, max(count) AS count
FROM veto_rates_in GROUP BY minute, partition, campaign, channel, purpose, engine, verdict, reason;

-- What the queries read as rates.
CREATE VIEW rates AS
SELECT minute, partition, campaign, channel, purpose, engine, verdict, reason, max(count) AS count
FROM veto_rates GROUP BY minute, partition, campaign, channel, purpose, engine, verdict, reason;
