/*
 * Sets of touched places. They are small, and compared far more often than they are made: bits by
 * the places' hashes settle most comparisons.
 */
#include "explore/touched.h"

void touched_init(struct touched *t, bool everything)
{
	t->read = t->update = t->write = 0;
	t->everything = everything;
	t->n = 0;
}

void touched_add(struct touched *t, enum touch how, uint64_t place)
{
	uint64_t bit = UINT64_C(1) << (place * UINT64_C(0x9e3779b97f4a7c15) >> 58);
	uint64_t *set = how == TOUCH_READ ? &t->read : how == TOUCH_UPDATE ? &t->update : &t->write;

	if (*set & bit) {
		for (unsigned i = 0; i < t->n; i++) {
			if (t->at[i].place == place && t->at[i].how == how)
				return;
		}
	}
	*set |= bit;
	if (t->n == TOUCHED_MAX) {
		t->everything = true;
		return;
	}
	t->at[t->n].place = place;
	t->at[t->n++].how = how;
}

size_t touched_size(const struct touched *t)
{
	return offsetof(struct touched, at) + t->n * sizeof(t->at[0]);
}

bool touched_conflict(const struct touched *a, const struct touched *b)
{
	if (a->everything || b->everything)
		return true;
	if (!((a->write & (b->read | b->update | b->write)) | (b->write & (a->read | a->update)) |
	      (a->update & b->read) | (b->update & a->read)))
		return false;
	for (unsigned i = 0; i < a->n; i++) {
		for (unsigned j = 0; j < b->n; j++) {
			if (a->at[i].place == b->at[j].place &&
			    (a->at[i].how != b->at[j].how || a->at[i].how == TOUCH_WRITE))
				return true;
		}
	}
	return false;
}
