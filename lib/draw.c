/*
 * Pictures of a machine, as users of the library and the files picture.svg, picture.json and dot
 * get them.
 */
#include "base/heap.h"
#include "base/text.h"
#include "fdlab.h"
#include "picture/picture.h"

#include <errno.h>

int fdl_draw(struct fdl_machine *m, const struct fdl_drawing *how, char **text, size_t *len)
{
	static void (*const writers[])(const struct picture *, struct text *) = {
		[FDL_DRAW_SVG] = picture_svg,
		[FDL_DRAW_DOT] = picture_dot,
		[FDL_DRAW_TEXT] = picture_plain,
		[FDL_DRAW_JSON] = picture_json,
	};
	struct text out = TEXT_EMPTY;
	struct picture p;
	int error = picture_take(m, how, NULL, &p);

	if (!error)
		error = picture_lay_out(&p);
	if (!error) {
		writers[how->format](&p, &out);
		error = out.error;
	}
	picture_free(&p);
	if (error) {
		text_free(&out);
		return error;
	}
	*text = out.s;
	*len = out.len;
	return 0;
}
