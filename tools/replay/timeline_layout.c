/*
 * Chooses the parts of a timeline that are drawn, and their places. However long a log is, the
 * picture has a bounded height and number of elements. Short-lived processes are folded into lanes,
 * and descriptors of high numbers share a row. Bars and marks that stand too close are joined, at a
 * grain that grows until all of it fits.
 */
#include "replay/timeline_parts.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

double timeline_x(const struct timeline *t, uint64_t line)
{
	return GUTTER + TIME_WIDTH * (double)line / (double)(t->lines ? t->lines : 1);
}

/* ---- panels ---------------------------------------------------------------------------------- */

static size_t count_fds(const struct timeline *t, const struct panel *p)
{
	size_t n = 0;

	for (size_t i = p->first_bar; i < p->first_bar + p->nbars; i++)
		n += i == p->first_bar || t->bars[i].fd != t->bars[i - 1].fd;
	return n;
}

static double height_of(const struct timeline *t, const struct panel *p)
{
	const size_t fds = count_fds(t, p);

	return HEAD + (double)(fds < FDS_MAX ? fds : FDS_MAX) * ROW + GAP;
}

static int by_life(const void *a, const void *b)
{
	const struct panel *x = *(const struct panel *const *)a;
	const struct panel *y = *(const struct panel *const *)b;
	const uint64_t life_x = x->last - x->first, life_y = y->last - y->first;

	if (life_x != life_y)
		return life_x > life_y ? -1 : 1;
	return x < y ? -1 : 1;
}

/* Shows panels of an order, those with findings only if that is asked for, up to a height. */
static void show_panels(const struct timeline *t, struct panel *const *order, uint64_t least,
			bool with_marks, double most, double *height)
{
	for (size_t i = 0; i < t->npanels; i++) {
		struct panel *p = order[i];
		const double more = height_of(t, p);

		if (p->shown != NOT_SHOWN || p->last - p->first < least ||
		    (with_marks && !p->nmarks))
			continue;
		if (*height + more > most)
			break;
		*height += more;
		p->shown = 0;
	}
}

/*
 * Chooses the panels that are shown: all if the picture is small then. Otherwise the panels of the
 * longest lives have half of it, then come panels with findings, and the rest is for other panels
 * that are not short.
 */
static int choose_panels(struct timeline *t)
{
	struct panel **order = calloc(t->npanels + 1, sizeof(*order));
	const uint64_t least = (uint64_t)((double)t->lines * SHORT_LIVED) + 1;
	double height = 0, all = 0;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < t->npanels; i++) {
		order[i] = &t->panels[i];
		t->panels[i].shown = NOT_SHOWN;
		all += height_of(t, &t->panels[i]);
	}
	qsort(order, t->npanels, sizeof(*order), by_life);
	if (all <= HEIGHT_SMALL) {
		show_panels(t, order, 0, false, all, &height);
	} else {
		show_panels(t, order, least, false, HEIGHT_MAX / 2.0, &height);
		show_panels(t, order, least, true, HEIGHT_MAX, &height);
		show_panels(t, order, least, false, HEIGHT_MAX, &height);
	}
	free(order);
	return 0;
}

static struct fd_row *add_row(struct timeline_layout *l, double y)
{
	struct fd_row *row =
		timeline_add((void **)&l->rows, &l->nrows, &l->rows_room, sizeof(*row));

	if (row)
		row->y = y;
	return row;
}

/* A row for each descriptor; the last one has all that are left. */
static int place_rows(struct timeline_layout *l, struct shown_panel *shown, double *y)
{
	const struct panel *p = &l->t->panels[shown->panel];
	struct fd_row *row = NULL;

	shown->first_row = l->nrows;
	for (size_t i = p->first_bar; i < p->first_bar + p->nbars; i++) {
		const struct bar *bar = &l->t->bars[i];
		const bool other = !row || bar->fd != bar[-1].fd;

		if (other && l->nrows - shown->first_row < FDS_MAX) {
			row = add_row(l, *y);
			if (!row)
				return -ENOMEM;
			row->fd = bar->fd;
			row->first_bar = i;
			*y += ROW;
		}
		row->nfds += other;
		row->nbars++;
	}
	shown->nrows = l->nrows - shown->first_row;
	return 0;
}

/*
 * The lane of each folded process: the first that is free by then, or the one that is free first.
 */
static size_t find_lane(const uint64_t busy[LANES], uint64_t first)
{
	size_t least = 0;

	for (size_t i = 0; i < LANES; i++) {
		if (busy[i] < first)
			return i;
		if (busy[i] < busy[least])
			least = i;
	}
	return least;
}

/* How many lanes the folded processes take up. */
static size_t count_lanes(const struct timeline *t)
{
	uint64_t busy[LANES] = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < t->npanels; i++) {
		const struct panel *p = &t->panels[i];
		size_t lane;

		if (p->shown != NOT_SHOWN)
			continue;
		lane = find_lane(busy, p->first);
		if (p->last > busy[lane])
			busy[lane] = p->last;
		if (lane >= n)
			n = lane + 1;
	}
	return n;
}

