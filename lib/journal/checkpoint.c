/*
 * The machine is its heap, the stacks of its calls in flight and its struct, as memory; and as
 * bytes that do not depend on addresses, what is libc's: the records, the lines that are undone,
 * and the files that are open.
 */
#include "journal/checkpoint.h"

#include "base/coroutine.h"
#include "base/heap.h"
#include "base/pickle.h"
#include "boot.h"
#include "control/control.h"
#include "control/errors.h"
#include "history/history.h"
#include "machine/call_table.h"
#include "machine/events.h"
#include "machine/machine.h"
#include "machine/transcript.h"
#include "options.h"
#include "procfs/census.h"
#include "tree/handle.h"
#include "undo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

/* Regions: of the machine's heap and stacks, and of its records. */
#define HEAP   "heap"
#define STACKS "stacks"
#define TRAILS "trails"

/* ---- what is in both ---------------------------------------------------------------------- */

static void put_given(const struct fdl_machine *m, struct text *out)
{
	struct text given = TEXT_EMPTY;

	text_puts(&given, "");
	options_print(&m->given, &given);
	if (given.error)
		out->error = given.error;
	else
		pickle_text(out, given.s, given.len);
	text_free(&given);
}

/* ---- dumping ------------------------------------------------------------------------------ */

static void put_label(const struct journal_player *p, const struct fdl_journal *j, size_t trails,
		      struct text *out)
{
	const struct checkpoint_label label = {
		.bytes = j->info.whole,
		.sum = crc32_z(crc32(0, NULL, 0), (const Bytef *)j->data, j->info.whole),
		.records = j->info.records,
		.plain = j->info.bytes,
		.last_start = j->info.last_start,
		.heap = heap_size(p->m->heap),
		.trails = trails,
	};

	text_put(out, (const char *)&label, sizeof(label));
}

static void put_files(const struct journal_player *p, struct text *out)
{
	struct text path = TEXT_EMPTY;
	uint64_t n = 0;

	for (uint32_t i = 0; i < p->nfiles; i++)
		n += p->files[i].handle != NULL;
	pickle_number(out, n);
	for (uint32_t i = 0; i < p->nfiles; i++) {
		struct fdl_handle *h = p->files[i].handle;
		struct node node;

		if (!h)
			continue;
		pickle_number(out, i);
		text_clear(&path);
		/*
		 * A control file of a task that is gone has no path, and is opened as another one.
		 */
		if (!tree_node(p->m, h->ino, &node) && node.row == h->row)
			tree_path(&node, &path);
		else if (!control_is(h))
			out->error = -EBUSY;
		pickle_text(out, path.s, path.len);
		if (path.error)
			out->error = path.error;
		pickle_number(out, control_is(h));
		if (control_is(h))
			control_save(h, out);
	}
	text_free(&path);
}

static void put_head(struct journal_player *p, const struct fdl_journal *j, size_t trails,
		     struct text *out)
{
	struct fdl_machine *m = p->m;
	const size_t n = coroutine_pool_stacks(&m->coroutines, NULL, 0);
	uint32_t *made = calloc(n + 1, sizeof(*made));

	if (!made) {
		out->error = -ENOMEM;
		return;
	}
	put_label(p, j, trails, out);
	put_given(m, out);
	coroutine_pool_stacks(&m->coroutines, made, n);
	pickle_text(out, (const char *)made, n * sizeof(*made));
	free(made);
}

/* The tables of calls, which belong to the program and were allocated by it. */
static int dump_tables(struct dump *d)
{
	char name[REGION_NAME_MAX];

	for (const struct kernel *const *k = all_kernels; *k; k++) {
		const struct call_table *t = call_table_get(*k, all_kernels);
		size_t used;
		const char *region;

		if (!t)
			return -ENOMEM;
		region = heap_region(call_table_heap(t), &used);
		snprintf(name, sizeof(name), "calls of %s", (*k)->name);
		dump_region(d, name, region, used);
	}
	return 0;
}

/* Records may have pointers to names of the program, such as that of a preemption point. */
static int dump_trails(const struct text *trails, struct dump *d)
{
	if (trails->error)
		return trails->error;
	dump_region(d, TRAILS, trails->s, trails->len);
	dump_span(d, trails->s, trails->s, trails->len);
	return 0;
}

static void save_trails(struct fdl_machine *m, struct text *out)
{
	trail_save(&m->log, out);
	trail_save(&m->events, out);
	trail_save(&m->errors, out);
	undone_save(m, out);
}

