/*
 * Wraps texts and lays out a page. All lines of a body are no wider than the page, so that its
 * height is the number of its newlines.
 */
#include "lesson/page.h"

#include "cli/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_USUAL  80U
#define HEIGHT_USUAL 24U
#define WIDTH_LEAST  20U
#define WIDTH_TEXT   78U /* longer lines are hard to read */
#define BEFORE_MOST  8U  /* lines from before the page */
#define FRAME        3U  /* the title, an empty line, and the prompt */

static const char *const codes[] = {
	[STYLE_PLAIN] = "",
	[STYLE_TEXT] = "\033[36m",
	[STYLE_BOLD] = "\033[1m",
	[STYLE_DIM] = "\033[2m",
};

int page_begin(struct screen_page *p, bool colour)
{
	const char *term = getenv("TERM");
	struct winsize size = { 0 };

	*p = (struct screen_page){ .width = WIDTH_USUAL, .height = HEIGHT_USUAL, .colour = colour };
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col && size.ws_row) {
		p->width = size.ws_col < WIDTH_LEAST ? WIDTH_LEAST : size.ws_col;
		p->height = size.ws_row;
	}
	p->clears = term && *term && strcmp(term, "dumb") != 0;
	p->body = memory_stream(&p->text, &p->len);
	return p->body ? 0 : -ENOMEM;
}

static void style_on(const struct screen_page *p, enum page_style style)
{
	if (p->colour)
		fputs(codes[style], p->body);
}

static void style_off(const struct screen_page *p, enum page_style style)
{
	if (p->colour && style != STYLE_PLAIN)
		fputs("\033[0m", p->body);
}

/* Whether a byte begins a character, and does not go on with one of UTF-8. */
static bool begins_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

static size_t columns_of(const char *s, size_t n)
{
	size_t columns = 0;

	for (size_t i = 0; i < n; i++)
		columns += begins_character(s[i]);
	return columns;
}

/* The bytes of a line that fill so many columns: codes of colours, which end in an m, take none. */
static size_t bytes_of(const char *line, size_t n, size_t columns)
{
	size_t i = 0;

	for (; i < n; i++) {
		if (line[i] == '\033')
			i += strcspn(line + i, "m");
		else if (begins_character(line[i]) && !columns--)
			break;
	}
	return i < n ? i : n;
}

void page_line(struct screen_page *p, unsigned indent, const char *line, enum page_style style)
{
	size_t n = strcspn(line, "\n");

	do {
		const size_t part = bytes_of(line, n, p->width - indent - 1);

		fprintf(p->body, "%*s", (int)indent, "");
		style_on(p, style);
		fprintf(p->body, "%.*s", (int)part, line);
		style_off(p, style);
		putc('\n', p->body);
		line += part;
		n -= part;
	} while (n);
}

/* A paragraph: words up to an empty line, or one that begins with a blank. Returns its end. */
static const char *put_paragraph(struct screen_page *p, const char *s, enum page_style style)
{
	const size_t width = p->width - 1 < WIDTH_TEXT ? p->width - 1 : WIDTH_TEXT;
	size_t column = 0;

	style_on(p, style);
	for (;;) {
		const size_t n = strcspn(s, " \n"), columns = columns_of(s, n);

		if (column && column + 1 + columns > width) {
			putc('\n', p->body);
			column = 0;
		} else if (column) {
			putc(' ', p->body);
			column++;
		}
		fprintf(p->body, "%.*s", (int)n, s);
		column += columns;
		s += n;
		s += strspn(s, " ");
		if (!*s || (*s == '\n' && (!s[1] || s[1] == '\n' || s[1] == ' ')))
			break;
		s += *s == '\n';
	}
	style_off(p, style);
	putc('\n', p->body);
	return s + (*s == '\n');
}

void page_text(struct screen_page *p, const char *text, enum page_style style)
{
	while (*text == '\n')
		text++;
	while (*text) {
		if (*text == '\n') {
			text += strspn(text, "\n");
			if (*text)
				putc('\n', p->body);
		} else if (*text == ' ') {
			page_line(p, 0, text, style);
			text += strcspn(text, "\n");
			text += *text == '\n';
		} else {
			text = put_paragraph(p, text, style);
		}
	}
}

static unsigned count_lines(const char *text)
{
	unsigned n = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		n++;
	return n;
}

/* The last lines of a text, no more than n of them, each cut to the width. */
static void print_last(const struct screen_page *p, const char *text, unsigned n)
{
	unsigned skip = count_lines(text);

	for (skip = skip > n ? skip - n : 0; skip; skip--)
		text = strchr(text, '\n') + 1;
	for (; *text; text += *text == '\n') {
		const size_t len = strcspn(text, "\n");
		const bool fits = bytes_of(text, len, p->width - 3) == len;

		printf("%s  %.*s%s%s\n", p->colour ? codes[STYLE_DIM] : "",
		       (int)bytes_of(text, len, p->width - (fits ? 3 : 6)), text, fits ? "" : "...",
		       p->colour ? "\033[0m" : "");
		text += len;
	}
}

void page_show(struct screen_page *p, const char *title, const char *place, const char *before,
	       const char *keys)
{
	const size_t room = p->width > strlen(place) + 2 ? p->width - strlen(place) - 2 : 0;
	unsigned height;

	putc('\n', p->body);
	page_text(p, keys, STYLE_PLAIN);
	if (fclose(p->body))
		memory_is_out();
	height = count_lines(p->text);
	if (p->clears)
		fputs("\033[H\033[2J\033[3J", stdout);
	printf("%s%-*.*s %s%s\n\n", p->colour ? "\033[7m" : "", (int)room, (int)room, title, place,
	       p->colour ? "\033[0m" : "");
	if (*before && height + FRAME + 1 < p->height) {
		const unsigned left = p->height - height - FRAME - 1;

		print_last(p, before, left < BEFORE_MOST ? left : BEFORE_MOST);
		putchar('\n');
	}
	fputs(p->text, stdout);
	free(p->text);
	p->text = NULL;
}
