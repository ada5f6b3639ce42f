--
-- Days of the week, in the plural: the singular may be the next or the last.
--
CREATE SCHEMA rules_weekdays;
SET search_path = rules_weekdays, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :gives
\set ECHO all
CREATE TABLE halls (hall_id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE bookings (booking_id int PRIMARY KEY, hall_id int NOT NULL REFERENCES halls,
	booked_at timestamptz NOT NULL, amount numeric NOT NULL);
SET TimeZone = 'UTC';
INSERT INTO halls VALUES (1, 'Oak'), (2, 'Elm');
-- Monday to Sunday; the last is Monday in the east.
INSERT INTO bookings SELECT i, CASE WHEN i < 6 THEN 1 ELSE 2 END,
	timestamptz '2024-01-01 23:30' + (i - 1) * interval '1 day', 10 ^ (i - 1) FROM generate_series(1, 7) AS i;
ANALYZE;
SELECT gives('amount on Mondays', $$SELECT sum(amount) FROM bookings WHERE booking_id = 1$$);
SELECT gives('total amount of bookings on Tuesdays and Fridays', $$SELECT sum(amount) FROM bookings WHERE booking_id IN (2, 5)$$);
SELECT gives('How many bookings were made on weekends?', $$SELECT 2$$);
SELECT gives('amount on weekdays', $$SELECT sum(amount) FROM bookings WHERE booking_id < 6$$);
SELECT gives('names of halls that were booked on Sundays', $$SELECT 'Elm' AS name$$);
SELECT gives('How many bookings were made on weekends in 2023?', $$SELECT 0$$);
-- The day is that of the session's time zone.
SET TimeZone = 'Asia/Tokyo';
SELECT gives('amount on Mondays', $$SELECT sum(amount) FROM bookings WHERE booking_id = 7$$);
RESET TimeZone;
-- On each of them, or on one?  And which Monday?
SELECT q, (llm_answer(q)).error_code FROM unnest(ARRAY['halls that were booked on Mondays and Sundays',
	'amount on Monday', 'amount after Mondays', 'amount on holidays']) AS q;
SELECT interpretation FROM llm_answer('How many bookings were made on weekends?');

SET client_min_messages = warning;
DROP SCHEMA rules_weekdays CASCADE;