static int dump_machine(struct fdl_machine *m, struct dump *d)
{
	static const struct fdl_machine none;
	struct fdl_machine *copy = malloc(sizeof(*copy));
	const char *region;
	size_t used;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, m, sizeof(*copy));
	machine_keep_outside(copy, &none);
	copy->boot_ns = m->boot_ns;
	copy->now_ns = m->now_ns;
	copy->heap = NULL;
	memset(&copy->given, 0, sizeof(copy->given));
	/* The loader has its own number. */
	copy->coroutines.guards = 0;
	dump_region(d, "machine", m, sizeof(*m));
	dump_span(d, m, copy, sizeof(*m));
	free(copy);
	heap_scrub(m->heap);
	region = heap_region(m->heap, &used);
	dump_pages(d, HEAP, region, heap_size(m->heap), used);
	coroutine_pool_dump(&m->coroutines, STACKS, d);
	return dump_tables(d);
}

int checkpoint_dump(struct journal_player *p, const struct fdl_journal *j, struct text *out)
{
	struct text trails = TEXT_EMPTY;
	struct dump d = { 0 };
	int error;

	history_drop_made(p->m);
	save_trails(p->m, &trails);
	put_head(p, j, trails.len, &d.rest);
	error = history_dump(p->m, &d);
	/* Before the memory: then no call replies to a handle, which is libc's. */
	put_files(p, &d.rest);
	if (!error)
		error = dump_trails(&trails, &d);
	if (!error)
		error = dump_machine(p->m, &d);
	if (!error)
		dump_program(&d);
	if (!error)
		dump_print(&d, out);
	dump_free(&d);
	text_free(&trails);
	return error ? error : out->error;
}

/* ---- loading ------------------------------------------------------------------------------ */

int checkpoint_label(const struct snapshot *s, struct checkpoint_label *label, struct text *why)
{
	if (s->n_rest >= sizeof(*label)) {
		memcpy(label, s->rest, sizeof(*label));
		return 0;
	}
	text_puts(why, "it makes no sense");
	return -EINVAL;
}

/*
 * The memory of a machine: a heap, and the stacks of which so many are made in each of n regions.
 */
struct memory {
	const char *heap_name, *stacks_name;
	uint64_t size;
	const char *made;
	size_t n;
	struct heap *heap;
	size_t first, last;         /* the places of the stacks */
	struct coroutine_pool pool; /* counts guards */
};

/* A machine that is being loaded. */
struct loading {
	struct fdl_machine *m;
	struct fdl_machine *copy; /* what its struct becomes */
	struct memory own, past;  /* its memory, and that of the second machine of its history */
	bool has_past, wants_past;
	struct line_range past_at;
	struct past_seat seat;
	char *trails;
	struct snapshot_place *places;
	size_t n_places;
	char (*names)[REGION_NAME_MAX];
};

static struct snapshot_place *add_place(struct loading *l, const char *name, const void *base,
					void *to, size_t size)
{
	struct snapshot_place *p = &l->places[l->n_places];

	snprintf(l->names[l->n_places], REGION_NAME_MAX, "%s", name);
	*p = (struct snapshot_place){
		.name = l->names[l->n_places], .base = (uintptr_t)base, .to = to, .size = size
	};
	l->n_places++;
	return p;
}

/* Makes the places of a machine's memory, or of one that is not wanted. 0 or -ENOMEM. */
static int add_memory(struct loading *l, struct memory *mem, bool wanted)
{
	char name[REGION_NAME_MAX];
	char *region = NULL;
	size_t used;

	mem->first = mem->last = l->n_places;
	if (wanted) {
		mem->heap = heap_new(mem->size);
		if (!mem->heap)
			return -ENOMEM;
		region = heap_region(mem->heap, &used);
	}
	for (size_t i = 0; i < mem->n; i++) {
		void *slab = NULL;
		uint32_t stacks;
		size_t len = 0;

		memcpy(&stacks, mem->made + i * sizeof(stacks), sizeof(stacks));
		if (wanted)
			slab = coroutine_slab_new(&mem->pool, stacks, &len);
		if (wanted && !slab)
			return -ENOMEM;
		snprintf(name, sizeof(name), "%s %zu", mem->stacks_name, i);
		add_place(l, name, slab, slab, len)->skipped = !wanted;
		mem->last = l->n_places;
	}
	add_place(l, mem->heap_name, region, region, wanted ? mem->size : 0)->skipped = !wanted;
	return 0;
}

