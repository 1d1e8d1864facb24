/*
 * A picture as SVG: for a slide, a paper, a browser. Three columns of a width that fits a page,
 * fonts with fallbacks, colours for light and dark. No colour is the only sign of anything.
 */
#include "picture/picture.h"

#include "base/heap.h"
#include "base/text.h"

#include <inttypes.h>

#define WIDTH      760
#define CHAR_WIDTH 6.7 /* of the fonts in use, at 11 pixels */
#define BULGE      26  /* of the arc between two objects */

#define FULL_WIDTH (WIDTH - 24)

static const struct {
	const char *class;
	int x, width;
} columns[COLUMNS] = {
	[COLUMN_TABLES] = { "t", 12, 212 },
	[COLUMN_FILES] = { "f", 284, 172 },
	[COLUMN_OBJECTS] = { "o", 512, 212 },
};

/* Plain colours first: many programs that show SVG know neither variables nor media queries. */
static const char style[] =
	"<style>\n"
	"text{font:11px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1b1f24}\n"
	".h{font:600 12px system-ui,'Helvetica Neue',Arial,sans-serif;fill:#57606a}"
	".b{font-weight:600}.s{fill:#57606a}\n"
	".paper{fill:#fff}.t{fill:#ddeafa;stroke:#3b6ea5}.f{fill:#fdf0d5;stroke:#9a6700}"
	".o{fill:#dcf1e0;stroke:#2c7a3f}.patch{fill:#ddeafa}\n"
	".l{fill:none;stroke:#6e7781;stroke-width:1.2}.d{stroke-dasharray:5 3}"
	".p{stroke-dasharray:2 3}.a{fill:#6e7781}\n"
	".r{stroke:#3b6ea5;stroke-width:.6;fill:none}.hatch{fill:url(#hatch)}"
	".n{stroke:#3b6ea5}.g{fill:none;stroke:#2c7a3f}.u{fill:#2c7a3f}\n"
	"@media "
	"(prefers-color-scheme:dark){text{fill:#e6e9ec}.h,.s{fill:#a4adb6}.paper{fill:#15181c}"
	".t{fill:#1d2d42;stroke:#7fb0e6}.f{fill:#3a2f17;stroke:#e0b356}"
	".o{fill:#1b3522;stroke:#7cc78d}.patch{fill:#1d2d42}.l{stroke:#8b949e}.a{fill:#8b949e}"
	".r,.n{stroke:#7fb0e6}.g{stroke:#7cc78d}.u{fill:#7cc78d}}\n"
	"</style>\n"
	"<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" "
	"markerHeight=\"7\" orient=\"auto-start-reverse\"><path class=\"a\" d=\"M0 0L8 4L0 8z\"/>"
	"</marker><pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
	"patternTransform=\"rotate(45)\"><path class=\"n\" d=\"M0 0V6\"/></pattern></defs>\n";

/* ---- text --------------------------------------------------------------------------------- */

static void put_escaped(struct text *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		switch (s[i]) {
		case '&':
			text_puts(out, "&amp;");
			break;
		case '<':
			text_puts(out, "&lt;");
			break;
		case '>':
			text_puts(out, "&gt;");
			break;
		default:
			text_putc(out, s[i]);
		}
	}
}

/* The bytes of the first max characters of valid UTF-8. */
static size_t first_characters(const char *s, size_t len, size_t max)
{
	size_t i = 0;

	for (size_t n = 0; i < len && n < max; n++) {
		for (i++; i < len && ((unsigned char)s[i] & 0xc0) == 0x80; i++)
			;
	}
	return i;
}

/* Text and rectangles are most of a picture: printf would take half of its time. */
static void put_text_at(struct text *out, int x, int y)
{
	text_puts(out, "<text x=\"");
	text_int(out, x);
	text_puts(out, "\" y=\"");
	text_int(out, y);
	text_putc(out, '"');
}

static void put_rect(struct text *out, const char *class, int x, int y, int width, int height)
{
	text_puts(out, "<rect class=\"");
	text_puts(out, class);
	text_puts(out, "\" x=\"");
	text_int(out, x);
	text_puts(out, "\" y=\"");
	text_int(out, y);
	text_puts(out, "\" width=\"");
	text_int(out, width);
	text_puts(out, "\" height=\"");
	text_int(out, height);
	text_puts(out, "\"/>\n");
}

/* A line of text, cut with an ellipsis to a width in pixels. */
static void put_line(struct text *out, int x, int y, int width, const char *class, const char *s,
		     size_t len)
{
	const size_t most = (size_t)(width / CHAR_WIDTH);
	const bool cut = first_characters(s, len, most) < len;

	put_text_at(out, x, y);
	text_puts(out, " class=\"");
	text_puts(out, class);
	text_puts(out, "\">");
	if (cut) {
		/* The whole of it is a tooltip. */
		text_puts(out, "<title>");
		put_escaped(out, s, len);
		text_puts(out, "</title>");
	}
	put_escaped(out, s, cut ? first_characters(s, len, most - 1) : len);
	text_puts(out, cut ? "\xe2\x80\xa6</text>\n" : "</text>\n");
}

