/*
 * policy.c
 *		What may be asked of the database, as far as the text tells: one small
 *		function and one row for each rule.
 *
 * These are the early and readable refusals.  The analysed query is looked at
 * again (judge.c), so nothing is lost where a server reads a text differently
 * from the parser library.
 */
#include "postgres.h"

#include "guard/finding.h"
#include "guard/functions.h"
#include "guard/policy.h"

/*
 * Relations in one query.  The planner tries join orders among them, which
 * takes seconds long before this many; questions of people join a dozen.
 */
#define MAX_RELATIONS		64

/* UNION, INTERSECT and EXCEPT in one query: one for each month, and more. */
#define MAX_SET_OPERATIONS	32

/* Rows that a series of constants may make without a LIMIT around it. */
#define MAX_SERIES_ROWS		1000000

/* One look at a statement. */
typedef struct Policy
{
	const AllmTree *tree;
	List	   *findings;		/* of AllmFinding */
	int			relations;
	int			set_operations;
} Policy;

/* A rule about a member of the tree, by its name. */
typedef struct Rule
{
	const char *key;
	void		(*check) (Policy *policy, const AllmJson *value);
} Rule;

static void refuse_write(Policy *policy, const AllmJson *value);
static void refuse_into(Policy *policy, const AllmJson *value);
static void refuse_locking(Policy *policy, const AllmJson *value);
static void refuse_parameter(Policy *policy, const AllmJson *value);
static void count_relation(Policy *policy, const AllmJson *value);
static void count_set_operation(Policy *policy, const AllmJson *value);
static void limit_series(Policy *policy, const AllmJson *value);
static void refuse_catalog_type(Policy *policy, const AllmJson *value);

static const Rule rules[] =
{
	{"DeleteStmt", refuse_write},
	{"FuncCall", limit_series},
	{"InsertStmt", refuse_write},
	{"MergeStmt", refuse_write},
	{"ParamRef", refuse_parameter},
	{"RangeVar", count_relation},
	{"UpdateStmt", refuse_write},
	{"intoClause", refuse_into},
	{"lockingClause", refuse_locking},
	{"op", count_set_operation},
	{"typeName", refuse_catalog_type},
};

/* First letters of the names in the rules. */
static const bool is_first_letter[128] = {
	['D'] = true,['F'] = true,['I'] = true,['M'] = true,['P'] = true,
	['R'] = true,['U'] = true,['i'] = true,['l'] = true,
	['o'] = true,['t'] = true,
};

static bool is_one_select(Policy *policy);
static void apply_rules(Policy *policy, const AllmJson *node);
static void add_error(Policy *policy, const char *code, int pos,
					  const char *message);
static bool is_limited(const AllmJson *node);
static bool read_number(const AllmJson *node, double *number);

/*
 * The findings for a text: whether it is one query, and what is in it that no
 * query may have.
 */
List *
allm_policy_check(const AllmTree *tree)
{
	Policy		policy = {.tree = tree};

	if (is_one_select(&policy))
		apply_rules(&policy, tree->statements->first);
	if (policy.relations > MAX_RELATIONS)
		add_error(&policy, "policy_limit", 0,
				  psprintf("the query reads more than %d relations",
						   MAX_RELATIONS));
	if (policy.set_operations > MAX_SET_OPERATIONS)
		add_error(&policy, "policy_limit", 0,
				  psprintf("the query has more than %d set operations",
						   MAX_SET_OPERATIONS));
	return policy.findings;
}

/* Exactly one statement, which is SELECT, VALUES or TABLE? */
static bool
is_one_select(Policy *policy)
{
	int			n = allm_tree_length(policy->tree->statements);
	AllmJson   *statement = allm_json_get(policy->tree->statements->first,
										  "stmt");

	if (n == 0)
		add_error(policy, "syntax_error", 0, "the text has no statement");
	else if (n > 1)
		add_error(policy, "policy_statement", 0,
				  "only one statement may be run at a time");
	else if (strcmp(allm_tree_type(statement), "SelectStmt") != 0)
		add_error(policy, "policy_statement", 0,
				  "only SELECT, VALUES and TABLE may be run");
	return policy->findings == NIL;
}

/*
 * Applies the rules to all members below a node, each before what is below it.
 * Most names of members differ from those of all rules in their first letters.
 */
static void
apply_rules(Policy *policy, const AllmJson *root)
{
	const AllmJson *node = root;

	while (node != NULL)
	{
		const char *key = node->key;

		if (key != NULL && is_first_letter[key[0] & 0x7F])
		{
			for (int i = 0; i < lengthof(rules); i++)
			{
				if (rules[i].key[0] == key[0] && rules[i].key[1] == key[1] &&
					strcmp(rules[i].key, key) == 0)
					rules[i].check(policy, node);
			}
		}
		if (node->first != NULL)
			node = node->first;
		else
		{
			while (node != root && node->next == NULL)
				node = node->parent;
			node = node == root ? NULL : node->next;
		}
	}
}

