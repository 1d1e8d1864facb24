/* Both fill their room from its beginning, and never give any back. */
#include "kernel/pack.h"

#include <string.h>

char *packer_room(struct kernel_packer *p, size_t size, int64_t *address)
{
	char *at = p->data + p->used;

	if (size > p->size - p->used) {
		p->full = true;
		return NULL;
	}
	*address = p->address + (int64_t)p->used;
	p->used += (size + 15) & ~(size_t)15;
	if (p->used > p->size)
		p->used = p->size;
	memset(at, 0, size);
	return at;
}

int64_t packer_put(struct kernel_packer *p, const void *bytes, size_t len, size_t size)
{
	int64_t address = 0;
	char *at = packer_room(p, size, &address);

	if (at && len)
		memcpy(at, bytes, len);
	return address;
}

struct fdl_arg *taker_elements(struct kernel_taker *t, size_t n)
{
	struct fdl_arg *e = t->arg + t->used;

	if (n > t->n - t->used) {
		t->full = true;
		return NULL;
	}
	t->used += n;
	memset(e, 0, n * sizeof(*e));
	return e;
}