static int place_panels(struct timeline_layout *l, struct timeline *t)
{
	double y = TOP;
	int error = 0;

	l->panels = calloc(t->npanels + 1, sizeof(*l->panels));
	if (!l->panels)
		return -ENOMEM;
	for (size_t i = 0; !error && i < t->npanels; i++) {
		if (t->panels[i].shown == NOT_SHOWN) {
			l->nfolded++;
			continue;
		}
		t->panels[i].shown = l->npanels;
		l->panels[l->npanels] = (struct shown_panel){ .panel = i, .y = y + HEAD / 2.0 };
		y += HEAD;
		error = place_rows(l, &l->panels[l->npanels++], &y);
		y += GAP;
	}
	l->first_lane = l->nrows;
	l->y_folded = y + HEAD / 2.0;
	if (l->nfolded)
		y += HEAD;
	for (size_t i = count_lanes(t); !error && i; i--) {
		error = add_row(l, y) ? 0 : -ENOMEM;
		y += LANE;
	}
	l->height = y + BOTTOM;
	return error;
}

/* ---- bars ------------------------------------------------------------------------------------ */

static int add_segment(struct timeline_layout *l, struct segment new)
{
	struct segment *s =
		timeline_add((void **)&l->segments, &l->nsegments, &l->segments_room, sizeof(*s));

	if (!s)
		return -ENOMEM;
	*s = new;
	return 0;
}

/*
 * Adds a bar to a row, or joins it to the last one of the row: of a descriptor's row if both are
 * narrower than the grain; where bars overlap (apart is false), if they are closer than that.
 */
static int put_segment(struct timeline_layout *l, struct segment new, double grain, bool apart)
{
	struct segment *last = l->nsegments ? &l->segments[l->nsegments - 1] : NULL;
	const bool narrow = new.end - new.x < grain;

	if (last && last->row == new.row &&new.x < last->end + grain &&
	    (!apart || (narrow && (last->n > 1 || last->end - last->x < grain)))) {
		last->n += new.n;
		if (new.end > last->end)
			last->end = new.end;
		if (new.to > last->to)
			last->to = new.to;
		return 0;
	}
	return add_segment(l, new);
}

static int by_from(const void *a, const void *b)
{
	const struct bar *x = *(const struct bar *const *)a, *y = *(const struct bar *const *)b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x > y) - (x < y);
}

static int cut_row(struct timeline_layout *l, size_t row, double grain)
{
	const struct timeline *t = l->t;
	const struct fd_row *r = &l->rows[row];
	const struct bar **bars = calloc(r->nbars + 1, sizeof(*bars));
	int error = bars ? 0 : -ENOMEM;

	for (size_t i = 0; !error && i < r->nbars; i++)
		bars[i] = &t->bars[r->first_bar + i];
	if (!error && r->nfds > 1)
		qsort(bars, r->nbars, sizeof(*bars), by_from);
	for (size_t i = 0; !error && i < r->nbars; i++)
		error = put_segment(l,
				    (struct segment){ .row = row,
						      .x = timeline_x(t, bars[i]->from),
						      .end = timeline_x(t, bars[i]->to),
						      .n = 1,
						      .bar = bars[i],
						      .from = bars[i]->from,
						      .to = bars[i]->to },
				    grain, r->nfds == 1);
	free(bars);
	return error;
}

static int cut_lane(struct timeline_layout *l, size_t lane, double grain)
{
	const struct timeline *t = l->t;
	uint64_t busy[LANES] = { 0 };
	int error = 0;

	for (size_t i = 0; !error && i < t->npanels; i++) {
		const struct panel *p = &t->panels[i];
		const size_t at = p->shown == NOT_SHOWN ? find_lane(busy, p->first) : lane;

		if (p->shown != NOT_SHOWN)
			continue;
		if (p->last > busy[at])
			busy[at] = p->last;
		if (at == lane)
			error = put_segment(l,
					    (struct segment){ .row = l->first_lane + lane,
							      .x = timeline_x(t, p->first),
							      .end = timeline_x(t, p->last),
							      .n = 1,
							      .panel = i,
							      .from = p->first,
							      .to = p->last },
					    grain, false);
	}
	return error;
}

/* The grain grows until the bars are few enough. */
static int cut_segments(struct timeline_layout *l)
{
	int error = 0;

	for (double grain = 1; !error; grain *= 2) {
		l->nsegments = 0;
		for (size_t i = 0; !error && i < l->first_lane; i++)
			error = cut_row(l, i, grain);
		for (size_t i = 0; !error && i < l->nrows - l->first_lane; i++)
			error = cut_lane(l, i, grain);
		if (l->nsegments <= SEGMENTS_MAX || grain > TIME_WIDTH)
			break;
	}
	return error;
}

