/*
 * The texts of <pid>/status, stat, statm, limits, maps, and of files that say little here. For
 * values that the model lacks (memory, times, capabilities) they have those of a small idle
 * program.
 */
#include "base/text.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "process/sigaction.h"
#include "process/signals.h"
#include "procfs/views.h"
#include "tree/tree.h"
#include "vfs/dcache.h"
#include "vfs/vfs.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>

/* A program's memory: a page of text and its stack. */
#define TEXT_START  0x400000ull
#define TEXT_END    0x401000ull
#define STACK_START 0x7ffd00000000ull
#define STACK_END   0x7ffd00021000ull
#define PAGE_KB     4
#define VM_KB       ((int)((TEXT_END - TEXT_START + STACK_END - STACK_START) / 1024))
#define RSS_KB      PAGE_KB /* the text is in memory, the stack is not */
#define STACK_KB    ((int)((STACK_END - STACK_START) / 1024))

#define TICK_NS 10000000 /* procfs counts time in hundredths of a second */

char proc_state(const struct task *task)
{
	if (task->state == TASK_ZOMBIE)
		return 'Z';
	if (task->state == TASK_STOPPED)
		return 'T';
	return task->call && task->call->state == CALL_BLOCKED ? 'S' : 'R';
}

unsigned proc_threads(const struct task *task)
{
	const struct task *leader = task->leader;

	return leader->nthreads + (leader->state == TASK_ZOMBIE);
}

const char *proc_comm(const struct task *task, int *len)
{
	*len = (int)strnlen(task->comm, sizeof(task->comm) - 1);
	return task->comm;
}

/* ---- status ---- */

static const char *state_word(char state)
{
	switch (state) {
	case 'Z':
		return "Z (zombie)";
	case 'T':
		return "T (stopped)";
	case 'S':
		return "S (sleeping)";
	default:
		return "R (running)";
	}
}

/* A name, in which a newline or a backslash is escaped. */
static void put_name(struct text *out, const struct task *task)
{
	int len;
	const char *s = proc_comm(task, &len);

	for (int i = 0; i < len; i++) {
		if (s[i] == '\n')
			text_puts(out, "\\n");
		else if (s[i] == '\\')
			text_puts(out, "\\\\");
		else
			text_putc(out, s[i]);
	}
}

static int parent_pid(const struct task *task)
{
	return task->leader->parent ? task->leader->parent->tgid : 0;
}

/* The lines that a zombie, which has no memory, lacks. */
static void put_memory(struct text *out)
{
	static const struct {
		const char *key;
		int kb;
	} sizes[] = {
		{ "VmPeak", VM_KB },    { "VmSize", VM_KB },    { "VmLck", 0 },
		{ "VmPin", 0 },         { "VmHWM", PAGE_KB },   { "VmRSS", PAGE_KB },
		{ "RssAnon", 0 },       { "RssFile", PAGE_KB }, { "RssShmem", 0 },
		{ "VmData", STACK_KB }, { "VmStk", STACK_KB },  { "VmExe", PAGE_KB },
		{ "VmLib", 0 },         { "VmPTE", PAGE_KB },   { "VmSwap", 0 },
		{ "HugetlbPages", 0 },
	};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		text_printf(out, "%s:\t%8d kB\n", sizes[i].key, sizes[i].kb);
	text_puts(out, "CoreDumping:\t0\nTHP_enabled:\t1\nuntag_mask:\t0xffffffffffffffff\n");
}

/* The signals with a disposition; a zombie has none any more. */
static uint64_t signals_with(const struct task *task, enum disposition what)
{
	uint64_t set = 0;

	for (int sig = 1; sig <= SIGNALS && task->state != TASK_ZOMBIE; sig++)
		if (signal_disposition(task, sig) == what)
			set |= signal_bit(sig);
	return set;
}