/* Adds a finding unless the same has been said. */
static void
add_error(Policy *policy, const char *code, int pos, const char *message)
{
	allm_finding_add(&policy->findings,
					 allm_finding_make(true, code, pos, "%s", message));
}

/* A data-modifying WITH is a write, whatever the outer statement is. */
static void
refuse_write(Policy *policy, const AllmJson *value)
{
	add_error(policy, "policy_write", 0, "a query may not change data");
}

/* SELECT INTO makes a table. */
static void
refuse_into(Policy *policy, const AllmJson *value)
{
	add_error(policy, "policy_write",
			  allm_tree_pos(policy->tree,
							allm_json_get(value, "rel")),
			  "a query may not make a table with SELECT INTO");
}

/* FOR UPDATE and FOR SHARE write to the rows, and make others wait. */
static void
refuse_locking(Policy *policy, const AllmJson *value)
{
	add_error(policy, "policy_write", 0,
			  "a query may not lock rows with FOR UPDATE or FOR SHARE");
}

/* There is nobody to give parameters a value. */
static void
refuse_parameter(Policy *policy, const AllmJson *value)
{
	add_error(policy, "undefined_parameter",
			  allm_tree_pos(policy->tree, value),
			  psprintf("there is no parameter $%d",
					   (int) allm_json_get_int(value, "number", 0)));
}

/* Each mention counts, since each is joined by itself. */
static void
count_relation(Policy *policy, const AllmJson *value)
{
	policy->relations++;
}

/* Other nodes have a member "op" as well. */
static void
count_set_operation(Policy *policy, const AllmJson *value)
{
	if (value->text != NULL && strncmp(value->text, "SETOP_", 6) == 0 &&
		strcmp(value->text, "SETOP_NONE") != 0)
		policy->set_operations++;
}

/* generate_series of constants tells beforehand how many rows it makes. */
static void
limit_series(Policy *policy, const AllmJson *value)
{
	List	   *parts = allm_tree_names(allm_json_get(value, "funcname"));
	AllmJson   *args = allm_json_get(value, "args");
	double		bounds[3] = {0, 0, 1};
	int			n = 0;

	if (parts == NIL || llast(parts) == NULL ||
		strcmp(llast(parts), "generate_series") != 0 || args == NULL)
		return;
	for (AllmJson *e = args->first; e != NULL && n < 3; e = e->next)
	{
		if (!read_number(e, &bounds[n++]))
			return;
	}
	if (n < 2 || bounds[2] == 0 ||
		(bounds[1] - bounds[0]) / bounds[2] < MAX_SERIES_ROWS ||
		is_limited(value))
		return;
	add_error(policy, "policy_limit", allm_tree_pos(policy->tree, value),
			  psprintf("a series of more than %d rows needs a LIMIT",
					   MAX_SERIES_ROWS));
}

/* Does a node stand in a query that has a LIMIT? */
static bool
is_limited(const AllmJson *node)
{
	for (; node != NULL; node = node->parent)
	{
		if (allm_json_get(node, "limitCount") != NULL)
			return true;
	}
	return false;
}

/*
 * A cast to regclass or its like.  The analysed query is looked at for it as
 * well; here it is refused before the server says whether the name is one.
 */
static void
refuse_catalog_type(Policy *policy, const AllmJson *value)
{
	List	   *parts = allm_tree_names(allm_json_get(value, "names"));

	if (parts == NIL || llast(parts) == NULL ||
		!allm_functions_is_catalog_type(llast(parts)))
		return;
	add_error(policy, "policy_catalog", allm_tree_pos(policy->tree, value),
			  psprintf("type %s may not be used in a query",
					   (char *) llast(parts)));
}

/* Is an expression a number, perhaps with a cast? */
static bool
read_number(const AllmJson *node, double *number)
{
	const AllmJson *constant;
	const char *text;

	while (allm_json_get(node, "TypeCast") != NULL)
		node = allm_json_get(allm_json_get(node, "TypeCast"), "arg");
	constant = allm_json_get(node, "A_Const");
	if (allm_json_get(constant, "ival") != NULL)
	{
		/* A zero is not written out. */
		*number = allm_json_get_int(allm_json_get(constant, "ival"), "ival", 0);
		return true;
	}
	text = allm_json_get_text(allm_json_get(constant, "fval"), "fval");
	if (text == NULL)
		return false;
	*number = strtod(text, NULL);
	return true;
}
