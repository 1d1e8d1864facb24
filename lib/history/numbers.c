/*
 * Small numbers: given out in the order in which files are met, and kept, since most files are
 * there at many moments.
 */
#include "history/numbers.h"

#include "base/heap.h"
#include "base/list.h"

#include <stdlib.h>

struct number {
	struct hash_node hashed; /* by the file's number in the tree */
	uint64_t number;
};

static uint64_t give(struct numbers *ns, fdl_ino ino)
{
	struct number *added = malloc(sizeof(*added)), **grown;

	if (added && ns->n == ns->cap) {
		const size_t cap = ns->cap ? 2 * ns->cap : 64;

		grown = reallocarray(ns->number, cap, sizeof(struct number *));
		if (!grown) {
			free(added);
			return 0;
		}
		ns->number = grown;
		ns->cap = cap;
	}
	if (!added)
		return 0;
	ns->number[ns->n++] = added;
	added->number = ns->n;
	hash_add(&ns->by_ino, &added->hashed, ino);
	return added->number;
}

uint64_t numbers_of(struct numbers *ns, fdl_ino ino, uint64_t max)
{
	const struct hash_node *found;

	if (!ns->by_ino.bucket && (hash_init(&ns->by_ino, 6) || !give(ns, FDL_ROOT)))
		return 0;
	found = hash_first(&ns->by_ino, ino);
	if (found)
		return container_of(found, struct number, hashed)->number;
	return ns->n < max ? give(ns, ino) : 0;
}

fdl_ino numbers_ino(const struct numbers *ns, uint64_t number)
{
	if (number == 1)
		return FDL_ROOT;
	return number && number <= ns->n ? ns->number[number - 1]->hashed.key : 0;
}

void numbers_free(struct numbers *ns)
{
	for (size_t i = 0; i < ns->n; i++)
		free(ns->number[i]);
	free(ns->number);
	hash_free(&ns->by_ino);
	*ns = (struct numbers){ 0 };
}
