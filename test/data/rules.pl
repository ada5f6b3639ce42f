# The built-in rules over real databases: the rows of each answer are those of
# a query that a person wrote, as multisets, under some choice and order of the
# answer's columns.  And verified examples: the pairs of a public set of
# questions give the rows of their own queries.
use strict;
use warnings;

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Figure;

my $data = $ENV{ALLM_DATA};
plan skip_all => 'ALLM_DATA names no directory' unless $data && -d $data;

my $node = PostgreSQL::Test::Cluster->new('rules');
$node->init(extra => [ '--locale=C', '--encoding=UTF8' ]);
$node->append_conf('postgresql.conf', <<'CONF');
shared_preload_libraries = 'analytics_llm'
autovacuum = off
fsync = off
timezone = 'UTC'
CONF
$node->start;

# Questions and what an analyst would have typed for them.
my %asked = (
	northwind => [
		[ 'how many customers', 'SELECT count(*) FROM customers' ],
		[ 'How many orders in 1997?', q{SELECT count(*) FROM orders WHERE extract(year FROM order_date) = 1997} ],
		[ 'number of orders by month in 1997', q{SELECT date_trunc('month', order_date)::date AS m, count(*) FROM orders WHERE order_date BETWEEN '1997-01-01' AND '1997-12-31' GROUP BY 1} ],
		[ 'number of orders by ship country', 'SELECT ship_country, count(order_id) FROM orders GROUP BY ship_country' ],
		[ 'number of customers by country', 'SELECT country, count(*) FROM customers GROUP BY country' ],
		[ 'number of products by category', 'SELECT category_name, count(*) FROM products LEFT JOIN categories USING (category_id) GROUP BY category_name' ],
		[ 'total quantity by product', 'SELECT product_name, sum(quantity) FROM order_details JOIN products USING (product_id) GROUP BY product_name' ],
		[ 'top 5 products by quantity', 'SELECT product_name, sum(quantity) FROM order_details JOIN products USING (product_id) GROUP BY 1 ORDER BY 2 DESC LIMIT 5' ],
		[ 'freight by shipper', 'SELECT company_name, sum(freight) FROM orders JOIN shippers ON shipper_id = ship_via GROUP BY company_name' ],
		[ 'average freight by ship country', 'SELECT ship_country, avg(freight) FROM orders GROUP BY 1' ],
		[ 'top 3 employees by number of orders', 'SELECT first_name, last_name, n FROM (SELECT employee_id, count(*) AS n FROM orders GROUP BY 1) AS o JOIN employees USING (employee_id) ORDER BY n DESC LIMIT 3' ],
		[ 'customers in Germany', q{SELECT company_name FROM customers WHERE country = 'Germany'} ],
		[ 'list products in category Beverages', q{SELECT product_name FROM products WHERE category_id = (SELECT category_id FROM categories WHERE category_name = 'Beverages')} ],
		[ 'how many products with unit price over 50', 'SELECT count(*) FROM products WHERE unit_price > 50' ],
		[ 'what is the highest unit price of products', 'SELECT max(unit_price) FROM products' ],
		[ 'quantity by month in 1998', q{SELECT date_trunc('month', order_date)::date AS m, sum(quantity) FROM order_details JOIN orders USING (order_id) WHERE order_date >= '1998-01-01' GROUP BY 1} ],
		[ 'orders shipped in May 1998', q{SELECT order_id FROM orders WHERE to_char(shipped_date, 'YYYY-MM') = '1998-05'} ],
		[ 'how many territories by region', 'SELECT region_description, count(*) FROM territories JOIN region USING (region_id) GROUP BY 1' ],
		[ 'which customer has the most orders?', 'SELECT company_name FROM customers WHERE customer_id IN (SELECT customer_id FROM orders GROUP BY 1 HAVING count(*) >= ALL (SELECT count(*) FROM orders GROUP BY customer_id))' ],
		[ 'total freight in Q1 1997', q{SELECT sum(freight) FROM orders WHERE order_date >= '1997-01-01' AND order_date < '1997-04-01'} ],
		[ 'customers without orders', 'SELECT company_name FROM customers WHERE customer_id NOT IN (SELECT customer_id FROM orders)' ],
		[ 'number of employees by territory', 'SELECT territory_id, count(*) FROM employee_territories GROUP BY territory_id' ],
		[ 'quantity by category', 'SELECT category_name, sum(quantity) FROM order_details d, products p, categories c WHERE d.product_id = p.product_id AND p.category_id = c.category_id GROUP BY 1' ],
	],
	chinook => [
		[ 'how many tracks', 'SELECT count(*) FROM track' ],
		[ 'number of tracks by genre', 'SELECT g.name, count(*) FROM track t JOIN genre g ON g.genre_id = t.genre_id GROUP BY g.name' ],
		[ 'number of tracks by media type', 'SELECT m.name, count(track_id) FROM track t JOIN media_type m USING (media_type_id) GROUP BY m.name' ],
		[ 'total by billing country', 'SELECT billing_country, sum(total) FROM invoice GROUP BY billing_country' ],
		[ 'top 5 customers by total', 'SELECT c.first_name, c.last_name, sum(total) AS t FROM invoice JOIN customer c USING (customer_id) GROUP BY c.customer_id ORDER BY t DESC FETCH FIRST 5 ROWS WITH TIES' ],
		[ 'top 3 artists by number of albums', 'SELECT a.name, count(*) FROM album JOIN artist a USING (artist_id) GROUP BY a.artist_id ORDER BY 2 DESC LIMIT 3' ],
		[ 'number of customers by country', 'SELECT country, count(*) FROM customer GROUP BY 1' ],
		[ 'number of customers by support rep', 'SELECT e.last_name, count(*) FROM customer c JOIN employee e ON e.employee_id = c.support_rep_id GROUP BY 1' ],
		[ 'quantity by genre', 'SELECT g.name, sum(l.quantity) FROM invoice_line l JOIN track t USING (track_id) JOIN genre g USING (genre_id) GROUP BY 1' ],
		[ 'quantity by artist', 'SELECT ar.name, sum(quantity) FROM invoice_line JOIN track t USING (track_id) JOIN album USING (album_id) JOIN artist ar USING (artist_id) GROUP BY 1' ],
		[ 'number of invoice lines by year', 'SELECT extract(year FROM invoice_date), count(*) FROM invoice_line JOIN invoice USING (invoice_id) GROUP BY 1' ],
		[ 'albums by AC/DC', q{SELECT title FROM album WHERE artist_id = (SELECT artist_id FROM artist WHERE name = 'AC/DC')} ],
		[ 'tracks in album Big Ones', q{SELECT t.name FROM track t JOIN album a USING (album_id) WHERE a.title = 'Big Ones'} ],
		[ 'how many tracks in genre Rock', q{SELECT count(*) FROM track JOIN genre g USING (genre_id) WHERE g.name = 'Rock'} ],
		[ 'average milliseconds by genre', 'SELECT g.name, avg(milliseconds) FROM track JOIN genre g USING (genre_id) GROUP BY g.name' ],
		[ 'how many customers in Brazil', q{SELECT count(*) FROM customer WHERE country = 'Brazil'} ],
		[ 'invoices with total over 20', 'SELECT invoice_id, total FROM invoice WHERE total > 20' ],
		[ 'how many tracks with unit price over 1', 'SELECT count(*) FROM track WHERE unit_price > 1' ],
		[ 'which genre has the most tracks', 'SELECT g.name FROM genre g JOIN track USING (genre_id) GROUP BY 1 ORDER BY count(*) DESC LIMIT 1' ],
		[ 'maximum total by customer', 'SELECT customer_id, max(total) FROM invoice GROUP BY customer_id' ],
		[ 'number of tracks by playlist', 'SELECT p.playlist_id, count(*) FROM playlist_track JOIN playlist AS p USING (playlist_id) GROUP BY 1' ],
		[ 'total by year', 'SELECT extract(year FROM invoice_date), sum(total) FROM invoice GROUP BY 1' ],
	],
	dvdrental => [
		[ 'how many films', 'SELECT count(*) FROM film' ],
		[ 'how many actors are there', 'SELECT count(*) FROM actor' ],
		[ 'number of films by rating', 'SELECT rating, count(*) FROM film GROUP BY rating' ],
		[ 'number of films by language', 'SELECT l.name, count(*) FROM film JOIN language l USING (language_id) GROUP BY 1' ],
		[ 'average rental rate by rating', 'SELECT rating, avg(rental_rate) FROM film GROUP BY 1' ],
		[ 'amount by staff', 'SELECT last_name, sum(amount) FROM payment JOIN staff USING (staff_id) GROUP BY 1' ],
		[ 'amount by month', q{SELECT date_trunc('month', payment_date)::date, sum(amount) FROM payment GROUP BY 1} ],
		[ 'top 10 customers by amount', 'SELECT c.first_name, c.last_name, sum(amount) FROM payment JOIN customer c USING (customer_id) GROUP BY c.customer_id ORDER BY 3 DESC LIMIT 10' ],
		[ 'number of rentals by month', q{SELECT date_trunc('month', rental_date)::date, count(*) FROM rental GROUP BY 1} ],
		[ 'number of customers by city', 'SELECT ci.city_id, count(*) FROM customer JOIN address USING (address_id) JOIN city ci USING (city_id) GROUP BY 1' ],
		[ 'number of cities by country', 'SELECT country.country, count(*) FROM city JOIN country USING (country_id) GROUP BY 1' ],
		[ 'films with length over 180', 'SELECT title FROM film WHERE length > 180' ],
		[ 'how many films with rental rate under 1', 'SELECT count(*) FROM film WHERE rental_rate < 1' ],
		[ 'total amount in February 2007', q{SELECT sum(amount) FROM payment WHERE payment_date >= '2007-02-01' AND payment_date < '2007-03-01'} ],
		[ 'average length of films', 'SELECT avg(length) FROM film' ],
		[ 'maximum replacement cost by rating', 'SELECT rating, max(replacement_cost) FROM film GROUP BY 1' ],
		[ 'customers in country Canada', q{SELECT first_name, last_name FROM customer JOIN address USING (address_id) JOIN city USING (city_id) JOIN country co USING (country_id) WHERE co.country = 'Canada'} ],
		[ 'how many addresses in district California', q{SELECT count(*) FROM address WHERE district = 'California'} ],
		[ 'films in rating PG', q{SELECT title FROM film WHERE rating = 'PG'} ],
		[ 'list categories', 'SELECT name FROM category' ],
		[ 'top 5 films by number of rentals', 'SELECT f.title, count(*) FROM rental JOIN inventory i USING (inventory_id) JOIN film f ON f.film_id = i.film_id GROUP BY f.film_id ORDER BY 2 DESC FETCH FIRST 5 ROWS WITH TIES' ],
		[ 'how many films in category Action', q{SELECT count(*) FROM film_category JOIN category USING (category_id) WHERE name = 'Action'} ],
		[ 'number of films by actor', 'SELECT actor_id, count(*) FROM film_actor GROUP BY actor_id' ],
		[ 'number of customers not in Canada', q{SELECT count(*) FROM customer JOIN address USING (address_id) JOIN city USING (city_id) JOIN country USING (country_id) WHERE country <> 'Canada'} ],
		[ 'number of payments by day in April 2007', q{SELECT payment_date::date, count(*) FROM payment WHERE to_char(payment_date, 'YYYY-MM') = '2007-04' GROUP BY 1} ],
	]);

