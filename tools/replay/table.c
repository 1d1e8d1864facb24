/*
 * Descriptor tables as the log tells them.
 */
#include "replay/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct origin *origin_new(int pid, uint64_t line, const char *call, const char *name)
{
	size_t len = strnlen(name, NAME_MAX_SHOWN);
	struct origin *o = malloc(sizeof(*o) + len + 1);

	if (!o)
		return NULL;
	*o = (struct origin){ .refs = 1, .pid = pid, .line = line, .call = call };
	memcpy(o->name, name, len);
	o->name[len] = '\0';
	return o;
}

struct origin *origin_get(struct origin *origin)
{
	origin->refs++;
	return origin;
}

void origin_put(struct origin *origin)
{
	if (origin && --origin->refs == 0)
		free(origin);
}

struct table *log_table_new(unsigned root)
{
	struct table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->users = 1;
	t->root = root;
	t->swept = INT64_MAX;
	return t;
}

/* A copy of a chunk, or NULL: no memory. */
static struct log_slot *copy_chunk(const struct log_slot *from, uint64_t line)
{
	struct log_slot *chunk = malloc(CHUNK * sizeof(*chunk));

	for (size_t i = 0; chunk && i < CHUNK; i++) {
		chunk[i] = (struct log_slot){
			.origin = from[i].origin ? origin_get(from[i].origin) : NULL,
			.cloexec = from[i].cloexec,
			.marked = from[i].marked,
			.kept = from[i].kept,
			.touched = from[i].touched,
			.maybe = from[i].maybe,
			.unseen = from[i].unseen,
			.passed = from[i].passed,
			.passes = from[i].passes,
			.since = line,
		};
	}
	return chunk;
}

struct table *log_table_copy(const struct table *from, uint64_t line)
{
	struct table *t = log_table_new(from->root);

	if (!t)
		return NULL;
	t->chunks = calloc(from->nchunks ? from->nchunks : 1, sizeof(struct log_slot *));
	if (!t->chunks) {
		table_free(t);
		return NULL;
	}
	t->nchunks = from->nchunks;
	for (size_t i = 0; i < from->nchunks; i++) {
		if (!from->chunks[i])
			continue;
		t->chunks[i] = copy_chunk(from->chunks[i], line);
		if (!t->chunks[i]) {
			table_free(t);
			return NULL;
		}
	}
	t->nopen = from->nopen;
	t->nguessed = from->nguessed;
	t->first_free = from->first_free;
	t->execed = from->execed;
	memcpy(t->unseen, from->unseen, sizeof(t->unseen));
	t->nunseen = from->nunseen;
	t->swept = from->swept;
	t->top = from->top;
	return t;
}

void table_free(struct table *t)
{
	for (size_t i = 0; i < t->nchunks; i++) {
		for (size_t j = 0; t->chunks[i] && j < CHUNK; j++)
			origin_put(t->chunks[i][j].origin);
		free(t->chunks[i]);
	}
	if (t->nunseen)
		LIST_REMOVE(t, unseen_tables);
	free(t->chunks);
	free(t->suspects);
	free(t);
}

struct log_slot *table_look(const struct table *t, int64_t fd)
{
	uint64_t chunk = (uint64_t)fd / CHUNK;

	return fd >= 0 && chunk < t->nchunks && t->chunks[chunk] ? &t->chunks[chunk][fd % CHUNK]
								 : NULL;
}

/* Makes room for this many pointers to chunks. */
static bool reserve_chunks(struct table *t, size_t wanted)
{
	size_t n = t->nchunks ? t->nchunks : 1;
	struct log_slot **chunks;

	if (wanted <= t->nchunks)
		return true;
	while (n < wanted)
		n *= 2;
	chunks = realloc(t->chunks, n * sizeof(*chunks));
	if (!chunks)
		return false;
	memset(chunks + t->nchunks, 0, (n - t->nchunks) * sizeof(*chunks));
	t->chunks = chunks;
	t->nchunks = n;
	return true;
}

struct log_slot *table_slot(struct table *t, int64_t fd)
{
	struct log_slot **chunk;

	if (fd < 0 || fd >= FD_LIMIT || !reserve_chunks(t, (size_t)fd / CHUNK + 1))
		return NULL;
	chunk = &t->chunks[fd / CHUNK];
	if (!*chunk)
		*chunk = calloc(CHUNK, sizeof(**chunk));
	return *chunk ? &(*chunk)[fd % CHUNK] : NULL;
}

int64_t table_next(const struct table *t, int64_t fd)
{
	for (; (uint64_t)fd / CHUNK < t->nchunks; fd++) {
		if (!t->chunks[fd / CHUNK])
			fd |= CHUNK - 1;
		else if (t->chunks[fd / CHUNK][fd % CHUNK].origin)
			return fd;
	}
	return -1;
}

bool table_is_open(const struct table *t, int64_t fd)
{
	const struct log_slot *slot = table_look(t, fd);

	return slot && slot->origin;
}

