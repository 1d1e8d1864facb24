/*
 * The explorer compared with itself: the reduced exploration finds the outcomes of all orders of
 * steps, for random races of all kinds of calls; the parts of an exploration together find the
 * whole; and an outcome's witness, played as a scenario, leads to that outcome.
 */
#include "fdlab.h"
#include "support/random.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(of) ((unsigned)(sizeof(of) / sizeof((of)[0])))

/* The calls of random races of a kernel. */
struct repertoire {
	const char *const *setups, *const *calls;
	unsigned n_setups, n_calls;
};

/* The machine before the race: three tasks, two of which share a table, and a pipe. */
static const char *const linux_setups[] = {
	"1 pipe\n1 clone(flags=CLONE_FILES|SIGCHLD)\n1 clone(flags=CLONE_FILES|SIGCHLD)\n",
	"1 pipe\n1 dup2(0, 70)\n1 clone(flags=CLONE_FILES|SIGCHLD)\n1 fork\n",
	"1 fork\n2 open(\"/etc/hosts\", O_RDONLY)\n"
	"2 clone(flags=CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD)\n",
	"1 open(\"/tmp/x\", O_RDWR|O_CREAT, 0600)\n1 write 3 hello\n1 lseek 3 0\n"
	"1 clone(flags=CLONE_FILES|SIGCHLD)\n1 clone(flags=CLONE_FILES|SIGCHLD)\n",
};

/* $1 and $2 are descriptors. */
static const char *const linux_calls[] = {
	"dup($1)",
	"dup($1)",
	"dup2($1, $2)",
	"dup2($1, $2)",
	"dup3($1, $2, O_CLOEXEC)",
	"close($1)",
	"close($1)",
	"close_range($1, $2, 0)",
	"close_range($1, 100, CLOSE_RANGE_CLOEXEC)",
	"close_range(3, 100, CLOSE_RANGE_UNSHARE)",
	"fcntl($1, F_DUPFD, $2)",
	"fcntl($1, F_DUPFD, 64)",
	"fcntl($1, F_DUPFD_CLOEXEC, 130)",
	"fcntl($1, F_SETFD, FD_CLOEXEC)",
	"fcntl($1, F_GETFD)",
	"fcntl($1, F_SETFL, O_NONBLOCK)",
	"fcntl($1, F_GETFL)",
	"open(\"/etc/hosts\", O_RDONLY|O_CLOEXEC)",
	"open(\"/tmp/x\", O_RDWR)",
	"open(\"/tmp/x\", O_RDWR|O_CREAT|O_TRUNC, 0600)",
	"open(\"/missing\", O_RDONLY)",
	"open(\"/proc/self/fd/3\", O_RDONLY)",
	"unlink(\"/tmp/x\")",
	"pipe()",
	"read $1 3",
	"write($1, \"ab\", 2)",
	"lseek($1, 1, SEEK_SET)",
	"fork()",
	"vfork()",
	"clone(flags=CLONE_FILES|SIGCHLD)",
	"unshare(CLONE_FILES)",
	"execve(\"/bin/true\")",
	"execve(\"/missing\")",
	"exit(0)",
	"exit_group(0)",
	"wait4 -1",
	"kill(2, SIGKILL)",
	"kill(2, SIGSTOP)",
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=4, rlim_max=4096})",
	"getrlimit RLIMIT_NOFILE",
	"kcmp(1, 2, KCMP_FILES)",
};

static const char *const netbsd_setups[] = {
	"reset kernel=netbsd\n1 pipe\n1 clone(flags=CLONE_FILES|SIGCHLD)\n"
	"1 clone(flags=CLONE_FILES|SIGCHLD)\n",
	"reset kernel=netbsd\n1 pipe\n1 dup2(0, 19)\n1 clone(flags=CLONE_FILES|SIGCHLD)\n1 fork\n",
	"reset kernel=netbsd\n1 open(\"/tmp/x\", O_RDWR|O_CREAT, 0600)\n1 write 3 hello\n"
	"1 clone(flags=CLONE_FILES|SIGCHLD)\n1 clone(flags=CLONE_FILES|SIGCHLD)\n",
};

static const char *const netbsd_calls[] = {
	"dup($1)",
	"dup($1)",
	"dup2($1, $2)",
	"dup2($1, $2)",
	"close($1)",
	"close($1)",
	"closefrom($1)",
	"fcntl($1, F_CLOSEM)",
	"fcntl(0, F_MAXFD)",
	"fcntl($1, F_DUPFD, $2)",
	"fcntl($1, F_DUPFD, 20)",
	"fcntl($1, F_SETFD, FD_CLOEXEC)",
	"fcntl($1, F_GETFD)",
	"fcntl($1, F_SETFL, O_NONBLOCK)",
	"fcntl($1, F_GETFL)",
	"ioctl($1, FIOCLEX)",
	"open(\"/etc/hosts\", O_RDONLY)",
	"open(\"/tmp/x\", O_RDWR)",
	"open(\"/tmp/x\", O_RDWR|O_CREAT|O_TRUNC, 0600)",
	"open(\"/missing\", O_RDONLY)",
	"open(\"/dev/fd/3\", O_RDONLY)",
	"open(\"/dev/bpf\", O_RDWR)",
	"unlink(\"/tmp/x\")",
	"pipe()",
	"kqueue()",
	"read $1 3",
	"write($1, \"ab\", 2)",
	"lseek($1, 1, SEEK_SET)",
	"fork()",
	"vfork()",
	"clone(flags=CLONE_FILES|SIGCHLD)",
	"execve(\"/bin/true\")",
	"exit(0)",
	"wait4 -1",
	"kill(2, SIGKILL)",
	"setrlimit(RLIMIT_NOFILE, {rlim_cur=4, rlim_max=64})",
	"falloc()",
	"fdunshare()",
};

