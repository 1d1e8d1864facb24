/*
 * Learns what was open before the log began.
 */
#include "replay/infer.h"

#include <stdlib.h>
#include <string.h>

#define INHERITED_MAX 4096 /* descriptors of a process; numbers beyond were not inherited */

void inference_free(struct inference *inf)
{
	for (size_t i = 0; i < inf->nroots; i++)
		free(inf->roots[i].fds);
	free(inf->roots);
}

/* The index of a descriptor among a root's, or where it would be inserted. */
static size_t place_of(const struct root *root, int64_t fd)
{
	size_t from = 0, to = root->nfds;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (root->fds[middle].fd < fd)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool add(struct root *root, size_t at, const struct inherited *new)
{
	struct inherited *fds = realloc(root->fds, (root->nfds + 1) * sizeof(*fds));

	if (!fds)
		return false;
	memmove(fds + at + 1, fds + at, (root->nfds - at) * sizeof(*fds));
	fds[at] = *new;
	root->fds = fds;
	root->nfds++;
	return true;
}

bool inference_root(struct inference *inf, size_t n, int pid)
{
	struct root *root;

	if (n < inf->nroots) {
		inf->roots[n].pid = pid;
		return true;
	}
	if (inf->nroots == inf->room) {
		size_t room = inf->room ? 2 * inf->room : 4;
		struct root *roots = realloc(inf->roots, room * sizeof(*roots));

		if (!roots)
			return false;
		inf->roots = roots;
		inf->room = room;
	}
	root = &inf->roots[inf->nroots];
	*root = (struct root){ .pid = pid };
	for (int fd = 0; fd < 3; fd++)
		if (!add(root, (size_t)fd, &(struct inherited){ fd, BELIEF_ASSUMED, 0, 0 })) {
			free(root->fds);
			return false;
		}
	inf->nroots++;
	return true;
}

enum belief inference_belief(const struct inference *inf, unsigned root, int64_t fd)
{
	const struct root *r = &inf->roots[root];
	size_t at = place_of(r, fd);

	return at < r->nfds && r->fds[at].fd == fd ? r->fds[at].belief : BELIEF_NONE;
}

/*
 * Beliefs only move down the enum. A descriptor wrongly believed open becomes closed once, and
 * stays so.
 */
static bool may_follow(enum belief old, enum belief new)
{
	return new > old &&new != BELIEF_ASSUMED;
}

bool inference_learn(struct inference *inf, unsigned root, int64_t fd, enum belief belief,
		     enum evidence evidence, uint64_t line)
{
	struct root *r = &inf->roots[root];
	const struct inherited new = { fd, belief, evidence, line };
	enum belief old = inference_belief(inf, root, fd);
	size_t at = place_of(r, fd);

	if (old == belief)
		return true;
	if (!may_follow(old, belief) ||
	    (old == BELIEF_NONE && (new.belief == BELIEF_CLOSED || r->nfds == INHERITED_MAX)))
		return false;
	if (old == BELIEF_NONE)
		inf->no_memory |= !add(r, at, &new);
	else
		r->fds[at] = new;
	/* Confirming 0, 1 or 2 changes nothing. */
	inf->changed |= old != BELIEF_ASSUMED || belief != BELIEF_OPEN;
	return true;
}

const char *evidence_word(enum evidence evidence)
{
	static const char *const words[] = {
		[EVIDENCE_NONE] = "assumed",   [EVIDENCE_SKIPPED] = "skipped",
		[EVIDENCE_USED] = "used",      [EVIDENCE_GIVEN] = "given out",
		[EVIDENCE_FLAG] = "flag read",
	};

	return words[evidence];
}
