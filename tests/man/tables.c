/*
 * Prints the library's tables for the test of the man pages: calls, types, symbols, structures and
 * files of the tree, of all kernels, and which kernels have each if not all do. Each line is a page
 * and, after a tab, a line or a word that the page's source must contain. "functions" is no page:
 * after it come the kernel's name and one of its functions.
 */
#include "machine/call_table.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "notation/types.h"
#include "notation/xlat.h"
#include "options.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- calls ----------------------------------------------------------------------------------- */

/* The end of a parameter: the next comma outside of quotes and brackets. */
static const char *param_end(const char *p)
{
	bool quoted = false;
	int open = 0;

	for (; *p; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (!quoted && strchr("([", *p))
			open++;
		else if (!quoted && strchr(")]", *p))
			open--;
		else if (!quoted && !open && *p == ',')
			break;
	}
	return p;
}

/* A parameter as an argument of .Fn, where a quotation mark is doubled. */
static void print_param(const char *p, const char *end)
{
	p += *p == '=';
	printf(" \"");
	for (; p < end; p++)
		printf(*p == '"' ? "\"\"" : "%c", *p);
	printf("\"");
}

static void print_call(const struct call_row *call)
{
	const char *p = call->signature;

	printf("fdlab-notation.5\t.It Fn %s", call->name);
	while (*p) {
		const char *end = param_end(p);

		print_param(p, end);
		p = end + (*end == ',');
		p += strspn(p, " ");
	}
	if (call->result && strcmp(call->result, RESULT_NONE) != 0)
		printf(" No = Vt %s", call->result);
	printf("\n");
}

/* The command of a row that one of several commands selects: its length, with *command; or 0. */
static size_t command_of(const struct call_row *row, const char **command)
{
	const char *at = strstr(row->signature, ", =");

	if (!at)
		return 0;
	*command = at + strlen(", =");
	return strcspn(*command, ",");
}

/* Whether a kernel has a call of this name, and, if the row has a command, that command. */
static bool has_call(const struct kernel *k, const struct call_row *wanted, bool any_command)
{
	const char *command = "", *other = "";
	const size_t len = any_command ? 0 : command_of(wanted, &command);

	if (call_table_lacks(k, wanted->name))
		return false;
	for (const struct call_row *const *list = k->calls; *list; list++) {
		for (const struct call_row *row = *list; row->name; row++) {
			if (strcmp(row->name, wanted->name) != 0)
				continue;
			if (!len ||
			    (command_of(row, &other) == len && !memcmp(command, other, len)))
				return true;
		}
	}
	return false;
}

/* Prints which kernels have a system call, or a command of it, if not all do. */
static void print_owner(const struct kernel *k, const struct call_row *row)
{
	const char *command = "";
	const size_t len = command_of(row, &command);

	for (const struct kernel *const *other = all_kernels; *other; other++) {
		if (has_call(*other, row, false))
			continue;
		printf("fdlab-notation.5\t.It Fn %s", row->name);
		if (len && has_call(*other, row, true))
			printf(" No %.*s", (int)len, command);
		printf(" Ta Li %s\n", k->name);
		return;
	}
}

static void print_calls(const struct kernel *k)
{
	for (const struct call_row *const *list = k->calls; *list; list++) {
		for (const struct call_row *row = *list; row->name; row++) {
			if (call_table_lacks(k, row->name))
				continue;
			print_call(row);
			if (row->flags & CALL_INTERNAL)
				printf("functions\t%s\t%s\n", k->ostype, row->name);
			else
				print_owner(k, row);
		}
	}
	for (const struct call_alias *a = k->aliases; a->alias; a++)
		printf("fdlab-notation.5\t.It Ic %s Ta Ic %s\n", a->alias, a->name);
}

/* ---- types ----------------------------------------------------------------------------------- */

static void print_words(const struct words *w)
{
	for (; w; w = w->more) {
		for (size_t i = 0; i < w->n; i++) {
			if (strncmp(w->word[i].name, "SIGRT_", 6) != 0)
				printf("fdlab-notation.5\t%s\n", w->word[i].name);
		}
	}
}

