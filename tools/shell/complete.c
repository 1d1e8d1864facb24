/* Looks up what fits; nothing is kept between two questions. */
#include "shell/complete.h"

#include "shell/about.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A question: the word so far, and the number of matches that are still to be passed over. */
struct completion {
	struct session *s;
	const char *word;
	size_t len, left;
	char *answer;
};

/* Offers a word. True: it is the answer. */
static bool offer(struct completion *q, const char *word)
{
	if (strncmp(word, q->word, q->len) != 0 || q->left--)
		return false;
	q->answer = strdup(word);
	return true;
}

static bool offer_table(struct completion *q, const struct shell_command *c)
{
	for (; c->name; c++) {
		if (offer(q, c->name))
			return true;
	}
	return false;
}

static bool offer_commands(struct completion *q)
{
	const struct fdl_command *command;

	if (offer_table(q, shell_commands) ||
	    (q->s->extra && offer_table(q, q->s->extra->commands)))
		return true;
	for (size_t i = 0; (command = fdl_command_at(i)) != NULL; i++) {
		if (offer(q, command->name))
			return true;
	}
	return false;
}

static bool offer_calls(struct completion *q)
{
	for (const char *const *name = about_names(); *name; name++) {
		if (offer(q, *name))
			return true;
	}
	return false;
}

static bool offer_symbols(struct completion *q, const char *type)
{
	const char *name;

	for (size_t i = 0; (name = fdl_symbol_name(type, i)) != NULL; i++) {
		if (offer(q, name))
			return true;
	}
	return false;
}

/* The entries of a directory of the tree, each after the part of the word that is given already. */
static bool offer_entries(struct completion *q, const char *dir, const char *before)
{
	struct fdl_machine *m = q->s->machine;
	struct fdl_dirent de;
	uint64_t cookie = 0;
	fdl_ino ino;
	char word[4200];

	if (!m || fdl_walk(m, dir, &ino))
		return false;
	while (fdl_readdir(m, ino, &cookie, &de) == 1) {
		snprintf(word, sizeof(word), "%s%s", before, de.name);
		if (de.name[0] != '.' && offer(q, word))
			return true;
	}
	return false;
}

static bool offer_descriptors(struct completion *q)
{
	char dir[32];

	snprintf(dir, sizeof(dir), "%d/fd", q->s->pid);
	return offer_entries(q, dir, "");
}

/* Names of the machine; of files of the tree, root is empty. */
static bool offer_paths(struct completion *q, const char *root)
{
	const char *slash = memrchr(q->word, '/', q->len);
	const size_t n = slash ? (size_t)(slash - q->word) + 1 : 0;
	char before[2048], dir[4200];

	if (n >= sizeof(before))
		return false;
	snprintf(before, sizeof(before), "%.*s", (int)n, q->word);
	snprintf(dir, sizeof(dir), "%s%s%s", root,
		 n && *root ? ""
		 : *root    ? "/"
			    : "",
		 n       ? before
		 : *root ? ""
			 : ".");
	return offer_entries(q, dir, before);
}

/* The argument that a place of a line belongs to, and its call. False: it is in no call. */
static bool find_argument(const char *line, size_t start, char name[64], size_t *nth)
{
	size_t at = strspn(line, "0123456789 \t"), len;
	bool bracket;

	len = strcspn(line + at, "( \t");
	if (at + len >= start || len >= 64)
		return false;
	snprintf(name, 64, "%.*s", (int)len, line + at);
	bracket = line[at + len] == '(';
	*nth = 0;
	for (at += len + 1; at < start; at++)
		*nth += bracket ? line[at] == ',' : line[at] == ' ' && line[at - 1] != ' ';
	return true;
}

static bool offer_arguments(struct completion *q, const char *line, size_t start)
{
	struct fdl_param params[FDL_PARAMS_MAX];
	const struct fdl_row *row;
	const char *type;
	char name[64];
	size_t nth;

	if (!find_argument(line, start, name, &nth))
		return false;
	if (!strcmp(name, "show"))
		return offer_paths(q, "");
	if (!strcmp(name, "help"))
		return offer_calls(q);
	row = fdl_row_find(q->s->rows, name);
	if (!row || nth >= fdl_row_params(row, params))
		return false;
	type = params[nth].type;
	if (!strcmp(type, "fd") || !strcmp(type, "dirfd"))
		return offer_descriptors(q) || offer_symbols(q, type);
	if (!strcmp(type, "path"))
		return offer_paths(q, "rootfs");
	return offer_symbols(q, type);
}

char *complete_word(struct session *s, const char *line, size_t start, size_t end, size_t i)
{
	struct completion q = { .s = s, .word = line + start, .len = end - start, .left = i };
	const size_t pid = strspn(line, "0123456789 \t");

	/* After a pid, a call; at the beginning, a command, too. */
	if (start <= pid) {
		if (pid || !offer_commands(&q))
			offer_calls(&q);
	} else {
		offer_arguments(&q, line, start);
	}
	return q.answer;
}
