/*
 * The timeline as a picture: a panel for each process, a row for each descriptor, and in it a bar
 * for each lifetime, from the line that opened it to the line that closed it.
 */
#include "replay/timeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bar {
	unsigned panel;
	int64_t fd;
	struct origin *origin;
	bool cloexec;
	uint64_t from, to;
};

struct panel {
	int pid;
	char *program;
	uint64_t first, last;
	size_t nbars, nrows;
};

struct timeline {
	struct bar *bars;
	size_t nbars, bars_room;
	struct panel *panels; /* by panel number */
	size_t npanels, panels_room;
	uint64_t lines;
	bool no_memory;
};

struct timeline *timeline_new(void)
{
	return calloc(1, sizeof(struct timeline));
}

void timeline_free(struct timeline *t)
{
	for (size_t i = 0; i < t->nbars; i++)
		origin_put(t->bars[i].origin);
	for (size_t i = 0; i < t->npanels; i++)
		free(t->panels[i].program);
	free(t->bars);
	free(t->panels);
	free(t);
}

static struct panel *panel_of(struct timeline *t, unsigned panel)
{
	size_t room = t->panels_room ? t->panels_room : 16;
	struct panel *panels;

	while (room <= panel)
		room *= 2;
	if (room > t->panels_room) {
		panels = realloc(t->panels, room * sizeof(*panels));
		if (!panels) {
			t->no_memory = true;
			return NULL;
		}
		t->panels = panels;
		t->panels_room = room;
	}
	while (t->npanels <= panel)
		t->panels[t->npanels++] = (struct panel){ 0 };
	return &t->panels[panel];
}

void timeline_process(struct timeline *t, unsigned panel, int pid, const char *program,
		      uint64_t first, uint64_t last)
{
	struct panel *p = panel_of(t, panel);

	if (!p)
		return;
	p->pid = pid;
	p->program = program ? strdup(program) : NULL;
	p->first = first;
	p->last = last;
	if (last > t->lines)
		t->lines = last;
}

void timeline_bar(struct timeline *t, unsigned panel, int64_t fd, const struct origin *origin,
		  bool cloexec, uint64_t from, uint64_t to)
{
	struct panel *p = panel_of(t, panel);
	size_t room = t->bars_room ? 2 * t->bars_room : 256;
	struct bar *bars = t->bars;

	if (t->nbars == t->bars_room) {
		bars = realloc(t->bars, room * sizeof(*bars));
		if (!bars) {
			t->no_memory = true;
			return;
		}
		t->bars = bars;
		t->bars_room = room;
	}
	bars[t->nbars++] =
		(struct bar){ panel, fd, origin_get((struct origin *)origin), cloexec, from, to };
	if (p)
		p->nbars++;
}

/* ---- drawing -------------------------------------------------------------------------------- */

#define WIDTH 1000.0 /* of the time */
#define LEFT  60
#define ROW   14
#define HEAD  26

static int by_panel_and_fd(const void *a, const void *b)
{
	const struct bar *x = a, *y = b;

	if (x->panel != y->panel)
		return x->panel < y->panel ? -1 : 1;
	if (x->fd != y->fd)
		return x->fd < y->fd ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

/* Bytes that are not allowed in XML, or are not ASCII, become question marks. */
static void put_text(FILE *f, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '<')
			fputs("&lt;", f);
		else if (c == '>')
			fputs("&gt;", f);
		else if (c == '&')
			fputs("&amp;", f);
		else if (c == '"')
			fputs("&quot;", f);
		else
			putc(c < ' ' || c >= 0x7f ? '?' : c, f);
	}
}

static double x_of(const struct timeline *t, uint64_t line)
{
	return LEFT + WIDTH * (double)line / (double)(t->lines ? t->lines : 1);
}

