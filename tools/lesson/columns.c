/* Measures the fields of each column, and writes them that wide. */
#include "lesson/columns.h"

#include <string.h>

#define COLUMNS 16 /* the rest of a line with more is one field */

struct widths {
	size_t of[COLUMNS];
	size_t n;
};

/* The length of the field in which a line begins; column: its number. */
static size_t field_length(const char *field, size_t column)
{
	return column + 1 < COLUMNS ? strcspn(field, "\t") : strlen(field);
}

static void measure(struct widths *w, const char *line)
{
	for (size_t i = 0;; i++) {
		const size_t len = field_length(line, i);

		if (i >= w->n)
			w->n = i + 1;
		if (len > w->of[i])
			w->of[i] = len;
		if (!line[len])
			break;
		line += len + 1;
	}
}

static void print_line(FILE *to, const struct widths *w, const char *line, unsigned gap)
{
	unsigned blanks = 0; /* that are due before the next field */

	for (size_t i = 0;; i++) {
		const size_t len = field_length(line, i);

		if (len)
			fprintf(to, "%*s%.*s", (int)blanks, "", (int)len, line);
		blanks = (len ? 0 : blanks) + (unsigned)(w->of[i] - len) + gap;
		if (!line[len])
			break;
		line += len + 1;
	}
}

void columns_print(FILE *to, unsigned indent, size_t room, char *const *lines, size_t n)
{
	struct widths w = { .n = 0 };
	size_t sum = indent;

	for (size_t i = 0; i < n; i++)
		if (strchr(lines[i], '\t'))
			measure(&w, lines[i]);
	for (size_t i = 0; i < w.n; i++)
		sum += w.of[i] + (i ? 2 : 0);
	for (size_t i = 0; i < n; i++) {
		fprintf(to, "%*s", (int)indent, "");
		if (strchr(lines[i], '\t'))
			print_line(to, &w, lines[i], sum > room ? 1 : 2);
		else
			fputs(lines[i], to);
		putc('\n', to);
	}
}