/* The lines of a text, wrapped, one below the other; returns the height below them. */
static int put_lines(struct text *out, enum picture_column column, int y, const struct text *t)
{
	const int x = columns[column].x + 8, width = columns[column].width - 16;

	for (size_t at = 0; at < t->len;) {
		const char *end = memchr(t->s + at, '\n', t->len - at);
		const size_t len = end ? (size_t)(end - (t->s + at)) : t->len - at;
		const size_t part = picture_part(column, t->s + at, len);

		put_line(out, x, y + 12, width, "s", t->s + at, part);
		y += ROW_HEIGHT;
		at += part + (part == len);
	}
	return y;
}

/* ---- cards -------------------------------------------------------------------------------- */

/* A pipe as a buffer: filled from the left, where the oldest byte is, which is read first. */
static void put_gauge(struct text *out, const struct card *c, int x, int y, int width)
{
	double share = (double)c->used / (double)c->room;
	const double filled = share * width > 1 || !c->used ? share * width : 1;

	text_printf(out,
		    "<rect class=\"u\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>"
		    "<rect class=\"g\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n",
		    (double)x, y, filled, GAUGE_HEIGHT, x, y, width, GAUGE_HEIGHT);
}

static int put_tasks(struct text *out, const struct picture *p, const struct card *c, int x, int y,
		     int width)
{
	for (size_t i = 0; i < c->ntasks && i < TASKS_SHOWN; i++) {
		const struct shown_task *t = &p->tasks[c->first_task + i];
		struct text line = TEXT_EMPTY;

		put_shown_task(&line, t);
		put_line(out, x, y + 13, width, "b", line.s ? line.s : "", line.len);
		y += ROW_HEIGHT;
		y = put_lines(out, COLUMN_TABLES, y, &t->call);
		if (line.error)
			out->error = line.error;
		text_free(&line);
	}
	if (c->ntasks > TASKS_SHOWN) {
		text_printf(out, "<text x=\"%d\" y=\"%d\" class=\"s\">and %zu more tasks</text>\n",
			    x, y + 12, c->ntasks - TASKS_SHOWN);
		y += ROW_HEIGHT;
	}
	return y;
}

static void put_row(struct text *out, const struct row *r, int y)
{
	const int x = columns[COLUMN_TABLES].x, width = columns[COLUMN_TABLES].width;

	put_rect(out, r->reserved ? "r hatch" : "r", x + 8, y, width - 16, ROW_HEIGHT);
	if (r->reserved)
		put_rect(out, "patch", x + 12, y + 3, r->cloexec ? 164 : 92, ROW_HEIGHT - 6);
	put_text_at(out, x + 14, y + 13);
	text_putc(out, '>');
	text_uint(out, r->fd);
	if (r->last != r->fd) {
		text_putc(out, '-');
		text_uint(out, r->last);
	}
	text_puts(out, r->folded ? " console" : r->reserved ? " reserved" : "");
	text_puts(out, r->cloexec ? "  close-on-exec" : "");
	text_puts(out, "</text>\n");
}

static void put_card(struct text *out, const struct picture *p, const struct card *c)
{
	const int x = columns[c->column].x, width = columns[c->column].width;
	int y = c->y;

	text_printf(
		out,
		"<g><rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\"/>\n",
		columns[c->column].class, x, y, width, c->height);
	y = put_tasks(out, p, c, x + 8, y + 2, width - 16);
	put_line(out, x + 8, y + 13, width - 16, c->column == COLUMN_TABLES ? "s" : "b",
		 c->title.s ? c->title.s : "", c->title.len);
	y = put_lines(out, c->column, y + TITLE_HEIGHT - 3, &c->body);
	if (c->room)
		put_gauge(out, c, x + 8, y, width - 16);
	y = c->y + card_head(p, c);
	for (size_t i = 0; i < c->nrows; i++)
		put_row(out, &p->rows[c->first_row + i], y + (int)i * ROW_HEIGHT);
	if (c->left)
		text_printf(out,
			    "<text x=\"%d\" y=\"%d\" class=\"s\">and %" PRIu64 " more</text>\n",
			    x + 14, y + (int)c->nrows * ROW_HEIGHT + 13, c->left);
	text_puts(out, "</g>\n");
}

/* ---- lines -------------------------------------------------------------------------------- */

static int left(const struct card *c)
{
	return columns[c->column].x;
}

static int right(const struct card *c)
{
	return columns[c->column].x + columns[c->column].width;
}

