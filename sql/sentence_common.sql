--
-- What is there most often, or least often: things that others refer to, and
-- values that rows have.
--
CREATE SCHEMA sentence_common;
SET search_path = sentence_common, public;
\getenv abs_srcdir PG_ABS_SRCDIR
\set gives :abs_srcdir '/sql/include/sentence_gives.sql'
\set ECHO none
\i :gives
\set ECHO all
CREATE TABLE genres (genre_id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE formats (format_id int PRIMARY KEY, label text NOT NULL UNIQUE);
CREATE TABLE songs (song_id int PRIMARY KEY, title text NOT NULL UNIQUE, language text,
	length int NOT NULL, genre_id int REFERENCES genres, format_id int NOT NULL REFERENCES formats);
CREATE TABLE shops (shop_id int PRIMARY KEY, name text NOT NULL UNIQUE, town text NOT NULL);
CREATE TABLE goods (goods_id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE sale_lines (line_id int PRIMARY KEY, shop_id int NOT NULL REFERENCES shops,
	goods_id int NOT NULL REFERENCES goods, quantity int NOT NULL);
CREATE TABLE colors (color_id int PRIMARY KEY, name text NOT NULL UNIQUE, popularity int NOT NULL);
CREATE TABLE coats (coat_id int PRIMARY KEY, color_id int NOT NULL REFERENCES colors);
INSERT INTO genres VALUES (1, 'Folk'), (2, 'Jazz'), (3, 'Punk');
INSERT INTO formats VALUES (1, 'Tape'), (2, 'Disc'), (3, 'File');
INSERT INTO songs VALUES (1, 'Air', 'German', 3, 1, 1), (2, 'Bell', 'German', 5, 1, 2), (3, 'Crow', 'Dutch', 4, 2, 2),
	(4, 'Dune', NULL, 2, 2, 3), (5, 'Elk', 'French', 6, NULL, 3), (6, 'Fog', NULL, 3, 1, 3), (7, 'Gale', NULL, 9, NULL, 3);
INSERT INTO shops VALUES (1, 'North', 'Lille'), (2, 'South', 'Lille'), (3, 'East', 'Namur');
INSERT INTO goods VALUES (1, 'Rope'), (2, 'Nail');
INSERT INTO sale_lines VALUES (1, 1, 1, 1), (2, 1, 1, 1), (3, 2, 2, 50), (4, 2, 1, 1);
INSERT INTO colors VALUES (1, 'Red', 1), (2, 'Blue', 9);
INSERT INTO coats VALUES (1, 1), (2, 1), (3, 2);
ANALYZE;

-- Things, by what is said to refer to them.
SELECT gives('What is the name of the most common genre in all songs?', $$SELECT 'Folk'$$);
SELECT gives('Find the name of the genre that is most frequent across all songs.', $$SELECT 'Folk'$$);
SELECT gives('What are the labels of the 2 most common formats among songs?', $$VALUES ('File'), ('Disc')$$);

-- Only songs refer to a genre.
SELECT gives('Give the name of the most popular genre.', $$SELECT 'Folk'$$);

-- Every format has a song, but no song has the genre Punk: it may be the rarest.
SELECT gives('What is the label of the format that is least common across all songs?', $$SELECT 'Tape'$$);
SELECT gives('What is the label of the format with the fewest songs?', $$SELECT 'Tape'$$);
SELECT gives('Show the labels of formats with at most 2 songs.', $$VALUES ('Tape'), ('Disc')$$);
SELECT gives('Show the labels of formats with less than 2 songs.', $$VALUES ('Tape')$$);
SELECT gives('What is the name of the genre that is least common across all songs?', $$SELECT 'Jazz'$$);
SELECT gives('What is the name of the genre with the fewest songs?', $$SELECT 'Jazz'$$);
SELECT gives('Show the names of genres with at most 2 songs.', $$SELECT 'Jazz'$$);
SELECT gives('What is the label of the format with the fewest songs longer than 4?', $$SELECT 'Disc'$$);

-- In more sales, or in more pieces?  And there is a figure of how popular.
SELECT gives('Give the name of the most popular goods.', $$SELECT 'Rope'$$);
SELECT gives('Give the name of the most popular color.', $$SELECT 'Blue'$$);

-- Values of rows: where there is none, none is common.
SELECT gives('Show the titles of songs using the most common language.', $$VALUES ('Air'), ('Bell')$$);
SELECT gives('What are the titles of songs with the most common language?', $$VALUES ('Air'), ('Bell')$$);
SELECT gives('Which town is the most common among shops?', $$SELECT 'Lille'$$);
SELECT gives('Find the town that is used most frequently.', $$SELECT 'Lille'$$);
SELECT gives('What are the 2 most common towns of shops?', $$VALUES ('Lille'), ('Namur')$$);

-- Common to all, or to those that are meant?  And each has its own name.
SELECT gives('Show the titles of songs longer than 3 with the most common language.', $$SELECT 'Bell'$$);
SELECT gives('Show the lengths of songs with the most common title.', $$SELECT 1$$);

SET client_min_messages = warning;
DROP SCHEMA sentence_common CASCADE;
