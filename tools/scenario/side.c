/*
 * Plays a scenario on one kernel for a comparison: nothing is checked, all results are kept. Only
 * columns that the trees of all kernels have are compared.
 */
#include "scenario/side.h"

#include "cli/number.h"
#include "fdlab.h"
#include "scenario/play.h"
#include "scenario/readable.h"
#include "scenario/remark.h"
#include "scenario/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- lines ---------------------------------------------------------------------------------- */

/* Cuts what a reply says about the result that the line had stated. */
static void cut_remarks(char *replies)
{
	char *to = replies;

	for (char *line = replies; *line;) {
		const size_t len = strcspn(line, "\n");
		const size_t whole = len + (line[len] == '\n');
		const char *cut = remark_find_stated(line);
		const size_t kept = cut ? (size_t)(cut - line) : len;

		memmove(to, line, kept);
		to += kept;
		if (whole > len)
			*to++ = '\n';
		line += whole;
	}
	*to = '\0';
	if (to > replies && to[-1] == '\n')
		to[-1] = '\0';
}

/* The line states that the call fails, so that a remark says why. */
static bool states_failure(const struct scenario_line *line)
{
	return line->result && *line->result == '-';
}

/*
 * Why a call did not run: the line cannot be read, there is no such task, it is in another call.
 * NULL: it ran, or there is no memory.
 */
static char *refusal_of_call(const struct scenario_line *line, const char *answer)
{
	const char *message = play_message(answer), *remark = remark_find(answer);

	if (message)
		return scenario_explain(line, message);
	if (!remark || states_failure(line))
		return NULL;
	remark += strlen(REMARK);
	return strndup(remark, strcspn(remark, "\n"));
}

/* The same for a write to the tree. */
static char *refusal_of_echo(const struct scenario_line *line, const char *answer, ssize_t written)
{
	return written < 0 && !line->error ? strdup(answer) : NULL;
}

/*
 * The result of a write to the tree, as the notation writes results. NULL: no memory. *written is
 * the result of the write.
 */
static char *echo_answer(struct target *t, const struct scenario_line *line, ssize_t *written)
{
	const ssize_t n = t->ops->write(t, line->path, line->text, line->len);
	const char *name = n < 0 ? fdl_errname((int)-n) : NULL;
	char *answer;

	*written = n;
	if (asprintf(&answer, "echo %.*s > %s = %s%s", (int)strcspn(line->text, "\n"), line->text,
		     line->path, n < 0 ? "-1 " : "0", name ? name : "") < 0)
		return NULL;
	return answer;
}

static int play_lines(struct side *side, const struct scenario *s, struct target *t)
{
	side->answer = calloc(s->n_lines + 1, sizeof(*side->answer));
	side->refusal = calloc(s->n_lines + 1, sizeof(*side->refusal));
	if (!side->answer || !side->refusal)
		return -ENOMEM;
	side->n_answers = s->n_lines;
	for (size_t i = 0; i < s->n_lines; i++) {
		const struct scenario_line *line = &s->lines[i];
		char *answer = NULL;
		ssize_t written = 0;

		if (line->kind == LINE_CALL)
			answer = play_submit(t, line, &written);
		else if (line->kind == LINE_ECHO)
			answer = echo_answer(t, line, &written);
		else
			continue;
		if (!answer)
			return -ENOMEM;
		cut_remarks(answer);
		side->refusal[i] = line->kind == LINE_CALL ? refusal_of_call(line, answer)
							   : refusal_of_echo(line, answer, written);
		side->answer[i] = answer;
	}
	return 0;
}

/* ---- tables --------------------------------------------------------------------------------- */

/* Descriptions, numbered as they are met: their own numbers differ between kernels. */
struct seen_files {
	char (*id)[24];
	size_t n;
};

static int number_of(struct seen_files *seen, const char *id, size_t *number)
{
	char(*more)[24];

	for (*number = 0; *number < seen->n; ++*number) {
		if (!strcmp(seen->id[*number], id))
			return 0;
	}
	more = realloc(seen->id, (seen->n + 1) * sizeof(*seen->id));
	if (!more)
		return -ENOMEM;
	seen->id = more;
	snprintf(seen->id[seen->n++], sizeof(*seen->id), "%s", id);
	return 0;
}

enum column { FD, CLOEXEC, FILE_ID, MODE, POS, NAME, COLUMNS };

/* Takes a line apart at its tabulators, and returns how many fields it has. */
static size_t split(char *line, char **field, size_t max)
{
	size_t n = 0;

	for (char *next = line; next && n < max;)
		field[n++] = strsep(&next, "\t");
	return n;
}

/* Where the columns that all kernels have stand in the line of titles. False: not all are there. */
static bool find_columns(char *titles, size_t *at)
{
	static const char *const names[COLUMNS] = {
		"fd", "cloexec", "file", "mode", "pos", "name"
	};
	char *field[16];
	const size_t n = split(titles, field, 16);
	size_t found = 0;

	for (size_t c = 0; c < COLUMNS; c++) {
		for (size_t i = 0; i < n; i++) {
			if (!strcmp(field[i], names[c])) {
				at[c] = i;
				found++;
			}
		}
	}
	return found == COLUMNS;
}

/* Removes the number of "pipe:[25]": the number of the description tells as much. */
static void cut_inode(char *name)
{
	char *bracket = strstr(name, ":[");
	size_t digits;

	if (!bracket || *name == '/')
		return;
	bracket += strlen(":[");
	digits = strspn(bracket, "0123456789");
	if (digits && !strcmp(bracket + digits, "]"))
		strcpy(bracket, "]");
}

