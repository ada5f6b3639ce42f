--
-- What names are taken apart into is kept from question to question, found by
-- any word of any of their forms, and gone when the names change.
--
CREATE SCHEMA rules_kept;
SET search_path = rules_kept, public;
CREATE TABLE tbl_pilots (id int PRIMARY KEY, full_name text NOT NULL, hire_dt date NOT NULL);
CREATE TABLE parcels (parcel_id int PRIMARY KEY, weight_kg int NOT NULL, ship_date date NOT NULL,
	pilot_id int NOT NULL REFERENCES tbl_pilots, co_pilot_id int REFERENCES tbl_pilots);
INSERT INTO tbl_pilots VALUES (7, 'Ada Frost', '2020-03-01'), (9, 'Ben Gale', '2023-08-15');
INSERT INTO parcels VALUES (1, 4, '2024-05-02', 7, NULL), (2, 6, '2024-06-03', 7, 9), (3, 9, '2024-05-20', 9, NULL);
ANALYZE tbl_pilots, parcels;
CREATE FUNCTION told(VARIADIC questions text[]) RETURNS TABLE (question text, answer text) LANGUAGE sql AS $$
	SELECT q, coalesce(a.rows::text, split_part(a.message, E'\n', 2))
	  FROM unnest(questions) WITH ORDINALITY AS u (q, n), LATERAL llm_answer(q, '{"cache": false}') AS a
	 ORDER BY n $$;

-- A prefix and a plural, a unit, a past form, a short form, a key's number, a
-- role, and another word for the same.
SELECT * FROM told('how many pilots', 'average weight of parcels', 'number of parcels shipped in May 2024',
	'What are the hire dates of all pilots?', 'What is the pilot number of Ada Frost?',
	'number of parcels by co pilot', 'Show the names of all aviators');
-- Twice the same, and then by the new names alone.
SELECT * FROM told('how many pilots', 'number of parcels shipped in May 2024');
ALTER TABLE tbl_pilots RENAME TO tbl_drivers;
ALTER TABLE parcels RENAME COLUMN ship_date TO send_date;
ALTER TABLE parcels RENAME COLUMN weight_kg TO mass_kg;
SELECT * FROM told('how many pilots', 'how many drivers', 'number of parcels shipped in May 2024',
	'average weight of parcels', 'average mass of parcels', 'What is the driver number of Ada Frost?', 'Show the names of all aviators',
	'Show the names of all chauffeurs');
-- A transaction that is rolled back takes its names along.
BEGIN;
ALTER TABLE tbl_drivers RENAME TO tbl_skippers;
SELECT * FROM told('how many skippers', 'how many drivers');
ROLLBACK;
SELECT * FROM told('how many skippers', 'how many drivers');
-- Each role has its own.
CREATE ROLE regress_kept_reader;
GRANT USAGE ON SCHEMA rules_kept TO regress_kept_reader;
GRANT SELECT (parcel_id, mass_kg) ON parcels TO regress_kept_reader;
SET ROLE regress_kept_reader;
SELECT * FROM told('average mass of parcels', 'how many drivers');
RESET ROLE;
SELECT * FROM told('average mass of parcels', 'how many drivers');

RESET search_path;
DROP SCHEMA rules_kept CASCADE;
DROP ROLE regress_kept_reader;
