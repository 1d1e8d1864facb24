/*
 * Task 1 of the races: it makes the first task of a run, waits until no task goes on (each has run
 * all its lines, or sleeps), lets the tasks look at their tables, and writes the record. Every run
 * begins with a copy of its own table.
 */
#include "kernel/task/race_maker.h"

#include "kernel/task/proc.h"
#include "kernel/task/processor.h"

#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/time_types.h>
#include <linux/wait.h>
#include <stdbool.h>
#include <stddef.h>

#define SIGKILL     9
#define SIGCHLD     17
#define SIGCONT     18
#define MICROSECOND 1000L
#define PATIENCE    4000  /* looks at a run in which no task could run, until it is lost */
#define MOST        60000 /* looks at all, some two milliseconds apart */
#define RECORD_MAX  (1 << 20)

/*
 * The compiler calls these for assignments; volatile keeps it from calling them in their own loops.
 */
void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);

void *memcpy(void *to, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((volatile char *)to)[i] = ((const char *)from)[i];
	return to;
}

void *memset(void *to, int c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((volatile char *)to)[i] = (char)c;
	return to;
}

static uint32_t load(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static void store(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

static void wait_word(uint32_t *word, uint32_t is, long nanoseconds)
{
	const struct __kernel_timespec t = { 0, nanoseconds };

	call4(__NR_futex, (long)word, FUTEX_WAIT, is, nanoseconds ? (long)&t : 0);
}

static bool is_there(const struct race_run *r, uint32_t n)
{
	return call4(__NR_kill, r->base + (int32_t)n, 0, 0, 0) == 0;
}

/* ---- waiting for a run ---------------------------------------------------------------------- */

/* The current run, as its maker sees it. */
struct making {
	struct race_shared *s;
	struct race_run *r;
	uint32_t stuck;   /* a bit for each task that did not run to its end */
	uint32_t stopped; /* and for each that a signal has stopped */
	uint32_t n;       /* the number of tasks */
	uint32_t kind[RACE_TASKS];
	uint64_t random;
	bool waits;     /* runs of this race end with tasks asleep */
	bool busy;      /* at the last look, some task could run */
	uint64_t turns; /* and this is of those that slept */
};

/* The order of the call that a task is in; NULL: it is in none. */
static const struct race_order *current_order(const struct making *m, uint32_t n)
{
	const uint32_t line = load(&m->r->task[n].line);

	return line && load(&m->r->done[line - 1].did) == DID_BEGIN ? &m->s->plan.line[line - 1]
								    : NULL;
}

static bool is_gone(char state)
{
	return !state || state == 'Z' || state == 'X';
}

/* Whether a call that makes a task waits until that one has ended. */
static bool waits_for_child(const struct race_order *order)
{
	int64_t flags = order->arg[0];

	if (order->number == __NR_clone3)
		memcpy(&flags, (const void *)(uintptr_t)order->arg[0], sizeof(flags));
	return flags & CLONE_VFORK;
}

/* The state of a task that sleeps in a call until another task acts. */
static char state_of_waiting(const struct race_order *order)
{
	if (order->forks)
		return waits_for_child(order) ? 'D' : 0;
	return 'S';
}

/* Whether a task goes on only if another task does. */
static bool is_at_rest(struct making *m, uint32_t n)
{
	const struct race_order *order = current_order(m, n);
	const struct race_task *t = &m->r->task[n];
	const bool ran = load(&t->state) >= TASK_RAN && !order;
	const char state = proc_state_of(m->r->base + (int32_t)n);

	/* A thread that has ended may still have to tell the parent of the last one. */
	if (state == 'X') {
		m->busy = true;
		return false;
	}
	/* A thread that is in an exec goes on under its leader's pid. */
	if (is_gone(state))
		return !order || !order->execs || is_gone(proc_state_of(t->tgid));
	/* A task that has run its lines sleeps, too, unless a signal of another task ends it. */
	if (state == 'T' || ((ran || order) && state == (ran ? 'S' : state_of_waiting(order)) &&
			     proc_has_fallen_asleep(m->r->base + (int32_t)n))) {
		m->stuck |= (uint32_t)(!ran || state == 'T') << n;
		m->turns = m->turns * 31 + proc_turns_of(m->r->base + (int32_t)n);
		return true;
	}
	m->busy |= state == 'R';
	return false;
}

/* A number that changes whenever a line of the race begins or returns. */
static uint64_t progress(const struct race_run *r, const struct race_plan *plan)
{
	uint64_t sum = 0;

	for (uint32_t i = plan->n_setup; i < plan->n_lines; i++)
		sum = sum * 3 + load(&r->done[i].did);
	return sum;
}

/*
 * Counts the tasks that were made: those that told so, those that calls returned, those that exist.
 */
static uint32_t count_tasks(const struct making *m)
{
	const struct race_plan *plan = &m->s->plan;
	const struct race_run *r = m->r;
	uint32_t n = 1;

	for (uint32_t i = 0; i < RACE_TASKS; i++)
		if (load(&r->task[i].state) != TASK_NOT_BORN)
			n = i + 1;
	for (uint32_t i = 0; i < plan->n_lines; i++)
		if (plan->line[i].forks && load(&r->done[i].did) == DID_RETURN &&
		    r->done[i].result > (int64_t)n)
			n = (uint32_t)r->done[i].result;
	while (n < RACE_TASKS && is_there(r, n))
		n++;
	return n;
}

static bool are_all_at_rest(struct making *m)
{
	const uint32_t n = count_tasks(m);

	if (load(&m->r->turn) < m->s->plan.n_setup || load(&m->r->set) < m->s->plan.n_racers)
		return false;
	m->stuck = 0;
	m->turns = 0;
	for (uint32_t i = 0; i < n && i < RACE_TASKS; i++)
		if (!is_at_rest(m, i))
			return false;
	return true;
}

/* Whether some task of the run can run. A run that is only slow is not lost. */
static bool is_busy(const struct making *m)
{
	for (uint32_t i = 0; i < RACE_TASKS && is_there(m->r, i); i++)
		if (proc_state_of(m->r->base + (int32_t)i) == 'R')
			return true;
	return false;
}

/* If the task has ended in this line before the race, the next line has its turn. */
static void pass_ended(struct making *m, uint32_t turn)
{
	const uint32_t n = m->s->plan.line[turn].task;
	const struct race_order *order;

	/* Looks at the end first: the letters of a task that has ended do not change. */
	if (!is_gone(proc_state_of(m->r->base + (int32_t)n)))
		return;
	order = current_order(m, n);
	if (load(&m->r->task[n].line) != turn + 1 || !order || order->execs)
		return;
	store(&m->r->done[turn].did, DID_END);
	store(&m->r->turn, turn + 1);
}

/* Waits until the lines before the race are done. Some may end their tasks. */
static void wait_for_setup(struct making *m)
{
	uint32_t turn;

	for (unsigned looks = 0; looks < 50 * PATIENCE; looks += !is_busy(m)) {
		turn = load(&m->r->turn);
		if (turn >= m->s->plan.n_setup)
			return;
		pass_ended(m, turn);
		wait_word(&m->r->turn, turn, 20 * MICROSECOND);
	}
}

/* Waits until the race has ended. False: it does not. */
static bool wait_for_end(struct making *m)
{
	long wait = m->waits ? 50 * MICROSECOND : 2000 * MICROSECOND;
	struct race_run *r = m->r;
	uint64_t before = 0, turns = 0, now;
	bool rested = false;

	if (m->s->plan.setup_ends)
		wait_for_setup(m);
	for (unsigned looks = 0, all = 0; looks < PATIENCE && all < MOST; all++) {
		wait_word(&r->scanned, 0, wait);
		if (load(&r->phase) != PHASE_RUN)
			return true;
		now = progress(r, &m->s->plan);
		m->busy = false;
		if (are_all_at_rest(m)) {
			/* None of them has run since: there was a moment at which all slept. */
			if (rested && now == before && turns == m->turns) {
				m->waits = true;
				racer_go_on_to(r, PHASE_SCAN);
				return true;
			}
			rested = true;
			wait = 10 * MICROSECOND;
		} else {
			rested = false;
			wait = wait < 1000 * MICROSECOND ? wait * 2 : 2000 * MICROSECOND;
			looks += !m->busy && !is_busy(m);
		}
		before = now;
		turns = m->turns;
	}
	return false;
}

static void kick(const struct race_run *r, uint32_t n)
{
	const int32_t pid = r->base + (int32_t)n;

	call4(__NR_kill, pid, SIGCONT, 0, 0);
	call4(__NR_tgkill, r->task[n].tgid, pid, RACE_KICK, 0);
}

/* Whether another thread of its process goes on. */
static bool has_threads(const struct making *m, uint32_t n)
{
	const int32_t pid = m->r->base + (int32_t)n;

	for (uint32_t i = 0; i < m->n; i++)
		if (i != n && m->r->task[i].tgid == pid &&
		    !is_gone(proc_state_of(m->r->base + (int32_t)i)))
			return true;
	return false;
}

/*
 * Whether a zombie remains. In the scenario task 1 has no parent, and after its end its children
 * have none: none of them waits for one that does. Here that is this task's part.
 */
static bool is_waited_for(const struct making *m, uint32_t n)
{
	const int32_t parent = proc_parent_of(m->r->base + (int32_t)n);

	if (!parent)
		return false; /* it has been waited for meanwhile */
	return parent != call4(__NR_getpid, 0, 0, 0, 0) || has_threads(m, n);
}

/* Whether everything that the record tells of a task is known. */
static bool is_told(struct making *m, uint32_t n)
{
	struct race_task *t = &m->r->task[n];
	char state;

	if (load(&t->state) == TASK_SCANNED) {
		m->kind[n] = t->sharer == SHARER_NONE ? KIND_TABLE : KIND_SHARES;
		return true;
	}
	if (!is_there(m->r, n)) {
		m->kind[n] = KIND_NONE;
		return true;
	}
	state = proc_state_of(m->r->base + (int32_t)n);
	if (is_gone(state)) {
		m->kind[n] = state == 'Z' && is_waited_for(m, n) ? KIND_GONE : KIND_NONE;
		return true;
	}
	/* It may have been stopped after it had run its lines. */
	m->stopped |= (uint32_t)(state == 'T') << n;
	m->stuck |= m->stopped;
	if (!(m->stuck >> n & 1))
		return false;
	if (state != 'D') {
		kick(m->r, n);
		return false;
	}
	/* It waits for its child, and looks at its table when the child has ended. */
	t->sharer = racer_sharer(m->r, n);
	m->kind[n] = KIND_TABLE;
	return true;
}

static bool wait_for_tables(struct making *m)
{
	struct race_run *r = m->r;

	for (unsigned looks = 0, all = 0; looks < PATIENCE && all < MOST; all++) {
		const uint32_t scanned = load(&r->scanned);
		uint32_t told = 0;

		m->n = count_tasks(m);
		if (m->n > RACE_TASKS)
			return false;
		for (uint32_t i = 0; i < m->n; i++)
			told += is_told(m, i);
		if (told == m->n)
			return true;
		store(&r->expected, m->n);
		wait_word(&r->scanned, scanned, (all < 10 ? 100 : 1000) * MICROSECOND);
		looks += all >= 10 && !is_busy(m);
	}
	return false;
}

/* Waits for tasks that waited for a child and look at their tables only now. */
static bool wait_for_parents(struct making *m)
{
	unsigned looks = 0, all = 0;

	for (uint32_t i = 0; i < m->n; i++) {
		struct race_task *t = &m->r->task[i];

		if (m->kind[i] != KIND_TABLE && m->kind[i] != KIND_SHARES)
			continue;
		while (load(&t->state) != TASK_SCANNED && looks < PATIENCE && ++all < MOST) {
			wait_word(&(uint32_t){ 0 }, 0, (all < 50 ? 20 : 1000) * MICROSECOND);
			looks += all >= 50 && !is_busy(m);
		}
		if (t->sharer == SHARER_UNKNOWN)
			return false;
		m->kind[i] = t->sharer == SHARER_NONE ? KIND_TABLE : KIND_SHARES;
	}
	return looks < PATIENCE && all < MOST;
}

/* ---- a run ---------------------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*state = x;
	return x;
}

/* Delays each line by nothing, little or much, so that all orders occur. */
static void choose_delays(struct making *m, uint64_t number)
{
	const struct race_plan *plan = &m->s->plan;

	m->random = (plan->seed + number + 1) * UINT64_C(0x9e3779b97f4a7c15);
	if (!m->random)
		m->random = 1;
	for (int i = 0; i < 4; i++)
		next_random(&m->random);
	for (uint32_t i = plan->n_setup; i < plan->n_lines; i++) {
		const uint64_t x = next_random(&m->random);

		m->r->delay[i] = (uint32_t)(x >> 32) & ((1U << (x >> 8) % 12) - 1);
	}
}

static void reset(struct race_run *r, uint32_t n_lines, bool waits)
{
	r->phase = PHASE_RUN;
	r->waits = waits;
	r->turn = r->ready = r->set = r->ran = r->scanned = r->expected = r->sleepers = 0;
	for (uint32_t i = 0; i < n_lines; i++) {
		r->done[i] = (struct race_done){ 0 };
		r->birth[i] = (struct race_birth){ 0 };
	}
	for (uint32_t i = 0; i < RACE_TASKS; i++) {
		struct race_task *t = &r->task[i];

		t->line = t->races = t->n_slots = t->names_len = 0;
		t->sharer = SHARER_UNKNOWN;
		store(&t->state, TASK_NOT_BORN);
	}
}

/* Restores the arguments that calls of the run before have overwritten. */
static void give_arguments(struct race_shared *s)
{
	for (uint32_t i = 0; i < s->plan.n_lines; i++) {
		const size_t at = (size_t)i * RACE_DATA_STRIDE;

		if (s->plan.line[i].given)
			memcpy((char *)s + RACE_DATA_AT + at, (char *)s + RACE_GIVEN_AT + at,
			       s->plan.line[i].given);
	}
}

static void make_first_task(void)
{
#if defined(__aarch64__)
	enum { PARENT_TID = 2, TLS = 3, CHILD_TID = 4 };
#else
	enum { PARENT_TID = 2, CHILD_TID = 3, TLS = 4 };
#endif
	int64_t arg[6] = { CLONE_VM | CLONE_CHILD_SETTID | SIGCHLD };

	arg[CHILD_TID] = (int64_t)(uintptr_t)&task_base;
	make_task(__NR_clone, arg);
}

static void reap(bool killing)
{
	const long all = -1;

	if (killing)
		call4(__NR_kill, all, SIGKILL, 0, 0);
	while (call4(__NR_wait4, all, 0, __WALL, 0) > 0)
		;
}

static void clean(const struct race_plan *plan)
{
	for (uint32_t i = plan->n_paths; i-- > 0;) {
		const long path = (long)plan->path[i];

		if (call4(__NR_unlinkat, AT_FDCWD, path, 0, 0) == -21 /* EISDIR */)
			call4(__NR_unlinkat, AT_FDCWD, path, AT_REMOVEDIR, 0);
	}
}

/* ---- records -------------------------------------------------------------------------------- */

static char *put_part(char *at, const void *from, size_t size)
{
	memcpy(at, from, size);
	return at + ((size + 7) & ~(size_t)7);
}

static char *put_told(struct making *m, uint32_t n, char *at)
{
	const struct race_task *t = &m->r->task[n];
	const bool table = m->kind[n] == KIND_TABLE;
	const struct race_told told = {
		.kind = m->kind[n],
		.sharer = t->sharer,
		.n_slots = table ? t->n_slots : 0,
		.names_len = table ? t->names_len : 0,
		.stopped = m->stopped >> n & 1,
	};

	at = put_part(at, &told, sizeof(told));
	at = put_part(at, t->slot, told.n_slots * sizeof(t->slot[0]));
	return put_part(at, t->names, told.names_len);
}

static void check_setup(const struct race_plan *plan, const struct race_run *r,
			struct race_record *record)
{
	for (uint32_t i = 0; i < plan->n_setup && !record->wrong_setup; i++) {
		const struct race_order *o = &plan->line[i];

		if (r->done[i].did == DID_RETURN && (!o->states || o->result == r->done[i].result))
			continue;
		if (r->done[i].did == DID_END && !o->states)
			continue;
		record->wrong_setup = i + 1;
		record->wrong_result = r->done[i].result;
	}
}

static size_t write_record(struct making *m, char *start, bool lost)
{
	const struct race_plan *plan = &m->s->plan;
	struct race_record record = {
		.lost = lost,
		.n_tasks = lost ? 0 : m->n,
		.base = m->r->base,
	};
	char *at = start + sizeof(record);

	check_setup(plan, m->r, &record);
	for (uint32_t i = plan->n_setup; i < plan->n_lines; i++)
		at = put_part(at, &m->r->done[i], sizeof(m->r->done[i]));
	for (uint32_t i = plan->n_setup; i < plan->n_lines; i++)
		at = put_part(at, (char *)m->s + RACE_DATA_AT + (size_t)i * RACE_DATA_STRIDE,
			      plan->line[i].kept);
	for (uint32_t i = 0; i < record.n_tasks; i++)
		at = put_told(m, i, at);
	record.size = (uint32_t)(at - start);
	put_part(start, &record, sizeof(record));
	return record.size;
}

static size_t make_run(struct making *m, uint64_t number, char *record)
{
	bool lost;

	reset(m->r, m->s->plan.n_lines, m->waits);
	choose_delays(m, number);
	give_arguments(m->s);
	m->stuck = m->stopped = 0;
	make_first_task();
	lost = !wait_for_end(m) || !wait_for_tables(m);
	racer_go_on_to(m->r, PHASE_EXIT);
	lost = lost || !wait_for_parents(m);
	reap(lost || m->stuck);
	clean(&m->s->plan);
	return write_record(m, record, lost);
}

static void make_batch(struct making *m)
{
	struct race_shared *s = m->s;
	char *at = s->records;

	s->tired = 0;
	for (s->had = 0; s->had < s->want && !s->tired; s->had++) {
		if (s->records + RACE_RECORDS - at < RECORD_MAX)
			break;
		at += make_run(m, s->first + s->had, at);
		s->tired = (uint32_t)m->r->base > s->plan.pid_bound;
	}
}

_Noreturn void make_races(struct race_shared *s)
{
	struct making m = { .s = s, .r = &s->run };
	struct kernel_post *post = (struct kernel_post *)(KERNEL_SHARED_AT + KERNEL_POST_SIZE);

	call4(__NR_prctl, PR_SET_TIMERSLACK, 1, 0, 0);
	store(&post->attached, 1);
	call4(__NR_futex, (long)&post->attached, FUTEX_WAKE, INT32_MAX, 0);
	for (;;) {
		uint32_t batch = load(&s->batch);

		if (batch != BATCH_ORDERED) {
			wait_word(&s->batch, batch, 0);
			continue;
		}
		racer_bind(&s->plan, 0, 1); /* the first racer begins there */
		make_batch(&m);
		store(&s->batch, BATCH_DONE);
		call4(__NR_futex, (long)&s->batch, FUTEX_WAKE, INT32_MAX, 0);
	}
}
