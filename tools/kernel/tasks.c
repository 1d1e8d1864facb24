/*
 * Makes task 1 in namespaces of its own, puts orders into posts, and finds out what became of them:
 * the task has answered, sleeps in its call, or has ended.
 */
#include "kernel/tasks.h"

#include "cli/number.h"
#include "kernel/image.h"
#include "kernel/root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MILLISECOND 1000000L
#define PATIENCE    20000 /* milliseconds until a task that does not answer is lost */
#define ASLEEP_FOR  2     /* looks, a millisecond apart, after which a sleeping task waits */

static struct kernel_post *post_of(const struct kernel_tasks *k, int pid)
{
	return (struct kernel_post *)(k->shared + (size_t)pid * KERNEL_POST_SIZE);
}

static uint32_t load(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

/* Sleeps a millisecond, or until the word is no longer this. */
static void wait_word(uint32_t *word, uint32_t is)
{
	const struct timespec t = { 0, MILLISECOND };

	syscall(SYS_futex, word, FUTEX_WAIT, is, &t, NULL, 0);
}

/*
 * Sleeps between looks at something that will happen soon: briefly at first, later a millisecond.
 */
static void nap(int turn)
{
	const struct timespec t = { 0, turn < 6 ? 10000L << turn : MILLISECOND };

	nanosleep(&t, NULL);
}

char *kernel_task_data(const struct kernel_tasks *k, int pid)
{
	return post_of(k, pid)->data;
}

int64_t kernel_task_address(int pid)
{
	return KERNEL_SHARED_AT + (int64_t)pid * KERNEL_POST_SIZE + KERNEL_DATA_AT;
}

/* ---- what /proc says ------------------------------------------------------------------------ */

ssize_t kernel_proc_read(const struct kernel_tasks *k, const char *path, char *buf, size_t size)
{
	int fd = openat(k->proc, path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0)
		return -errno;
	while (len < size - 1 && (n = read(fd, buf + len, size - 1 - len)) > 0)
		len += (size_t)n;
	if (n < 0)
		n = -errno;
	close(fd);
	buf[len] = '\0';
	return n < 0 ? n : (ssize_t)len;
}

static char stat_state(const struct kernel_tasks *k, int pid)
{
	char path[32], text[512], *end;

	snprintf(path, sizeof(path), "%d/stat", pid);
	if (kernel_proc_read(k, path, text, sizeof(text)) <= 0)
		return 0;
	end = strrchr(text, ')');
	return end && end[1] == ' ' && end[2] != 'X' ? end[2] : 0;
}

int kernel_task_killer(const struct kernel_tasks *k, int pid)
{
	char path[32], text[1024], *field;
	uint64_t status = 0;

	/* A thread leaves no zombie, and has ended as its leader has. */
	snprintf(path, sizeof(path), "%d/stat", k->leader[pid] ? k->leader[pid] : pid);
	if (kernel_proc_read(k, path, text, sizeof(text)) <= 0)
		return 0;
	field = strrchr(text, ' '); /* exit_code is the last */
	return field && decimal_at(field + 1, &status) ? (int)(status & 0x7f) : 0;
}

/* The number of the system call that a task sleeps in; -1: it is in none. */
static long stat_syscall(const struct kernel_tasks *k, int pid)
{
	char path[32], text[256];
	uint64_t number;

	snprintf(path, sizeof(path), "%d/syscall", pid);
	if (kernel_proc_read(k, path, text, sizeof(text)) <= 0)
		return -1;
	return decimal_at(text, &number) ? (long)number : -1;
}

/* The number after a word of the status file, in this base; 0: there is none. */
static uint64_t status_number(const char *status, const char *word, int base)
{
	uint64_t number;

	number_after(status, word, base, &number);
	return number;
}

/* The state of a task, 0 for none; *pending: a bit for each pending signal. */
static char status_state(const struct kernel_tasks *k, int pid, uint64_t *pending)
{
	char path[32], text[4096];
	const char *state;

	*pending = 0;
	snprintf(path, sizeof(path), "%d/status", pid);
	if (kernel_proc_read(k, path, text, sizeof(text)) <= 0)
		return 0;
	*pending = status_number(text, "\nSigPnd:", 16) | status_number(text, "\nShdPnd:", 16);
	*pending &= ~status_number(text, "\nSigBlk:", 16);
	state = strstr(text, "\nState:\t");
	return state ? state[strlen("\nState:\t")] : 0;
}

static int leader_of(const struct kernel_tasks *k, int pid)
{
	char path[32], text[4096];

	snprintf(path, sizeof(path), "%d/status", pid);
	if (kernel_proc_read(k, path, text, sizeof(text)) <= 0)
		return pid;
	return (int)status_number(text, "\nTgid:", 10);
}

char kernel_task_state(const struct kernel_tasks *k, int pid)
{
	uint64_t pending;
	char state = 0;

	for (int i = 0; i < PATIENCE; i++) {
		state = status_state(k, pid, &pending);
		if (state != 'X' && !(state == 'R' && pending))
			break;
		nap(i);
	}
	return state == 'X' ? 0 : state;
}

int kernel_tasks_last(const struct kernel_tasks *k)
{
	return (int)load(&((struct kernel_making *)k->shared)->last);
}

bool kernel_task_was_made(const struct kernel_tasks *k, int pid)
{
	return load(&post_of(k, pid)->attached);
}

bool kernel_task_is_idle(const struct kernel_tasks *k, int pid)
{
	return kernel_task_was_made(k, pid) && load(&post_of(k, pid)->state) != POST_ORDERED &&
	       kernel_task_state(k, pid) == 'S';
}

/* Whether a task stays as it is until another task acts on it. */
static bool is_settled(const struct kernel_tasks *k, int pid)
{
	uint64_t pending;

	switch (status_state(k, pid, &pending)) {
	case 0:
	case 'Z':
		return true;
	case 'T':
	case 't':
		return true;
	case 'S':
		return !pending;
	case 'D': /* the parent of a vfork: only SIGKILL reaches it */
		return !(pending & (UINT64_C(1) << (SIGKILL - 1)));
	default:
		return false;
	}
}

void kernel_tasks_settle(const struct kernel_tasks *k)
{
	for (int pid = 1; pid <= kernel_tasks_last(k); pid++) {
		if (!kernel_task_was_made(k, pid))
			continue;
		for (int i = 0; i < PATIENCE && !is_settled(k, pid); i++)
			nap(i);
	}
}

bool kernel_task_ready(struct kernel_tasks *k, int pid)
{
	struct kernel_post *p;
	char state;

	if (pid <= 0 || pid >= KERNEL_POSTS)
		return false;
	p = post_of(k, pid);
	if (!k->leader[pid])
		k->leader[pid] = (short)leader_of(k, pid);
	while (!load(&p->attached)) {
		state = stat_state(k, pid);
		if (!state || state == 'Z')
			return false;
		wait_word(&p->attached, 0);
	}
	return true;
}

/* ---- orders --------------------------------------------------------------------------------- */

void kernel_task_order(struct kernel_tasks *k, int pid, const struct kernel_order *order,
		       struct kernel_flight *f)
{
	struct kernel_post *p = post_of(k, pid);

	*f = (struct kernel_flight){ .pid = pid, .order = *order, .leader = pid };
	if (order->execs)
		f->leader = k->leader[pid] ? k->leader[pid] : leader_of(k, pid);
	f->attached = load(&post_of(k, f->leader)->attached);
	p->number = order->number;
	memcpy(p->arg, order->arg, sizeof(p->arg));
	p->forks = order->forks;
	__atomic_store_n(&p->state, POST_ORDERED, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &p->state, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Whether the call has returned. */
static bool is_answered(const struct kernel_tasks *k, const struct kernel_flight *f,
			int64_t *result)
{
	struct kernel_post *p = post_of(k, f->pid);

	if (f->order.execs && load(&post_of(k, f->leader)->attached) != f->attached) {
		*result = 0;
		return true;
	}
	if (load(&p->state) != POST_DONE)
		return false;
	*result = p->result;
	return true;
}

/*
 * Whether a task sleeps in its call, or a signal has stopped it there. Signals do not wake the
 * parent of a vfork.
 */
static bool is_asleep(const struct kernel_tasks *k, const struct kernel_flight *f, char state)
{
	if (state == 'T')
		return true;
	if (state != 'S' && !(state == 'D' && f->order.forks))
		return false;
	return stat_syscall(k, f->pid) == f->order.number;
}

/* Looks at a task that has not answered. True: *answer says what became of it. */
static bool look(const struct kernel_tasks *k, const struct kernel_flight *f, int *asleep,
		 enum kernel_answer *answer, int64_t *result)
{
	char state = stat_state(k, f->pid);

	if (!state || state == 'Z') {
		/* It may have answered before it ended; or an exec goes on under another pid. */
		*answer = KERNEL_RETURNED;
		if (is_answered(k, f, result))
			return true;
		*answer = KERNEL_ENDED;
		return !f->order.execs || stat_state(k, f->leader) == 0 ||
		       stat_state(k, f->leader) == 'Z';
	}
	if (state == 'T' && f->order.number == SYS_kill) {
		/* A signal to itself stopped it on the way back from the call. */
		*answer = KERNEL_RETURNED;
		*result = 0;
		return true;
	}
	*answer = KERNEL_ASLEEP;
	*asleep = is_asleep(k, f, state) ? *asleep + 1 : 0;
	return *asleep >= ASLEEP_FOR;
}

enum kernel_answer kernel_task_wait(struct kernel_tasks *k, const struct kernel_flight *f,
				    int64_t *result)
{
	struct kernel_post *p = post_of(k, f->pid);
	uint32_t *word = f->order.execs && f->leader != f->pid ? &post_of(k, f->leader)->attached
							       : &p->state;
	enum kernel_answer answer;
	int asleep = 0;

	for (int i = 0; i < 200; i++) {
		if (is_answered(k, f, result))
			return KERNEL_RETURNED;
		__asm__ volatile("" ::: "memory");
	}
	for (int i = 0; i < PATIENCE; i++) {
		if (!f->order.ends)
			wait_word(word, word == &p->state ? POST_ORDERED : f->attached);
		if (is_answered(k, f, result))
			return KERNEL_RETURNED;
		if (look(k, f, &asleep, &answer, result))
			return answer;
		if (f->order.ends)
			nap(i);
	}
	return KERNEL_LOST;
}

enum kernel_answer kernel_task_look(struct kernel_tasks *k, const struct kernel_flight *f,
				    int64_t *result)
{
	/* A call that wakes a task does so before it returns. */
	char state = stat_state(k, f->pid);

	if (is_answered(k, f, result))
		return KERNEL_RETURNED;
	if (state == 'S' || state == 'D' || state == 'T')
		return KERNEL_ASLEEP;
	return kernel_task_wait(k, f, result);
}

enum kernel_answer kernel_task_call(struct kernel_tasks *k, int pid,
				    const struct kernel_order *order, int64_t *result)
{
	struct kernel_flight f;

	kernel_task_order(k, pid, order, &f);
	return kernel_task_wait(k, &f, result);
}

/* ---- the first and the last of them --------------------------------------------------------- */

static int report(char *err, size_t errsize, const char *what, int error)
{
	snprintf(err, errsize, "%s: %s", what, strerror(error));
	return -error;
}

/* Makes memory that is freed with the last process that maps it. Its id, or an error. */
static int share(struct kernel_tasks *k)
{
	int shmid = shmget(IPC_PRIVATE, (size_t)KERNEL_POSTS * KERNEL_POST_SIZE,
			   IPC_CREAT | SHM_NORESERVE | 0600);
	void *at;
	int error;

	if (shmid < 0)
		return -errno;
	at = shmat(shmid, NULL, 0);
	error = at == (void *)-1 ? -errno : 0;
	if (shmctl(shmid, IPC_RMID, NULL) && !error)
		error = -errno;
	if (error)
		return error;
	k->shared = at;
	return shmid;
}

/* Names it init, as the first task of a machine. */
static int name_init(struct kernel_tasks *k)
{
	struct kernel_order order = { .number = SYS_prctl, .arg = { PR_SET_NAME } };
	int64_t result;

	strcpy(kernel_task_data(k, 1), "init");
	order.arg[1] = kernel_task_address(1);
	return kernel_task_call(k, 1, &order, &result) == KERNEL_RETURNED ? (int)result : -EIO;
}

static int wait_for_init(struct kernel_tasks *k, char *err, size_t errsize)
{
	struct kernel_making *making = (struct kernel_making *)k->shared;
	struct kernel_post *p = post_of(k, 1);
	char path[48];
	int status;

	while (!load(&p->attached)) {
		if (waitpid(k->init, &status, WNOHANG) != 0) {
			k->init = 0;
			if (*making->error)
				snprintf(err, errsize, "%s", making->error);
			else
				snprintf(err, errsize, "task 1 has ended with status %#x", status);
			return -EIO;
		}
		wait_word(&p->attached, 0);
	}
	snprintf(path, sizeof(path), "/proc/%d/root/proc", k->init);
	k->proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return k->proc < 0 ? report(err, errsize, path, errno) : 0;
}

int kernel_tasks_start(struct kernel_tasks *k, const struct kernel_start *how, char *err,
		       size_t errsize)
{
	const bool user = geteuid() != 0;
	struct kernel_making *making;
	long flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_FILES | SIGCHLD;
	int shmid, error;
	pid_t pid;

	*k = (struct kernel_tasks){ .proc = -1 };
	if (!kernel_image_size) {
		snprintf(err, errsize, "real tasks have not been taught this processor");
		return -ENOSYS;
	}
	shmid = share(k);
	if (shmid < 0)
		return report(err, errsize, "shared memory", -shmid);
	making = (struct kernel_making *)k->shared;
	making->uid = geteuid();
	making->gid = getegid();
	if (user)
		flags |= CLONE_NEWUSER;
	pid = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
	if (pid == 0)
		kernel_root_enter(making, how, shmid, user);
	if (pid < 0) {
		error = report(err, errsize, "namespaces of one's own", errno);
	} else {
		k->init = pid;
		error = wait_for_init(k, err, errsize);
	}
	if (!error && !how->races)
		error = name_init(k);
	if (error)
		kernel_tasks_stop(k);
	return error;
}

void kernel_tasks_stop(struct kernel_tasks *k)
{
	if (k->init > 0) {
		kill(k->init, SIGKILL);
		while (waitpid(k->init, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (k->proc >= 0)
		close(k->proc);
	if (k->shared)
		shmdt(k->shared);
	*k = (struct kernel_tasks){ .proc = -1 };
}