# What cannot be answered there without counting twice or without guessing.
my %refused = (
	northwind => [
		'revenue by region', 'units in stock by order', 'freight by product',
		'how many customers in 1997', 'unit price by category',
	],
	chinook => [
		'total by genre', 'longest track',
		'average total per customer', 'unit price by album', 'total by track',
	],
	dvdrental => [
		'rental rate by rating', 'amount by actor', 'how many actors in 2007',
		'most popular film',
	]);

my $json = JSON::PP->new->utf8->allow_nonref;

# Loads one database and puts the extension into it.
sub load
{
	my ($set, $database) = @_;

	$node->safe_psql('postgres',
		"CREATE DATABASE $database TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'");
	command_ok(
		[ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($database),
			'-f', "$data/$set/dbs/$database.sql", '-o', '/dev/null' ],
		"$database is loaded");
	$node->safe_psql($database, 'ANALYZE');
	$node->safe_psql($database, 'CREATE EXTENSION analytics_llm');
	return;
}

# A value as it is compared: numbers by six digits, all else as text.
sub plain
{
	my ($value) = @_;

	return 'null' unless defined $value;
	return sprintf '%.6g', $value if $value =~ /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i;
	return "$value";
}

# The rows of a query as lists of plain values, in the order of its columns.
sub rows_of
{
	my ($database, $sql) = @_;
	my $text = $node->safe_psql($database,
		"SELECT coalesce(json_agg((SELECT json_agg(e.value ORDER BY e.n)
		   FROM json_each_text(row_to_json(q)) WITH ORDINALITY AS e (key, value, n))), '[]')
		   FROM ($sql) AS q");

	return [ map { [ map { plain($_) } @$_ ] } @{ $json->decode($text) } ];
}

