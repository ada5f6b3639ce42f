--
-- What bad input gets: 22023 with the limit, and never anything worse.
--

-- Empty, or nothing that is a word.
SELECT llm_ask('');
SELECT llm_ask(NULL);
SELECT llm_ask(E' \t\n ');
SELECT llm_answer('?!');
SELECT llm_sql('...');

-- Too long, counted in characters.
SELECT llm_ask(repeat('a', 4001));
SELECT llm_ask(repeat('ä', 4001));
SELECT llm_answer(repeat('x ', 1000000));
SET analytics_llm.max_question_length = 10;
SELECT llm_ask('how many regions');
RESET analytics_llm.max_question_length;

-- Long, but a question: words that are not understood.
SELECT error_code FROM llm_answer(repeat('a', 4000));
SELECT error_code FROM llm_answer(repeat('ä', 4000));
SELECT error_code FROM llm_answer(repeat('a ', 2000));
SELECT error_code FROM llm_answer(repeat('(', 3999) || 'a');
SELECT error_code FROM llm_answer(repeat('''', 3999) || 'a');
SELECT error_code FROM llm_answer(E'a\u0001b\u0085c');
SELECT error_code FROM llm_answer('SELECT 1; DROP TABLE x; --');
SELECT error_code FROM llm_answer('1' || repeat('+1', 1990));
