/*
 * The children of a process. wait4 asks for the first that has something to report, and whether
 * there are any at all: children that have exited, or have stopped or gone on, stand in a tree,
 * those that have exited first, by their order, and children are counted by whether clone made them
 * (__WCLONE).
 */
#include "process/children.h"

#include "machine/machine.h"
#include "machine/task.h"

#include <signal.h>
#include <stddef.h>

static struct task *task_of(const struct avl_node *node)
{
	return node ? container_of(node, struct task, report) : NULL;
}

/* Exits stand before stops, and each by birth. */
static bool is_before(const struct avl_node *a, const struct avl_node *b)
{
	const struct task *first = task_of(a), *second = task_of(b);

	if (first->reports_exit != second->reports_exit)
		return first->reports_exit;
	return first->birth < second->birth;
}

void children_init(struct task *task)
{
	list_init(&task->children);
	list_init(&task->sibling);
	task->reports.less = is_before;
}

/* Counts a child, or (n -1) counts it no more. */
static void count(struct task *child, int n)
{
	struct task *parent = child->parent;
	const bool clone = child->exit_signal != SIGCHLD;

	parent->nchildren[clone] += (unsigned)n;
	if (child->reports_exit)
		parent->nexited[clone] += (unsigned)n;
}

/* Enters what a child has to report. It has nothing to report before. */
static void enter(struct task *child)
{
	child->reports_exit = child->nthreads == 0;
	if (child->reports_exit || (child->stop_signal && !child->stop_told) || child->continued)
		avl_insert(&child->parent->reports, &child->report);
}

static void erase(struct task *child)
{
	avl_erase(&child->parent->reports, &child->report);
}

static bool has_parent(const struct task *child)
{
	return !list_empty(&child->sibling);
}

void child_add(struct task *child)
{
	child->birth = child->machine->next_birth++;
	list_add_tail(&child->sibling, &child->parent->children);
	enter(child);
	count(child, 1);
}

void child_remove(struct task *child)
{
	if (!has_parent(child))
		return;
	count(child, -1);
	erase(child);
	list_del(&child->sibling);
}

void child_replace(struct task *leader, struct task *by)
{
	by->parent = leader->parent;
	by->exit_signal = leader->exit_signal;
	if (has_parent(leader)) {
		by->birth = leader->birth;
		list_add_tail(&by->sibling, &leader->sibling);
		child_remove(leader);
		enter(by);
		count(by, 1);
	}
	list_for_each_safe(pos, next, &leader->children) {
		list_del(pos);
		list_add_tail(pos, &by->children);
		container_of(pos, struct task, sibling)->parent = by;
	}
	by->reports = leader->reports;
	leader->reports.root = NULL;
	for (size_t i = 0; i < 2; i++) {
		by->nchildren[i] = leader->nchildren[i];
		by->nexited[i] = leader->nexited[i];
	}
}

void child_set_exit_signal(struct task *child, int signal)
{
	if (has_parent(child))
		count(child, -1);
	child->exit_signal = signal;
	if (has_parent(child))
		count(child, 1);
}

void child_changed(struct task *child)
{
	if (!has_parent(child))
		return;
	count(child, -1);
	erase(child);
	enter(child);
	count(child, 1);
}

struct task *child_first_exited(const struct task *parent)
{
	struct task *first = task_of(avl_first(&parent->reports));

	return first && first->reports_exit ? first : NULL;
}

static bool is_exit(const struct avl_node *node, const void *key)
{
	(void)key;
	return task_of(node)->reports_exit;
}

struct task *child_first_stopped(const struct task *parent)
{
	return task_of(avl_lower(&parent->reports, is_exit, NULL));
}

struct task *child_next_report(const struct task *child)
{
	struct task *next = task_of(avl_next(&child->report));

	return next && next->reports_exit == child->reports_exit ? next : NULL;
}
