#include "support/oracle.h"

#include "notation/syscalls.h"
#include "support/valgrind.h"

char top[64];       /* the directory of this run */
char directory[80]; /* the kernel's /tmp */

/* ---- both sides ---------------------------------------------------------------------------- */

static bool is_type(const struct param *p, const struct type *type)
{
	return p->type == type;
}

/* The part of a stat that both sides share: no numbers, and no size of a directory. */
static void put_stat(struct text *t, const struct fdl_arg *field)
{
	int64_t mode = field[STAT_MODE].num;

	text_printf(t, " {mode=%llo nlink=%lld", (unsigned long long)mode,
		    (long long)field[STAT_NLINK].num);
	if (S_ISREG(mode))
		text_printf(t, " size=%lld blocks=%lld", (long long)field[STAT_SIZE].num,
			    (long long)field[STAT_BLOCKS].num);
	if (S_ISCHR(mode))
		text_printf(t, " rdev=%llx", (unsigned long long)field[STAT_RDEV].num);
	text_putc(t, '}');
}

/* A link's text without the numbers of inodes and tasks, which differ between the sides. */
static void put_link(struct text *t, const struct fdl_arg *a)
{
	const char *at = a->str, *end = a->str + a->num;

	text_puts(t, " \"");
	if (a->num > 6 && strncmp(at, "/proc/", 6) == 0) {
		text_puts(t, "/proc/self");
		at += 6;
		while (at < end && *at != '/')
			at++;
	}
	while (at < end) {
		char c = *at++;

		text_putc(t, c);
		while ((c == '[' || c == '#') && at < end && *at >= '0' && *at <= '9')
			at++;
	}
	text_putc(t, '"');
}

void put_outcome(struct text *t, const struct bound *b, int64_t result)
{
	bool link = strncmp(b->row->call->name, "readlink", 8) == 0;

	if (result < 0)
		text_printf(t, "-1 %s", notation_errname((int)-result));
	else if (!link)
		text_int(t, result);
	if (result >= 0)
		put_event_remark(t, b->row, b->arg, result);
	for (size_t i = 0; result >= 0 && i < b->row->nparams; i++) {
		const struct param *p = &b->row->param[i];
		const struct fdl_arg *a = &b->arg[i];

		/* The rest of a sleep is not compared. */
		if (put_socket(t, p, a) || !p->out || is_type(p, &type_timespec))
			continue;
		if (is_type(p, &type_stat)) {
			put_stat(t, a->sub);
		} else if (is_type(p, &type_fdpair)) {
			text_printf(t, " [%d, %d]", (int)a->sub[0].num, (int)a->sub[1].num);
		} else if (p->type->store == STORE_NUMBER || is_type(p, &type_optval)) {
			text_printf(t, " [%d]", (int)a->sub[0].num);
		} else if (p->type->store != STORE_BYTES) {
			text_putc(t, ' ');
			p->type->print(t, p->type, a, SHOWN);
		} else if (link) {
			put_link(t, a);
		} else {
			text_putc(t, ' ');
			text_quoted(t, a->str, (size_t)a->num, SHOWN);
		}
	}
	text_putc(t, '\n');
}

const char *next_line(const char **at, size_t *len)
{
	while (**at) {
		const char *line = *at;

		*len = strcspn(line, "\n");
		*at += *len + (line[*len] == '\n');
		if (*len && *line != '#')
			return line;
	}
	return NULL;
}

/* ---- the machine's side -------------------------------------------------------------------- */

struct fdl_machine *new_machine(void)
{
	struct fdl_options o = { .uid = getuid(), .gid = getgid() };
	struct fdl_machine *m;

	assert_int_equal(fdl_machine_new(&o, &m), 0);
	return m;
}

int64_t machine_call(struct fdl_machine *m, struct bound *b)
{
	int64_t result = fdl_call(m, 1, b->row, b->arg, b->row->nparams);

	/* The buffer belongs to the machine until its next call. */
	if (m->c_call == NULL && result == -EINPROGRESS)
		fail_msg("%s waits", b->row->call->name);
	assert_true(result != -ESRCH);
	return result;
}

