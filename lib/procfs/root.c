/*
 * The rows of the root: the machine's control file, its transcript and events, the views of the
 * whole machine, the sysctls, and as many of procfs's files as programs written for /proc need. The
 * texts of the views are in open_files.c, dot.c, state_json.c, locks.c and net.c.
 */
#include "base/number.h"
#include "base/text.h"
#include "base/trail.h"
#include "control/control.h"
#include "control/errors.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/transcript.h"
#include "objects/pipe.h"
#include "procfs/views.h"
#include "tree/handle.h"
#include "tree/tree.h"
#include "vfs/inode.h"
#include "vfs/lock.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define SECOND_NS 1000000000
#define MEMORY_KB 1048576 /* of the simulated machine */

int tree_parse_number(const char *text, size_t len, uint64_t max, uint64_t *number)
{
	const char *end = text + len;
	bool overflow = false;
	uint64_t value;

	while (end > text && strchr(" \t\n", end[-1]))
		end--;
	while (text < end && strchr(" \t", *text))
		text++;
	if (number_scan(text, end, &value, &overflow) != end || text == end || overflow ||
	    value > max)
		return -EINVAL;
	*number = value;
	return 0;
}

/* ---- sysctls ------------------------------------------------------------------------------ */

static int text_nr_open(const struct node *n, struct text *out)
{
	text_printf(out, "%" PRIu64 "\n", n->machine->nr_open);
	return 0;
}

static int store_nr_open(const struct node *n, const char *text, size_t len)
{
	uint64_t value;
	int error = tree_parse_number(text, len, NR_OPEN_MAX, &value);

	if (error || value < NR_OPEN_MIN)
		return -EINVAL;
	n->machine->nr_open = value;
	return 0;
}

static int text_lease_break_time(const struct node *n, struct text *out)
{
	text_printf(out, "%" PRIu64 "\n", n->machine->lease_break_time);
	return 0;
}

static int store_lease_break_time(const struct node *n, const char *text, size_t len)
{
	return tree_parse_number(text, len, INT32_MAX, &n->machine->lease_break_time);
}

static int text_leases_enable(const struct node *n, struct text *out)
{
	text_printf(out, "%" PRIu64 "\n", n->machine->leases_enable);
	return 0;
}

static int store_leases_enable(const struct node *n, const char *text, size_t len)
{
	return tree_parse_number(text, len, INT32_MAX, &n->machine->leases_enable);
}

static int text_file_max(const struct node *n, struct text *out)
{
	text_printf(out, "%" PRIu64 "\n", n->machine->file_max);
	return 0;
}

static int store_file_max(const struct node *n, const char *text, size_t len)
{
	return tree_parse_number(text, len, INT64_MAX, &n->machine->file_max);
}

static int text_pipe_max_size(const struct node *n, struct text *out)
{
	text_printf(out, "%" PRIu64 "\n", n->machine->pipe_max_size);
	return 0;
}

static int store_pipe_max_size(const struct node *n, const char *text, size_t len)
{
	uint64_t value;
	int error = tree_parse_number(text, len, UINT32_MAX, &value);

	if (error || !round_pipe_size(value))
		return -EINVAL;
	n->machine->pipe_max_size = round_pipe_size(value);
	return 0;
}

static int text_file_nr(const struct node *n, struct text *out)
{
	text_printf(out, "%" PRIu64 "\t0\t%" PRIu64 "\n", n->machine->nr_files,
		    n->machine->file_max);
	return 0;
}

/* ---- the kernel's name and version -------------------------------------------------------- */

static int text_ostype(const struct node *n, struct text *out)
{
	text_printf(out, "%s\n", n->machine->kernel->ostype);
	return 0;
}

static int text_osrelease(const struct node *n, struct text *out)
{
	text_printf(out, "%s\n", n->machine->kernel->osrelease);
	return 0;
}

static int text_version(const struct node *n, struct text *out)
{
	const struct kernel *k = n->machine->kernel;

	text_printf(out, "%s version %s (fdlab@localhost) (libfdlab %s) #1\n", k->ostype,
		    k->osrelease, FDLAB_VERSION);
	return 0;
}