static const struct repertoire linux_races = {
	linux_setups,
	linux_calls,
	LENGTH(linux_setups),
	LENGTH(linux_calls),
};

static const struct repertoire netbsd_races = {
	netbsd_setups,
	netbsd_calls,
	LENGTH(netbsd_setups),
	LENGTH(netbsd_calls),
};

static int random_fd(void)
{
	static const int edges[] = { 63, 64, 70, 128 };

	return pick(6) ? (int)pick(6) : PICK(edges);
}

static struct fdl_explorer *explorer_for(const char *setup)
{
	struct fdl_machine *m;
	struct fdl_explorer *e;
	char err[256];

	assert_int_equal(fdl_machine_new(NULL, &m), 0);
	assert_int_equal(fdl_write_file(m, "control", setup, strlen(setup)), 0);
	if (fdl_explorer_new(m, &e, err, sizeof(err)))
		fail_msg("%s", err);
	fdl_machine_free(m);
	return e;
}

static void add(struct fdl_explorer *e, int pid, const char *call)
{
	char err[256] = "";

	if (fdl_explorer_add(e, pid, call, strlen(call), err, sizeof(err)))
		fail_msg("%s: %s", call, err);
}

static bool is_enough(void *ctx, uint64_t schedules)
{
	return schedules < *(const uint64_t *)ctx;
}

/* Outcomes as one text each, to be searched for in another exploration. */
static char *outcome_text(const struct fdl_explorer *e, size_t i)
{
	struct fdl_race_outcome o;
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	fdl_explorer_outcome(e, i, &o);
	for (size_t j = 0; j < fdl_explorer_lines(e); j++)
		fprintf(f, "%s\n", o.calls[j]);
	fprintf(f, "%s", o.tables);
	fclose(f);
	return text;
}

struct texts {
	char **text;
	size_t n;
};

static struct texts outcome_texts(const struct fdl_explorer *e)
{
	struct texts t = { NULL, fdl_explorer_outcomes(e) };

	t.text = calloc(t.n + 1, sizeof(*t.text));
	assert_non_null(t.text);
	for (size_t i = 0; i < t.n; i++)
		t.text[i] = outcome_text(e, i);
	return t;
}

static bool has_text(const struct texts *t, const char *text)
{
	for (size_t i = 0; i < t->n; i++) {
		if (!strcmp(t->text[i], text))
			return true;
	}
	return false;
}

static void texts_free(struct texts *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->text[i]);
	free(t->text);
}

static void assert_all_in(const struct texts *some, const struct texts *all, const char *race,
			  const char *what)
{
	for (size_t i = 0; i < some->n; i++) {
		if (!has_text(all, some->text[i]))
			fail_msg("%s%s:\n%s", race, what, some->text[i]);
	}
}

static void assert_no_failure(const struct fdl_explorer *e, const char *race)
{
	struct fdl_failure f;

	for (size_t i = 0; i < fdl_explorer_failures(e); i++) {
		fdl_explorer_failure(e, i, &f);
		if (strcmp(f.kind, "deadlock") != 0)
			fail_msg("%s%s: %s", race, f.kind, f.why);
	}
}

/* A part finds only outcomes of the whole, and the parts together find all of them. */
static void compare_parts(struct fdl_explorer *e, const struct texts *all, const char *race)
{
	struct texts seen[3];

	for (unsigned part = 1; part <= 3; part++) {
		struct fdl_explore how = { .part = part, .parts = 3 };

		assert_int_equal(fdl_explorer_run(e, &how), 0);
		seen[part - 1] = outcome_texts(e);
		assert_all_in(&seen[part - 1], all, race, "only a part has");
	}
	for (size_t i = 0; i < all->n; i++) {
		if (!has_text(&seen[0], all->text[i]) && !has_text(&seen[1], all->text[i]) &&
		    !has_text(&seen[2], all->text[i]))
			fail_msg("%sno part has\n%s", race, all->text[i]);
	}
	for (unsigned part = 0; part < 3; part++)
		texts_free(&seen[part]);
}