static void machine_run_lines(struct fdl_machine *m, const char *lines, struct text *out)
{
	struct arena arena = { 0 };
	struct bound b;
	size_t len;
	const char *line;
	int64_t result;
	char why[200];

	bind_line(m, &arena, "chdir(\"/tmp\")", 13, &b);
	assert_int_equal(machine_call(m, &b), 0);
	while ((line = next_line(&lines, &len)) != NULL) {
		bind_line(m, &arena, line, len, &b);
		result = machine_call(m, &b);
		put_outcome(out, &b, result);
		if (result == -EPIPE)
			break;
	}
	if (fdl_machine_check(m, why, sizeof(why)))
		fail_msg("%s", why);
	arena_free(&arena);
}

/* ---- the kernel's side --------------------------------------------------------------------- */

/* The kernel's path for a path of the machine. */
static const char *real_path(struct arena *arena, const struct fdl_arg *a)
{
	struct text t = TEXT_EMPTY;
	const char *rest = a->str, *path;

	if (strncmp(rest, "/tmp", 4) == 0 && (rest[4] == '/' || !rest[4])) {
		text_puts(&t, directory);
		rest += 4;
	}
	text_puts(&t, rest);
	path = arena_copy(arena, t.s ? t.s : "", t.len);
	text_free(&t);
	return path;
}

/* The reverse, for a path that readlink filled in. */
static void machine_path(struct arena *arena, struct fdl_arg *a, int64_t *result)
{
	struct text t = TEXT_EMPTY;
	size_t len = strlen(directory);

	if ((size_t)a->num < len || memcmp(a->str, directory, len) != 0)
		return;
	text_puts(&t, "/tmp");
	text_put(&t, a->str + len, (size_t)a->num - len);
	*a = (struct fdl_arg){ .num = (int64_t)t.len, .str = arena_copy(arena, t.s, t.len) };
	*result = (int64_t)t.len;
	text_free(&t);
}

/* A buffer with count bytes: the given ones, then zeros. */
static const char *real_buffer(struct arena *arena, const struct fdl_arg *a, uint64_t count)
{
	size_t size = count < (1 << 20) ? count : 1 << 20;
	char *buf;

	if (!a->str)
		return (const char *)(intptr_t)a->num;
	if (size < (size_t)a->num)
		size = (size_t)a->num;
	buf = arena_alloc(arena, size + 1);
	memset(buf, 0, size + 1);
	memcpy(buf, a->str, (size_t)a->num);
	return buf;
}

static const int *real_ints(struct arena *arena, const struct fdl_arg *a)
{
	int *ints;

	if (!a->sub)
		return (const int *)(intptr_t)a->num;
	ints = arena_alloc(arena, ((size_t)a->num + 1) * sizeof(*ints));
	for (int64_t i = 0; i < a->num; i++)
		ints[i] = (int)a->sub[i].num;
	return ints;
}

static void stat_out(struct arena *arena, struct fdl_arg *a, const struct stat *st)
{
	struct fdl_arg *field = arena_alloc(arena, STAT_FIELDS * sizeof(*field));

	memset(field, 0, STAT_FIELDS * sizeof(*field));
	field[STAT_MODE].num = st->st_mode;
	field[STAT_NLINK].num = (int64_t)st->st_nlink;
	field[STAT_SIZE].num = st->st_size;
	field[STAT_BLOCKS].num = st->st_blocks;
	field[STAT_RDEV].num = (int64_t)st->st_rdev;
	a->sub = field;
}

/* Memory that the kernel reads or fills in during one call. */
struct room {
	struct open_how how;
	struct rlimit limit;
	struct stat st;
	int pair[2], number;
	char *buf;
};

/* The kernel's form of argument i, which is an out parameter. */
static long out_argument(struct arena *arena, const struct bound *b, size_t i, struct room *room)
{
	const struct param *p = &b->row->param[i];
	uint64_t count = i + 1 < b->row->nparams ? (uint64_t)b->arg[i + 1].num : 0;

	if (is_type(p, &type_stat))
		return (long)&room->st;
	if (is_type(p, &type_fdpair))
		return (long)room->pair;
	if (p->type->store == STORE_NUMBER || is_type(p, &type_optval))
		return (long)&room->number;
	room->buf = oracle_room(arena, count < (1 << 20) ? count + 1 : 1 << 20);
	return (long)room->buf;
}

