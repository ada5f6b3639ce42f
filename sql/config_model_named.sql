--
-- Tiers and rollouts name models that there are, at the end of a transaction.
--
INSERT INTO analytics_llm.model (name, family, context_tokens) VALUES ('mine', 'plain', 32000);
-- A model that there is not, by each way and column.
INSERT INTO analytics_llm.tier (tier, position, model, timeout_ms, min_confidence) VALUES (1, 2, 'none', 5000, 0.5);
UPDATE analytics_llm.tier SET model = 'none' WHERE tier = 1;
INSERT INTO analytics_llm.rollout (name, model) VALUES ('r', 'none');
BEGIN;
INSERT INTO analytics_llm.rollout (name, model, state) VALUES ('r', 'mine', 'stopped');
UPDATE analytics_llm.rollout SET instead_of = 'none' WHERE name = 'r';
COMMIT;
-- Nor does one go that is named.
BEGIN;
INSERT INTO analytics_llm.tier (tier, position, model, timeout_ms, min_confidence) VALUES (1, 2, 'mine', 5000, 0.5);
INSERT INTO analytics_llm.rollout (name, model, state) VALUES ('r', 'mine', 'stopped');
SET CONSTRAINTS ALL IMMEDIATE;
SAVEPOINT s;
DELETE FROM analytics_llm.model WHERE name = 'mine';
ROLLBACK TO s;
UPDATE analytics_llm.model SET name = 'yours' WHERE name = 'mine';
ROLLBACK;
-- What is right at the end is right.
BEGIN;
INSERT INTO analytics_llm.tier (tier, position, model, timeout_ms, min_confidence) VALUES (1, 2, 'later', 5000, 0.5);
INSERT INTO analytics_llm.tier (tier, position, model, timeout_ms, min_confidence) VALUES (1, 3, 'never', 5000, 0.5);
DELETE FROM analytics_llm.model WHERE name = 'mine';
INSERT INTO analytics_llm.model (name, family, context_tokens) VALUES ('later', 'plain', 32000);
DELETE FROM analytics_llm.tier WHERE position = 3;
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK;
-- With the settings of a restore, rows may come in any order: for the owner of
-- the table, nobody else.
CREATE ROLE analyst;
GRANT INSERT ON analytics_llm.tier, analytics_llm.rollout TO analyst;
BEGIN;
SET LOCAL check_function_bodies = off;
SET LOCAL row_security = off;
INSERT INTO analytics_llm.tier (tier, position, model, timeout_ms, min_confidence) VALUES (1, 2, 'later', 5000, 0.5);
SET CONSTRAINTS ALL IMMEDIATE;
DELETE FROM analytics_llm.tier WHERE position = 2;
SET LOCAL ROLE analyst;
SAVEPOINT s;
INSERT INTO analytics_llm.rollout (name, model, instead_of) VALUES ('r', 'claude-opus-5', 'none');
ROLLBACK TO s;
INSERT INTO analytics_llm.tier (tier, position, model, timeout_ms, min_confidence) VALUES (1, 2, 'later', 5000, 0.5);
ROLLBACK;
DROP OWNED BY analyst;
DROP ROLE analyst;
DELETE FROM analytics_llm.model WHERE name = 'mine';
TABLE analytics_llm.rollout;
