--
-- Positions count characters from 1, whatever finds what is wrong: the parser
-- library, the policy, the names pass, the judge of functions and types, or the
-- server.  The word that each finding points at is looked for in the text.
--
CREATE TABLE check_positions (id int, name text);
SELECT n, f.code, f.pos = position(word IN q) AS at_the_word
  FROM (VALUES (1, 'SELECT ''äöü€日本😀'' AS "ß", id FROM check_positions ORDER BY )', ')'),
               (2, 'SELECT ''äöü€日本😀'' AS "ß", id FROM check_positionss', 'check_positionss'),
               (3, 'SELECT ''äöü€日本😀'' AS "ß", naem FROM check_positions', 'naem'),
               (4, 'SELECT ''äöü€日本😀'' AS "ß", lenght(name) FROM check_positions', 'lenght'),
               (5, 'SELECT ''äöü€日本😀'' AS "ß", pg_sleep(1) FROM check_positions', 'pg_sleep'),
               (6, 'SELECT ''äöü€日本😀'' AS "ß", name::regclass FROM check_positions', 'regclass'),
               (7, 'SELECT ''äöü€日本😀'' AS "ß", id + name FROM check_positions', '+'),
               (8, 'SELECT ''äöü€日本😀'' AS "ß", name, count(*) FROM check_positions', 'name'),
               (9, 'SELECT ''äöü€日本😀'' AS "ß", $1 FROM check_positions', '$1'),
               (10, 'SELECT ''äöü€日本😀'' AS "ß" INTO copied FROM check_positions', 'copied'),
               (11, 'SELECT ''äöü€日本😀'' AS "ß", n FROM generate_series(1, 2000000) AS n', 'generate_series'),
               (12, 'SELECT ''äöü€日本😀'' AS "ß", CAST(''ü'' AS int) FROM check_positions', '''ü''')) AS t (n, q, word)
  LEFT JOIN LATERAL llm_check(q) AS f ON true
 ORDER BY n, f.code COLLATE "C";
DROP TABLE check_positions;
