/*
 * The life of a machine: made from its options, started over, freed. It hands each layer what that
 * takes from above: the list of kernels, the root of the tree, the commands of the control file.
 */
#include "fdlab.h"

#include "base/heap.h"
#include "base/reserve.h"
#include "boot.h"
#include "commands.h"
#include "control/errors.h"
#include "linux/linux.h"
#include "machine/call_table.h"
#include "machine/events.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/transcript.h"
#include "netbsd/netbsd.h"
#include "objects/pipe.h"
#include "options.h"
#include "process/exit.h"
#include "process/sigio.h"
#include "procfs/census.h"
#include "procfs/views.h"
#include "socket/sock.h"
#include "socket/unix.h"
#include "tree/handle.h"
#include "tree/texts.h"
#include "tree/tree.h"
#include "undo.h"
#include "vfs/file.h"
#include "vfs/lease.h"
#include "vfs/lock.h"
#include "vfs/vfs.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

const struct kernel *const all_kernels[] = { &linux_kernel, &netbsd_kernel, NULL };

#define NKERNELS (sizeof(all_kernels) / sizeof(all_kernels[0]) - 1)

const char *const *fdl_kernels(void)
{
	static const char *names[NKERNELS + 1];

	for (size_t i = 0; i < NKERNELS; i++)
		names[i] = all_kernels[i]->name;
	return names;
}

const char *fdl_version(void)
{
	return FDLAB_VERSION;
}

int fdl_reserve(size_t size)
{
	return reserve_keep(size);
}

uint64_t fdl_refused(void)
{
	return reserve_refused();
}

/* A machine that holds nothing: no file system, no tasks, empty records. */
static void clear(struct fdl_machine *m)
{
	struct heap *before;

	m->kernel_data = NULL;
	m->ntasks = 0;
	m->last_pid = 0;
	m->nr_files = 0;
	m->file_max_logged = false;
	m->kmem = (struct kmem_stat){ 0 };
	m->memory = (struct budget){ .limit = m->options.memory };
	m->tasks_budget = (struct budget){ .limit = SIZE_MAX };
	m->last_share = 0;
	m->time_matters = false;
	sock_machine_init(m);
	list_init(&m->files);
	locks_machine_init(m);
	list_init(&m->runnable);
	list_init(&m->sigio);
	list_init(&m->handled);
	list_init(&m->in_flight);
	clock_init(&m->clock);
	m->epoll_searches = 0;
	list_init(&m->eventfds);
	m->fsnotify_cookie = 0;
	m->inotify_instances = 0;
	m->fsnotify_marks = 0;
	wait_queue_init(&m->drained);
	sparse_init(&m->tasks, &m->first_tasks, &m->tasks_budget);
	m->nr_open = m->options.nr_open;
	m->file_max = m->options.file_max;
	m->pipe_max_size = PIPE_MAX_SIZE;
	m->lease_break_time = LEASE_BREAK_TIME;
	m->leases_enable = 1;
	m->boot_ns = m->now_ns;
	m->running = NULL;
	m->last_call = UINT64_MAX;
	m->next_file_id = 0;
	before = machine_leave(m);
	transcript_init(m);
	events_init(m);
	errors_init(m);
	heap_current = before;
}

/* Frees the files that are left, because misused internal functions lost references to them. */
static void free_leaked(struct fdl_machine *m)
{
	struct task nobody = { .machine = m, .call = m->exiting };

	/* A lost socket may have messages that refer to other files: each stays until its turn. */
	list_for_each(pos, &m->files) {
		struct file *f = container_of(pos, struct file, all);

		f->count -= f->leaked;
		f->leaked = f->uses = 0;
		get_file(f);
	}
	list_for_each_safe(pos, next, &m->files)
		fput(&nobody, container_of(pos, struct file, all));
	unix_gc(&nobody);
	/* Files whose number of references is wrong. */
	while (!list_empty(&m->files)) {
		struct file *f = container_of(m->files.next, struct file, all);

		f->count = 1;
		fput(&nobody, f);
	}
	/* Signals of their ends to the owners of other files. */
	send_sigios(m);
}

/* Takes everything down that populate made, whole or not. */
static void depopulate(struct fdl_machine *m)
{
	census_drop(m);
	task_free_all(m);
	free_leaked(m);
	vfs_free(m);
	if (m->kernel_data)
		m->kernel->machine_free(m);
	sparse_free(&m->tasks);
	transcript_free(m);
	events_free(m);
	errors_free(m);
	text_free(&m->kmsg);
}

/*
 * Fills a machine with its file system, its kernel and task 1. 0; -ENOMEM, and it holds nothing.
 * The smallest option bytes has room for the first names, so that -ENOSPC is a lack of memory, too.
 */
static int populate(struct fdl_machine *m)
{
	int error;

	clear(m);
	options_record(m);
	error = m->kernel->machine_init(m);
	if (!error)
		error = vfs_init(m);
	if (!error)
		error = machine_boot(m);
	/* Now, so that the first call allocates only what is its own. */
	if (!error && transcript_ready(m))
		return 0;
	depopulate(m);
	clear(m);
	return -ENOMEM;
}

