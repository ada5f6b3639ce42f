--
-- A word that is a name here means what is called so, and no other thing that
-- such things may be called.  And whoever is silent has a reason.
--
CREATE SCHEMA own_names;
SET search_path = own_names;
CREATE TABLE clerks (clerk_id int PRIMARY KEY, name text NOT NULL, region text);
CREATE TABLE territories (territory_id int PRIMARY KEY, title text NOT NULL);
CREATE TABLE clerk_territories (clerk_id int NOT NULL REFERENCES clerks,
	territory_id int NOT NULL REFERENCES territories, PRIMARY KEY (clerk_id, territory_id));
CREATE TABLE writers (writer_id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE papers (paper_id int PRIMARY KEY, title text NOT NULL);
CREATE TABLE writes (writer_id int NOT NULL REFERENCES writers, paper_id int NOT NULL REFERENCES papers,
	PRIMARY KEY (writer_id, paper_id));
INSERT INTO clerks VALUES (1, 'Ann', 'WA'), (2, 'Bob', 'WA'), (3, 'Cid', NULL);
INSERT INTO territories VALUES (1, 'North'), (2, 'South');
INSERT INTO clerk_territories VALUES (1, 1), (1, 2), (2, 1), (3, 2);
ANALYZE clerks, territories, clerk_territories;

-- Of a territory or not at all; never by region.
SELECT rows::text !~ 'WA' IS NOT false AS is_not_by_region FROM public.llm_answer('number of clerks by territory');
-- Where no territory is, it is another word for the region.
DROP TABLE clerk_territories, territories;
SELECT rows, interpretation FROM public.llm_answer('number of clerks by territory');
SELECT status, split_part(message, E'\n', 2) AS reason
  FROM public.llm_answer('What is the ratio between the papers in the database?');
RESET search_path;
DROP SCHEMA own_names CASCADE;
