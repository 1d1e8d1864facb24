/*
 * What the library's tables say of themselves, for the test of the man pages: calls, types, symbols,
 * structures, files of the tree. A line each: the page that it belongs to, and a line or a word
 * that must stand in that page's source, behind a tab.
 */
#include "kernel.h"
#include "machine.h"
#include "types.h"
#include "xlat.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- calls ------------------------------------------------------------------------------------ */

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
	if (call->result)
		printf(" No = Vt %s", call->result);
	printf("\n");
}

static void print_calls(const struct kernel *k)
{
	for (const struct call_row *const *list = k->calls; *list; list++) {
		for (const struct call_row *row = *list; row->name; row++)
			print_call(row);
	}
	for (const struct call_alias *a = k->aliases; a->alias; a++)
		printf("fdlab-notation.5\t.It Ic %s Ta Ic %s\n", a->alias, a->name);
}

/* ---- types ------------------------------------------------------------------------------------ */

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
		printf("%s%s=%s", i ? ", " : "", t->fields[i].name,
		       type_at(t->fields[i].type)->name);
	printf("}\"\n");
}

static void print_types(void)
{
	for (enum type_id id = 0; id < TYPES; id++) {
		const struct type *t = type_at(id);

		printf("fdlab-notation.5\t.It Vt %s\n", t->name);
		print_words(t->words);
		if (t->nfields)
			print_fields(t);
	}
}

/* ---- the tree --------------------------------------------------------------------------------- */

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

/* What stands for a number in the names of the page. */
static const char *general(const char *name, const char *parent)
{
	if (strspn(name, "0123456789") != strlen(name))
		return name;
	if (!*parent)
		return "PID";
	return strstr(parent, "task") ? "TID" : "N";
}

static void print_tree(struct fdl_machine *m, fdl_ino dir, const char *path)
{
	struct fdl_dirent de;
	uint64_t cookie = 0;
	bool numbers = false;
	int more;

	while ((more = fdl_readdir(m, dir, &cookie, &de)) > 0) {
		const char *name = general(de.name, path);
		char below[256];
		struct stat st;
		int error = fdl_getattr(m, de.ino, &st);

		/* One of the names that are numbers stands for all of them. */
		if (*de.name == '.' || (name != de.name && numbers))
			continue;
		numbers |= name != de.name;
		if (error)
			die(de.name, error);
		snprintf(below, sizeof(below), "%s%s%s", path, *path ? "/" : "", name);
		printf("fdlab-tree.5\t.It Pa %s Pq ", below);
		print_mode(st.st_mode);
		printf("\n");
		/* The files of a thread are those of a process, and described there. */
		if (S_ISDIR(st.st_mode) && strcmp(name, "TID") != 0)
			print_tree(m, de.ino, below);
	}
	if (more < 0)
		die(path, more);
}

int main(void)
{
	struct fdl_machine *m;
	int error = fdl_machine_new(NULL, &m);

	if (error)
		die("a machine", error);
	print_calls(m->kernel);
	print_types();
	print_tree(m, FDL_ROOT, "");
	fdl_machine_free(m);
	return 0;
}