/* The lines of a witness, played where the race would begin, have the results that they state. */
static void play_witness(const char *setup, const char *witness, const char *race)
{
	struct fdl_machine *m;
	struct fdl_handle *control;
	char replies[65536], why[256];
	ssize_t n;
	fdl_ino ino;

	assert_int_equal(fdl_machine_new(NULL, &m), 0);
	assert_int_equal(fdl_write_file(m, "control", setup, strlen(setup)), 0);
	assert_int_equal(fdl_walk(m, "control", &ino), 0);
	assert_int_equal(fdl_open(m, ino, O_RDWR, &control), 0);
	for (const char *line = witness; *line; line += strcspn(line, "\n") + 1) {
		fdl_write(control, line, strcspn(line, "\n"), O_NONBLOCK, NULL, NULL);
		n = fdl_read(control, replies, sizeof(replies) - 1, 0, O_NONBLOCK);
		replies[n > 0 ? n : 0] = '\0';
		if (strstr(replies, "# expected") || strstr(replies, "# line"))
			fail_msg("%switness\n%sdoes not come out so: %s", race, witness, replies);
	}
	if (fdl_machine_check(m, why, sizeof(why)))
		fail_msg("%switness\n%s%s", race, witness, why);
	fdl_close(control);
	fdl_machine_free(m);
}

static void play_witnesses(struct fdl_explorer *e, const char *setup, const char *race)
{
	char *text;

	for (size_t i = 0; i < fdl_explorer_outcomes(e); i++) {
		assert_int_equal(fdl_explorer_witness(e, i, &text), 0);
		play_witness(setup, text, race);
		free(text);
	}
	for (size_t i = 0; i < fdl_explorer_failures(e); i++) {
		assert_int_equal(fdl_explorer_failure_witness(e, i, &text), 0);
		play_witness(setup, text, race);
		free(text);
	}
}

/* False: there are too many runs to compare. */
static bool compare(struct fdl_explorer *e, const char *setup, const char *race)
{
	uint64_t bound = 30000;
	struct fdl_explore naive = { .naive = true, .progress = is_enough, .ctx = &bound };
	struct fdl_explore reduced = { 0 };
	struct texts all, some;
	const int error = fdl_explorer_run(e, &naive);
	size_t deadlocks;

	if (error == -EINTR)
		return false;
	assert_int_equal(error, 0);
	all = outcome_texts(e);
	deadlocks = fdl_explorer_failures(e);
	assert_no_failure(e, race);
	assert_int_equal(fdl_explorer_run(e, &reduced), 0);
	some = outcome_texts(e);
	assert_no_failure(e, race);
	assert_all_in(&all, &some, race, "the reduction loses");
	assert_all_in(&some, &all, race, "only the reduction has");
	if (!deadlocks != !fdl_explorer_failures(e))
		fail_msg("%sdeadlock: %zu, reduced %zu", race, deadlocks, fdl_explorer_failures(e));
	play_witnesses(e, setup, race);
	compare_parts(e, &some, race);
	texts_free(&all);
	texts_free(&some);
	return true;
}

/* One race of two or three tasks, with one to three calls each. */
static bool random_race(const struct repertoire *of, uint64_t seed)
{
	struct fdl_explorer *e;
	char race[1024], call[128];
	const char *setup;
	unsigned tasks, lines;
	size_t len;
	bool done;

	random_state = seed;
	setup = of->setups[pick(of->n_setups)];
	tasks = 2 + !pick(3);
	lines = tasks == 2 ? 1 + pick(3) : 1 + pick(2);
	e = explorer_for(setup);
	len = (size_t)snprintf(race, sizeof(race), "seed %llu\n%srace\n", (unsigned long long)seed,
			       setup);
	for (unsigned task = 1; task <= tasks; task++) {
		for (unsigned i = 0; i < lines; i++) {
			fill_in(call, sizeof(call), of->calls[pick(of->n_calls)],
				(const int[]){ random_fd(), random_fd() });
			add(e, (int)task, call);
			len += (size_t)snprintf(race + len, sizeof(race) - len, "%u %s\n", task,
						call);
		}
	}
	done = compare(e, setup, race);
	fdl_explorer_free(e);
	return done;
}

/* FDLAB_SEED and FDLAB_RACES choose other races and their number; FDLAB_SLOW=0 makes fewer. */
static void random_races(const struct repertoire *of, uint64_t usual)
{
	const uint64_t seed = setting("FDLAB_SEED", 1);
	const uint64_t races = setting("FDLAB_RACES", setting("FDLAB_SLOW", 1) ? usual : usual / 5);
	size_t compared = 0;

	for (uint64_t i = 0; i < races; i++)
		compared += random_race(of, seed + i);
	assert_true(compared > races / 2);
}

static void reduction_loses_no_outcome_of_random_races(void **state)
{
	(void)state;
	random_races(&linux_races, 150);
}

static void reduction_loses_no_outcome_of_random_races_on_netbsd(void **state)
{
	(void)state;
	random_races(&netbsd_races, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reduction_loses_no_outcome_of_random_races),
		cmocka_unit_test(reduction_loses_no_outcome_of_random_races_on_netbsd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
