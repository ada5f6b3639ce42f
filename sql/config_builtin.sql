--
-- Rows that the extension brings are marked.  A change takes the mark off, so
-- that the row is dumped; an INSERT takes the place of a marked row, as a
-- restore does.
--
BEGIN;
-- A feature flag is a column.
UPDATE analytics_llm.model SET enabled = false WHERE name = 'claude-opus-4-7';
SELECT name, enabled, builtin FROM analytics_llm.model
 WHERE name IN ('claude-opus-4-7', 'claude-sonnet-5') ORDER BY name COLLATE "C";
-- A changed row, and one of one's own, can be deleted.
INSERT INTO analytics_llm.model (name, server, family, context_tokens)
VALUES ('local-model', 'local', 'plain', 32000);
SELECT name, server, enabled, max_output_tokens, effort, thinking, builtin
  FROM analytics_llm.model WHERE name = 'local-model';
DELETE FROM analytics_llm.model WHERE name = 'local-model';
ROLLBACK;

BEGIN;
-- As a restore does it; the tier that names the model stays.
INSERT INTO analytics_llm.model (name, family, context_tokens, enabled, builtin)
VALUES ('claude-opus-4-7', 'claude-4-7', 500000, false, true);
INSERT INTO analytics_llm.price (model, input, output, cache_write_5m, cache_write_1h, cache_read)
VALUES ('claude-opus-4-7', 4, 20, 5, 8, 0.4);
INSERT INTO analytics_llm.tier (tier, model, timeout_ms, min_confidence)
VALUES (1, 'claude-sonnet-5', 4000, 0.9);
SET CONSTRAINTS ALL IMMEDIATE;
SELECT name, context_tokens, enabled, builtin FROM analytics_llm.model
 WHERE name = 'claude-opus-4-7';
SELECT model, input, builtin FROM analytics_llm.price
 WHERE model = 'claude-opus-4-7';
SELECT tier, position, model, timeout_ms, builtin FROM analytics_llm.tier
 ORDER BY tier, position;
-- Not a second time.
INSERT INTO analytics_llm.tier (tier, model, timeout_ms, min_confidence)
VALUES (1, 'claude-sonnet-5', 4000, 0.9);
ROLLBACK;

-- What would come back after a restore cannot be taken away.
DELETE FROM analytics_llm.model WHERE name = 'claude-opus-5';
UPDATE analytics_llm.model SET name = 'opus' WHERE name = 'claude-opus-5';
UPDATE analytics_llm.tier SET position = 2 WHERE tier = 1;
TRUNCATE analytics_llm.price;

-- Values without effect, or without sense.
\set VERBOSITY terse
INSERT INTO analytics_llm.model (name, family, context_tokens) VALUES ('m', 'gpt', 1);
INSERT INTO analytics_llm.model (name, family, context_tokens, effort) VALUES ('m', 'claude-4-5', 1, 'low');
INSERT INTO analytics_llm.model (name, family, context_tokens, thinking) VALUES ('m', 'plain', 1, 'off');
INSERT INTO analytics_llm.model (name, family, context_tokens, effort) VALUES ('m', 'claude-4-7', 1, 'huge');
INSERT INTO analytics_llm.model (name, family, context_tokens, max_output_tokens) VALUES ('m', 'plain', 1, 64000);
INSERT INTO analytics_llm.model (name, family, context_tokens) VALUES (E'm"\n', 'plain', 1);
INSERT INTO analytics_llm.tier (tier, model, timeout_ms, min_confidence) VALUES (3, 'claude-opus-5', 5000, 0.5);
INSERT INTO analytics_llm.tier (tier, model, timeout_ms, min_confidence) VALUES (2, 'claude-opus-5', 0, 0.5);
INSERT INTO analytics_llm.tier (tier, model, timeout_ms, min_confidence) VALUES (2, 'claude-opus-5', 5000, 1.5);
INSERT INTO analytics_llm.tier (tier, position, model, timeout_ms, min_confidence) VALUES (2, 7, 'no-such-model', 5000, 0.5);
INSERT INTO analytics_llm.price (model, input, output, cache_write_5m, cache_write_1h, cache_read) VALUES ('m', -1, 0, 0, 0, 0);
INSERT INTO analytics_llm.price (model, input, output, cache_write_5m, cache_write_1h, cache_read) VALUES ('m', 10000, 0, 0, 0, 0);
INSERT INTO analytics_llm.price (model, input, output, cache_write_5m, cache_write_1h, cache_read) VALUES ('m', 'NaN', 0, 0, 0, 0);

-- Everybody may read, nobody may write without a grant.
CREATE ROLE analyst;
SET ROLE analyst;
SELECT tier, position, model, timeout_ms, min_confidence, max_retries, enabled, builtin
  FROM analytics_llm.tier ORDER BY tier, position;
UPDATE analytics_llm.model SET enabled = true;
INSERT INTO analytics_llm.price (model, input, output, cache_write_5m, cache_write_1h, cache_read) VALUES ('m', 0, 0, 0, 0, 0);
DELETE FROM analytics_llm.tier;
RESET ROLE;
-- With one: a change and a row of one's own; to replace one of ours takes
-- DELETE as well.
GRANT INSERT, UPDATE ON analytics_llm.model TO analyst;
BEGIN;
SET LOCAL ROLE analyst;
UPDATE analytics_llm.model SET enabled = false WHERE name = 'claude-opus-5';
INSERT INTO analytics_llm.model (name, family, context_tokens) VALUES ('m', 'plain', 1000);
INSERT INTO analytics_llm.model (name, family, context_tokens) VALUES ('claude-opus-4-8', 'plain', 1000);
ROLLBACK;
REVOKE INSERT, UPDATE ON analytics_llm.model FROM analyst;
DROP ROLE analyst;

-- Each model that is asked has a price; the retired one is there, and off.
SELECT name FROM analytics_llm.model m
 WHERE enabled AND NOT EXISTS (SELECT FROM analytics_llm.price p
								WHERE p.model = m.name AND p.min_prompt_tokens = 0);
SELECT name, enabled, to_char(retires_on, 'YYYY-MM-DD') AS retires_on FROM analytics_llm.model WHERE NOT enabled;
