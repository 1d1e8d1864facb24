/*
 * The files that show the whole machine as a picture: dot, picture.svg and picture.json.
 */
#include "procfs/views.h"

#include "base/text.h"
#include "fdlab.h"
#include "machine/machine.h"
#include "picture/picture.h"
#include "tree/tree.h"

/*
 * A larger picture is of no use to its reader, and the other clients would wait for it. The rows
 * have room for 200 tasks with 20 descriptors each.
 */
static const struct picture_limits limits = {
	.tasks = 1000,
	.rows = 4500,
	.slots = 65536,
	.links = 2000,
	.retired = 1000,
};

static int draw(const struct node *n, enum fdl_draw_console console,
		void (*write)(const struct picture *, struct text *), struct text *out)
{
	const struct fdl_drawing how = { .console = console };
	struct picture p;
	int error = picture_take(n->machine, &how, &limits, &p);

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
