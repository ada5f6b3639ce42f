--
-- However many ways there are to read a question, what comes of it is an answer
-- or a refusal, and soon.
--
CREATE SCHEMA sentence_bounds;
SET search_path = sentence_bounds, public;
CREATE TABLE users (user_id int PRIMARY KEY, name text NOT NULL UNIQUE, city text NOT NULL);
CREATE TABLE tickets (ticket_id int PRIMARY KEY, title text NOT NULL UNIQUE,
	created_by int NOT NULL REFERENCES users, updated_by int NOT NULL REFERENCES users,
	approved_by int NOT NULL REFERENCES users);
CREATE TABLE students (student_id int PRIMARY KEY, name text NOT NULL UNIQUE, age int NOT NULL);
CREATE TABLE enrolments (enrolment_id int PRIMARY KEY, student_id int NOT NULL REFERENCES students,
	grade numeric NOT NULL, year int NOT NULL);
INSERT INTO users VALUES (1, 'Ann', 'Lyon'), (2, 'Ben', 'Turin');
INSERT INTO tickets VALUES (1, 'One', 1, 2, 1), (2, 'Two', 2, 2, 1);
INSERT INTO students VALUES (1, 'Cara', 20), (2, 'Dean', 30);
INSERT INTO enrolments VALUES (1, 1, 4, 2020), (2, 1, 6, 2021), (3, 2, 8, 2021);
ANALYZE;

-- Is there an answer, or a refusal?
CREATE FUNCTION ends(question text) RETURNS boolean LANGUAGE sql AS $$
SELECT coalesce(a.error_code, '00000') IN ('00000', 'LLM08')
  FROM llm_answer(question, '{"tier": 3, "cache": false}') AS a $$;

-- A figure of the things themselves beside one of what refers to them.
SELECT ends('what is the average age and average grade of students');
SELECT ends('average age and average grade of students whose name starts with C');
SELECT ends('what are the average age and the maximum grade of the students who enrolled in 2021');
SELECT ends('average grade and average age of students older than 20');

-- Each of these cities can be that of three users.
SELECT ends('show city' || repeat(', city', 16) || ' of tickets');
SELECT ends('tickets in Lyon' || repeat(' and in Turin', 16));

DROP SCHEMA sentence_bounds CASCADE;
