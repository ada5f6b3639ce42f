/*
 * joint.c
 *		What is said of the rows that lie between two things.
 */
#include "postgres.h"

#include "semantic/joint.h"

/* Is the test one of the rows that a link has to the things of a set? */
static bool
tests_link(const AllmTest *test, const AllmStep *link)
{
	const AllmStep *step;

	if (test->kind != ALLM_TEST_EXISTS ||
		(list_length(test->steps) != 1 && !test->loose))
		return false;
	step = linitial(test->steps);
	return link->up && !step->up && step->key == link->key;
}

/*
 * Is something tested of the link over which a set is reached?  Between things
 * of one kind, "states bordering states that border x", it is another link.
 */
bool
allm_joint_is_tested(const List *steps, const AllmSet *set)
{
	const AllmStep *first = linitial(steps);
	ListCell   *cell;

	if (!first->up && first->key->to == set->relation)
		return false;
	foreach(cell, list_length(steps) > 1 ? set->tests : NIL)
	{
		if (tests_link(lfirst(cell), llast(steps)))
			return true;
	}
	return false;
}

/*
 * The link over which a set is reached, with what is tested of it: what is said
 * of a link, "with an editor whose work type is x", is said of the very one
 * that leads to the thing.
 */
AllmSet *
allm_joint_make(AllmStep *last, const AllmSet *set)
{
	AllmSet    *link = allm_tree_set(last->key->from, 0);
	AllmSet    *rest = allm_tree_set(set->relation, 0);
	ListCell   *cell;

	foreach(cell, set->tests)
	{
		AllmTest   *test = lfirst(cell);

		if (tests_link(test, last) && !test->negated)
		{
			List	   *beyond = list_copy_tail(test->steps, 1);

			/* "bought x in y": what was bought there is said of the link. */
			link->tests = beyond == NIL ?
				list_concat(link->tests, test->set->tests) :
				lappend(link->tests, allm_tree_exists(beyond, test->set, false));
		}
		else
			rest->tests = lappend(rest->tests, test);
	}
	link->tests = lappend(link->tests,
						  allm_tree_exists(list_make1(last), rest, false));
	return link;
}