static void draw_bar(const struct timeline *t, FILE *f, const struct bar *bar, size_t y)
{
	double from = x_of(t, bar->from), to = x_of(t, bar->to);
	const char *kind = !bar->origin->call ? "inherited" : bar->cloexec ? "cloexec" : "kept";

	fprintf(f,
		"<rect class=\"bar %s\" x=\"%.2f\" y=\"%zu\" width=\"%.2f\" height=\"%d\"><title>",
		kind, from, y, to - from < 1 ? 1 : to - from, ROW - 3);
	fprintf(f, "%lld ", (long long)bar->fd);
	put_text(f, bar->origin->name);
	if (bar->origin->call)
		fprintf(f, ", by %s at line %llu", bar->origin->call,
			(unsigned long long)bar->origin->line);
	fprintf(f, "; lines %llu to %llu</title></rect>\n", (unsigned long long)bar->from,
		(unsigned long long)bar->to);
}

/* Draws a panel with its bars. Returns where the next panel starts. */
static size_t draw_panel(const struct timeline *t, FILE *f, const struct panel *p,
			 const struct bar *bars, size_t y)
{
	fprintf(f,
		"<g class=\"panel\" id=\"process-%d-line-%llu\">\n<text x=\"4\" y=\"%zu\" "
		"class=\"title\">%d ",
		p->pid, (unsigned long long)p->first, y + 16, p->pid);
	put_text(f, p->program ? p->program : "");
	fputs("</text>\n", f);
	y += HEAD;
	for (size_t i = 0; i < p->nbars; i++) {
		if (i == 0 || bars[i].fd != bars[i - 1].fd) {
			y += i ? ROW : 0;
			fprintf(f, "<text x=\"%d\" y=\"%zu\" class=\"fd\">%lld</text>\n", LEFT - 6,
				y + ROW - 4, (long long)bars[i].fd);
		}
		draw_bar(t, f, &bars[i], y);
	}
	fputs("</g>\n", f);
	return y + (p->nbars ? ROW : 0);
}

static size_t height_of(const struct timeline *t)
{
	size_t height = HEAD;

	for (size_t i = 0; i < t->npanels; i++)
		height += HEAD;
	for (size_t i = 0; i < t->nbars; i++)
		if (i == 0 || t->bars[i].panel != t->bars[i - 1].panel ||
		    t->bars[i].fd != t->bars[i - 1].fd)
			height += ROW;
	return height;
}

static void draw(const struct timeline *t, FILE *f, const char *log)
{
	size_t height = height_of(t), y = HEAD, bar = 0;

	fprintf(f,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%zu\" "
		"viewBox=\"0 0 %d %zu\">\n",
		(int)WIDTH + LEFT + 20, height, (int)WIDTH + LEFT + 20, height);
	fputs("<style>\n"
	      "text { font: 11px monospace; } .title { font-weight: bold; }\n"
	      ".fd { text-anchor: end; fill: #555; }\n"
	      ".bar { stroke: #fff; stroke-width: 0.5; } .inherited { fill: #999; }\n"
	      ".cloexec { fill: #4a90d9; } .kept { fill: #d98a3d; }\n"
	      "</style>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
	      "<text x=\"4\" y=\"16\">",
	      f);
	put_text(f, log);
	fprintf(f, ", lines 1 to %llu; blue: close-on-exec, orange: not, grey: inherited</text>\n",
		(unsigned long long)t->lines);
	for (size_t i = 0; i < t->npanels; i++) {
		y = draw_panel(t, f, &t->panels[i], t->bars + bar, y);
		bar += t->panels[i].nbars;
	}
	fputs("</svg>\n", f);
}

int timeline_write(const struct timeline *t, const char *file, const char *log)
{
	FILE *f = t->no_memory ? NULL : fopen(file, "we");
	int error = 0;

	if (t->no_memory)
		return -ENOMEM;
	if (!f)
		return -errno;
	if (t->nbars)
		qsort(t->bars, t->nbars, sizeof(*t->bars), by_panel_and_fd);
	draw(t, f, log);
	if (ferror(f))
		error = -EIO;
	if (fclose(f) && !error)
		error = -errno;
	return error;
}
