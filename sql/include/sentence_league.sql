-- Teams, players and games, for the tests of sentences.
CREATE TABLE teams (team_id int PRIMARY KEY, name text NOT NULL UNIQUE,
	city text NOT NULL, founded int NOT NULL, budget numeric NOT NULL);
CREATE TABLE players (player_id int PRIMARY KEY, name text NOT NULL UNIQUE,
	age int NOT NULL, weight int NOT NULL, position text NOT NULL,
	country text NOT NULL, team_id int NOT NULL REFERENCES teams);
CREATE TABLE stadiums (stadium_id int PRIMARY KEY, name text NOT NULL UNIQUE,
	city text NOT NULL, capacity int NOT NULL);
CREATE TABLE games (game_id int PRIMARY KEY, title text NOT NULL UNIQUE,
	season int NOT NULL, attendance int NOT NULL,
	stadium_id int NOT NULL REFERENCES stadiums);
CREATE TABLE appearances (player_id int REFERENCES players,
	game_id int REFERENCES games, goals int NOT NULL,
	PRIMARY KEY (player_id, game_id));
CREATE TABLE sponsors (sponsor_id int PRIMARY KEY, name text NOT NULL UNIQUE,
	industry text NOT NULL);
CREATE TABLE contracts (team_id int REFERENCES teams,
	sponsor_id int REFERENCES sponsors, PRIMARY KEY (team_id, sponsor_id));
INSERT INTO teams VALUES (1, 'Comets', 'Lyon', 1901, 40), (2, 'Rovers', 'Turin', 1950, 75),
	(3, 'Owls', 'Lyon', 1988, 20), (4, 'Foxes', 'Ghent', 2004, 55);
INSERT INTO players VALUES (1, 'Abel', 21, 70, 'Keeper', 'France', 1),
	(2, 'Bram', 25, 82, 'Striker', 'Belgium', 1), (3, 'Carlo', 33, 78, 'Striker', 'Italy', 2),
	(4, 'Dirk', 29, 91, 'Defender', 'Belgium', 4), (5, 'Emil', 19, 66, 'Striker', 'France', 3),
	(6, 'Fabio', 36, 85, 'Keeper', 'Italy', 2), (7, 'Gaston', 27, 74, 'Defender', 'France', 1),
	(8, 'Hugo', 24, 80, 'Winger', 'Spain', 2);
INSERT INTO stadiums VALUES (1, 'Old Ground', 'Lyon', 12000), (2, 'Hill Park', 'Turin', 30000),
	(3, 'Dock Arena', 'Ghent', 18000), (4, 'North Field', 'Lille', 9000);
INSERT INTO games VALUES (1, 'Opening', 2019, 8000, 1), (2, 'Derby', 2019, 11500, 1),
	(3, 'Cup Final', 2020, 29000, 2), (4, 'Replay', 2021, 15000, 3), (5, 'Friendly', 2021, 5000, 2);
INSERT INTO appearances VALUES (1, 1, 0), (2, 1, 2), (3, 1, 1), (2, 2, 1), (7, 2, 0), (3, 3, 3),
	(6, 3, 0), (8, 3, 1), (4, 4, 2), (8, 5, 0);
INSERT INTO sponsors VALUES (1, 'Acme', 'Steel'), (2, 'Bolt', 'Energy'), (3, 'Cirrus', 'Energy'),
	(4, 'Delta', 'Travel');
INSERT INTO contracts VALUES (1, 1), (1, 2), (2, 2), (4, 3), (2, 3), (2, 1);
ANALYZE;