static void print_fields(const struct type *t)
{
	printf("fdlab-notation.5\t.Li \"{");
	for (size_t i = 0; i < t->nfields; i++)
		printf("%s%s=%s", i ? ", " : "", t->fields[i].name, t->fields[i].type->name);
	printf("}\"\n");
}

static void print_types(void)
{
	const struct type *t;

	for (size_t i = 0; (t = type_nth(i)) != NULL; i++) {
		printf("fdlab-notation.5\t.It Vt %s\n", t->name);
		print_words(t->words);
		if (t->nfields)
			print_fields(t);
	}
}

/* ---- the tree -------------------------------------------------------------------------------- */

static int die(const char *what, int error)
{
	fprintf(stderr, "tables: %s: %s\n", what, strerror(-error));
	exit(1);
}

static void print_mode(mode_t mode)
{
	static const char letters[] = "rwxrwxrwx";

	for (int i = 0; i < 9; i++)
		putchar(mode & 0400 >> i ? letters[i] : '-');
}

/* The placeholder for a number in the page's names. */
static const char *general(const char *name, const char *parent)
{
	if (!strcmp(parent, "changes"))
		return strchr(name, '.') ? "N.json" : "N";
	if (strspn(name, "0123456789") != strlen(name))
		return name;
	if (!*parent)
		return "PID";
	return strstr(parent, "task") ? "TID" : "N";
}

static bool has_row(const struct tree_row *rows, const char *name)
{
	while (rows->name && strcmp(rows->name, name) != 0)
		rows++;
	return rows->name;
}

/* Whether this kernel's machines have the file, and those of another kernel lack it. */
static bool is_own(const struct kernel *k, const char *dir, const char *name)
{
	const bool in_root = !*dir;

	if (!in_root && strcmp(dir, "PID/files") != 0)
		return false;
	if (!has_row(in_root ? k->root : k->files, name))
		return false;
	for (const struct kernel *const *other = all_kernels; *other; other++) {
		if (!has_row(in_root ? (*other)->root : (*other)->files, name))
			return true;
	}
	return false;
}

static void print_tree(struct fdl_machine *m, fdl_ino dir, const char *path)
{
	struct fdl_dirent de;
	uint64_t cookie = 0;
	const char *last = "";
	int more;

	while ((more = fdl_readdir(m, dir, &cookie, &de)) > 0) {
		const char *name = general(de.name, path);
		char below[512];
		struct stat st;
		int error = fdl_getattr(m, de.ino, &st);

		/* One numeric name represents all. */
		if (*de.name == '.' || !strcmp(name, last))
			continue;
		if (name != de.name)
			last = name;
		if (error)
			die(de.name, error);
		snprintf(below, sizeof(below), "%s%s%s", path, *path ? "/" : "", name);
		printf("fdlab-tree.5\t.It Pa %s Pq ", below);
		print_mode(st.st_mode);
		if (is_own(m->kernel, path, name))
			printf(" Pq %s", m->kernel->name);
		printf("\n");
		/*
		 * The files of a thread are described as those of a process; those of rootfs belong
		 * to the machine, and those of a moment are the tree's.
		 */
		if (S_ISDIR(st.st_mode) && strcmp(name, "TID") != 0 && strcmp(path, "at") != 0 &&
		    !fdl_is_simulated(m, de.ino))
			print_tree(m, de.ino, below);
	}
	if (more < 0)
		die(path, more);
}

int main(void)
{
	print_types();
	for (const struct kernel *const *k = all_kernels; *k; k++) {
		const struct fdl_options o = { .kernel = (*k)->name };
		struct fdl_history *history = NULL;
		struct fdl_machine *m;
		int error = fdl_machine_new(&o, &m);

		if (!error)
			error = fdl_history_new(m, 0, &history);
		if (!error)
			error = fdl_write_file(m, "control", "dup(0)", 6);
		if (error)
			die((*k)->name, error);
		print_calls(*k);
		print_tree(m, FDL_ROOT, "");
		fdl_history_free(history);
		fdl_machine_free(m);
	}
	return 0;
}