static void put_rest(struct text *out, const struct task *task)
{
	const struct {
		const char *name;
		uint64_t set;
	} signals[] = {
		{ "SigPnd", task->pending.set },
		{ "ShdPnd", task->signal->shared_pending.set },
		{ "SigBlk", task->blocked },
		{ "SigIgn", signals_with(task, SIGNAL_IGNORED) },
		{ "SigCgt", signals_with(task, SIGNAL_HANDLED) },
	};
	static const char *const caps[] = { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" };
	const uint64_t all = 0x1ffffffffffull;

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		text_printf(out, "%s:\t%016" PRIx64 "\n", signals[i].name, signals[i].set);
	for (size_t i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
		/* Root has all capabilities, other users the bounding set alone. */
		const bool has = i == 3 || (!task->uid && (i == 1 || i == 2));

		text_printf(out, "%s:\t%016" PRIx64 "\n", caps[i], has ? all : 0);
	}
	text_puts(out, "NoNewPrivs:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\n"
		       "Speculation_Store_Bypass:\tnot vulnerable\n"
		       "SpeculationIndirectBranch:\tunknown\n"
		       "Cpus_allowed:\t1\nCpus_allowed_list:\t0\n"
		       "Mems_allowed:\t00000001\nMems_allowed_list:\t0\n"
		       "voluntary_ctxt_switches:\t0\nnonvoluntary_ctxt_switches:\t0\n");
}

int proc_status(const struct node *n, struct text *out)
{
	const struct task *t = n->task;
	const uint64_t sigpending = t->leader->limits->of[RLIMIT_SIGPENDING].cur;

	text_puts(out, "Name:\t");
	put_name(out, t);
	if (t->fs)
		text_printf(out, "\nUmask:\t%#04o", (unsigned)t->fs->umask);
	text_printf(out,
		    "\nState:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n"
		    "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n",
		    state_word(proc_state(t)), t->tgid, t->pid, parent_pid(t), t->ruid, t->uid,
		    t->uid, t->uid, t->rgid, t->gid, t->gid, t->gid);
	text_printf(out, "FDSize:\t%" PRIu64 "\nGroups:\t \n",
		    t->files ? n->machine->kernel->max_fds(t) : 0);
	text_printf(out, "NStgid:\t%d\nNSpid:\t%d\nNSpgid:\t1\nNSsid:\t1\nKthread:\t0\n", t->tgid,
		    t->pid);
	if (t->state != TASK_ZOMBIE)
		put_memory(out);
	text_printf(out, "Threads:\t%u\nSigQ:\t0/%" PRIu64 "\n", proc_threads(t), sigpending);
	put_rest(out, t);
	return 0;
}

/* ---- stat ---- */

/* The addresses from startcode to kstkeip, which are 0 without memory. */
static void put_layout(struct text *out, bool alive)
{
	if (alive)
		text_printf(out, " %d %d %" PRIu64 " %llu %llu %llu 0 0", VM_KB * 1024, 1,
			    UINT64_MAX, TEXT_START, TEXT_END, STACK_END);
	else
		text_printf(out, " 0 0 %" PRIu64 " 0 0 0 0 0", UINT64_MAX);
}

int proc_stat(const struct node *n, struct text *out)
{
	const struct task *t = n->task;
	const bool alive = t->state != TASK_ZOMBIE;
	int len;
	const char *comm = proc_comm(t, &len);

	text_printf(out, "%d (%.*s) %c %d 1 1 0 -1 %u", t->pid, len, comm, proc_state(t),
		    parent_pid(t), alive ? 0x400000 : 0x40000c);
	/* minflt to cstime, priority, nice, num_threads, itrealvalue, starttime */
	text_printf(out, " 0 0 0 0 0 0 0 0 20 0 %u 0 %" PRId64, proc_threads(t),
		    t->start_clock / TICK_NS);
	put_layout(out, alive);
	/* signal to cnswap; wchan only says whether there is one */
	text_printf(out, " 0 0 0 0 %d 0 0", proc_state(t) == 'S');
	/* exit_signal to cguest_time, start_data to env_end, exit_code */
	text_printf(out, " %d 0 0 0 0 0 0 0 0 0 0 0 0 0 %d\n", t == t->leader ? t->exit_signal : -1,
		    alive ? 0 : t->exit_status);
	return 0;
}

int proc_statm(const struct node *n, struct text *out)
{
	if (n->task->state == TASK_ZOMBIE)
		text_puts(out, "0 0 0 0 0 0 0\n");
	else
		text_printf(out, "%d 1 1 1 0 %d 0\n", VM_KB / PAGE_KB, STACK_KB / PAGE_KB);
	return 0;
}

/* ---- limits ---- */

static void put_limit(struct text *out, uint64_t value)
{
	if (value == RLIM_INFINITY)
		text_printf(out, "%-20s ", "unlimited");
	else
		text_printf(out, "%-20" PRIu64 " ", value);
}

int proc_limits(const struct node *n, struct text *out)
{
	static const struct {
		const char *name, *unit;
	} limits[] = {
		[RLIMIT_CPU] = { "Max cpu time", "seconds" },
		[RLIMIT_FSIZE] = { "Max file size", "bytes" },
		[RLIMIT_DATA] = { "Max data size", "bytes" },
		[RLIMIT_STACK] = { "Max stack size", "bytes" },
		[RLIMIT_CORE] = { "Max core file size", "bytes" },
		[RLIMIT_RSS] = { "Max resident set", "bytes" },
		[RLIMIT_NPROC] = { "Max processes", "processes" },
		[RLIMIT_NOFILE] = { "Max open files", "files" },
		[RLIMIT_MEMLOCK] = { "Max locked memory", "bytes" },
		[RLIMIT_AS] = { "Max address space", "bytes" },
		[RLIMIT_LOCKS] = { "Max file locks", "locks" },
		[RLIMIT_SIGPENDING] = { "Max pending signals", "signals" },
		[RLIMIT_MSGQUEUE] = { "Max msgqueue size", "bytes" },
		[RLIMIT_NICE] = { "Max nice priority", NULL },
		[RLIMIT_RTPRIO] = { "Max realtime priority", NULL },
		[RLIMIT_RTTIME] = { "Max realtime timeout", "us" },
	};
	const struct limits *l = n->task->leader->limits;

	text_printf(out, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units");
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		text_printf(out, "%-25s ", limits[i].name);
		put_limit(out, l->of[i].cur);
		put_limit(out, l->of[i].max);
		if (limits[i].unit)
			text_printf(out, "%-10s", limits[i].unit);
		text_putc(out, '\n');
	}
	return 0;
}

/* ---- maps ---- */

/* A name in a line of maps, in which a newline is written as "\012". */
static void put_map_name(const struct fdl_machine *m, const struct dentry *d, struct text *out)
{
	struct text name = TEXT_EMPTY, path = TEXT_EMPTY;

	d_path(d, &name);
	put_followable(m, &name, &path);
	for (size_t i = 0; i < path.len; i++) {
		if (path.s[i] == '\n')
			text_puts(out, "\\012");
		else
			text_putc(out, path.s[i]);
	}
	if (path.error)
		out->error = path.error;
	text_free(&name);
	text_free(&path);
}

/* A line of maps: the name stands in column 73. */
static void put_map(struct text *out, uint64_t start, uint64_t end, const char *mode, uint64_t ino)
{
	const size_t from = out->len;

	text_printf(out, "%08" PRIx64 "-%08" PRIx64 " %s 00000000 00:%02x %" PRIu64 " ", start, end,
		    mode, ino ? 1 : 0, ino);
	while (!out->error && out->len - from < 73)
		text_putc(out, ' ');
}

int proc_maps(const struct node *n, struct text *out)
{
	const struct image *image = n->task->image;
	const struct fdl_machine *m = n->machine;

	if (!image)
		return 0;
	if (image->exe) {
		put_map(out, TEXT_START, TEXT_END, "r-xp", image->exe->inode->ino);
		/* The same at every moment of a history, so that moments can be compared. */
		put_map_name(m->original ? m->original : m, image->exe, out);
		text_putc(out, '\n');
	}
	put_map(out, STACK_START, STACK_END, "rw-p", 0);
	text_puts(out, "[stack]\n");
	return 0;
}

int proc_io(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\nwrite_bytes: 0\n"
		       "cancelled_write_bytes: 0\n");
	return 0;
}

