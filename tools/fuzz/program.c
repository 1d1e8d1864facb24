/*
 * Lines of random programs: a call of the program's tables is chosen by weight, and writes its
 * arguments; what came of it is remembered.
 */
#include "fuzz/program.h"

#include "cli/number.h"
#include "fuzz/writer.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* splitmix64: every state is valid. */
uint64_t fuzz_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t fuzz_below(struct fuzz_program *p, uint64_t n)
{
	return fuzz_random(&p->random) % n;
}

bool fuzz_one_in(struct fuzz_program *p, uint64_t n)
{
	return fuzz_below(p, n) == 0;
}

/* ---- numbers -------------------------------------------------------------------------------- */

/* Where tables grow, where words of bitmaps end, and numbers that are no descriptors. */
static const int edges[] = { 31,   32,   33,   62,   63,   64,   65,  66,      126,    127,  128,
			     129,  191,  192,  255,  256,  257,  511, 512,     513,    1022, 1023,
			     1024, 1025, 2047, 2048, 4095, 4096, -1,  INT_MAX, INT_MIN };

int fuzz_any_fd(struct fuzz_program *p)
{
	switch (fuzz_below(p, 10)) {
	case 0 ... 3:
		return p->nrecent ? p->recent[fuzz_below(p, p->nrecent)].fd : 0;
	case 4 ... 6:
		return (int)fuzz_below(p, 10);
	case 7:
		return (int)(p->limit + fuzz_below(p, 3)) - 1;
	default:
		return PICK(p, edges);
	}
}

/* A descriptor that is likely to be open. */
int fuzz_open_fd(struct fuzz_program *p)
{
	if (fuzz_one_in(p, 8))
		return fuzz_any_fd(p);
	return p->nrecent && fuzz_one_in(p, 2) ? p->recent[fuzz_below(p, p->nrecent)].fd
					       : (int)fuzz_below(p, 6);
}

int fuzz_any_pid(struct fuzz_program *p)
{
	if (fuzz_one_in(p, 10))
		return (int)fuzz_below(p, (uint64_t)p->last_pid + 2);
	return p->task[fuzz_below(p, p->ntasks)].pid;
}

int fuzz_fd_of(struct fuzz_program *p, enum fuzz_kind kind)
{
	for (int i = 0; i < 12 && p->nrecent; i++) {
		const struct fuzz_fd *f = &p->recent[fuzz_below(p, p->nrecent)];

		if (f->kind == kind && !fuzz_one_in(p, 12))
			return f->fd;
	}
	return fuzz_open_fd(p);
}

void fuzz_put(struct program_writer *w, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(w->line + w->len, FUZZ_LINE_MAX - w->len, format, args);
	va_end(args);
	if (n > 0)
		w->len += (size_t)n;
	if (w->len >= FUZZ_LINE_MAX)
		abort(); /* no line here is that long */
}

/* ---- the choice ----------------------------------------------------------------------------- */

static const struct fuzz_call *const of_tables[] = { fuzz_table_calls, NULL };
static const struct fuzz_call *const of_files[] = { fuzz_table_calls, fuzz_file_calls, NULL };
static const struct fuzz_call *const of_objects[] = { fuzz_file_calls, fuzz_object_calls, NULL };
static const struct fuzz_call *const of_sockets[] = { fuzz_object_calls, fuzz_socket_calls, NULL };
static const struct fuzz_call *const of_all[] = { fuzz_table_calls, fuzz_file_calls,
						  fuzz_object_calls, fuzz_socket_calls, NULL };

const struct fuzz_topic fuzz_topics[] = {
	{ "tables", of_tables },   { "files", of_files }, { "objects", of_objects },
	{ "sockets", of_sockets }, { "all", of_all },     { 0 },
};

static const struct fuzz_call *choose_call(struct fuzz_program *p)
{
	const struct fuzz_call *const *tables = p->topic->tables;
	unsigned total = 0;
	uint64_t at;

	for (size_t t = 0; tables[t]; t++)
		for (const struct fuzz_call *c = tables[t]; c->weight; c++)
			total += c->weight;
	at = fuzz_below(p, total);
	for (size_t t = 0; tables[t]; t++) {
		for (const struct fuzz_call *c = tables[t]; c->weight; c++) {
			if (at < c->weight)
				return c;
			at -= c->weight;
		}
	}
	return NULL;
}

/* Mostly a task that does not wait. */
static const struct fuzz_task *choose_task(struct fuzz_program *p)
{
	const struct fuzz_task *t = NULL;

	for (int i = 0; i < 8; i++) {
		t = &p->task[fuzz_below(p, p->ntasks)];
		if (!t->busy)
			break;
	}
	return t;
}

const char *const fuzz_first[FUZZ_FIRST] = {
	"1 open(\"/dev/null\", O_RDWR)",
	"1 dup2(3, 0)",
	"1 dup2(3, 1)",
	"1 dup2(3, 2)",
	"1 close(3)",
};

void fuzz_program_next(struct fuzz_program *p, char line[FUZZ_LINE_MAX])
{
	struct program_writer w = { .p = p, .line = line };
	const struct fuzz_call *call;

	p->makes_thread = false;
	p->makes = KIND_OTHER;
	if (p->nlines < FUZZ_FIRST) {
		p->maker = p->task[0];
		fuzz_put(&w, "%s", fuzz_first[p->nlines++]);
		return;
	}
	p->nlines++;
	p->maker = *choose_task(p);
	do
		call = choose_call(p);
	while (call->makes && p->ntasks == FUZZ_TASKS);
	fuzz_put(&w, "%d ", p->maker.pid);
	call->put(&w);
}