static int middle(const struct card *c)
{
	return c->y + c->height / 2;
}

/* From the right of a card to the left of one in the next column, or the other way round. */
static void put_curve(struct text *out, const char *class, int x1, int y1, int x2, int y2)
{
	const int bend = (x2 - x1) / 2;
	const int places[] = { x1, y1, x1 + bend, y1, x2 - bend, y2, x2, y2 };

	text_puts(out, "<path class=\"");
	text_puts(out, class);
	text_puts(out, "\" marker-end=\"url(#head)\" d=\"M");
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		text_int(out, places[i]);
		text_puts(out, i == 1 ? "C" : i < 7 ? " " : "\"/>\n");
	}
}

static void put_edge(struct text *out, const struct picture *p, const struct edge *e)
{
	const struct card *from = &p->cards[e->from], *to = &p->cards[e->to];
	int y = middle(from);

	switch (e->kind) {
	case EDGE_SLOT:
		y = from->y + card_head(p, from) + (int)(e->row - from->first_row) * ROW_HEIGHT +
		    ROW_HEIGHT / 2;
		put_curve(out, "l", right(from) - 8, y, left(to), middle(to));
		break;
	case EDGE_OBJECT:
		put_curve(out, "l", right(from), y, left(to), middle(to));
		break;
	case EDGE_HELD:
		put_curve(out, "l d", right(from), from->y + TITLE_HEIGHT / 2, left(to),
			  middle(to) + 6);
		break;
	case EDGE_QUEUED:
	case EDGE_WATCH:
		put_curve(out, e->kind == EDGE_WATCH ? "l p" : "l d", left(from), y + 8, right(to),
			  middle(to) + 8);
		break;
	case EDGE_PEER:
		text_printf(out,
			    "<path class=\"l p\" marker-start=\"url(#head)\" "
			    "marker-end=\"url(#head)\" d=\"M%d %dC%d %d %d %d %d %d\"/>\n",
			    right(from), y, right(from) + BULGE, y, right(to) + BULGE, middle(to),
			    right(to), middle(to));
		break;
	}
}

/* The legend of the kinds of lines, where there are any but whole ones. */
static const char *kinds_of_lines(const struct picture *p)
{
	bool held = false, dotted = false;

	for (size_t i = 0; i < p->nedges; i++) {
		held |= p->edges[i].kind == EDGE_HELD || p->edges[i].kind == EDGE_QUEUED;
		dotted |= p->edges[i].kind == EDGE_PEER || p->edges[i].kind == EDGE_WATCH;
	}
	if (held && dotted)
		return "dashed: held without a slot; dotted: connected, or watched";
	if (held)
		return "dashed: held without a slot";
	return dotted ? "dotted: connected, or watched" : "";
}

static bool is_cut(const struct picture *p)
{
	return p->left.tasks || p->left.descriptors || p->left.links || p->left.retired;
}

static void put_left(struct text *out, const struct picture *p, int y)
{
	struct text left = TEXT_EMPTY;

	picture_put_left(p, &left);
	put_line(out, columns[0].x, y, FULL_WIDTH, "b", left.s ? left.s : "", left.len);
	if (left.error)
		out->error = left.error;
	text_free(&left);
}

void picture_svg(const struct picture *p, struct text *out)
{
	const char *const kinds = kinds_of_lines(p);
	const int height = p->height + (*kinds ? ROW_HEIGHT : 0) + (is_cut(p) ? ROW_HEIGHT : 0);

	text_printf(out,
		    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
		    "height=\"%d\" role=\"img\">\n<title>",
		    WIDTH, height, WIDTH, height);
	text_puts(out, "Tasks, open file descriptions, and what they refer to");
	if (p->caption.len) {
		text_puts(out, ", after ");
		put_escaped(out, p->caption.s, p->caption.len);
	}
	text_puts(out, "</title>\n");
	text_puts(out, style);
	text_printf(out, "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n", WIDTH, height);
	if (p->caption.len)
		put_line(out, columns[0].x, 14, FULL_WIDTH, "b", p->caption.s, p->caption.len);
	for (size_t i = 0; i < COLUMNS; i++)
		text_printf(out, "<text class=\"h\" x=\"%d\" y=\"34\">%s</text>\n", columns[i].x,
			    picture_headings[i]);
	for (size_t i = 0; i < p->nedges; i++)
		put_edge(out, p, &p->edges[i]);
	for (size_t i = 0; i < p->ncards; i++)
		put_card(out, p, &p->cards[p->order[i]]);
	if (*kinds)
		put_line(out, columns[0].x, height - 10, FULL_WIDTH, "s", kinds, strlen(kinds));
	if (is_cut(p))
		put_left(out, p, height - 10 - (*kinds ? ROW_HEIGHT : 0));
	text_puts(out, "</svg>\n");
}