# The rows of the answer, likewise; undef when there is none.
sub answer_of
{
	my ($database, $question) = @_;
	my $quoted = $question =~ s/'/''/gr;
	my $text = $node->safe_psql($database,
		"SELECT CASE WHEN a.error_code IS NULL THEN (
		   SELECT coalesce(json_agg((SELECT json_agg(e.value ORDER BY e.n)
			 FROM json_each_text(r) WITH ORDINALITY AS e (key, value, n))), '[]')
			 FROM json_array_elements(a.rows) AS r) END
		   FROM llm_answer('$quoted') AS a");

	return undef if $text eq '';
	return [ map { [ map { plain($_) } @$_ ] } @{ $json->decode($text) } ];
}

# One column, or some of them, as a text that two multisets share.
sub bag
{
	my ($rows, @columns) = @_;

	return join "\n", sort map { my $row = $_; join "\t", map { $row->[$_] } @columns } @$rows;
}

# Is there a choice of the answer's columns that gives the wanted rows?
sub same_rows
{
	my ($wanted, $got, @chosen) = @_;

	return 0 unless defined $got && @$wanted == @$got;
	return 1 unless @$wanted;
	my $next = @chosen;
	my $width = @{ $wanted->[0] };
	return bag($wanted, 0 .. $width - 1) eq bag($got, @chosen) if $next == $width;
	my $column = bag($wanted, $next);
	for my $try (0 .. $#{ $got->[0] })
	{
		next if grep { $_ == $try } @chosen;
		next unless bag($got, $try) eq $column;
		return 1 if same_rows($wanted, $got, @chosen, $try);
	}
	return 0;
}

for my $database (sort keys %asked)
{
	load($database, $database);
	my $right = 0;
	for my $pair (@{ $asked{$database} })
	{
		my ($question, $sql) = @$pair;
		my $wanted = rows_of($database, $sql);

		ok(@$wanted > 0, "$database: the query for \"$question\" has rows");
		my $same = same_rows($wanted, answer_of($database, $question));
		ok($same, "$database: $question");
		$right++ if $same;
	}
	figure_at_least("${database}_questions_right", $right, 'questions', 20);
	is(answer_of($database, $_), undef, "$database refuses: $_") for @{ $refused{$database} };

	# What is suggested can be answered.
	my @suggested = split /\n/, $node->safe_psql($database, 'SELECT llm_suggest(10)');
	is(scalar @suggested, 10, "$database: ten suggestions");
	isnt(answer_of($database, $_), undef, "$database answers its suggestion: $_") for @suggested;
}

# Verified pairs: the first that are not under doubt, one for each question.
load('geoquery', 'geoquery');
open my $lines, '<:raw', "$data/geoquery/questions.jsonl" or die "cannot read the questions: $!\n";
my @pairs = grep { $_->{gold_sql} && $_->{pg15_ok} && !$_->{gold_empty} && !$_->{unstable_answer} }
  map { $json->decode($_) } <$lines>;
close $lines;
my $file = $node->basedir . '/pairs.json';
open my $out, '>:raw', $file or die "cannot write $file: $!\n";
print $out $json->encode([ map { { name => $_->{id}, question => $_->{question}, sql => $_->{gold_sql} } } @pairs ]);
close $out or die "cannot write $file: $!\n";
$node->safe_psql('geoquery', <<"SQL");
INSERT INTO analytics_llm.example (name, question, sql)
SELECT e ->> 'name', e ->> 'question', e ->> 'sql'
  FROM json_array_elements(pg_read_file('$file')::json) WITH ORDINALITY AS t (e, n)
 ORDER BY n
    ON CONFLICT DO NOTHING;
SQL
my $kept = $json->decode($node->safe_psql('geoquery',
	q{SELECT json_agg(json_build_array(question, sql) ORDER BY name) FROM analytics_llm.example}));
cmp_ok(scalar @$kept, '>=', 50, 'there are fifty verified pairs');
my $verified = 0;
for my $pair (@{$kept}[ 0 .. 59 ])
{
	my ($question, $sql) = @$pair;
	my $text = uc($question) . ' ?';

	my $same = same_rows(rows_of('geoquery', $sql), answer_of('geoquery', $text));
	ok($same, "verified: $question");
	$verified++ if $same;
}
figure_at_least('verified_examples_right', $verified, 'questions', 60);

$node->stop;
done_testing();
