/*
 * The files that show the whole machine as a picture: dot, picture.svg and picture.json.
 */
#include "procfs/views.h"

#include "base/text.h"
#include "fdlab.h"
#include "machine/machine.h"
#include "picture/picture.h"
#include "tree/tree.h"

/* About the length of a text's part for a task, a card, a row, a line between cards. */
#define CARD_TEXT 64

static int draw(const struct node *n, enum fdl_draw_console console,
		void (*write)(const struct picture *, struct text *), struct text *out)
{
	const struct fdl_drawing how = { .console = console };
	struct picture p;
	int error = picture_take(n->machine, &how, n->machine->options.text_limit / CARD_TEXT, &p);

	if (!error)
		error = picture_lay_out(&p);
	if (!error)
		write(&p, out);
	picture_free(&p);
	return error;
}

int text_dot(const struct node *n, struct text *out)
{
	return draw(n, FDL_CONSOLE_FOLDED, picture_dot, out);
}

int text_picture(const struct node *n, struct text *out)
{
	return draw(n, FDL_CONSOLE_FOLDED, picture_svg, out);
}

/* A program folds the console itself. */
int text_picture_json(const struct node *n, struct text *out)
{
	return draw(n, FDL_CONSOLE_SHOWN, picture_json, out);
}