/* The sums of smaps for a mapping, here of one private page. */
static void put_sums(struct text *out, int rss)
{
	static const struct {
		const char *name;
		bool counts;
	} sums[] = {
		{ "Rss", true },
		{ "Pss", true },
		{ "Pss_Dirty", false },
		{ "Shared_Clean", false },
		{ "Shared_Dirty", false },
		{ "Private_Clean", true },
		{ "Private_Dirty", false },
		{ "Referenced", true },
		{ "Anonymous", false },
		{ "LazyFree", false },
		{ "Swap", false },
		{ "SwapPss", false },
		{ "Locked", false },
	};

	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
		text_printf(out, "%s:%*d kB\n", sums[i].name, 23 - (int)strlen(sums[i].name),
			    sums[i].counts ? rss : 0);
}

/* Each line of maps, and its sums: the text is in memory, the stack is not. */
int proc_smaps(const struct node *n, struct text *out)
{
	struct text maps = TEXT_EMPTY;
	int error = proc_maps(n, &maps);

	if (maps.error)
		error = maps.error;
	for (char *at = maps.s, *line; !error && at && (line = strsep(&at, "\n")) != NULL;) {
		const bool stack = strstr(line, "[stack]");

		if (!*line)
			break;
		text_printf(out, "%s\nSize:%*d kB\n", line, 18, stack ? VM_KB - RSS_KB : RSS_KB);
		put_sums(out, stack ? 0 : RSS_KB);
	}
	text_free(&maps);
	return error;
}

int proc_smaps_rollup(const struct node *n, struct text *out)
{
	if (!n->task->image)
		return 0;
	text_puts(out, "00400000-7ffd00021000 ---p 00000000 00:00 0                        "
		       "      [rollup]\n");
	put_sums(out, RSS_KB);
	return 0;
}

/* The only mount; its number is mnt_id of fdinfo. */
int proc_mountinfo(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "1 0 0:1 / / rw - rootfs rootfs rw\n");
	return 0;
}

int proc_mounts(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "rootfs / rootfs rw 0 0\n");
	return 0;
}

int proc_zero(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "0\n");
	return 0;
}

int proc_cgroup(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "0::/\n");
	return 0;
}
