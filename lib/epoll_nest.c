/*
 * Epolls that watch epolls: that they make no loop, do not nest too deep, and that one event does
 * not wake too many of them. As fs/eventpoll.c counts.
 */
#include "epoll.h"

#include "vfs/file.h"
#include "machine/machine.h"

#include <errno.h>

/* One search through all that hangs together; each epoll in it is looked at once. */
struct search {
	const struct eventpoll *inserting_into;
	uint64_t number;
	int depth; /* of the epoll whose entries are looked at */
	int result;
};

static int max_int(int a, int b)
{
	return a > b ? a : b;
}

static int ep_loop_check_proc(const struct search *s, struct eventpoll *ep, int depth);

static bool look_below(struct epitem *item, void *ctx)
{
	struct search *s = ctx;
	struct eventpoll *below = file_epoll(item->file);

	if (!below)
		return true;
	if (below == s->inserting_into || s->depth > EP_MAX_NESTS)
		s->result = EP_MAX_NESTS + 1;
	else
		s->result = max_int(s->result, ep_loop_check_proc(s, below, s->depth + 1) + 1);
	return s->result <= EP_MAX_NESTS;
}

/* How deep it goes below ep, or more than is allowed when that leads to inserting_into. */
static int ep_loop_check_proc(const struct search *s, struct eventpoll *ep, int depth)
{
	struct search here = { s->inserting_into, s->number, depth, 0 };

	if (ep->visited == s->number)
		return ep->depth;
	ep->visited = s->number;
	ep_each(ep, look_below, &here);
	ep->depth = here.result;
	return here.result;
}

/* How many epolls stand above each other over ep. There are no loops, so that this ends. */
static int ep_get_upwards_depth_proc(uint64_t number, struct eventpoll *ep)
{
	int result = 0;

	if (ep->visited == number)
		return ep->depth;
	for (const struct epitem *i = ep->file->f_ep; i; i = i->next_of_file)
		result = max_int(result, ep_get_upwards_depth_proc(number, i->ep) + 1);
	ep->visited = number;
	ep->depth = result;
	return result;
}

int ep_loop_check(struct eventpoll *ep, struct eventpoll *to)
{
	const struct search s = { .inserting_into = ep, .number = ++ep->machine->epoll_searches };
	int depth = ep_loop_check_proc(&s, to, 0);

	if (depth > EP_MAX_NESTS)
		return -ELOOP;
	return depth + 1 + ep_get_upwards_depth_proc(s.number, ep) > EP_MAX_NESTS ? -ELOOP : 0;
}

/* How many paths of each length one file may have to epolls that nobody watches. */
static const int path_limits[] = { 1000, 500, 100, 50, 10 };
#define PATH_ARR_SIZE ((int)(sizeof(path_limits) / sizeof(path_limits[0])))

/* Any number of paths of length 1. */
static int path_count_inc(int *count, int nests)
{
	if (nests == 0)
		return 0;
	return ++count[nests] > path_limits[nests] ? -EINVAL : 0;
}

static int reverse_path_check_proc(const struct file *f, int *count, int depth)
{
	int error = 0;

	if (depth > EP_MAX_NESTS)
		return -EINVAL;
	for (const struct epitem *i = f->f_ep; i && !error; i = i->next_of_file) {
		if (!i->ep->file->f_ep)
			error = path_count_inc(count, depth);
		else
			error = reverse_path_check_proc(i->ep->file, count, depth + 1);
	}
	return error;
}

static bool check_below(struct epitem *item, void *ctx)
{
	int *error = ctx;

	*error = reverse_path_check(item->file);
	return !*error;
}

int reverse_path_check(const struct file *f)
{
	int count[PATH_ARR_SIZE] = { 0 }, error = 0;

	if (!file_epoll(f))
		return reverse_path_check_proc(f, count, 0);
	ep_each(file_epoll(f), check_below, &error);
	return error;
}