/* ---- symbols --------------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->of_kind != y->of_kind)
		return x->of_kind < y->of_kind ? -1 : 1;
	return (x->from > y->from) - (x->from < y->from);
}

static int add_symbol(struct timeline_layout *l, struct symbol new, uint64_t line)
{
	struct symbol *s =
		timeline_add((void **)&l->symbols, &l->nsymbols, &l->symbols_room, sizeof(*s));

	if (!s)
		return -ENOMEM;
	*s = new;
	s->n = 1;
	s->from = s->to = line;
	s->x = s->end = timeline_x(l->t, line);
	return 0;
}

/* The row of a descriptor in a panel, or where its head is. */
static double y_of(const struct timeline_layout *l, const struct shown_panel *shown, int64_t fd,
		   size_t *key)
{
	*key = 2 * l->nrows + (size_t)(shown - l->panels);
	for (size_t i = shown->first_row + shown->nrows; i-- > shown->first_row;) {
		const struct fd_row *row = &l->rows[i];

		if (row->fd == fd || (row->fd < fd && row->nfds > 1)) {
			*key = i;
			return row->y + ROW / 2.0;
		}
	}
	return shown->y;
}

static int add_marks(struct timeline_layout *l)
{
	const struct timeline *t = l->t;
	int error = 0;

	for (size_t i = 0; !error && i < t->nmarks; i++) {
		const struct mark *m = &t->marks[i];
		const size_t shown = t->panels[m->panel].shown;
		struct symbol s = { .kind = SYMBOL_FINDING,
				    .of_kind = m->kind,
				    .y = l->y_folded,
				    .key = SIZE_MAX,
				    .text = m->finding->text,
				    .finding = m->finding };

		if (shown != NOT_SHOWN)
			s.y = y_of(l, &l->panels[shown], m->finding->fd, &s.key);
		error = add_symbol(l, s, m->finding->line);
	}
	return error;
}

static int add_execs(struct timeline_layout *l)
{
	const struct timeline *t = l->t;
	int error = 0;

	for (size_t i = 0; !error && i < t->nexecs; i++) {
		const size_t shown = t->panels[t->execs[i].panel].shown;

		if (shown != NOT_SHOWN)
			error = add_symbol(l,
					   (struct symbol){ .kind = SYMBOL_EXEC,
							    .y = l->panels[shown].y,
							    .key = 2 * l->nrows + shown,
							    .text = t->execs[i].program },
					   t->execs[i].line);
	}
	return error;
}

/* Forks of processes that are folded, by those that are not. */
static int add_forks(struct timeline_layout *l)
{
	const struct timeline *t = l->t;
	int error = 0;

	for (size_t i = 0; !error && i < t->npanels; i++) {
		const struct panel *p = &t->panels[i];
		const size_t shown = p->parent == NO_PANEL ? NOT_SHOWN : t->panels[p->parent].shown;

		if (p->shown == NOT_SHOWN && shown != NOT_SHOWN)
			error = add_symbol(l,
					   (struct symbol){ .kind = SYMBOL_FORK,
							    .y = l->panels[shown].y,
							    .key = 2 * l->nrows + shown,
							    .pid = p->pid },
					   p->first);
	}
	return error;
}

/* Joins symbols that are alike and closer than the grain. Returns how many are left. */
static size_t join_symbols(struct symbol *list, size_t n, double grain)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++) {
		struct symbol *last = left ? &list[left - 1] : NULL;

		if (last && last->key == list[i].key && last->kind == list[i].kind &&
		    last->of_kind == list[i].of_kind && list[i].x < last->x + grain) {
			last->n += list[i].n;
			last->end = list[i].end;
			last->to = list[i].to;
		} else {
			list[left++] = list[i];
		}
	}
	return left;
}

static int place_symbols(struct timeline_layout *l)
{
	int error = add_marks(l);

	if (!error)
		error = add_execs(l);
	if (!error)
		error = add_forks(l);
	if (error || !l->nsymbols)
		return error;
	qsort(l->symbols, l->nsymbols, sizeof(*l->symbols), by_place);
	for (double grain = SYMBOL_WIDTH; grain < 2 * TIME_WIDTH; grain *= 2) {
		l->nsymbols = join_symbols(l->symbols, l->nsymbols, grain);
		if (l->nsymbols <= SYMBOLS_MAX)
			break;
	}
	return 0;
}

/* ---- all of it ------------------------------------------------------------------------------- */

int timeline_lay_out(struct timeline *t, struct timeline_layout *l)
{
	int error = choose_panels(t);

	*l = (struct timeline_layout){ .t = t };
	if (!error)
		error = place_panels(l, t);
	if (!error)
		error = cut_segments(l);
	return error ? error : place_symbols(l);
}

void layout_free(struct timeline_layout *l)
{
	free(l->panels);
	free(l->rows);
	free(l->segments);
	free(l->symbols);
}
