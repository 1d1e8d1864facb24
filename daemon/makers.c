/*
 * The copies of the daemon that make texts. Each has two pipes to the daemon: file numbers go in,
 * and texts come out, in the same order. It ends when the daemon has closed the first one.
 */
#include "makers.h"
#include "lab.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#define MAKERS_MAX 4                 /* copies at a time */
#define CHUNK      ((size_t)1 << 20) /* bytes that are read of a text before other events */
#define PIPE_BYTES (1 << 20)
#define SCRATCH    ((size_t)1 << 16)

/* Copies that are not asked keep memory that the daemon has changed since. */
static const struct timeval idle_time = { .tv_sec = 2 };

/* Comes before each text. */
struct head {
	int error;
	size_t len;
};

TAILQ_HEAD(makings, wanted_text);

struct wanted_text {
	TAILQ_ENTRY(wanted_text) next;
	fdl_ino ino;
	uint64_t line; /* the last one of its maker's transcript */
	made_fn *done; /* NULL: it was dropped */
	void *ctx;
};

struct text_maker {
	LIST_ENTRY(text_maker) link;
	struct makers *makers;
	pid_t pid;
	int to, from;        /* to: -1 when it is to end */
	struct event *event; /* of from, and of a time without texts */
	uint64_t generation; /* of its machine */
	uint64_t line;       /* the last one of its transcript */
	struct makings asked;
	struct head head; /* of the text that comes */
	size_t nhead;     /* bytes of it that have come */
	char *text;       /* NULL: there is no memory for it */
	size_t len;       /* bytes of the text that have come */
};

struct makers {
	struct event_base *base;
	struct fdl_machine *machine;
	LIST_HEAD(, text_maker) list;
	unsigned n;
	struct makings waiting; /* for one of the copies to end */
	struct event *turn;     /* has a look at what waits */
	struct lab_server server;
};

/* Takes texts for which there is no memory: the copy could not end before they are read. */
static char scratch[SCRATCH];

/* ---- in the copy ---- */