static int text_kernel_version(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "#1\n");
	return 0;
}

static int text_hostname(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "fdlab\n");
	return 0;
}

static int text_pid_max(const struct node *n, struct text *out)
{
	(void)n;
	text_printf(out, "%d\n", PID_MAX);
	return 0;
}

/* ---- procfs's files of a machine ---------------------------------------------------------- */

static int text_kmsg(const struct node *n, struct text *out)
{
	text_put(out, n->machine->kmsg.s, n->machine->kmsg.len);
	return 0;
}

/*
 * CLOCK_BOOTTIME in hundredths of a second. The stamps would make the text differ each time that
 * the same commands are run.
 */
static int64_t uptime(const struct fdl_machine *m)
{
	return m->clock.now / (SECOND_NS / 100);
}

static int text_uptime(const struct node *n, struct text *out)
{
	const int64_t up = uptime(n->machine);

	/* Calls take no time here: all of it was idle. */
	for (int i = 0; i < 2; i++)
		text_printf(out, "%" PRId64 ".%02d%c", up / 100, (int)(up % 100), " \n"[i]);
	return 0;
}

/* How many tasks wait in a call. */
static size_t count_blocked(const struct fdl_machine *m)
{
	size_t blocked = 0;

	list_for_each(pos, &m->in_flight)
		blocked += container_of(pos, struct call, flight)->state == CALL_BLOCKED;
	return blocked;
}

static int text_loadavg(const struct node *n, struct text *out)
{
	const struct fdl_machine *m = n->machine;

	text_printf(out, "0.00 0.00 0.00 %zu/%zu %d\n", m->ntasks - count_blocked(m), m->ntasks,
		    m->last_pid);
	return 0;
}

static int text_stat(const struct node *n, struct text *out)
{
	const struct fdl_machine *m = n->machine;
	const int64_t idle = uptime(m);

	text_printf(out, "cpu  0 0 0 %" PRId64 " 0 0 0 0 0 0\n", idle);
	text_printf(out, "cpu0 0 0 0 %" PRId64 " 0 0 0 0 0 0\n", idle);
	text_printf(out,
		    "intr 0\nctxt 0\nbtime %" PRId64 "\nprocesses %d\nprocs_running %zu\n"
		    "procs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n",
		    m->boot_ns / SECOND_NS, m->last_pid, m->ntasks - count_blocked(m));
	return 0;
}

static void put_kb(struct text *out, const char *key, uint64_t kb)
{
	text_printf(out, "%s:%*s%8" PRIu64 " kB\n", key, 15 - (int)strlen(key), "", kb);
}

static int text_meminfo(const struct node *n, struct text *out)
{
	const struct fdl_machine *m = n->machine;
	const uint64_t names = m->vfs->bytes.used / 1024;
	const uint64_t slab = m->kmem.kmalloc_bytes / 1024;
	const uint64_t vmalloc = m->kmem.vmalloc_bytes / 1024;
	const uint64_t used = names + slab + vmalloc;
	const uint64_t left = used < MEMORY_KB ? MEMORY_KB - used : 0;

	put_kb(out, "MemTotal", MEMORY_KB);
	put_kb(out, "MemFree", left);
	put_kb(out, "MemAvailable", left);
	put_kb(out, "Buffers", 0);
	put_kb(out, "Cached", names);
	put_kb(out, "SwapCached", 0);
	put_kb(out, "Active", names);
	put_kb(out, "Inactive", 0);
	put_kb(out, "SwapTotal", 0);
	put_kb(out, "SwapFree", 0);
	put_kb(out, "Dirty", 0);
	put_kb(out, "Writeback", 0);
	put_kb(out, "AnonPages", 0);
	put_kb(out, "Mapped", 0);
	put_kb(out, "Shmem", names);
	put_kb(out, "Slab", slab);
	put_kb(out, "SReclaimable", 0);
	put_kb(out, "SUnreclaim", slab);
	put_kb(out, "CommitLimit", MEMORY_KB / 2);
	put_kb(out, "Committed_AS", 0);
	put_kb(out, "VmallocTotal", 34359738367);
	put_kb(out, "VmallocUsed", vmalloc);
	put_kb(out, "VmallocChunk", 0);
	return 0;
}