/* The kernel's form of argument i, which the call reads. */
static long in_argument(struct arena *arena, const struct bound *b, size_t i, struct room *room)
{
	const struct param *p = &b->row->param[i];
	const struct fdl_arg *a = &b->arg[i];
	uint64_t count = i + 1 < b->row->nparams ? (uint64_t)a[1].num : 0;

	if (is_type(p, &type_path) || is_type(p, &type_string))
		return a->str ? (long)real_path(arena, a) : (long)a->num;
	if (is_type(p, &type_buf))
		return (long)real_buffer(arena, a, count);
	if (is_type(p, &type_intlist) || is_type(p, &type_optval))
		return (long)real_ints(arena, a);
	if (is_type(p, &type_rlimit)) {
		room->limit = (struct rlimit){ (rlim_t)a->sub[0].num, (rlim_t)a->sub[1].num };
		return (long)&room->limit;
	}
	if (is_type(p, &type_open_how)) {
		room->how = (struct open_how){ (uint64_t)a->sub[0].num, (uint64_t)a->sub[1].num,
					       (uint64_t)a->sub[2].num };
		return (long)&room->how;
	}
	return (long)a->num;
}

/* Reads out parameter i back after the call has succeeded; v is its kernel's form. */
static void read_back(struct arena *arena, struct bound *b, size_t i, long v,
		      const struct room *room, int64_t *result)
{
	const struct param *p = &b->row->param[i];
	struct fdl_arg *a = &b->arg[i];

	if (is_type(p, &type_sigset)) {
		if (sigset_fill(arena, *(const uint64_t *)v, a))
			abort();
	} else if (is_type(p, &type_itimerspec)) {
		itimerspec_filled(arena, a, (const int64_t *)v);
	} else if (is_type(p, &type_epoll_events)) {
		event_filled(arena, a, v, *result);
	} else if (is_type(p, &type_stat)) {
		stat_out(arena, a, &room->st);
	} else if (is_type(p, &type_fdpair)) {
		a->sub = arena_alloc(arena, 2 * sizeof(*a->sub));
		a->sub[0].num = room->pair[0];
		a->sub[1].num = room->pair[1];
	} else if (p->type->store == STORE_NUMBER || is_type(p, &type_optval)) {
		a->sub = arena_alloc(arena, sizeof(*a->sub));
		*a->sub = (struct fdl_arg){ .num = room->number };
		a->num = 1;
	} else {
		/* With MSG_TRUNC the result is larger than the buffer. */
		bool more = is_type(p, &type_buf) && *result > a[1].num;

		*a = (struct fdl_arg){ .num = more ? a[1].num : *result, .str = room->buf };
		if (strncmp(b->row->call->name, "readlink", 8) == 0)
			machine_path(arena, a, result);
	}
}

int64_t kernel_call(struct arena *arena, struct bound *b)
{
	const struct fdl_row *row = b->row;
	struct room room = { .pair = { -1, -1 }, .number = -1 };
	long v[ARGS_MAX] = { 0 };
	int64_t result;

	for (size_t i = 0; i < row->nparams; i++) {
		const struct param *p = &row->param[i];

		if (event_in(arena, p, &b->arg[i], &v[i]) || event_out(arena, p, &v[i]) ||
		    socket_in(arena, p, &b->arg[i], &v[i]))
			continue;
		v[i] = p->out ? out_argument(arena, b, i, &room) : in_argument(arena, b, i, &room);
	}
	result = syscall(notation_syscall(row->call->name, row->name_len), v[0], v[1], v[2], v[3],
			 v[4], v[5]);
	if (result < 0)
		return -errno;
	for (size_t i = 0; i < row->nparams; i++) {
		if (socket_back(arena, row, i, v, result, &b->arg[i]))
			continue;
		if (row->param[i].out)
			read_back(arena, b, i, v[i], &room, &result);
		else
			event_back(&row->param[i], &b->arg[i], v[i]);
	}
	return result;
}

void (*oracle_prepare)(void);
void (*oracle_settle)(void);

