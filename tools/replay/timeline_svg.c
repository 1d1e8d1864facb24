/*
 * Writes a timeline that was laid out as SVG. It is light or dark as the viewer is. Shapes tell
 * apart what colours do, every element has a name for screen readers, and panels and marks can be
 * reached by the keyboard.
 */
#include "replay/timeline_parts.h"

#include <string.h>

#define CHARACTER 6.1 /* pixels of a character of 10 pixels, of a font of fixed width */
#define NAME_MIN  4   /* characters of a name that is cut */

static const char style[] =
	"<style>\n"
	"text{font:10px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1b1f24}\n"
	".title{font-weight:600;font-size:11px}.soft,.fd{fill:#57606a}.fd,.end{text-anchor:end}"
	".mid{text-anchor:middle}\n"
	".paper{fill:#fff}.grid{stroke:#e6eaee}.life,.fork{stroke:#6e7781;fill:none}"
	".head{fill:#6e7781}\n"
	".kept{fill:#f8d3a4;stroke:#b0671a}.cloexec{fill:#cfe3fa;stroke:#2f6fb0;"
	"stroke-dasharray:3 1.5}.inherited{fill:#fff;stroke:#8b949e}\n"
	".many{fill:url(#many);stroke:#6e7781}.hatch{stroke:#8b949e;stroke-width:1.6}\n"
	".leak{fill:#c4222e;stroke:#fff}.line{fill:none;stroke-width:2}.diverged{stroke:#8a2be2}"
	".twice{stroke:#c2186b}.handed{stroke:#8a5a00}.exec{fill:#1f7a3f;stroke:none}"
	".forks{stroke:#57606a;stroke-width:1.4}\n"
	":focus{outline:2px solid #0969da}\n"
	"@media (prefers-color-scheme:dark){text{fill:#e6e9ec}.soft,.fd{fill:#a4adb6}"
	".paper{fill:#15181c}.grid{stroke:#2a2f36}.life,.fork{stroke:#8b949e}.head{fill:#8b949e}\n"
	".kept{fill:#5a3a14;stroke:#e3a04f}.cloexec{fill:#1b3a5c;stroke:#79b4f0}"
	".inherited{fill:#15181c;stroke:#8b949e}.many{stroke:#8b949e}\n"
	".leak{fill:#ff6b6b;stroke:#15181c}.diverged{stroke:#c99bff}.twice{stroke:#ff7eb6}"
	".handed{stroke:#e0b356}.exec{fill:#6fd08c}.forks{stroke:#a4adb6}"
	":focus{outline-color:#79b4f0}}\n"
	"</style>\n"
	"<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" "
	"markerHeight=\"7\" orient=\"auto\"><path class=\"head\" d=\"M0 0L8 4L0 8z\"/></marker>\n"
	"<pattern id=\"many\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\" "
	"patternTransform=\"rotate(45)\"><path class=\"hatch\" d=\"M0 0V4\"/></pattern>\n"
	"<path id=\"leak\" class=\"leak\" d=\"M-4-5L5 0L-4 5z\"/>\n"
	"<path id=\"diverged\" class=\"line diverged\" d=\"M-4-4L4 4M-4 4L4-4\"/>\n"
	"<path id=\"twice\" class=\"line twice\" d=\"M-5 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0M-1 0a3 3 0 "
	"1 0 "
	"6 0a3 3 0 1 0-6 0\"/>\n"
	"<path id=\"handed\" class=\"line handed\" d=\"M-5-4L-1 0L-5 4M0-4L4 0L0 4\"/>\n"
	"<path id=\"exec\" class=\"exec\" d=\"M-1 6V-7H0L7-4L0-1V6z\"/>\n"
	"<path id=\"forks\" class=\"line forks\" d=\"M0 0V8M-3 5L0 8L3 5\"/></defs>\n";

/* A symbol's drawing, and its text in the legend. Of findings, those that have a place. */
struct shape {
	const char *id, *meaning;
};