static int text_filesystems(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "nodev\trootfs\nnodev\tproc\nnodev\tpipefs\nnodev\ttmpfs\n");
	return 0;
}

/* A program that reads the tree is no task of the machine: "self" is init. */
static int link_self(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "1");
	return 0;
}

static int link_thread_self(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "1/task/1");
	return 0;
}

static int text_vmstat(const struct node *n, struct text *out)
{
	static const char *const counters[] = {
		"nr_dirty", "nr_writeback", "nr_mapped",    "pgpgin",          "pgpgout",
		"pswpin",   "pswpout",      "pgfault",      "pgmajfault",      "pgalloc_normal",
		"pgfree",   "pgactivate",   "pgdeactivate", "pgrefill_normal",
	};
	const struct fdl_machine *m = n->machine;
	const uint64_t used = (m->vfs->bytes.used + m->kmem.kmalloc_bytes) / PAGE_SIZE;

	text_printf(out, "nr_free_pages %" PRIu64 "\nnr_file_pages %" PRIu64 "\n",
		    MEMORY_KB / (PAGE_SIZE / 1024) - used,
		    (uint64_t)(m->vfs->bytes.used / PAGE_SIZE));
	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
		text_printf(out, "%s 0\n", counters[i]);
	return 0;
}

/* There are no disks, no partitions and no modules: their lists are empty. */
static int text_nothing(const struct node *n, struct text *out)
{
	(void)n, (void)out;
	return 0;
}

static int text_partitions(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "major minor  #blocks  name\n\n");
	return 0;
}

static int text_devices(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n\n"
		       "Block devices:\n");
	return 0;
}

static int text_swaps(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	return 0;
}

static int text_cmdline(const struct node *n, struct text *out)
{
	text_printf(out, "kernel=%s\n", n->machine->kernel->name);
	return 0;
}

static int text_cpuinfo(const struct node *n, struct text *out)
{
	(void)n;
	text_puts(out, "processor\t: 0\nvendor_id\t: fdlab\nmodel name\t: fdlab\n\n");
	return 0;
}

/* ---- files that grow ---------------------------------------------------------------------- */

static struct trail *log_trail(struct fdl_machine *m, uint64_t *n)
{
	*n = m->log.records;
	return m->original ? &m->original->log : &m->log;
}

/* The lines that are there, with their numbers. */
static int text_log_numbered(const struct node *n, struct text *out)
{
	uint64_t records, tag;
	struct trail *log = log_trail(n->machine, &records);
	struct trail_cursor c;
	const char *record;
	size_t len;

	if (!trail_seek(log, log->dropped, &c))
		return 0;
	for (uint64_t line = log->dropped + 1; line <= records && !out->error; line++) {
		record = trail_next(&c, &tag, &len);
		if (!record)
			break;
		text_uint(out, line);
		text_putc(out, '\t');
		transcript_print(n->machine, tag, record, len, out);
	}
	return 0;
}

static struct trail *events_trail(struct fdl_machine *m, uint64_t *n)
{
	*n = m->events.records;
	return m->original ? &m->original->events : &m->events;
}

static struct trail *errors_trail(struct fdl_machine *m, uint64_t *n)
{
	*n = m->original ? errors_count(m) : m->errors.records;
	return m->original ? &m->original->errors : &m->errors;
}

static const struct tree_ops errors_ops = { .trail = errors_trail };
static const struct tree_ops log_ops = { .trail = log_trail };
static const struct tree_ops events_ops = { .trail = events_trail };

/* ---- the rows ----------------------------------------------------------------------------- */

#define LINK     (S_IFLNK | 0777)
#define DIR      (S_IFDIR | 0555)
#define READ     (S_IFREG | 0444)
#define READ_SET (S_IFREG | 0644)

