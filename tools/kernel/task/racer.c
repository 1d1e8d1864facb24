/*
 * One task in one run of a race: it makes its calls before the race, in their turn; waits until all
 * racers are ready; makes its calls of the race; and looks at its own table when no task goes on.
 * Expected results are not known here.
 */
#include "kernel/task/racer.h"

#include "kernel/race_post.h"
#include "kernel/sigaction.h"
#include "kernel/task/actions.h"
#include "kernel/task/processor.h"
#include "kernel/task/race_maker.h"
#include "kernel/task/spared.h"
#include "kernel/task/text.h"

#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/kcmp.h>
#include <linux/prctl.h>
#include <linux/signalfd.h>
#include <linux/stat.h>
#include <linux/time_types.h>
#include <stdbool.h>
#include <stddef.h>

/* Sleeping and waking take longer than most waits of a run. */
#define SPINS           100 /* looks at a word before the task yields */
#define YIELDS          600 /* and before it sleeps, while it waits for racers */
#define LINGERS         300 /* and while it waits for the next phase */
#define SOL_SOCKET      1
#define SCM_CREDENTIALS 2
#define F_GETFD         1

static struct race_shared *const shared = (struct race_shared *)RACE_AT;

static uint32_t load(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static void store(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

static uint32_t add_one(uint32_t *word)
{
	return __atomic_add_fetch(word, 1, __ATOMIC_SEQ_CST);
}

/* Waits briefly; longer after more looks. */
static void wait_a_moment(unsigned looks)
{
	const struct __kernel_timespec moment = { 0, 100000 };

	if (looks < SPINS)
		pause_briefly();
	else if (looks < YIELDS)
		call4(__NR_sched_yield, 0, 0, 0, 0);
	else
		call4(__NR_nanosleep, (long)&moment, 0, 0, 0);
}

/* Waits until n tasks are at a place. sleeps: that may take long. */
static void gather(uint32_t *place, uint32_t n, bool sleeps)
{
	add_one(place);
	for (unsigned looks = 0; load(place) < n; looks++)
		wait_a_moment(sleeps || looks < YIELDS ? looks : SPINS);
}

void racer_bind(const struct race_plan *plan, uint32_t first, uint32_t n)
{
	uint64_t mask[16] = { 0 };

	for (uint32_t i = first; i < first + n && i < plan->n_cpus; i++)
		mask[plan->cpu[i] / 64] |= UINT64_C(1) << plan->cpu[i] % 64;
	if (plan->n_cpus)
		call4(__NR_sched_setaffinity, 0, sizeof(mask), (long)mask, 0);
}

/* ---- phases --------------------------------------------------------------------------------- */

void racer_go_on_to(struct race_run *r, enum race_phase phase)
{
	uint32_t before = phase - 1;

	if (__atomic_compare_exchange_n(&r->phase, &before, phase, false, __ATOMIC_SEQ_CST,
					__ATOMIC_SEQ_CST) &&
	    load(&r->sleepers))
		call4(__NR_futex, (long)&r->phase, FUTEX_WAKE, INT32_MAX, 0);
}

static void wait_for_phase(struct race_run *r, enum race_phase phase, unsigned looks)
{
	uint32_t is;

	for (unsigned i = 0; i < looks && load(&r->phase) < phase; i++)
		wait_a_moment(i);
	add_one(&r->sleepers);
	while ((is = load(&r->phase)) < phase)
		call4(__NR_futex, (long)&r->phase, FUTEX_WAIT, is, 0);
	__atomic_sub_fetch(&r->sleepers, 1, __ATOMIC_SEQ_CST);
}

/* ---- a table -------------------------------------------------------------------------------- */

static bool is_same(const struct race_run *r, int kind, uint32_t a, uint32_t b, uint32_t n,
		    int *error)
{
	const int64_t arg[] = { r->base + (int32_t)a, r->base + (int32_t)b, kind, n, n + 1, 0 };
	const long same = make_call(__NR_kcmp, arg);

	if (same < 0 && same != -3 /* ESRCH */)
		*error = (int)same;
	return same == 0;
}

int32_t racer_sharer(const struct race_run *r, uint32_t n)
{
	int error = 0;

	for (uint32_t q = 0; q < n && q < RACE_TASKS; q++) {
		if (load(&r->task[q].state) != TASK_NOT_BORN &&
		    is_same(r, KCMP_FILES, n, q, 0, &error))
			return (int32_t)q;
	}
	return error ? SHARER_UNKNOWN : SHARER_NONE;
}

static size_t length(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

static bool is_known(const struct race_known *k, const struct statx *st)
{
	return __atomic_load_n(&k->known, __ATOMIC_ACQUIRE) && k->inode == st->stx_ino &&
	       k->mount == st->stx_mnt_id && k->major == st->stx_dev_major &&
	       k->minor == st->stx_dev_minor;
}

/* Keeps the name of a file that exists in all runs. */
static void keep_name(const struct statx *st, const char *name, size_t len)
{
	uint32_t i;

	if (*name != '/' || begins(name, "/tmp/") || begins(name, "/home/") || !st->stx_nlink ||
	    len >= sizeof(shared->known[0].name))
		return;
	i = __atomic_fetch_add(&shared->n_known, 1, __ATOMIC_SEQ_CST);
	if (i >= RACE_KNOWN)
		return;
	for (size_t c = 0; c <= len; c++)
		shared->known[i].name[c] = c < len ? name[c] : '\0';
	shared->known[i].inode = st->stx_ino;
	shared->known[i].mount = st->stx_mnt_id;
	shared->known[i].major = st->stx_dev_major;
	shared->known[i].minor = st->stx_dev_minor;
	__atomic_store_n(&shared->known[i].known, 1, __ATOMIC_RELEASE);
}

static char *put_number(char *to, uint32_t n)
{
	char digits[10];
	size_t len = 0;

	do
		digits[len++] = (char)('0' + n % 10);
	while (n /= 10);
	while (len)
		*to++ = digits[--len];
	*to = '\0';
	return to;
}

/* The link of procfs to what a descriptor refers to, without a NUL: its length, or an error. */
static long read_link(uint32_t fd, char *to, size_t room)
{
	char path[64] = "/proc/thread-self/fd/";

	put_number(path + length(path), fd);
	return call4(__NR_readlinkat, AT_FDCWD, (long)path, (long)to, (long)room);
}

/* Writes what a descriptor refers to, as procfs names it. Its length; 0: there is no room. */
static size_t put_name(uint32_t fd, const struct statx *st, char *to, size_t room)
{
	long len;

	for (size_t i = 0; i < RACE_KNOWN; i++) {
		if (!is_known(&shared->known[i], st))
			continue;
		len = (long)length(shared->known[i].name);
		for (long c = 0; c < len && (size_t)c < room; c++)
			to[c] = shared->known[i].name[c];
		return (size_t)len < room ? (size_t)len : 0;
	}
	len = read_link(fd, to, room);
	if (len <= 0 || (size_t)len >= room)
		return 0;
	keep_name(st, to, (size_t)len);
	return (size_t)len;
}

static void add_slot(struct race_run *r, uint32_t n, struct race_task *t, uint32_t fd, bool cloexec)
{
	struct race_slot *slot = &t->slot[t->n_slots], *last = t->n_slots ? slot - 1 : NULL;
	const int64_t arg[] = {
		fd, (int64_t)(uintptr_t) "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, 0, 0
	};
	int64_t a[6];
	struct statx st;
	size_t len;
	int error = 0;

	*slot = (struct race_slot){ .fd = fd, .cloexec = cloexec };
	if (last && last->fd + 1 == fd && is_same(r, KCMP_FILE, n, n, last->fd, &error)) {
		slot->same = 1;
		slot->name = last->name;
	} else {
		for (int i = 0; i < 6; i++)
			a[i] = arg[i];
		a[4] = (int64_t)(uintptr_t)&st;
		make_call(__NR_statx, a);
		slot->name = (uint16_t)t->names_len;
		len = put_name(fd, &st, t->names + t->names_len, RACE_NAMES - t->names_len);
		t->names_len += (uint32_t)len;
		if (!len)
			error = -7 /* E2BIG */;
		else
			t->names[t->names_len++] = '\0';
	}
	if (error)
		t->sharer = SHARER_UNKNOWN;
	t->n_slots++;
}

/* Records the table of this task, unless a task before it has the same. */
static void scan(struct race_run *r, uint32_t n)
{
	struct race_task *t = &r->task[n];

	if (t->sharer == SHARER_UNKNOWN)
		t->sharer = racer_sharer(r, n);
	if (t->sharer != SHARER_NONE)
		return;
	for (uint32_t fd = 0; fd < shared->plan.fd_bound; fd++) {
		const long flags = call4(__NR_fcntl, fd, F_GETFD, 0, 0);

		if (flags < 0)
			continue;
		if (t->n_slots == RACE_SLOTS) {
			t->sharer = SHARER_UNKNOWN;
			return;
		}
		add_slot(r, n, t, fd, flags & 1);
	}
}

/* ---- lines ---------------------------------------------------------------------------------- */

/* The n-th task. program is the task whose lines it runs: another one after an exec of a thread. */
struct racer {
	uint32_t n, program;
};

/* A pid as the scenario numbers it; 0 for a task that is not of the run. */
static int64_t told_pid(const struct race_run *r, int64_t pid)
{
	return pid >= r->base ? pid - r->base + 1 : 0;
}

/* The senders in what was read from a signalfd become pids of the scenario. */
static void tell_senders(const struct race_run *r, const int64_t *arg, long result)
{
	static const char signalfd[] = "anon_inode:[signalfd]";
	struct signalfd_siginfo *info = (struct signalfd_siginfo *)(uintptr_t)arg[1];
	char name[sizeof(signalfd)] = "";

	if (result <= 0 || result % (long)sizeof(*info) ||
	    read_link((uint32_t)arg[0], name, sizeof(name) - 1) <= 0 || !begins(name, signalfd))
		return;
	for (size_t i = 0; i < (size_t)result / sizeof(*info); i++)
		info[i].ssi_pid = (uint32_t)told_pid(r, info[i].ssi_pid);
}

/* Whether an argument points to the data of the lines. */
static bool is_data(uint64_t address)
{
	return address >= RACE_AT + RACE_DATA_AT && address < RACE_AT + RACE_GIVEN_AT;
}

/*
 * The owner that a line gives to a file through a pointer, with the pid that its task has. All
 * tasks are of process group 1, in the scenario and here.
 */
static void give_owner(const struct race_run *r, const struct race_order *o, int64_t *a,
		       struct f_owner_ex *owner)
{
	if (o->number != __NR_fcntl || a[1] != F_SETOWN_EX || !is_data((uint64_t)a[2]))
		return;
	*owner = *(const struct f_owner_ex *)(uintptr_t)a[2];
	if (owner->type != F_OWNER_PGRP && owner->pid > 0)
		owner->pid += r->base - 1;
	a[2] = (int64_t)(uintptr_t)owner;
}

/* The parts of a message that hold credentials, as the kernel has them in memory. */
struct user_msghdr {
	uint64_t name, namelen, iov, iovlen, control, controllen;
};

struct user_cmsghdr {
	uint64_t len;
	int32_t level, type;
	int32_t pid;
};

/*
 * The pids in credentials that a line sends become those that the tasks have. Every run begins with
 * the message as the line gives it.
 */
static void give_credentials(const struct race_run *r, const struct race_order *o)
{
	const struct user_msghdr *msg = (const struct user_msghdr *)(uintptr_t)o->arg[1];
	const uint64_t least = offsetof(struct user_cmsghdr, pid) + sizeof(int32_t);

	if (o->number != __NR_sendmsg || !is_data((uint64_t)o->arg[1]) || !is_data(msg->control))
		return;
	for (uint64_t at = 0; at + least <= msg->controllen;) {
		struct user_cmsghdr *c = (struct user_cmsghdr *)(uintptr_t)(msg->control + at);

		if (c->len < least || c->len > msg->controllen - at)
			return;
		if (c->level == SOL_SOCKET && c->type == SCM_CREDENTIALS && c->pid > 0)
			c->pid += r->base - 1;
		at += (c->len + 7) & ~UINT64_C(7);
	}
}

static void make_order(struct race_run *r, const struct racer *me, uint32_t i)
{
	const struct race_order *o = &shared->plan.line[i];
	struct race_done *done = &r->done[i];
	struct f_owner_ex owner;
	int64_t a[6], result;

	for (int k = 0; k < 6; k++)
		a[k] = o->arg[k] + ((o->pid_args >> k & 1) && o->arg[k] > 0 ? r->base - 1 : 0);
	give_owner(r, o, a, &owner);
	give_credentials(r, o);
	r->task[me->program].line = i + 1;
	store(&done->did, DID_BEGIN);
	if (o->forks)
		result = spared_make_task(r, &shared->plan, i, a);
	else if (o->number == __NR_rt_sigaction)
		result = race_sigaction(&shared->plan, i, a, spared_is_init(r));
	else
		result = make_call(o->number, a);
	if (o->number == __NR_read)
		tell_senders(r, a, result);
	racer_returned(r, me->program, result);
}

void racer_returned(struct race_run *r, uint32_t program, int64_t result)
{
	const uint32_t i = r->task[program].line - 1;

	if (shared->plan.line[i].pid_result && result > 0)
		result = told_pid(r, result);
	/* A call that was interrupted by a kick has not returned. */
	if (load(&r->phase) != PHASE_RUN)
		return;
	r->done[i].result = result;
	store(&r->done[i].did, DID_RETURN);
	r->task[program].line = 0;
}

/* Moves a racer to a processor of its own, so that racers run at the same time. */
static void take_processor(uint32_t racer)
{
	const struct race_plan *plan = &shared->plan;
	uint32_t cpu = 0, wanted;

	if (!plan->n_cpus)
		return;
	wanted = (uint32_t)plan->cpu[racer % plan->n_cpus];
	call4(__NR_getcpu, (long)&cpu, 0, 0, 0);
	if (cpu != wanted)
		racer_bind(plan, racer % plan->n_cpus, 1);
}

/* The number of racers before this task; *any: it is a racer itself. */
static uint32_t place_among_racers(uint32_t program, bool *any)
{
	const struct race_plan *plan = &shared->plan;
	uint32_t seen = 0, place = 0;

	*any = false;
	for (uint32_t i = plan->n_setup; i < plan->n_lines; i++) {
		const uint32_t task = plan->line[i].task;

		*any |= task == program;
		if (task < program && !(seen >> task & 1))
			place++;
		seen |= UINT32_C(1) << task;
	}
	return place;
}

static void run_setup(struct race_run *r, const struct racer *me, bool races)
{
	const struct race_plan *plan = &shared->plan;
	uint32_t turn, last = 0;

	for (uint32_t i = 0; i < plan->n_setup; i++)
		if (plan->line[i].task == me->program)
			last = i + 1;
	if (races)
		last = plan->n_setup;
	for (unsigned looks = 0; (turn = load(&r->turn)) < last; looks++) {
		if (plan->line[turn].task != me->program) {
			wait_a_moment(looks);
			continue;
		}
		make_order(r, me, turn);
		store(&r->turn, turn + 1);
		looks = 0;
	}
}

static void spin(uint32_t n)
{
	for (volatile uint32_t i = 0; i < n; i++)
		;
}

/* All racers have run all their lines: ends the race. */
static void end_race(struct race_run *r)
{
	const struct race_plan *plan = &shared->plan;
	uint32_t n = 0;

	for (uint32_t i = 0; i < RACE_TASKS; i++)
		if (load(&r->task[i].state) != TASK_NOT_BORN)
			n = i + 1;
	for (uint32_t i = plan->n_setup; i < plan->n_lines; i++)
		if (plan->line[i].forks && r->done[i].result > (int64_t)n)
			n = (uint32_t)r->done[i].result;
	store(&r->expected, n);
	racer_go_on_to(r, PHASE_SCAN);
}

static void run_race(struct race_run *r, const struct racer *me, bool again)
{
	const struct race_plan *plan = &shared->plan;

	if (!again) {
		gather(&r->ready, plan->n_racers, true);
		gather(&r->set, plan->n_racers, false);
		store(&r->task[me->program].races, 1);
	}
	for (uint32_t i = plan->n_setup; i < plan->n_lines; i++) {
		if (plan->line[i].task != me->program || load(&r->done[i].did) != DID_NOT_BEGIN)
			continue;
		spin(r->delay[i]);
		if (load(&r->phase) != PHASE_RUN)
			return;
		make_order(r, me, i);
		if (load(&r->phase) != PHASE_RUN)
			return;
	}
	if (add_one(&r->ran) == plan->n_racers)
		end_race(r);
}

static _Noreturn void run(const struct racer *me, bool again)
{
	struct race_run *r = &shared->run;
	struct race_task *t = &r->task[me->n];
	bool races;
	const uint32_t place = place_among_racers(me->program, &races);

	if (races)
		take_processor(place);
	run_setup(r, me, races);
	if (races)
		run_race(r, me, again && r->task[me->program].races);
	store(&t->state, TASK_RAN);
	wait_for_phase(r, PHASE_SCAN, races && !load(&r->waits) ? LINGERS : 0);
	scan(r, me->n);
	store(&t->state, TASK_SCANNED);
	if (add_one(&r->scanned) >= load(&r->expected))
		call4(__NR_futex, (long)&r->scanned, FUTEX_WAKE, INT32_MAX, 0);
	wait_for_phase(r, PHASE_EXIT, LINGERS);
	for (;;)
		call4(__NR_exit, 0, 0, 0, 0);
}

/* ---- beginnings ----------------------------------------------------------------------------- */

_Noreturn void racer_born(long number)
{
	const struct racer me = { (uint32_t)number, (uint32_t)number };
	struct race_run *r = &shared->run;

	while (number < 0 || number >= RACE_TASKS)
		call4(__NR_exit, 0, 0, 0, 0);
	r->task[number].tgid = (int32_t)call4(__NR_getpid, 0, 0, 0, 0);
	if (number == 0) {
		r->base = task_base;
		call4(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0);
		racer_bind(&shared->plan, 0, shared->plan.n_cpus);
		spared_begin(r, &shared->plan);
	} else {
		spared_born(r, &shared->plan);
	}
	store(&r->task[number].state, TASK_BORN);
	run(&me, false);
}

/* An exec has ended the other threads of its process, some of them in a call. */
static void end_others(struct race_run *r, long tgid, uint32_t program)
{
	for (uint32_t i = 0; i < RACE_TASKS; i++) {
		const struct race_task *t = &r->task[i];

		if (i != program && t->tgid == tgid && t->line &&
		    load(&r->done[t->line - 1].did) == DID_BEGIN)
			store(&r->done[t->line - 1].did, DID_END);
	}
}

/* An exec in a run has started this program anew: it goes on after the exec. */
static _Noreturn void go_on(long pid)
{
	struct race_run *r = &shared->run;
	struct racer me = { (uint32_t)(pid - r->base), RACE_TASKS };

	task_base = r->base;
	for (uint32_t i = 0; i < RACE_TASKS; i++) {
		const struct race_task *t = &r->task[i];

		if (load(&t->state) == TASK_BORN && t->tgid == pid && t->line &&
		    shared->plan.line[t->line - 1].execs)
			me.program = i;
	}
	while (me.program == RACE_TASKS || me.n >= RACE_TASKS)
		call4(__NR_exit_group, 127, 0, 0, 0);
	spared_begin(r, &shared->plan);
	end_others(r, pid, me.program);
	store(&r->task[me.n].state, TASK_BORN);
	racer_returned(r, me.program, 0);
	if (load(&r->turn) < shared->plan.n_setup) {
		/* Lines before the race name a thread by the pid that it has from its exec on. */
		me.program = me.n;
		add_one(&r->turn);
	}
	run(&me, true);
}

static void kicked(int sig)
{
	(void)sig;
}

/* The handler does nothing, but the signal interrupts a call that waits. */
static void hear_kicks(void)
{
	const struct kernel_sigaction action = {
		.handler = (int64_t)(uintptr_t)kicked,
		.flags = SIGACTION_RESTORER,
		.restorer = (int64_t)(uintptr_t)task_restorer,
	};

	call4(__NR_rt_sigaction, RACE_KICK, (long)&action, 0, sizeof(action.mask));
}

_Noreturn void racer_start(long pid)
{
	hear_kicks();
	if (pid == 1)
		make_races(shared);
	go_on(pid);
}