/* ---- what came of it ------------------------------------------------------------------------ */

static struct fuzz_task *find_task(struct fuzz_program *p, int pid)
{
	for (size_t i = 0; i < p->ntasks; i++)
		if (p->task[i].pid == pid)
			return &p->task[i];
	return NULL;
}

static void add_task(struct fuzz_program *p, int pid)
{
	if (pid > p->last_pid)
		p->last_pid = pid;
	if (p->ntasks == FUZZ_TASKS || find_task(p, pid))
		return;
	p->threads |= p->makes_thread;
	p->task[p->ntasks++] = (struct fuzz_task){
		.pid = pid,
		.leader = p->makes_thread ? p->maker.leader : pid,
	};
}

static void remove_task(struct fuzz_program *p, int pid)
{
	struct fuzz_task *t = find_task(p, pid);

	if (t && pid != 1)
		*t = p->task[--p->ntasks];
}

static void add_recent(struct fuzz_program *p, int fd)
{
	if (p->nrecent < FUZZ_RECENT)
		p->recent[p->nrecent++] = (struct fuzz_fd){ fd, p->makes };
	else
		p->recent[fuzz_below(p, FUZZ_RECENT)] = (struct fuzz_fd){ fd, p->makes };
}

/* The two descriptors that a call gives between brackets. */
static void add_pair(struct fuzz_program *p, const char *call)
{
	uint64_t fd;
	const char *at = strchr(call, '[');

	at = at ? decimal_at(at + 1, &fd) : NULL;
	if (!at)
		return;
	add_recent(p, (int)fd);
	if (!strncmp(at, ", ", 2) && decimal_at(at + 2, &fd))
		add_recent(p, (int)fd);
}

static bool is_about(const char *call, const char *name)
{
	return !strncmp(call, name, strlen(name));
}

static bool makes_task(const char *call)
{
	return is_about(call, "fork(") || is_about(call, "vfork(") || is_about(call, "clone(") ||
	       is_about(call, "clone3(") || is_about(call, "<... vfork ") ||
	       is_about(call, "<... clone");
}

static bool makes_descriptor(const char *call)
{
	static const char *const names[] = { "dup",          "open",           "creat",
					     "fcntl(",       "socket(",        "accept",
					     "eventfd",      "timerfd_create", "signalfd",
					     "epoll_create", "inotify_init",   "memfd_",
					     "pidfd_open",   "pidfd_getfd" };

	for (size_t i = 0; i < N(names); i++)
		if (is_about(call, names[i]))
			return true;
	return false;
}

/* A call that waits has no result yet. A vfork that waits has made its task. */
static void told_waiting(struct fuzz_program *p, struct fuzz_task *task, const char *call)
{
	if (task) {
		task->busy = true;
		task->reserves = makes_descriptor(call);
	}
	if (makes_task(call))
		add_task(p, p->last_pid + 1);
}

/* The number at the beginning of a result; 0: there is none. */
static int number_in(const char *result)
{
	uint64_t number;

	return decimal_at(result, &number) ? (int)number : 0;
}

static void told_result(struct fuzz_program *p, int pid, const char *call, const char *result)
{
	const bool failed = is_about(result, "-1 ");
	struct fuzz_task *task = find_task(p, pid);

	if (is_about(call, "<...") && task)
		task->busy = task->reserves = false;
	if (failed && strstr(result, "# there is no task"))
		remove_task(p, pid);
	else if (failed && strstr(result, "# task") && strstr(result, "has exited"))
		remove_task(p, pid);
	else if (failed && strstr(result, "# task") && task)
		task->busy = true; /* or stopped: other tasks have their turn for a while */
	else if (*result == '?')
		remove_task(p, pid);
	else if (!failed && makes_task(call))
		add_task(p, number_in(result));
	else if (!failed && (is_about(call, "pipe") || is_about(call, "socketpair")))
		add_pair(p, call);
	else if (!failed && makes_descriptor(call))
		add_recent(p, number_in(result));
}

void fuzz_program_told(struct fuzz_program *p, const char *replies)
{
	while (*replies) {
		size_t len = strcspn(replies, "\n");
		char reply[1024], *call, *result;
		uint64_t pid = 0;

		snprintf(reply, sizeof(reply), "%.*s", (int)len, replies);
		replies += len + (replies[len] == '\n');
		call = (char *)decimal_at(reply, &pid);
		call = call ? call + (*call == ' ') : reply;
		result = strstr(call, ") = ");
		if (result)
			told_result(p, (int)pid, call, result + strlen(") = "));
		else
			told_waiting(p, find_task(p, (int)pid), call);
	}
	/* A task that was stopped may have been continued. */
	if (fuzz_one_in(p, 50))
		for (size_t i = 0; i < p->ntasks; i++)
			p->task[i].busy = false;
}

void fuzz_program_start(struct fuzz_program *p, const struct fuzz_topic *topic, uint64_t seed,
			uint64_t hard)
{
	static const uint64_t limits[] = {
		16, 63, 64, 65, 100, 127, 128, 129, 256, 1000, 1024, 2048
	};

	*p = (struct fuzz_program){
		.random = seed,
		.topic = topic,
		.task = { { .pid = 1, .leader = 1 } },
		.ntasks = 1,
		.last_pid = 1,
	};
	p->nofile = PICK(p, limits);
	p->nofile_hard = fuzz_one_in(p, 3) ? p->nofile : 4096;
	if (p->nofile_hard > hard)
		p->nofile_hard = hard;
	if (p->nofile > p->nofile_hard)
		p->nofile = p->nofile_hard;
	p->limit = p->nofile;
}