/* The process that makes the calls: a sequence from the parent's memory, outcomes to REPORT_FD. */
static _Noreturn void kernel_process(struct fdl_machine *m, const char *lines, int report)
{
	struct arena arena = { 0 };
	int null = open("/dev/null", O_RDWR);
	const char *line;
	size_t len;

	alarm(60); /* a call that blocks ends the comparison, not the test run */
	signal(SIGPIPE, SIG_IGN);
	umask(022);
	if (null < 0 || dup2(report, REPORT_FD) < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(null, 2) < 0 || chdir(directory) < 0)
		_exit(1);
	for (int fd = 3; fd < REPORT_FD; fd++)
		close(fd);
	if (oracle_prepare)
		oracle_prepare();
	while ((line = next_line(&lines, &len)) != NULL) {
		struct text out = TEXT_EMPTY;
		struct bound b;

		bind_line(m, &arena, line, len, &b);
		put_outcome(&out, &b, kernel_call(&arena, &b));
		if (oracle_settle)
			oracle_settle();
		if (out.error || write(REPORT_FD, out.s, out.len) != (ssize_t)out.len)
			_exit(1);
		text_free(&out);
	}
	_exit(0);
}

static void kernel_run_lines(struct fdl_machine *m, const char *lines, struct text *out)
{
	char buf[4096];
	int fd[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(mkdir(directory, 0777), 0);
	assert_int_equal(chmod(directory, 01777), 0);
	assert_int_equal(pipe(fd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		kernel_process(m, lines, fd[1]);
	close(fd[1]);
	while ((n = read(fd[0], buf, sizeof(buf))) > 0)
		text_put(out, buf, (size_t)n);
	close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void remove_all(const char *path)
{
	nftw(path, remove_one, 20, FTW_DEPTH | FTW_PHYS);
}

/* ---- comparing ----------------------------------------------------------------------------- */

void differ(const char *lines, const char *machine, const char *kernel)
{
	const char *line;
	size_t len;

	while ((line = next_line(&lines, &len)) != NULL) {
		size_t m = strcspn(machine, "\n"), k = strcspn(kernel, "\n");

		if (m == k && memcmp(machine, kernel, m) == 0) {
			print_error("%.*s = %.*s\n", (int)len, line, (int)m, machine);
		} else {
			print_error("%.*s\n    machine: %.*s\n    kernel:  %.*s\n", (int)len, line,
				    (int)m, machine, (int)k, kernel);
			break;
		}
		machine += m + (machine[m] == '\n');
		kernel += k + (kernel[k] == '\n');
	}
	fail_msg("the machine and the kernel differ");
}

void compare(const char *lines)
{
	struct text machine = TEXT_EMPTY, kernel = TEXT_EMPTY;
	struct fdl_machine *m = new_machine();

	/*
	 * The machine comes first: a line that cannot be parsed is found before there is a second
	 * process.
	 */
	machine_run_lines(m, lines, &machine);
	kernel_run_lines(m, lines, &kernel);
	remove_all(directory);
	assert_non_null(machine.s);
	assert_non_null(kernel.s);
	/* The machine stops where a broken pipe ends the task. */
	if (kernel.len < machine.len || memcmp(machine.s, kernel.s, machine.len) != 0)
		differ(lines, machine.s, kernel.s);
	fdl_machine_free(m);
	text_free(&machine);
	text_free(&kernel);
}

/* ---- a run of tests ------------------------------------------------------------------------ */

/* Makes a directory of this run on a tmpfs, in top. */
static bool find_tmpfs(void)
{
	static const char *const candidates[] = { "/dev/shm", "/tmp", "/run" };

	for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++) {
		struct statfs fs;

		if (statfs(candidates[i], &fs) < 0 || fs.f_type != TMPFS_MAGIC)
			continue;
		snprintf(top, sizeof(top), "%s/fdlab-oracle-XXXXXX", candidates[i]);
		if (!mkdtemp(top))
			continue;
		snprintf(directory, sizeof(directory), "%s/tmp", top);
		return true;
	}
	return false;
}

int remove_top(void **state)
{
	(void)state;
	remove_all(top);
	return 0;
}

bool oracle_start(void)
{
	if (under_valgrind())
		print_message("skipped: valgrind would answer here, not the kernel\n");
	else if (!find_tmpfs())
		print_message("skipped: there is no tmpfs here to compare with\n");
	else
		return true;
	return false;
}
