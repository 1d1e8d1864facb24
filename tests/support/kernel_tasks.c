#include "support/kernel_tasks.h"

#include "notation/syscalls.h"

long kt_number(const char *name)
{
	return notation_syscall(name, strlen(name));
}

/* ---- inside a task -------------------------------------------------------------------------- */

static void kt_wait(_Atomic uint32_t *state, uint32_t while_it_is)
{
	struct timespec moment = { 0, 100000000 };

	syscall(SYS_futex, state, FUTEX_WAIT, while_it_is, &moment, NULL, 0);
}

static void kt_tell(_Atomic uint32_t *state, uint32_t is)
{
	atomic_store(state, is);
	syscall(SYS_futex, state, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static _Noreturn void kt_serve(struct kt_shared *sh, int me);

static void kt_outcome(struct kt_post *p, long result)
{
	p->result = result < 0 ? -errno : result;
	kt_tell(&p->state, KT_DONE);
}

static void kt_fork(struct kt_shared *sh, struct kt_post *p, unsigned long flags)
{
	int number = p->child;
	long pid = syscall(SYS_clone, flags, 0, 0, 0, 0);

	if (pid == 0)
		kt_serve(sh, number);
	kt_outcome(p, pid);
}

/* An exec that succeeds runs this program again, which continues to serve in kt_main. */
static void kt_exec(struct kt_post *p, int me)
{
	char number[16];
	char *argv[] = { "oracle", "--task", number, NULL };

	snprintf(number, sizeof(number), "%d", me);
	if (strcmp(p->data + p->arg[0], KT_PROGRAM) == 0)
		kt_outcome(p, execve("/proc/self/exe", argv, environ));
	else
		kt_outcome(p, execve(p->data + p->arg[0], argv, environ));
}

static void kt_perform(struct kt_shared *sh, struct kt_post *p, int me)
{
	long a[6];

	for (int i = 0; i < 6; i++)
		a[i] = p->at[i] ? (long)(p->data + p->arg[i]) : p->arg[i];
	if (p->number == kt_number("fork"))
		kt_fork(sh, p, SIGCHLD);
	else if (p->number == SYS_clone)
		kt_fork(sh, p, (unsigned long)a[1]);
	else if (p->number == SYS_execve)
		kt_exec(p, me);
	else
		kt_outcome(p, syscall(p->number, a[0], a[1], a[2], a[3], a[4], a[5]));
}

static _Noreturn void kt_serve(struct kt_shared *sh, int me)
{
	struct kt_post *p = &sh->post[me];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	p->pid = getpid();
	for (;;) {
		while (atomic_load(&p->state) != KT_ORDERED)
			kt_wait(&p->state, atomic_load(&p->state));
		kt_perform(sh, p, me);
	}
}

/* The first task: descriptors 0, 1 and 2 are one description of /dev/null, and no other is open. */
static _Noreturn void kt_first(struct kt *kt)
{
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	if (open("/dev/null", O_RDWR) != 0 || dup(0) != 1 || dup(0) != 2 || chdir(kt->dir) < 0 ||
	    setrlimit(RLIMIT_NOFILE, &kt->shared->nofile) < 0)
		_exit(1);
	umask(022);
	kt_serve(kt->shared, 1);
}

static struct kt_shared *kt_map(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	void *at = MAP_FAILED;

	if (fd >= 0 && ftruncate(fd, sizeof(struct kt_shared)) == 0)
		at = mmap(NULL, sizeof(struct kt_shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			  0);
	if (fd >= 0)
		close(fd);
	return at == MAP_FAILED ? NULL : at;
}

void kt_main(int argc, char **argv)
{
	struct kt_shared *sh;
	int me;

	if (argc != 3 || strcmp(argv[1], "--task") != 0)
		return;
	me = atoi(argv[2]);
	sh = kt_map("shared");
	if (!sh || me < 1 || me > KT_TASKS)
		_exit(1);
	errno = 0;
	kt_outcome(&sh->post[me], 0);
	kt_serve(sh, me);
}

/* ---- outside -------------------------------------------------------------------------------- */

/*
 * Makes task 1 as a child. A copy of a table is the smallest that fits, so task 1 gets one of 64
 * slots whatever the test has open.
 */
static _Noreturn void kt_keep(struct kt *kt)
{
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	syscall(SYS_close_range, 3, ~0U, 0);
	pid = fork();
	if (pid == 0)
		kt_first(kt);
	while (waitpid(pid, NULL, 0) == pid)
		;
	_exit(1);
}

bool kt_start(struct kt *kt, struct rlimit nofile)
{
	char path[96];

	/* So that this process can wait for all of them when their parents are gone. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	*kt = (struct kt){ .dir = "/tmp/fdlab-oracle-XXXXXX", .last = 1 };
	if (!mkdtemp(kt->dir))
		return false;
	snprintf(path, sizeof(path), "%s/shared", kt->dir);
	kt->shared = kt_map(path);
	if (!kt->shared)
		return false;
	memset(kt->shared, 0, sizeof(*kt->shared));
	kt->shared->nofile = nofile;
	kt->keeper = fork();
	if (kt->keeper == 0)
		kt_keep(kt);
	while (kt->keeper > 0 && !*(volatile pid_t *)&kt->shared->post[1].pid) {
		if (waitpid(kt->keeper, NULL, WNOHANG) != 0)
			return false;
		sched_yield();
	}
	return kt->keeper > 0;
}

static void kt_remove(const char *dir, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (unlink(path) < 0)
		rmdir(path);
}

void kt_stop(struct kt *kt, const char *const *names)
{
	if (kt->keeper > 0)
		kill(kt->keeper, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	for (; *names; names++)
		kt_remove(kt->dir, *names);
	kt_remove(kt->dir, "shared");
	rmdir(kt->dir);
	if (kt->shared)
		munmap(kt->shared, sizeof(*kt->shared));
}

char kt_process_state(pid_t pid)
{
	char path[64], line[512];
	const char *state = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fgets(line, sizeof(line), f))
		state = strrchr(line, ')');
	fclose(f);
	return state && state[1] == ' ' ? state[2] : 0;
}

int kt_number_of(const struct kt *kt, long pid)
{
	for (int i = 1; i <= KT_TASKS; i++) {
		if (labs(kt->shared->post[i].pid) == pid)
			return i;
	}
	return 0;
}

bool kt_is(const struct param *p, const struct type *type)
{
	return p->type == type;
}

/* The place of the argument in the task's data; the next one comes after it. */
static char *kt_room(struct kt_post *p, size_t i, size_t size, size_t *used)
{
	char *at = p->data + *used;

	if (*used + size > KT_DATA)
		abort();
	p->at[i] = true;
	p->arg[i] = (long)*used;
	*used += (size + 15) & ~(size_t)15;
	memset(at, 0, size);
	return at;
}

static void kt_put(struct kt *kt, struct kt_post *p, const struct fdl_row *row, size_t i,
		   const struct fdl_arg *arg, size_t *used)
{
	const struct param *param = &row->param[i];
	const struct fdl_arg *a = &arg[i];

	if (param->out && kt_is(param, &type_flock)) {
		p->at[i] = true; /* filled in by the caller */
		p->arg[i] = p->arg[i - 1];
	} else if (param->out) {
		kt_room(p, i, kt_is(param, &type_buf) ? (size_t)arg[i + 1].num : 16, used);
	} else if (kt_is(param, &type_rlimit) && a->sub) {
		uint64_t limit[2] = { (uint64_t)a->sub[0].num, (uint64_t)a->sub[1].num };

		memcpy(kt_room(p, i, sizeof(limit), used), limit, sizeof(limit));
	} else if (kt_is(param, &type_flock) && a->sub) {
		struct flock lock = {
			.l_type = (short)a->sub[FLOCK_TYPE].num,
			.l_whence = (short)a->sub[FLOCK_WHENCE].num,
			.l_start = a->sub[FLOCK_START].num,
			.l_len = a->sub[FLOCK_LEN].num,
			.l_pid = (pid_t)a->sub[FLOCK_PID].num,
		};

		memcpy(kt_room(p, i, sizeof(lock), used), &lock, sizeof(lock));
	} else if ((kt_is(param, &type_path) || kt_is(param, &type_buf)) && a->str) {
		memcpy(kt_room(p, i, (size_t)a->num + 1, used), a->str, (size_t)a->num);
	} else if (kt_is(param, &type_pid) && a->num > 0) {
		p->arg[i] = a->num <= KT_TASKS ? labs(kt->shared->post[a->num].pid) : INT_MAX;
	} else {
		p->arg[i] = a->sub ? 0 : a->num;
	}
}

void kt_take(struct kt_post *p, const struct fdl_row *row, size_t i, struct fdl_arg *arg,
	     struct fdl_arg *room)
{
	const char *at = p->data + p->arg[i];

	if (kt_is(&row->param[i], &type_buf)) {
		arg[i] = (struct fdl_arg){ .num = p->result, .str = at };
		return;
	}
	if (kt_is(&row->param[i], &type_flock)) {
		struct flock lock;

		memcpy(&lock, at, sizeof(lock));
		room[FLOCK_TYPE].num = lock.l_type;
		room[FLOCK_WHENCE].num = lock.l_whence;
		room[FLOCK_START].num = lock.l_start;
		room[FLOCK_LEN].num = lock.l_len;
		room[FLOCK_PID].num = lock.l_pid;
		arg[i] = (struct fdl_arg){ .num = FLOCK_FIELDS, .sub = room };
		return;
	}
	if (kt_is(&row->param[i], &type_rlimit)) {
		memcpy(&room[0].num, at, 8);
		memcpy(&room[1].num, at + 8, 8);
	} else {
		int32_t number[2];

		memcpy(number, at, sizeof(number));
		room[0].num = number[0];
		room[1].num = number[1];
	}
	arg[i] = (struct fdl_arg){ .num = 2, .sub = room };
}

/* Waits until a task has answered. False: the task is gone. */
static bool kt_answered(struct kt_post *p)
{
	while (atomic_load(&p->state) != KT_DONE) {
		char state = kt_process_state(p->pid);

		if (state == 'Z' || state == 'X' || state == 0)
			return false;
		kt_wait(&p->state, KT_ORDERED);
	}
	return true;
}

/* A new task exists when it has written its pid. */
static void kt_born(struct kt *kt)
{
	struct kt_post *p = &kt->shared->post[++kt->last];

	while (!*(volatile pid_t *)&p->pid)
		sched_yield();
}

void kt_order(struct kt *kt, int pid, const struct fdl_row *row, const struct fdl_arg *arg)
{
	struct kt_post *p = &kt->shared->post[pid];
	size_t used = 0;

	memset(p->at, 0, sizeof(p->at));
	memset(p->arg, 0, sizeof(p->arg));
	p->number = kt_number(row->call->name);
	p->child = kt->last + 1;
	for (size_t i = 0; i < row->nparams; i++)
		kt_put(kt, p, row, i, arg, &used);
	kt_tell(&p->state, KT_ORDERED);
}

int64_t kt_call(struct kt *kt, int pid, const struct fdl_row *row, struct fdl_arg *arg,
		struct fdl_arg *room)
{
	struct kt_post *p = &kt->shared->post[pid];
	const char *name = row->call->name;

	kt_order(kt, pid, row, arg);
	if (!kt_answered(p)) {
		p->pid = -p->pid;
		return 0;
	}
	if (p->result < 0)
		return p->result;
	for (size_t i = 0; i < row->nparams; i++) {
		if (row->param[i].out)
			kt_take(p, row, i, arg, room + 2 * i);
	}
	if (strcmp(name, "fork") == 0 || strcmp(name, "clone") == 0) {
		kt_born(kt);
		return kt->last;
	}
	return strcmp(name, "wait4") == 0 && p->result ? kt_number_of(kt, p->result) : p->result;
}

void kt_proc_path(const struct kt *kt, int pid, const char *file, char *path, size_t size)
{
	snprintf(path, size, "/proc/%d/%s", abs(kt->shared->post[pid].pid), file);
}