static bool put(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len) {
		const ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

/* Leaves the process standard error, for what sanitizers say, and the two pipes. */
static bool keep_only(int in, int out)
{
	const unsigned low = (unsigned)(in < out ? in : out),
		       high = (unsigned)(in < out ? out : in);

	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	return (low == STDERR_FILENO + 1 || !close_range(STDERR_FILENO + 1, low - 1, 0)) &&
	       (high == low + 1 || !close_range(low + 1, high - 1, 0)) &&
	       !close_range(high + 1, ~0U, 0);
}

__attribute__((noreturn)) static void make_texts(struct fdl_machine *m, int in, int out)
{
	fdl_ino ino;

	if (!keep_only(in, out))
		_exit(1);
	while (read(in, &ino, sizeof(ino)) == sizeof(ino)) {
		char *text = NULL;
		struct head head = { .len = 0 };

		head.error = fdl_read_node(m, ino, &text, &head.len);
		if (!put(out, &head, sizeof(head)) || !put(out, text, head.error ? 0 : head.len))
			break;
		if (!head.error)
			free(text);
	}
	_exit(0);
}

/* ---- the life of a copy ---- */

static void close_both(int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

/* Pipes as the copy needs them. False: there are no descriptors. */
static bool make_pipes(int in[2], int out[2])
{
	if (pipe2(in, O_CLOEXEC))
		return false;
	if (pipe2(out, O_CLOEXEC)) {
		close_both(in);
		return false;
	}
	(void)fcntl(out[0], F_SETPIPE_SZ, PIPE_BYTES);
	if (!fcntl(out[0], F_SETFL, O_NONBLOCK) && !fcntl(in[1], F_SETFL, O_NONBLOCK))
		return true;
	close_both(in);
	close_both(out);
	return false;
}

/*
 * Forks. The copy takes no signals: the daemon's handlers would write to its descriptors. -1: there
 * is no process.
 */
static pid_t fork_copy(struct fdl_machine *m, int in[2], int out[2])
{
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	pid = fork();
	if (!pid)
		make_texts(m, in[0], out[1]);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

static void on_text(evutil_socket_t fd, short what, void *arg);

static void free_maker(struct text_maker *k)
{
	if (k->event)
		event_free(k->event);
	if (k->to >= 0)
		close(k->to);
	if (k->from >= 0)
		close(k->from);
	free(k->text);
	free(k);
}

/* A copy of the daemon as it is now. NULL: there are no processes, descriptors or memory for it. */
static struct text_maker *start(struct makers *ms)
{
	struct text_maker *k = calloc(1, sizeof(*k));
	struct fdl_transcript transcript;
	int in[2], out[2];

	if (!k)
		return NULL;
	*k = (struct text_maker){ .makers = ms, .to = -1, .from = -1 };
	k->generation = fdl_generation(ms->machine);
	fdl_transcript(ms->machine, &transcript);
	k->line = transcript.last;
	TAILQ_INIT(&k->asked);
	if (!make_pipes(in, out))
		goto error;
	k->to = in[1];
	k->from = out[0];
	k->event = event_new(ms->base, k->from, EV_READ | EV_PERSIST, on_text, k);
	if (k->event && !event_add(k->event, &idle_time))
		k->pid = fork_copy(ms->machine, in, out);
	else
		k->pid = -1;
	close(in[0]);
	close(out[1]);
	if (k->pid < 0)
		goto error;
	LIST_INSERT_HEAD(&ms->list, k, link);
	ms->n++;
	return k;
error:
	free_maker(k);
	return NULL;
}

/* Has a copy end after what it was asked. */
static void dismiss(struct text_maker *k)
{
	if (k->to >= 0)
		close(k->to);
	k->to = -1;
}

/* Ends a making with a text or an error. */
static void finish(struct wanted_text *making, const struct fdl_made *made)
{
	if (making->done)
		making->done(making->ctx, made);
	else
		free(made->text);
	free(making);
}

/*
 * The copy has closed its end of the pipe: it ends, or has ended, and does not keep the daemon
 * waiting. Readers of texts that it did not make get an error.
 */
static void end(struct text_maker *k)
{
	struct fdl_made made = { .error = -EIO };
	struct makers *ms = k->makers;
	struct wanted_text *making;
	int status = 0;

	LIST_REMOVE(k, link);
	ms->n--;
	dismiss(k);
	/* A process gives back its memory before it closes its files. */
	if (waitpid(k->pid, &status, 0) == k->pid && WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGKILL)
		made.error = -ENOMEM;
	while ((making = TAILQ_FIRST(&k->asked)) != NULL) {
		TAILQ_REMOVE(&k->asked, making, next);
		finish(making, &made);
	}
	free_maker(k);
	if (!TAILQ_EMPTY(&ms->waiting))
		event_active(ms->turn, 0, 0);
}

/* ---- texts that come ---- */

/* The text of the first making is there, or its error. */
static void text_is_there(struct text_maker *k)
{
	struct wanted_text *making = TAILQ_FIRST(&k->asked);
	struct fdl_made made = { .error = k->head.error, .generation = k->generation };

	if (!made.error && !k->text)
		made.error = -ENOMEM;
	if (!made.error) {
		made.text = k->text;
		made.len = k->len;
	}
	TAILQ_REMOVE(&k->asked, making, next);
	k->text = NULL;
	k->len = k->nhead = 0;
	finish(making, &made);
}

/* The head has come: makes room for the text, if there is memory. */
static void begin_text(struct text_maker *k)
{
	if (k->head.error)
		return;
	k->text = malloc(k->head.len + 1);
	if (k->text)
		k->text[k->head.len] = '\0';
}

/* Where the next bytes that come belong; *room: how many. */
static char *place_of_next(struct text_maker *k, size_t *room)
{
	if (k->nhead < sizeof(k->head)) {
		*room = sizeof(k->head) - k->nhead;
		return (char *)&k->head + k->nhead;
	}
	*room = k->head.len - k->len;
	if (k->text)
		return k->text + k->len;
	if (*room > sizeof(scratch))
		*room = sizeof(scratch);
	return scratch;
}

/* Reads a piece of what comes. False: there is no more now; *ended: or never. */
static bool read_piece(struct text_maker *k, size_t *most, bool *ended)
{
	const bool in_head = k->nhead < sizeof(k->head);
	size_t room;
	char *to = place_of_next(k, &room);
	const ssize_t n = read(k->from, to, room < *most ? room : *most);

	/* A pipe that is read has no other errors than EAGAIN and EINTR. */
	if (n <= 0) {
		*ended = !n;
		return n < 0 && errno == EINTR;
	}
	*most -= (size_t)n;
	if (!in_head)
		k->len += (size_t)n;
	else if ((k->nhead += (size_t)n) == sizeof(k->head))
		begin_text(k);
	if (k->nhead == sizeof(k->head) && (k->head.error || k->len == k->head.len))
		text_is_there(k);
	return *most;
}

static void on_text(evutil_socket_t fd, short what, void *arg)
{
	struct text_maker *k = arg;
	size_t most = CHUNK;
	bool ended = false;

	(void)fd;
	if (what & EV_TIMEOUT) {
		if (TAILQ_EMPTY(&k->asked))
			dismiss(k);
		return;
	}
	while (read_piece(k, &most, &ended))
		;
	if (ended)
		end(k);
}

/* ---- asking ---- */

/*
 * The copy that has the machine as it is now, or a new one. NULL, and *full: not before one has
 * ended.
 */
static struct text_maker *find(struct makers *ms, bool *full)
{
	struct text_maker *k;

	LIST_FOREACH(k, &ms->list, link)
	{
		/* Looking names up changes the generation, too, and tells of no change. */
		if (k->generation != fdl_generation(ms->machine))
			dismiss(k);
		else if (k->to >= 0)
			return k;
	}
	*full = ms->n >= MAKERS_MAX;
	return *full ? NULL : start(ms);
}

/* Gives a making to a copy. 0; -EAGAIN: not before one has ended; -ENOMEM: there is none. */
static int give(struct makers *ms, struct wanted_text *making)
{
	bool full = false;
	struct text_maker *k = find(ms, &full);

	if (!k)
		return full ? -EAGAIN : -ENOMEM;
	/* The pipe holds thousands of numbers. */
	if (write(k->to, &making->ino, sizeof(making->ino)) != sizeof(making->ino))
		return -ENOMEM;
	making->line = k->line;
	TAILQ_INSERT_TAIL(&k->asked, making, next);
	return 0;
}

static void on_turn(evutil_socket_t fd, short what, void *arg)
{
	const struct fdl_made none = { .error = -ENOMEM };
	struct makers *ms = arg;
	struct wanted_text *making;

	(void)fd, (void)what;
	while ((making = TAILQ_FIRST(&ms->waiting)) != NULL) {
		int r = -ENOMEM;

		TAILQ_REMOVE(&ms->waiting, making, next);
		if (making->done)
			r = give(ms, making);
		if (r == -EAGAIN) {
			TAILQ_INSERT_HEAD(&ms->waiting, making, next);
			return;
		}
		if (r)
			finish(making, &none);
	}
}

struct wanted_text *makers_ask(struct makers *ms, fdl_ino ino, made_fn *done, void *ctx)
{
	struct wanted_text *making = malloc(sizeof(*making));
	int r;

	if (!making)
		return NULL;
	*making = (struct wanted_text){ .ino = ino, .done = done, .ctx = ctx };
	r = TAILQ_EMPTY(&ms->waiting) ? give(ms, making) : -EAGAIN;
	if (r == -EAGAIN) {
		TAILQ_INSERT_TAIL(&ms->waiting, making, next);
	} else if (r) {
		free(making);
		return NULL;
	}
	return making;
}

uint64_t making_line(const struct wanted_text *making)
{
	return making->line;
}

void making_drop(struct wanted_text *making)
{
	making->done = NULL;
}

/* ---- all of them ---- */

/* Copies of a machine that has changed get no more work. */
static void on_changed(void *ctx)
{
	struct makers *ms = ctx;
	struct text_maker *k;

	LIST_FOREACH(k, &ms->list, link)
	{
		if (k->generation != fdl_generation(ms->machine))
			dismiss(k);
	}
}

int makers_new(struct event_base *base, struct lab *lab, struct makers **mp)
{
	struct makers *ms = calloc(1, sizeof(*ms));

	if (!ms)
		return -ENOMEM;
	ms->base = base;
	ms->machine = lab_machine(lab);
	LIST_INIT(&ms->list);
	TAILQ_INIT(&ms->waiting);
	ms->turn = event_new(base, -1, 0, on_turn, ms);
	if (!ms->turn) {
		free(ms);
		return -ENOMEM;
	}
	ms->server = (struct lab_server){ on_changed, NULL, NULL, ms, NULL };
	lab_add_server(lab, &ms->server);
	*mp = ms;
	return 0;
}

static void free_makings(struct makings *list)
{
	struct wanted_text *making;

	while ((making = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, making, next);
		free(making);
	}
}

/* A copy that still makes a text fails when it writes that, and ends. */
void makers_free(struct makers *ms)
{
	struct text_maker *k;

	if (!ms)
		return;
	while ((k = LIST_FIRST(&ms->list)) != NULL) {
		LIST_REMOVE(k, link);
		free_makings(&k->asked);
		free_maker(k);
	}
	free_makings(&ms->waiting);
	event_free(ms->turn);
	free(ms);
}