/* Makes the places of a machine. 0 or -ENOMEM. */
static int make_places(struct loading *l, const struct checkpoint_label *label)
{
	const size_t n = l->own.n + l->past.n + 16;
	char name[REGION_NAME_MAX];
	size_t used;
	int error;

	l->places = calloc(n, sizeof(*l->places));
	l->names = calloc(n, sizeof(*l->names));
	l->copy = calloc(1, sizeof(*l->copy));
	l->trails = calloc(1, label->trails + 1);
	if (!l->places || !l->names || !l->copy || !l->trails)
		return -ENOMEM;
	error = add_memory(l, &l->own, true);
	if (!error && l->has_past)
		error = add_memory(l, &l->past, l->wants_past);
	if (error)
		return error;
	if (l->has_past)
		add_place(l, PAST_SEAT, &l->seat, &l->seat, sizeof(l->seat))->skipped =
			!l->wants_past;
	add_place(l, "machine", l->m, l->copy, sizeof(*l->m));
	add_place(l, TRAILS, l->trails, l->trails, label->trails);
	for (const struct kernel *const *k = all_kernels; *k; k++) {
		const struct call_table *t = call_table_get(*k, all_kernels);
		const char *table;

		if (!t)
			return -ENOMEM;
		snprintf(name, sizeof(name), "calls of %s", (*k)->name);
		table = heap_region(call_table_heap(t), &used);
		add_place(l, name, table, NULL, used);
	}
	return 0;
}

static void memory_free(const struct loading *l, const struct memory *mem)
{
	for (size_t i = mem->first; i < mem->last; i++) {
		if (l->places[i].to)
			coroutine_slab_free(l->places[i].to, l->places[i].size);
	}
	heap_delete(mem->heap);
}

/* Frees what did not become part of the machine. */
static void end_loading(struct loading *l, bool taken)
{
	if (!taken && l->places) {
		memory_free(l, &l->own);
		memory_free(l, &l->past);
	}
	free(l->copy);
	free(l->trails);
	free(l->places);
	free(l->names);
}

/* Gives the machine the memory that was loaded in place of what it has. */
static void take(struct loading *l)
{
	struct fdl_machine *m = l->m;
	struct last_error last_error = l->copy->last_error;
	const struct fdl_machine now = *m;

	history_drop_made(m);
	undone_free(m);
	transcript_free(m);
	events_free(m);
	errors_free(m);
	coroutine_pool_abandon(&m->coroutines);
	heap_delete(m->heap);
	memcpy(m, l->copy, sizeof(*m));
	machine_keep_outside(m, &now);
	m->name = TEXT_EMPTY;
	m->census = NULL;
	m->undone = NULL;
	m->boot_ns = l->copy->boot_ns;
	m->now_ns = l->copy->now_ns;
	m->given = now.given;
	m->heap = l->own.heap;
	m->coroutines.guards = l->own.pool.guards;
	transcript_init(m);
	events_init(m);
	errors_init(m);
	m->last_error = last_error;
}

/* Opens the files that were open. 0; -ENOMEM; -ESTALE. */
static int open_files(struct journal_player *p, struct unpickler *u)
{
	uint64_t n = unpickle_number(u);

	for (; n && !u->broken; n--) {
		const uint64_t number = unpickle_number(u);
		char path[256] = "control";
		size_t len;
		const char *name = unpickle_text(u, &len);
		int error;

		if (!name || len >= sizeof(path) || number > UINT32_MAX)
			return -ESTALE;
		if (len) {
			memcpy(path, name, len);
			path[len] = '\0';
		}
		error = player_room(p, (uint32_t)number);
		if (!error)
			error = player_open(p, (uint32_t)number, path);
		if (!error && unpickle_number(u))
			error = control_load(p->files[number].handle, u, player_done);
		if (error)
			return error == -ENOMEM ? error : -ESTALE;
	}
	return u->broken ? -ESTALE : 0;
}

/* Fills the records. 0; -ENOMEM; -ESTALE. */
static int load_trails(struct fdl_machine *m, const char *trails, uint64_t len)
{
	struct unpickler u = { trails, trails + len, false };

	if (!trail_load(&m->log, &u.at, u.end) || !trail_load(&m->events, &u.at, u.end) ||
	    !trail_load(&m->errors, &u.at, u.end))
		return -ESTALE;
	return undone_load(m, &u) ? -ESTALE : 0;
}

