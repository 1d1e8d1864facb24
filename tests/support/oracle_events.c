#include "support/oracle_events.h"

void *oracle_room(struct arena *arena, size_t size)
{
	void *p = arena_alloc(arena, size ? size : 1);

	if (!p)
		abort();
	memset(p, 0, size);
	return p;
}

static void *real_pollfds(struct arena *arena, const struct fdl_arg *a)
{
	struct pollfd *p = oracle_room(arena, (size_t)a->num * sizeof(*p));

	for (int64_t i = 0; i < a->num; i++)
		p[i] = (struct pollfd){ (int)a->sub[i].sub[POLLFD_FD].num,
					(short)a->sub[i].sub[POLLFD_EVENTS].num, 0 };
	return p;
}

static void *real_fdset(struct arena *arena, const struct fdl_arg *a)
{
	fd_set *set = oracle_room(arena, sizeof(*set));

	for (int64_t i = 0; i < a->num; i++)
		FD_SET(a->sub[i].sub[FDSET_FD].num, set);
	return set;
}

/* Numbers one after the other, like the fields of times. */
static int64_t *real_numbers(struct arena *arena, const struct fdl_arg *a, size_t n)
{
	int64_t *p = oracle_room(arena, n * sizeof(*p));

	for (size_t i = 0; i < n; i++)
		p[i] = a->sub[i].num;
	return p;
}

static void *real_sigset(struct arena *arena, const struct fdl_arg *a)
{
	uint64_t *set = oracle_room(arena, sizeof(*set));

	*set = sigset_bits(a);
	return set;
}

static void *real_epoll_event(struct arena *arena, const struct fdl_arg *a)
{
	struct epoll_event *event = oracle_room(arena, sizeof(*event));

	event->events = (uint32_t)a->sub[EPOLL_EVENT_EVENTS].num;
	event->data.u64 = (uint64_t)a->sub[EPOLL_EVENT_DATA].sub[EPOLL_DATA_U64].num;
	return event;
}

static void *real_itimerspec(struct arena *arena, const struct fdl_arg *a)
{
	int64_t *times = oracle_room(arena, 4 * sizeof(*times));

	for (size_t i = 0; i < 4; i++)
		times[i] = a->sub[i / 2].sub ? a->sub[i / 2].sub[i % 2].num : 0;
	return times;
}

bool event_out(struct arena *arena, const struct param *p, long *v)
{
	if (!p->out || (p->type != &type_epoll_events && p->type != &type_itimerspec &&
			p->type != &type_sigset))
		return false;
	*v = (long)oracle_room(arena, 64 * sizeof(struct epoll_event));
	return true;
}

void itimerspec_filled(struct arena *arena, struct fdl_arg *a, const int64_t *times)
{
	a->num = ITIMERSPEC_FIELDS;
	a->sub = oracle_room(arena, 2 * sizeof(*a->sub));
	for (size_t i = 0; i < 2; i++) {
		struct fdl_arg *time = oracle_room(arena, 2 * sizeof(*time));

		time[TIMESPEC_SEC].num = times[2 * i] + (times[2 * i + 1] > 1000000);
		a->sub[i] = (struct fdl_arg){ .num = 2, .sub = time };
	}
}

void event_filled(struct arena *arena, struct fdl_arg *a, long v, int64_t result)
{
	const struct epoll_event *event = (const struct epoll_event *)v;

	*a = (struct fdl_arg){ .num = result };
	a->sub = oracle_room(arena, (size_t)result * sizeof(*a->sub));
	for (int64_t i = 0; i < result; i++) {
		struct fdl_arg *sub = oracle_room(arena, 2 * sizeof(*sub));

		sub[EPOLL_EVENT_EVENTS].num = event[i].events;
		sub[EPOLL_EVENT_DATA].num = EPOLL_DATA_FIELDS;
		sub[EPOLL_EVENT_DATA].sub = oracle_room(arena, 2 * sizeof(*sub));
		sub[EPOLL_EVENT_DATA].sub[EPOLL_DATA_U32].num = event[i].data.u32;
		sub[EPOLL_EVENT_DATA].sub[EPOLL_DATA_U64].num = (int64_t)event[i].data.u64;
		a->sub[i] = (struct fdl_arg){ .num = 2, .sub = sub };
	}
}

static void *real_sigsetarg(struct arena *arena, const struct fdl_arg *a)
{
	long *pair = oracle_room(arena, 2 * sizeof(*pair));

	pair[0] = a->sub[0].sub ? (long)real_sigset(arena, &a->sub[0]) : a->sub[0].num;
	pair[1] = a->sub[1].num;
	return pair;
}

static void *real_pair(struct arena *arena, const struct fdl_arg *a)
{
	return real_numbers(arena, a, 2);
}

bool event_in(struct arena *arena, const struct param *p, const struct fdl_arg *a, long *v)
{
	static const struct {
		const struct type *type;
		void *(*real)(struct arena *arena, const struct fdl_arg *a);
	} known[] = {
		{ &type_pollfds, real_pollfds },
		{ &type_fdset, real_fdset },
		{ &type_sigset, real_sigset },
		{ &type_itimerspec, real_itimerspec },
		{ &type_epoll_event, real_epoll_event },
		{ &type_sigsetarg, real_sigsetarg },
		{ &type_timeout, real_pair },
		{ &type_timeoutval, real_pair },
		{ &type_timespec, real_pair },
		{ &type_timeval, real_pair },
	};

	for (size_t i = 0; !p->out && i < sizeof(known) / sizeof(known[0]); i++) {
		if (p->type != known[i].type)
			continue;
		*v = a->sub ? (long)known[i].real(arena, a) : (long)a->num;
		return true;
	}
	return false;
}

void event_back(const struct param *p, struct fdl_arg *a, long v)
{
	if (!a->sub)
		return;
	for (int64_t i = 0; p->type == &type_pollfds && i < a->num; i++)
		a->sub[i].sub[POLLFD_REVENTS].num = (uint16_t)((struct pollfd *)v)[i].revents;
	for (int64_t i = 0; p->type == &type_fdset && i < a->num; i++)
		a->sub[i].sub[FDSET_READY].num =
			FD_ISSET(a->sub[i].sub[FDSET_FD].num, (fd_set *)v) != 0;
}

void put_event_remark(struct text *t, const struct fdl_row *row, const struct fdl_arg *arg,
		      int64_t result)
{
	struct text remark = TEXT_EMPTY;
	char *left;

	if (!row->result || !row->result->remark)
		return;
	row->result->remark(&remark, row, arg, result);
	if (remark.s) {
		left = strstr(remark.s, ", left");
		if (left)
			*left = '\0';
		text_printf(t, " (%s)", remark.s);
	}
	text_free(&remark);
}