bool table_open(struct table *t, int64_t fd, struct origin *origin, bool cloexec, uint64_t begun,
		uint64_t line)
{
	struct log_slot *slot = table_slot(t, fd);

	if (!slot || !origin) {
		origin_put(origin);
		return false;
	}
	if (slot->origin)
		table_close(t, fd, 0, begun, line);
	slot->origin = origin;
	slot->cloexec = cloexec;
	slot->own = slot->touched = true;
	slot->kept = slot->marked = false;
	slot->maybe = slot->unseen = slot->passed = slot->passes = false;
	slot->opening = begun;
	slot->since = line;
	slot->users = 0;
	t->nopen++;
	if (fd > t->top)
		t->top = fd;
	return true;
}

void table_touch(struct table *t, int64_t first, int64_t last)
{
	/* Numbers without a slot are remembered as a range. */
	if (last >= INT32_MAX && first < t->swept)
		t->swept = first;
	for (int64_t fd = first; fd <= last && (uint64_t)fd / CHUNK < t->nchunks; fd++) {
		struct log_slot *chunk = t->chunks[fd / CHUNK];

		if (chunk)
			chunk[fd % CHUNK].touched = true;
		else
			fd |= CHUNK - 1;
	}
}

bool table_untouched(const struct table *t, int64_t fd)
{
	const struct log_slot *slot = table_look(t, fd);

	return fd < t->swept && !(slot && slot->touched);
}

void table_close(struct table *t, int64_t fd, int pid, uint64_t begun, uint64_t line)
{
	struct log_slot *slot = table_look(t, fd);

	if (!slot || !slot->origin)
		return;
	slot->opener = slot->origin->pid;
	slot->closer = pid;
	slot->closed_before = slot->closed;
	slot->closing = begun;
	slot->closed = line;
	slot->touched = true;
	t->nguessed -= slot->unseen;
	slot->maybe = slot->cloexec = slot->unseen = slot->passed = slot->passes = false;
	origin_put(slot->origin);
	slot->origin = NULL;
	t->nopen--;
	if ((uint64_t)fd < t->first_free)
		t->first_free = (size_t)fd;
}

void table_note_unseen_open(struct table *t, int64_t fd)
{
	struct log_slot *slot = table_look(t, fd);

	if (!slot || !slot->origin || slot->unseen)
		return;
	slot->unseen = true;
	t->nguessed++;
}

void table_note_closed(struct table *t, int64_t fd, int pid, uint64_t begun, uint64_t line)
{
	struct log_slot *slot = table_look(t, fd);

	if (!slot)
		return;
	slot->closer = pid;
	slot->closed_before = slot->closed;
	slot->closing = begun;
	slot->closed = line;
}

int64_t table_lowest(struct table *t, int64_t from)
{
	bool from_first = from <= (int64_t)t->first_free;
	size_t fd = from_first ? t->first_free : (size_t)from;

	while (table_is_open(t, (int64_t)fd))
		fd++;
	if (from_first)
		t->first_free = fd;
	return (int64_t)fd;
}

void table_note_failed(struct table *t, int pid, uint64_t line, unsigned reserved)
{
	struct failed *of_task = NULL;

	if (!reserved)
		return;
	for (unsigned i = 0; i < FAILED_KEPT; i++)
		if (t->failed[i].pid == pid)
			of_task = &t->failed[i];
	if (!of_task)
		of_task = &t->failed[t->nfailed++ % FAILED_KEPT];
	*of_task = (struct failed){ line, pid, reserved };
}

void table_note_unseen(struct table *t, int pid, unsigned n)
{
	if (n && t->nunseen < UNSEEN_KEPT)
		t->unseen[t->nunseen++] = (struct unseen){ pid, n };
}

void table_settle_unseen(struct table *t, int pid, const int64_t *given, size_t n)
{
	unsigned i = 0;

	while (i < t->nunseen && t->unseen[i].pid != pid)
		i++;
	if (i == t->nunseen)
		return;
	t->unseen[i] = t->unseen[--t->nunseen];
	for (size_t j = 0; j < n; j++) {
		struct log_slot *slot = table_slot(t, given[j]);

		/* A number that the copy has closed since was in it before, or was opened there. */
		if (slot && !slot->origin && !slot->closed)
			slot->maybe = true;
	}
}

void table_hints(const struct table *t, int64_t fd, char *text, size_t size)
{
	const struct log_slot *slot = table_look(t, fd);
	unsigned kept = t->nhints < HINTS_KEPT ? t->nhints : HINTS_KEPT;
	size_t len = 0;

	*text = '\0';
	for (unsigned i = t->nhints - kept; i < t->nhints && len < size; i++) {
		const struct hint *hint = &t->hints[i % HINTS_KEPT];

		if (slot && hint->line <= slot->closed)
			continue;
		len += (size_t)snprintf(text + len, size - len, "%s%s at line %llu",
					len ? ", " : "", hint->call,
					(unsigned long long)hint->line);
	}
}
