/*
 * The files that show the whole machine as a picture: dot and picture.svg.
 */
#include "procfs/views.h"

#include "base/text.h"
#include "fdlab.h"
#include "machine/machine.h"
#include "picture/picture.h"
#include "tree/tree.h"

/* What a text says of a task, a card, a row or a line between cards, about. */
#define CARD_TEXT 64

static int draw(const struct node *n, void (*write)(const struct picture *, struct text *),
		struct text *out)
{
	static const struct fdl_drawing usual = { .console = FDL_CONSOLE_FOLDED };
	struct picture p;
	int error =
		picture_take(n->machine, &usual, n->machine->options.text_limit / CARD_TEXT, &p);

	if (!error)
		error = picture_lay_out(&p);
	if (!error)
		write(&p, out);
	picture_free(&p);
	return error;
}

int text_dot(const struct node *n, struct text *out)
{
	return draw(n, picture_dot, out);
}

int text_picture(const struct node *n, struct text *out)
{
	return draw(n, picture_svg, out);
}
