/*
 * Random calls of several tasks that share tables, stopped at random points, continued in random
 * order, and interrupted. The machine is sound after every line, and its log makes the same
 * machine. When functions by hand are misused at random, too, the tables cannot stay sound, but the
 * machine must not crash, and is freed whole.
 */
#include "support/play.h"
#include "support/random.h"
#include "support/replayed.h"

static int random_fd(void)
{
	static const int edges[] = { -1, 63, 64, 65, 127, 128, 255, 256, 1023, 1024 };

	return pick(6) ? (int)pick(8) : PICK(edges);
}

/*
 * $1, $2: descriptors; $3: a task. Without the closing bracket, because more arguments may
 * follow.
 */
static const char *const calls[] = {
	"dup($1",
	"dup($1",
	"dup2($1, $2",
	"dup2($1, $2",
	"dup3($1, $2, O_CLOEXEC",
	"close($1",
	"close($1",
	"close($1",
	"fcntl($1, F_DUPFD, $2",
	"fcntl($1, F_DUPFD_CLOEXEC, $2",
	"fcntl($1, F_SETFD, FD_CLOEXEC",
	"open(\"/etc/hosts\", O_RDONLY",
	"open(\"/missing\", O_RDONLY|O_CLOEXEC",
	"open(\"/tmp/x\", O_RDWR|O_CREAT, 0600",
	"open(\"/etc\", O_PATH",
	"pipe(",
	"pipe2(0x1000, O_CLOEXEC|O_NONBLOCK",
	"read($1, \"\", 10",
	"write($1, \"hello\", 5",
	"write($1, \"x\"..., 70000",
	"lseek($1, 0, SEEK_SET",
	"socketpair(AF_UNIX, SOCK_STREAM, 0",
	"sendto($1, \"x\"..., 300000, 0",
	"recvfrom($1, \"\", 100000, MSG_WAITALL",
	"poll([{fd=$1, events=POLLIN}], 1, -1",
	"close_range($1, $2, 0",
	"close_range(3, 4294967295, CLOSE_RANGE_UNSHARE",
	"close_range($1, 4294967295, CLOSE_RANGE_CLOEXEC",
	"fork(",
	"vfork(",
	"clone(flags=CLONE_FILES|SIGCHLD",
	"clone(flags=CLONE_FILES|CLONE_FS|SIGCHLD",
	"clone(flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD",
	"unshare(CLONE_FILES",
	"execve(\"/bin/true\"",
	"execve(\"/missing\"",
	"exit($1",
	"exit_group($1",
	"wait4(-1",
	"kill($3, SIGKILL",
	"kill($3, SIGTERM",
	"kill($3, SIGSTOP",
	"kill($3, SIGCONT",
	"unlink(\"/tmp/x\"",
	"kcmp(1, $3, KCMP_FILES",
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=$1, rlim_max=4096}",
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=1024, rlim_max=4096}",
	"prlimit64($3, RLIMIT_NOFILE, {rlim_cur=100, rlim_max=4096}",
	"fget($1",
	"fget_raw_light($1",
	"fput($1",
	"expand_files($2",
	"iterate_fd($1",
	"get_files_struct($3",
	"put_files_struct($3",
	"do_close_on_exec(",
	"alloc_fd($1",
	"get_unused_fd_flags(O_CLOEXEC",
	"anon_inode_getfd(\"[x]\", O_CLOEXEC",
};

/* Functions that only a call in flight may use, or only on what the call has made itself. */
static const char *const misuses[] = {
	"put_unused_fd($1",      "fd_install($1, $2",   "fd_install($1, \"/dev/null\"",
	"replace_fd($1, $2",     "replace_fd($1, NULL", "do_dup2($1, $2",
	"f_dupfd($1, $2",        "__close_fd($1",       "set_close_on_exec($1, $2",
	"reset_files_struct($3", "exit_files(",
};

static const char *const stops[] = {
	")",
	")",
	")",
	" <unfinished ...>",
	" <unfinished ...>",
	" <unfinished at fd_install ...>",
	" <unfinished at filp_close ...>",
	" <unfinished at fput ...>",
	" <unfinished at fget:slot ...>",
	" <unfinished at expand_fdtable:relock ...>",
};

/* A task that can take a call; NULL: there is none. */
static struct task *random_task(struct lab *lab)
{
	struct task *task, *found = NULL;
	unsigned seen = 0;

	for (int pid = 1; (task = task_next(lab->m, pid)) != NULL; pid = task->pid + 1) {
		if (task->state != TASK_ZOMBIE && pick(++seen) == 0)
			found = task;
	}
	return found;
}

static void random_line(struct lab *lab, char *line, size_t size, bool misuse)
{
	const struct task *task = random_task(lab);
	int other = pick(8) ? random_task(lab)->pid : 1 + (int)pick(20);
	const char *call = misuse && pick(3) == 0 ? PICK(misuses) : PICK(calls);
	int n = snprintf(line, size, "%d ", task->pid);

	if (task->call && pick(4)) {
		static const char *const words[] = { "step", "finish", "interrupt" };

		snprintf(line + n, size - (size_t)n, "%s", PICK(words));
		return;
	}
	n += (int)fill_in(line + n, size - (size_t)n, call,
			  (const int[]){ random_fd(), random_fd(), other });
	snprintf(line + n, size - (size_t)n, "%s", PICK(stops));
}

/* Reads the files that show everything, in all states of the machine. */
static void look(struct lab *lab)
{
	static const char *const files[] = { "rcu", "open_files", "dot", "state.json" };
	char *text;
	size_t len;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		assert_int_equal(fdl_read_file(lab->m, files[i], &text, &len), 0);
		free(text);
	}
}

/* One machine's life. Task 1 gets no call that would end it at once. */
static void live(struct lab *lab, uint64_t seed, unsigned lines, bool misuse)
{
	char line[256];

	random_state = seed;
	lab->unsound = misuse;
	lab_submit(lab, "reset file_max=200 tasks=12");
	for (unsigned i = 0; i < lines && random_task(lab); i++) {
		random_line(lab, line, sizeof(line), misuse);
		if (strncmp(line, "1 ", 2) == 0 &&
		    (strstr(line, "exit") || strstr(line, "fd_install")))
			continue;
		if (getenv("FDLAB_TRACE"))
			print_message("%s\n", line);
		lab_submit(lab, line);
		if (!misuse && strstr(lab->replies, "# line 1: column"))
			fail_msg("%s\nis not understood: %s", line, lab->replies);
		lab_check(lab, line);
		if (i % 100 == 0)
			look(lab);
	}
	if (!misuse)
		assert_log_repeats(lab->m);
}

/* FDLAB_SEED and FDLAB_MACHINES choose other lives and their number. */
static void lives(struct lab *lab, bool misuse)
{
	uint64_t seed = setting("FDLAB_SEED", 1), machines = setting("FDLAB_MACHINES", 60);

	for (uint64_t i = 0; i < machines; i++)
		live(lab, seed + i, 300, misuse);
}

static void interleaved_calls_leave_the_machine_sound(void **state)
{
	lives(*state, false);
}

static void misused_functions_leave_the_machine_alive(void **state)
{
	lives(*state, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(interleaved_calls_leave_the_machine_sound),
		LAB_TEST(misused_functions_leave_the_machine_alive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
