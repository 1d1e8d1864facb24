#include "support/play.h"

int lab_setup(void **state)
{
	struct lab *lab = calloc(1, sizeof(*lab));
	fdl_ino ino;

	if (!lab || fdl_machine_new(NULL, &lab->m) || fdl_walk(lab->m, "control", &ino) ||
	    fdl_open(lab->m, ino, O_RDWR, &lab->control))
		return -1;
	*state = lab;
	return 0;
}

int lab_teardown(void **state)
{
	struct lab *lab = *state;

	fdl_close(lab->control);
	fdl_machine_free(lab->m);
	free(lab);
	return 0;
}

/* Fails the test at the current line. */
#define lab_fail(lab, ...) (print_error(__VA_ARGS__), _fail((lab)->file, (lab)->line))

void lab_check(struct lab *lab, const char *line)
{
	char why[256];

	if (!lab->unsound && fdl_machine_check(lab->m, why, sizeof(why)))
		lab_fail(lab, "%s: the machine is not sound: %s\n", line, why);
}

void lab_submit(struct lab *lab, const char *line)
{
	size_t len = 0;
	ssize_t n;

	fdl_write(lab->control, line, strlen(line), 0, NULL, NULL);
	while ((n = fdl_read(lab->control, lab->replies + len, sizeof(lab->replies) - 1 - len, 0,
			     O_NONBLOCK)) > 0)
		len += (size_t)n;
	lab->replies[len] = '\0';
}

/* The text that the reply must have if the line names a point to stop at. False: it names none. */
static bool lab_stop(const char *line, char *stop, size_t size)
{
	static const char *const before[] = { "<unfinished at ", " step " };

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		const char *point = strstr(line, before[i]);

		if (!point)
			continue;
		point += strlen(before[i]);
		snprintf(stop, size, "<unfinished at %.*s ...>", (int)strcspn(point, " "), point);
		return true;
	}
	return false;
}

void lab_call(struct lab *lab, const char *line)
{
	char stop[128];

	lab_submit(lab, line);
	if (strstr(lab->replies, "# expected") || strstr(lab->replies, "# line "))
		lab_fail(lab, "%s\nhas the reply\n%s", line, lab->replies);
	if (lab_stop(line, stop, sizeof(stop)) && !strstr(lab->replies, stop))
		lab_fail(lab, "%s\ndid not stop there, the reply is\n%s", line, lab->replies);
}

static bool lab_matches(const char *text, char sign, const char *wanted)
{
	regex_t regex;
	bool found;

	if (sign == '=')
		return strcmp(text, wanted) == 0;
	assert_int_equal(regcomp(&regex, wanted, REG_EXTENDED | REG_NEWLINE | REG_NOSUB), 0);
	found = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return found;
}

/* PATH = TEXT, PATH ~ ERE. */
static void lab_expect_text(struct lab *lab, const char *path, char sign, const char *wanted)
{
	char copy[8192] = "";
	size_t len;
	char *text;
	int error = fdl_read_file(lab->m, path, &text, &len);
	bool matches;

	if (error)
		lab_fail(lab, "%s: %s\n", path, strerror(-error));
	if (len && text[len - 1] == '\n')
		text[len - 1] = '\0';
	matches = lab_matches(text, sign, wanted);
	snprintf(copy, sizeof(copy), "%s", text);
	free(text);
	if (!matches)
		lab_fail(lab, "%s: expected\n%s\nbut it is\n%s\n", path, wanted, copy);
}

static void lab_expect(struct lab *lab, const char *args)
{
	char path[128], *space;
	fdl_ino ino;

	snprintf(path, sizeof(path), "%s", args);
	space = strchr(path, ' ');
	assert_non_null(space);
	*space = '\0';
	if (strcmp(path, "no") == 0) {
		if (fdl_walk(lab->m, space + 1, &ino) == 0)
			lab_fail(lab, "%s exists\n", space + 1);
		return;
	}
	args += strlen(path) + 1;
	assert_true((*args == '=' || *args == '~') && (!args[1] || args[1] == ' '));
	lab_expect_text(lab, path, *args, args[1] ? args + 2 : "");
}

/* TEXT > PATH [ = -1 EINVAL ] */
static void lab_echo(struct lab *lab, const char *args)
{
	const char *arrow = strstr(args, " > ");
	char path[128], text[256], name[32] = "";
	int error, stated;

	assert_non_null(arrow);
	snprintf(text, sizeof(text), "%.*s\n", (int)(arrow - args), args);
	assert_in_range(sscanf(arrow + 3, "%127s = -1 %31s", path, name), 1, 2);
	stated = fdl_errno(name, strlen(name));
	error = fdl_write_file(lab->m, path, text, strlen(text));
	if (error != -stated)
		lab_fail(lab, "echo %s: expected error %d, got %d\n", args, -stated, error);
}

void lab_play(struct lab *lab, const char *const *lines, const char *file, int line)
{
	lab->file = file;
	lab->line = line;
	for (; *lines; lines++) {
		if (strncmp(*lines, "expect ", 7) == 0)
			lab_expect(lab, *lines + 7);
		else if (strncmp(*lines, "echo ", 5) == 0)
			lab_echo(lab, *lines + 5);
		else
			lab_call(lab, *lines);
		lab_check(lab, *lines);
	}
}

/* Cuts the name of the point out of the last reply; NULL: the call did not stop. */
static const char *lab_stopped_at(struct lab *lab)
{
	static const char before[] = "<unfinished at ";
	char *point = strstr(lab->replies, before);

	if (!point)
		return NULL;
	point += strlen(before);
	point[strcspn(point, " ")] = '\0';
	return point;
}

void lab_points(struct lab *lab, const char *call, const char *wanted)
{
	char line[256], points[512] = "";
	const char *point;
	int pid = atoi(call);
	size_t len = strlen(call);

	assert_true(pid > 0 && call[len - 1] == ')');
	snprintf(line, sizeof(line), "%.*s <unfinished ...>", (int)len - 1, call);
	for (int steps = 0; steps < 100; steps++) {
		lab_submit(lab, line);
		if (strstr(lab->replies, "# line "))
			fail_msg("%s\nhas the reply\n%s", line, lab->replies);
		lab_check(lab, call);
		point = lab_stopped_at(lab);
		if (!point)
			break;
		snprintf(points + strlen(points), sizeof(points) - strlen(points), "%s%s",
			 *points ? " " : "", point);
		snprintf(line, sizeof(line), "%d step", pid);
	}
	assert_string_equal(points, wanted);
}

struct files_struct *lab_files(struct lab *lab, int pid)
{
	struct task *task = task_find(lab->m, pid);

	assert_non_null(task);
	return task->files;
}

void lab_fill(struct lab *lab, int pid, int last)
{
	const struct fdl_row *dup = fdl_row_find(lab->m, "dup");
	struct fdl_arg fd = { .num = 0 };
	int64_t got;

	do {
		got = fdl_call(lab->m, pid, dup, &fd, 1);
		assert_in_range(got, 1, last);
	} while (got < last);
}