static const struct tree_row fs_rows[] = {
	{ .name = "nr_open", .mode = READ_SET, .text = text_nr_open, .store = store_nr_open },
	{ .name = "file-max", .mode = READ_SET, .text = text_file_max, .store = store_file_max },
	{ .name = "pipe-max-size",
	  .mode = READ_SET,
	  .text = text_pipe_max_size,
	  .store = store_pipe_max_size },
	{ .name = "lease-break-time",
	  .mode = READ_SET,
	  .text = text_lease_break_time,
	  .store = store_lease_break_time },
	{ .name = "leases-enable",
	  .mode = READ_SET,
	  .text = text_leases_enable,
	  .store = store_leases_enable },
	{ .name = "file-nr", .mode = READ, .text = text_file_nr },
	{ 0 },
};

static const struct tree_row kernel_rows[] = {
	{ .name = "ostype", .mode = READ, .text = text_ostype },
	{ .name = "osrelease", .mode = READ, .text = text_osrelease },
	{ .name = "version", .mode = READ, .text = text_kernel_version },
	{ .name = "hostname", .mode = READ, .text = text_hostname },
	{ .name = "pid_max", .mode = READ, .text = text_pid_max },
	{ 0 },
};

static const struct tree_row sys_rows[] = {
	{ .name = "fs", .mode = DIR, .rows = fs_rows },
	{ .name = "kernel", .mode = DIR, .rows = kernel_rows },
	{ 0 },
};

static const struct tree_row net_rows[] = {
	{ .name = "unix", .mode = READ, .text = text_net_unix, .work = work_of_machine },
	{ .name = "tcp", .mode = READ, .text = text_net_tcp, .work = work_of_machine },
	{ .name = "udp", .mode = READ, .text = text_net_udp, .work = work_of_machine },
	{ 0 },
};

static const struct tree_row root_rows[] = {
	{ .name = "control", .mode = READ_SET, .text = control_text, .ops = &control_ops },
	{ .name = "rootfs", .mode = DIR, .graft = &rootfs_graft },
	{ .name = "log", .mode = READ, .ops = &log_ops },
	{ .name = "log.numbered", .mode = READ, .text = text_log_numbered, .work = work_of_log },
	{ .name = "errors", .mode = READ, .ops = &errors_ops },
	{ .name = "events", .mode = READ, .ops = &events_ops },
	{ .name = "open_files", .mode = READ, .text = text_open_files, .work = work_of_machine },
	{ .name = "dot", .mode = READ, .text = text_dot, .work = work_of_machine },
	{ .name = "picture.svg", .mode = READ, .text = text_picture, .work = work_of_machine },
	{ .name = "picture.json",
	  .mode = READ,
	  .text = text_picture_json,
	  .work = work_of_machine },
	{ .name = "state.json", .mode = READ, .text = text_snapshot, .work = work_of_machine },
	{ .name = "locks", .mode = READ, .text = text_locks, .work = work_of_machine },
	{ .name = "kmsg", .mode = READ, .text = text_kmsg },
	{ .name = "sys", .mode = DIR, .rows = sys_rows },
	{ .name = "net", .mode = DIR, .rows = net_rows },
	{ .name = "stat", .mode = READ, .text = text_stat },
	{ .name = "uptime", .mode = READ, .text = text_uptime },
	{ .name = "meminfo", .mode = READ, .text = text_meminfo },
	{ .name = "loadavg", .mode = READ, .text = text_loadavg },
	{ .name = "version", .mode = READ, .text = text_version },
	{ .name = "filesystems", .mode = READ, .text = text_filesystems },
	{ .name = "mounts", .mode = READ, .text = proc_mounts },
	{ .name = "swaps", .mode = READ, .text = text_swaps },
	{ .name = "cmdline", .mode = READ, .text = text_cmdline },
	{ .name = "self", .mode = LINK, .text = link_self },
	{ .name = "thread-self", .mode = LINK, .text = link_thread_self },
	{ .name = "vmstat", .mode = READ, .text = text_vmstat },
	{ .name = "diskstats", .mode = READ, .text = text_nothing },
	{ .name = "partitions", .mode = READ, .text = text_partitions },
	{ .name = "modules", .mode = READ, .text = text_nothing },
	{ .name = "devices", .mode = READ, .text = text_devices },
	{ .name = "cpuinfo", .mode = READ, .text = text_cpuinfo },
	{ 0 },
};

const struct tree_row root_directory = { .mode = DIR, .rows = root_rows, .index = &task_index };