int machine_start_over(struct fdl_machine *m)
{
	const int64_t now = m->now_ns;
	struct heap *before = machine_enter(m);
	int error;

	depopulate(m);
	m->now_ns = m->boot_ns;
	m->generation++;
	error = populate(m);
	m->now_ns = now;
	heap_current = before;
	return error;
}

struct heap *machine_heap_new(const struct fdl_options *o)
{
	const uint64_t wanted = 2 * (o->memory + o->bytes) + HEAP_USUAL;
	struct heap *heap = wanted < SIZE_MAX / 4 ? heap_new((size_t)wanted) : NULL;

	return heap ? heap : heap_new(HEAP_USUAL);
}

/* Frees what an empty machine keeps to be used again. */
static void free_spare(struct fdl_machine *m)
{
	if (m->c_call)
		call_put(m, m->c_call);
	if (m->exiting)
		call_put(m, m->exiting);
	m->c_call = m->ready = m->exiting = NULL;
	call_free_spare(m);
	file_free_spare(m);
}

/* Gives an empty machine a new heap; the one that it has is emptied if heap is NULL. */
static void renew_heap(struct fdl_machine *m, struct heap *heap)
{
	struct heap *before = machine_enter(m);

	free_spare(m);
	heap_current = before;
	coroutine_pool_abandon(&m->coroutines);
	if (heap) {
		heap_delete(m->heap);
		m->heap = heap;
	} else {
		heap_clear(m->heap);
	}
	m->coroutines.keeps = true;
	before = machine_enter(m);
	m->exiting = call_get(m);
	heap_current = before;
}

int machine_move(struct fdl_machine *m)
{
	struct heap *heap = machine_heap_new(&m->options), *before;
	int error;

	if (!heap)
		return -ENOMEM;
	depopulate(m);
	texts_clear(m->texts);
	renew_heap(m, heap);
	m->generation++;
	before = machine_enter(m);
	error = populate(m);
	heap_current = before;
	return error;
}

static void machine_free_rest(struct fdl_machine *m)
{
	undone_free(m);
	tree_free(m);
	free_spare(m);
	coroutine_pool_free(&m->coroutines);
	free(m);
}

int fdl_machine_new(const struct fdl_options *o, struct fdl_machine **mp)
{
	struct fdl_machine *m = calloc(1, sizeof(*m));
	int error;

	if (!m)
		return -ENOMEM;
	list_init(&m->handles);
	m->commands = control_commands;
	m->text_too_long = errors_add_too_long;
	if (o)
		m->given = *o;
	error = options_fill(&m->options, o, &m->kernel);
	if (error) {
		free(m);
		return error;
	}
	error = -ENOMEM;
	m->table = call_table_get(m->kernel, all_kernels);
	m->exiting = call_get(m);
	if (!m->table || !m->exiting || tree_init(m, &root_directory) < 0)
		goto out;
	error = populate(m);
	if (error)
		goto out;
	*mp = m;
	return 0;
out:
	machine_free_rest(m);
	return error;
}

void fdl_machine_free(struct fdl_machine *m)
{
	struct heap *heap = m ? m->heap : NULL, *before;

	if (!m)
		return;
	before = machine_enter(m);
	depopulate(m);
	machine_free_rest(m);
	heap_current = before;
	heap_delete(heap);
}

int fdl_machine_reset(struct fdl_machine *m, const struct fdl_options *o)
{
	struct fdl_options options;
	const struct kernel *kernel;
	const struct call_table *table;
	struct heap *before;
	bool inside;
	int error = options_fill(&options, o ? o : &m->given, &kernel);

	if (error)
		return error;
	table = call_table_get(kernel, all_kernels);
	if (!table)
		return -ENOMEM;
	before = machine_enter(m);
	inside = before && before == m->heap;
	handles_reset(m);
	undone_free(m);
	depopulate(m);
	texts_clear(m->texts);
	if (!m->coroutines.keeps)
		coroutine_pool_free(&m->coroutines);
	m->options = options;
	if (m->heap)
		renew_heap(m, machine_heap_new(&options));
	machine_enter(m);
	heap_trim();
	m->kernel = kernel;
	m->table = table;
	m->epoch++;
	m->turns++;
	m->generation++;
	error = populate(m);
	heap_current = inside ? m->heap : before;
	if (m->past)
		m->past->restarted(m->past);
	return error;
}

void fdl_machine_stamp(struct fdl_machine *m, struct timespec now)
{
	int64_t ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;

	/* Lines older than the first stamp get its time. */
	if (!m->boot_ns) {
		struct task *init = task_find(m, 1);

		m->boot_ns = ns;
		m->generation++;
		if (init)
			init->start_ns = ns;
	}
	m->now_ns = ns;
}