static int add_slot(struct side_table *table, struct seen_files *seen, char *line, const size_t *at)
{
	struct side_slot *more = realloc(table->slot, (table->n_slots + 1) * sizeof(*more));
	char *field[16], file[24] = "-";
	size_t number;

	if (!more)
		return -ENOMEM;
	table->slot = more;
	if (split(line, field, 16) <= at[NAME])
		return -EINVAL;
	cut_inode(field[at[NAME]]);
	if (*field[at[FILE_ID]] != '-') {
		if (number_of(seen, field[at[FILE_ID]], &number))
			return -ENOMEM;
		snprintf(file, sizeof(file), "%zu", number + 1);
	}
	if (asprintf(&more[table->n_slots].text, "%s %s %s %s %s %s", field[at[FD]],
		     field[at[CLOEXEC]], file, field[at[MODE]], field[at[POS]],
		     field[at[NAME]]) < 0)
		return -ENOMEM;
	table->n_slots++;
	return 0;
}

static int read_slots(struct side_table *table, struct seen_files *seen, struct target *t)
{
	size_t at[COLUMNS], len;
	char path[64], *text, *next;
	int err;

	snprintf(path, sizeof(path), "%d/files/slots", table->pid);
	err = t->ops->read(t, path, &text, &len);
	if (err)
		return err;
	next = text;
	if (!find_columns(strsep(&next, "\n"), at))
		err = -EINVAL;
	for (char *line; !err && (line = strsep(&next, "\n")) != NULL;) {
		if (*line)
			err = add_slot(table, seen, line, at);
	}
	free(text);
	return err;
}

/* FDSize of a task. */
static int read_size(struct target *t, int pid, uint64_t *size)
{
	char path[64], *text;
	size_t len;
	bool found;
	int err;

	snprintf(path, sizeof(path), "%d/status", pid);
	err = t->ops->read(t, path, &text, &len);
	if (err)
		return err;
	found = number_after(text, "\nFDSize:", 10, size);
	free(text);
	return found ? 0 : -EINVAL;
}

static int add_table(struct side *side, struct seen_files *seen, struct target *t, int pid)
{
	struct side_table *more = realloc(side->table, (side->n_tables + 1) * sizeof(*more));
	struct side_table *table;
	int err;

	if (!more)
		return -ENOMEM;
	side->table = more;
	table = &more[side->n_tables];
	*table = (struct side_table){ .pid = pid };
	err = read_slots(table, seen, t);
	/* A task without a table, such as a zombie. */
	if (err == -ESRCH || err == -ENOENT)
		return 0;
	side->n_tables++;
	return err ? err : read_size(t, pid, &table->slots);
}

/* Reads the tables of all processes. Threads are not listed in the root. */
static int read_tables(struct side *side, struct target *t)
{
	struct fdl_machine *m = target_sim_machine(t);
	struct seen_files seen = { 0 };
	struct fdl_dirent de;
	uint64_t cookie = 0;
	int err = 0;

	while (!err && fdl_readdir(m, FDL_ROOT, &cookie, &de) == 1) {
		uint64_t pid;

		if (number_read(de.name, &pid))
			err = add_table(side, &seen, t, (int)pid);
	}
	free(seen.id);
	return err;
}

/* ---- a whole scenario ------------------------------------------------------------------------ */

/* Starts a machine with the scenario's options, but with this kernel. */
static int start(struct target *t, const struct scenario *s, const char *kernel, char *err,
		 size_t errsize)
{
	const char **assignments = calloc(s->n_lines + 2, sizeof(*assignments));
	size_t n = 0;
	char *own;
	int error;

	if (!assignments || asprintf(&own, "kernel=%s", kernel) < 0) {
		free(assignments);
		return -ENOMEM;
	}
	assignments[n++] = own;
	for (size_t i = 0; i < s->n_lines && s->lines[i].kind == LINE_OPTION; i++) {
		if (strncmp(s->lines[i].text, "kernel=", strlen("kernel=")) != 0)
			assignments[n++] = s->lines[i].text;
	}
	error = t->ops->start(t, assignments, n, err, errsize);
	free(own);
	free(assignments);
	return error;
}

int side_play(struct side *side, const struct scenario *s, const char *kernel, char *err,
	      size_t errsize)
{
	struct target *t = target_sim();
	int error;

	*side = (struct side){ .kernel = kernel };
	*err = '\0';
	if (!t)
		return -ENOMEM;
	error = start(t, s, kernel, err, errsize);
	if (!error) {
		error = read_size(t, 1, &side->first_slots);
		if (!error)
			error = play_lines(side, s, t);
		if (!error)
			error = read_tables(side, t);
		t->ops->stop(t);
	}
	t->ops->free(t);
	return error;
}

void side_free(struct side *side)
{
	for (size_t i = 0; i < side->n_answers; i++)
		free(side->answer[i]), free(side->refusal[i]);
	free(side->answer);
	free(side->refusal);
	for (size_t i = 0; i < side->n_tables; i++) {
		for (size_t j = 0; j < side->table[i].n_slots; j++)
			free(side->table[i].slot[j].text);
		free(side->table[i].slot);
	}
	free(side->table);
}

const struct side_table *side_table(const struct side *side, int pid)
{
	for (size_t i = 0; i < side->n_tables; i++) {
		if (side->table[i].pid == pid)
			return &side->table[i];
	}
	return NULL;
}
