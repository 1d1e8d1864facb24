/*
 * Buffers in pieces. The notation may state fewer bytes than a piece has room for.
 */
#include "vfs/iov.h"

#include "machine/task.h"

#include <errno.h>
#include <string.h>

int iov_length(const struct fdl_arg *iov, int64_t count, size_t max, size_t *len)
{
	*len = 0;
	for (int64_t i = 0; i < count; i++) {
		const struct fdl_arg *piece = iov->sub && i < iov->num ? iov->sub[i].sub : NULL;
		int64_t n;

		if (!piece)
			return -EFAULT;
		n = piece[IOVEC_LEN].num;
		if (n < 0)
			return -EINVAL;
		*len = (uint64_t)n > max - *len ? max : *len + (size_t)n;
	}
	return 0;
}

static size_t part(const struct fdl_arg *piece, size_t left)
{
	const uint64_t n = (uint64_t)piece[IOVEC_LEN].num;

	return n < left ? (size_t)n : left;
}

int iov_gather(struct task *current, const struct fdl_arg *iov, int64_t count, size_t len,
	       const char **data, size_t *fault_at)
{
	char *bytes = arena_alloc(&current->call->arena, len + 1);
	size_t at = 0;

	*fault_at = 0;
	*data = bytes;
	for (int64_t i = 0; bytes && i < count; i++) {
		const struct fdl_arg *piece = iov->sub[i].sub;
		const struct fdl_arg *base = &piece[IOVEC_BASE];
		const size_t n = part(piece, len - at);
		size_t given = base->str ? (size_t)base->num : 0;

		if (n && !base->str) {
			*fault_at = at;
			if (!at)
				*data = NULL;
			break;
		}
		if (given > n)
			given = n;
		if (given)
			memcpy(bytes + at, base->str, given);
		memset(bytes + at + given, 0, n - given);
		at += n;
	}
	return bytes ? 0 : -ENOMEM;
}

void iov_scatter(struct fdl_arg *iov, int64_t count, const char *data, size_t len)
{
	for (int64_t i = 0; i < count; i++) {
		struct fdl_arg *piece = iov->sub[i].sub;
		const size_t n = part(piece, len);

		piece[IOVEC_BASE] = (struct fdl_arg){ .num = (int64_t)n, .str = data };
		data += n;
		len -= n;
	}
}

struct fdl_arg *iov_wanted(struct task *current, const struct fdl_arg *given)
{
	struct arena *arena = &current->call->arena;
	const size_t n = given->sub ? (size_t)given->num : 1;
	struct fdl_arg *iov = arena_alloc(arena, (n + 1) * sizeof(*iov));
	struct fdl_arg *piece = arena_alloc(arena, (n + 1) * IOVEC_FIELDS * sizeof(*piece));

	if (!iov || !piece)
		return NULL;
	memset(piece, 0, (n + 1) * IOVEC_FIELDS * sizeof(*piece));
	for (size_t i = 0; i < n; i++) {
		iov[i] = (struct fdl_arg){ .num = IOVEC_FIELDS, .sub = &piece[i * IOVEC_FIELDS] };
		iov[i].sub[IOVEC_LEN].num = FDL_USUAL_DATA;
		if (given->sub && given->sub[i].sub)
			iov[i].sub[IOVEC_LEN] = given->sub[i].sub[IOVEC_LEN];
	}
	return iov;
}
