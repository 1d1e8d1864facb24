/*
 * A page on a terminal: a title, lines that came before, a body that grows, and keys. The body is
 * wrapped to the terminal's width; as many of the lines before it are shown as the height leaves
 * room for. Knows nothing of lessons.
 */
#ifndef FDLAB_TOOLS_PAGE_H
#define FDLAB_TOOLS_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct screen_page {
	unsigned width, height;
	bool colour;
	bool clears; /* the terminal is cleared for it; else it follows what was printed */
	FILE *body;  /* write to it */
	char *text;
	size_t len;
};

enum page_style { STYLE_PLAIN, STYLE_TEXT, STYLE_BOLD, STYLE_DIM };

/* Begins a page with the size that the terminal has now. 0 or -ENOMEM. */
int page_begin(struct screen_page *p, bool colour);

/* Adds a text to the body: paragraphs are filled; lines that begin with blanks stay as they are. */
void page_text(struct screen_page *p, const char *text, enum page_style style);

/* Adds a line that is broken where the width ends, with blanks before what goes on. */
void page_line(struct screen_page *p, unsigned indent, const char *line, enum page_style style);

/*
 * Shows the page and frees its body. title and place stand in its first line; before has lines, of
 * which the last ones are shown; keys stand before the prompt.
 */
void page_show(struct screen_page *p, const char *title, const char *place, const char *before,
	       const char *keys);

#endif