static const struct shape finding_shapes[N_FINDINGS] = {
	[FINDING_DIVERGENCE] = { "diverged", "diverges" },
	[FINDING_LEAK] = { "leak", "open at exit" },
	[FINDING_EXEC] = { "handed", "left open by exec" },
	[FINDING_BADF] = { "twice", "closed twice, used when closed" },
	[FINDING_FOREIGN] = { "twice", NULL }, /* of the legend: it has the one above */
};

static const struct shape other_shapes[N_SYMBOL_KINDS] = {
	[SYMBOL_EXEC] = { "exec", "exec" },
	[SYMBOL_FORK] = { "forks", "forks of folded processes" },
};

static const struct shape *shape_of(const struct symbol *s)
{
	return s->kind == SYMBOL_FINDING ? &finding_shapes[s->of_kind] : &other_shapes[s->kind];
}

/* ---- text ------------------------------------------------------------------------------------ */

void put_xml(FILE *f, const char *text, size_t len)
{
	for (const char *p = text; p < text + len; p++) {
		const unsigned char c = (unsigned char)*p;

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

static void put_all(FILE *f, const char *text)
{
	put_xml(f, text, strlen(text));
}

static unsigned long long number(uint64_t n)
{
	return (unsigned long long)n;
}

/* ", lines 3 to 8" */
static void put_lines(FILE *f, const char *before, uint64_t from, uint64_t to)
{
	if (from == to)
		fprintf(f, "%sline %llu", before, number(from));
	else
		fprintf(f, "%slines %llu to %llu", before, number(from), number(to));
}

/*
 * A text of at most so many pixels: cut, or only the last part of a path; nothing if it is too
 * short.
 */
static void put_fitting(FILE *f, const char *text, double width)
{
	const size_t room = width > 0 ? (size_t)(width / CHARACTER) : 0;
	const char *slash = strrchr(text, '/');

	if (strlen(text) > room && slash && slash[1])
		text = slash + 1;
	if (strlen(text) <= room) {
		put_all(f, text);
	} else if (room >= NAME_MIN) {
		put_xml(f, text, room - 1);
		fputs("&#8230;", f);
	}
}

static bool fits(const char *text, double width)
{
	return width >= NAME_MIN * CHARACTER || (double)strlen(text) * CHARACTER <= width;
}

/* ---- the frame ------------------------------------------------------------------------------- */

/* The step of the axis: 1, 2 or 5 times a power of ten, of about 90 pixels. */
static uint64_t axis_step(uint64_t lines)
{
	const double wish = (double)lines * 90 / TIME_WIDTH;
	uint64_t step = 1;

	while ((double)step * 10 <= wish)
		step *= 10;
	return (double)step >= wish       ? step
	       : (double)step * 2 >= wish ? step * 2
	       : (double)step * 5 >= wish ? step * 5
					  : step * 10;
}

static void draw_axis(const struct timeline_layout *l, FILE *f)
{
	const uint64_t step = axis_step(l->t->lines);
	const double bottom = l->height - BOTTOM;

	fprintf(f, "<g class=\"axis\"><text class=\"soft end\" x=\"%d\" y=\"%d\">line</text>\n",
		GUTTER - 8, TOP - 6);
	for (uint64_t line = 0; line <= l->t->lines; line += step) {
		const double x = timeline_x(l->t, line);

		fprintf(f, "<path class=\"grid\" d=\"M%.1f %dV%.0f\"/>", x, TOP - 2, bottom);
		for (int i = 0; i < 2; i++)
			fprintf(f, "<text class=\"soft mid\" x=\"%.1f\" y=\"%.0f\">%llu</text>", x,
				i ? bottom + 12 : TOP - 6.0, number(line));
		putc('\n', f);
	}
	fputs("</g>\n", f);
}

static double draw_word(FILE *f, double x, const char *word)
{
	fprintf(f, "<text class=\"soft\" x=\"%.1f\" y=\"40\">%s</text>\n", x, word);
	return x + (double)strlen(word) * CHARACTER + 12;
}

static void draw_legend(FILE *f)
{
	static const struct shape bars[] = { { "kept", "open" },
					     { "cloexec", "close-on-exec" },
					     { "inherited", "from the start" },
					     { "many", "several" } };
	double x = 8;

	fputs("<g class=\"legend\">\n", f);
	for (size_t i = 0; i < sizeof(bars) / sizeof(bars[0]); i++) {
		fprintf(f,
			"<rect class=\"%s\" x=\"%.1f\" y=\"31\" width=\"18\" height=\"11\" "
			"rx=\"2\"/>",
			bars[i].id, x);
		x = draw_word(f, x + 22, bars[i].meaning);
	}
	for (size_t i = 0; i < N_FINDINGS + N_SYMBOL_KINDS; i++) {
		const struct shape *s =
			i < N_FINDINGS ? &finding_shapes[i] : &other_shapes[i - N_FINDINGS];

		if (!s->meaning)
			continue;
		fprintf(f, "<use href=\"#%s\" x=\"%.1f\" y=\"%d\"/>", s->id, x + 5,
			i == N_FINDINGS + SYMBOL_FORK ? 32 : 37);
		x = draw_word(f, x + 15, s->meaning);
	}
	fputs("</g>\n", f);
}

/* ---- bars ------------------------------------------------------------------------------------ */

static void title_bar(const struct timeline_layout *l, FILE *f, const struct segment *s)
{
	const struct bar *bar = s->bar;
	const struct fd_row *row = &l->rows[s->row];

	if (s->n > 1) {
		fprintf(f, "%lld%s: %zu lifetimes", (long long)row->fd,
			row->nfds > 1 ? " and above" : "", s->n);
		put_lines(f, ", ", s->from, s->to);
		return;
	}
	fprintf(f, "%lld ", (long long)bar->fd);
	put_all(f, bar->origin->name);
	if (bar->origin->call)
		fprintf(f, ", by %s at line %llu", bar->origin->call, number(bar->origin->line));
	if (bar->cloexec)
		fputs(", close-on-exec", f);
	put_lines(f, "; ", s->from, s->to);
}

static void draw_bar(const struct timeline_layout *l, FILE *f, const struct segment *s)
{
	const double width = s->end - s->x < 1 ? 1 : s->end - s->x;
	const double y = l->rows[s->row].y + 1;
	const char *kind = s->n > 1                ? "many"
			   : !s->bar->origin->call ? "inherited"
			   : s->bar->cloexec       ? "cloexec"
						   : "kept";

	fprintf(f,
		"<rect class=\"bar %s\" role=\"img\" x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" "
		"height=\"%d\"><title>",
		kind, s->x, y, width, ROW - 3);
	title_bar(l, f, s);
	fputs("</title></rect>\n", f);
	if (s->n == 1 && fits(s->bar->origin->name, width - 6)) {
		fprintf(f, "<text x=\"%.1f\" y=\"%.0f\" aria-hidden=\"true\">", s->x + 3, y + 9);
		put_fitting(f, s->bar->origin->name, width - 6);
		fputs("</text>\n", f);
	}
}

/* The segments of a row; they are sorted by row. *next is the first that is not drawn yet. */
static void draw_row(const struct timeline_layout *l, FILE *f, size_t row, size_t *next)
{
	const struct fd_row *r = &l->rows[row];

	fprintf(f, "<text class=\"fd\" x=\"%d\" y=\"%.0f\">", GUTTER - 8, r->y + 10);
	if (r->nfds > 1)
		fprintf(f, "%zu from %lld on", r->nfds, (long long)r->fd);
	else
		fprintf(f, "%lld", (long long)r->fd);
	fputs("</text>\n", f);
	for (; *next < l->nsegments && l->segments[*next].row == row; ++*next)
		draw_bar(l, f, &l->segments[*next]);
}

/* ---- symbols --------------------------------------------------------------------------------- */

static void title_symbol(FILE *f, const struct symbol *s)
{
	const struct finding *found = s->finding;

	if (s->n > 1) {
		fprintf(f, "%zu times: %s", s->n,
			shape_of(s)->meaning ? shape_of(s)->meaning
					     : finding_shapes[FINDING_BADF].meaning);
		put_lines(f, ", ", s->from, s->to);
		return;
	}
	if (found)
		fprintf(f, "%d: ", found->pid);
	if (s->kind == SYMBOL_EXEC)
		fputs("executes ", f);
	else if (s->kind == SYMBOL_FORK)
		fprintf(f, "forks %d", s->pid);
	else if (s->of_kind == FINDING_LEAK || s->of_kind == FINDING_EXEC)
		fprintf(f, "%lld ", (long long)found->fd);
	if (s->text)
		put_all(f, s->text);
	if (found && found->name && *found->name) {
		fputs(": ", f);
		put_all(f, found->name);
	}
	put_lines(f, ", ", s->from, s->to);
}

/* The program's name stands beside an exec up to the next symbol of the same kind. */
static void draw_program(const struct timeline_layout *l, FILE *f, size_t i)
{
	const struct symbol *s = &l->symbols[i], *next = s + 1;
	double room = PICTURE_WIDTH - s->x - 12;

	if (i + 1 < l->nsymbols && next->key == s->key && next->kind == s->kind)
		room = next->x - s->x - 16;
	if (s->n > 1 || !s->text || !fits(s->text, room))
		return;
	fprintf(f, "<text x=\"%.1f\" y=\"%.0f\" aria-hidden=\"true\">", s->x + 10, s->y - 3);
	put_fitting(f, s->text, room);
	fputs("</text>\n", f);
}

static void draw_symbols(const struct timeline_layout *l, FILE *f)
{
	for (size_t i = 0; i < l->nsymbols; i++) {
		const struct symbol *s = &l->symbols[i];

		fprintf(f,
			"<use class=\"mark\" role=\"img\" tabindex=\"0\" href=\"#%s\" x=\"%.1f\" "
			"y=\"%.1f\"><title>",
			shape_of(s)->id, s->x, s->y);
		title_symbol(f, s);
		fputs("</title></use>\n", f);
		if (s->kind == SYMBOL_EXEC)
			draw_program(l, f, i);
	}
}

/* ---- panels ---------------------------------------------------------------------------------- */

/* "24680 cat" */
static void put_process(FILE *f, const struct panel *p, double width)
{
	const char *slash = p->program ? strrchr(p->program, '/') : NULL;
	const char *program = !p->program ? "" : slash && slash[1] ? slash + 1 : p->program;
	const int n = p->pid ? fprintf(f, "%d ", p->pid) : 0;

	put_fitting(f, program, width - n * CHARACTER);
}

static void draw_life(const struct timeline_layout *l, FILE *f, const struct shown_panel *shown)
{
	const struct panel *p = &l->t->panels[shown->panel];
	const double from = timeline_x(l->t, p->first), to = timeline_x(l->t, p->last);

	fprintf(f, "<path class=\"life\" d=\"M%.1f %.0fH%.1f", from, shown->y, to);
	fprintf(f, p->ended ? "M%.1f %.0fv8" : "l5 0", to, shown->y - 4);
	fputs("\"/>\n", f);
}

/* An arrow from the parent's line to where the child's begins. */
static void draw_fork(const struct timeline_layout *l, FILE *f, const struct shown_panel *shown)
{
	const struct panel *p = &l->t->panels[shown->panel];
	const struct panel *parent = p->parent == NO_PANEL ? NULL : &l->t->panels[p->parent];
	const double x = timeline_x(l->t, p->first);

	if (!parent || parent->shown == NOT_SHOWN)
		return;
	fprintf(f,
		"<path class=\"fork\" role=\"img\" marker-end=\"url(#head)\" d=\"M%.1f %.0fV%.0f\">"
		"<title>%d forks %d, line %llu</title></path>\n",
		x, l->panels[parent->shown].y, shown->y - 1, parent->pid, p->pid, number(p->first));
}

static void draw_panel(const struct timeline_layout *l, FILE *f, const struct shown_panel *shown,
		       size_t *next)
{
	const struct panel *p = &l->t->panels[shown->panel];

	fprintf(f,
		"<g class=\"panel\" id=\"process-%d-line-%llu\" role=\"group\" tabindex=\"0\" "
		"aria-label=\"process ",
		p->pid, number(p->first));
	put_process(f, p, PICTURE_WIDTH);
	put_lines(f, ", ", p->first, p->last);
	fprintf(f, ", %zu lifetimes of descriptors, %zu findings\">\n", p->nbars, p->nmarks);
	fprintf(f, "<text class=\"title\" x=\"8\" y=\"%.0f\">", shown->y + 4);
	put_process(f, p, (GUTTER - 16) * 0.9);
	fputs("</text>\n", f);
	draw_life(l, f, shown);
	for (size_t i = 0; i < shown->nrows; i++)
		draw_row(l, f, shown->first_row + i, next);
	fputs("</g>\n", f);
}

static void draw_folded(const struct timeline_layout *l, FILE *f, size_t *next)
{
	if (!l->nfolded)
		return;
	fprintf(f,
		"<g class=\"panel folded\" role=\"group\" tabindex=\"0\" aria-label=\"%zu "
		"short-lived "
		"processes, folded\">\n<text class=\"title\" x=\"8\" y=\"%.0f\">%zu short-lived"
		"</text>\n",
		l->nfolded, l->y_folded + 4, l->nfolded);
	for (; *next < l->nsegments; ++*next) {
		const struct segment *s = &l->segments[*next];
		const struct panel *p = &l->t->panels[s->panel];

		fprintf(f,
			"<rect class=\"bar %s\" role=\"img\" x=\"%.1f\" y=\"%.0f\" width=\"%.1f\" "
			"height=\"%d\"><title>",
			s->n > 1 ? "many" : "inherited", s->x, l->rows[s->row].y,
			s->end - s->x < 1 ? 1 : s->end - s->x, LANE - 2);
		if (s->n > 1)
			fprintf(f, "%zu processes", s->n);
		else
			put_process(f, p, PICTURE_WIDTH);
		put_lines(f, ", ", s->from, s->to);
		fputs("</title></rect>\n", f);
	}
	fputs("</g>\n", f);
}

void timeline_svg(const struct timeline_layout *l, FILE *f, const char *log)
{
	size_t next = 0;

	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" "
		"viewBox=\"0 0 %d %.0f\" role=\"group\" aria-label=\"Lifetimes of "
		"descriptors\">\n%s"
		"<rect class=\"paper\" width=\"100%%\" height=\"100%%\"/>\n"
		"<text class=\"title\" x=\"8\" y=\"18\">",
		PICTURE_WIDTH, l->height, PICTURE_WIDTH, l->height, style);
	put_all(f, log);
	fprintf(f, ", lines 1 to %llu", number(l->t->lines));
	if (l->unmarked)
		fprintf(f, "; %zu findings after the first %d of their kind have no mark",
			l->unmarked, FINDINGS_KEPT);
	fputs("</text>\n", f);
	draw_legend(f);
	draw_axis(l, f);
	/* Bars cover the arrows, which may cross many rows. */
	for (size_t i = 0; i < l->npanels; i++)
		draw_fork(l, f, &l->panels[i]);
	for (size_t i = 0; i < l->npanels; i++)
		draw_panel(l, f, &l->panels[i], &next);
	draw_folded(l, f, &next);
	draw_symbols(l, f);
	fputs("</svg>\n", f);
}