/* Whether a machine has the options that were given to that of the checkpoint. */
static bool has_options(const struct fdl_machine *m, const char *options, size_t len)
{
	struct text given = TEXT_EMPTY;
	bool same;

	text_puts(&given, "");
	options_print(&m->given, &given);
	same = !given.error && options && given.len == len && !memcmp(given.s, options, len);
	text_free(&given);
	return same;
}

/* Reads what comes before the open files. 0 or -ESTALE. */
static int read_head(struct loading *l, struct unpickler *u, struct text *why)
{
	const char *options;
	size_t len;

	options = unpickle_text(u, &len);
	if (!u->broken && !has_options(l->m, options, len)) {
		text_puts(why, "it is of a machine with other options");
		return -ESTALE;
	}
	l->own.made = unpickle_text(u, &len);
	l->own.n = len / sizeof(uint32_t);
	l->has_past = unpickle_number(u);
	l->wants_past = l->has_past && l->m->past;
	if (l->has_past) {
		l->past.size = unpickle_number(u);
		l->past.made = unpickle_text(u, &len);
		l->past.n = len / sizeof(uint32_t);
		l->past_at.first = unpickle_number(u);
		l->past_at.last = unpickle_number(u);
	}
	return u->broken ? -ESTALE : 0;
}

/* The machine has its memory: gives it the rest. 0; -ENOMEM; -ESTALE. */
static int finish(struct journal_player *p, struct loading *l, const struct checkpoint_label *label,
		  struct unpickler *u)
{
	struct fdl_machine *m = p->m;
	int error = load_trails(m, l->trails, label->trails);

	if (m->past)
		m->past->restarted(m->past);
	if (l->wants_past)
		history_adopt(history_of(m), l->past.heap, &l->seat, &l->past_at,
			      l->past.pool.guards);
	return error ? error : open_files(p, u);
}

int checkpoint_load(struct journal_player *p, const struct snapshot *s, struct text *why)
{
	struct unpickler u = { s->rest, s->rest + s->n_rest, false };
	struct loading l = {
		.m = p->m,
		.own = { .heap_name = HEAP, .stacks_name = STACKS },
		.past = { .heap_name = PAST_HEAP, .stacks_name = PAST_STACKS },
	};
	struct checkpoint_label label;
	bool taken = false;
	int error = checkpoint_label(s, &label, why);

	if (error)
		return -ESTALE;
	l.own.size = label.heap;
	unpickle_bytes(&u, sizeof(label));
	error = read_head(&l, &u, why);
	if (!error)
		error = make_places(&l, &label);
	if (!error)
		error = snapshot_load(s, l.places, l.n_places, why);
	if (!error) {
		taken = true;
		take(&l);
		error = finish(p, &l, &label, &u);
	}
	end_loading(&l, taken);
	if (error == -ESTALE && !why->len)
		text_puts(why, "it makes no sense");
	return error;
}

/* ---- the interface ------------------------------------------------------------------------ */

static void say(const struct text *why, int error, char *err, size_t errsize)
{
	if (errsize)
		*err = '\0';
	if (error)
		snprintf(err, errsize, "%s", why->s && !why->error ? why->s : strerror(-error));
}

int fdl_checkpoint_make(const char *a, size_t a_len, const char *b, size_t b_len, fdl_put_fn *put,
			void *ctx, char *err, size_t errsize)
{
	struct text out = TEXT_EMPTY, why = TEXT_EMPTY;
	int error = snapshot_make(a, a_len, b, b_len, &out, &why);

	say(&why, error, err, errsize);
	if (!error)
		error = put(ctx, out.s, out.len);
	text_free(&out);
	text_free(&why);
	return error;
}

int fdl_checkpoint_info(const char *checkpoint, size_t len, struct fdl_checkpoint_info *info,
			char *err, size_t errsize)
{
	struct text why = TEXT_EMPTY;
	struct checkpoint_label label;
	struct snapshot s;
	int error = snapshot_open(&s, checkpoint, len, &why);

	if (!error)
		error = checkpoint_label(&s, &label, &why);
	if (!error)
		*info = (struct fdl_checkpoint_info){ label.records, label.bytes,
						      s.n_words * sizeof(uint64_t) };
	say(&why, error, err, errsize);
	text_free(&why);
	return error;
}
