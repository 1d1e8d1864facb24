/*
 * Dumps are written here, and snapshots read; relocate.c finds the pointers. Both have one layout:
 * a head, the regions, the spans of their bytes, which words are pointers (only of snapshots), the
 * words, and the rest.
 */
#include "base/snapshot.h"

#include "base/asan.h"
#include "base/heap.h"
#include "base/snapshot_layout.h"

#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <zlib.h>

#ifdef __has_include
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif
#ifndef RUNNING_ON_VALGRIND
#define RUNNING_ON_VALGRIND 0
#endif

/* Of the memory around a thread's own, where its variables are. */
#define THREAD_BELOW 16384
#define THREAD_ABOVE 8192

#define PAGE ((size_t)4096)

const char snapshot_magic[16] = "fdlab memory 1\n";

bool snapshot_possible(void)
{
#ifdef HAVE_ASAN
	return false;
#else
	return !RUNNING_ON_VALGRIND;
#endif
}

/* ---- regions of the program --------------------------------------------------------------- */

/* A program or library, as dl_iterate_phdr knows it. */
struct object {
	const struct dl_phdr_info *info;
	uintptr_t low, high;
};

static void find_range(struct object *o)
{
	o->low = UINTPTR_MAX;
	o->high = 0;
	for (int i = 0; i < o->info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &o->info->dlpi_phdr[i];
		const uintptr_t at = o->info->dlpi_addr + p->p_vaddr;

		if (p->p_type != PT_LOAD)
			continue;
		if (at < o->low)
			o->low = at;
		if (at + p->p_memsz > o->high)
			o->high = at + p->p_memsz;
	}
}

/* The build id in the notes of an object; NULL: it has none. */
static const unsigned char *build_id(const struct object *o, size_t *len)
{
	for (int i = 0; i < o->info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &o->info->dlpi_phdr[i];
		const char *at = (const char *)(uintptr_t)(o->info->dlpi_addr + p->p_vaddr);
		const char *end = at + p->p_memsz;

		while (p->p_type == PT_NOTE && end - at > (ptrdiff_t)sizeof(ElfW(Nhdr))) {
			const ElfW(Nhdr) *n = (const void *)at;
			const char *name = at + sizeof(*n);
			const char *id = name + ((n->n_namesz + 3U) & ~3U);

			if (n->n_type == NT_GNU_BUILD_ID && n->n_namesz == 4 &&
			    !memcmp(name, "GNU", 4)) {
				*len = n->n_descsz;
				return (const unsigned char *)id;
			}
			at = id + ((n->n_descsz + 3U) & ~3U);
		}
	}
	return NULL;
}

/* A checksum of the code of an object that has no build id. */
static uint32_t code_sum(const struct object *o)
{
	uLong sum = crc32(0, NULL, 0);

	for (int i = 0; i < o->info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &o->info->dlpi_phdr[i];

		if (p->p_type == PT_LOAD && (p->p_flags & PF_X) && (p->p_flags & PF_R))
			sum = crc32(sum,
				    (const Bytef *)(uintptr_t)(o->info->dlpi_addr + p->p_vaddr),
				    (uInt)p->p_filesz);
	}
	return (uint32_t)sum;
}

static void put_name(const struct object *o, char name[REGION_NAME_MAX])
{
	const char *path = o->info->dlpi_name, *slash = strrchr(path, '/');
	size_t len = 0, at;
	const unsigned char *id = build_id(o, &len);

	at = (size_t)snprintf(name, REGION_NAME_MAX / 3, "%s", slash ? slash + 1 : path);
	if (at >= REGION_NAME_MAX / 3)
		at = REGION_NAME_MAX / 3 - 1;
	at += (size_t)snprintf(name + at, REGION_NAME_MAX - at, " ");
	if (!id)
		snprintf(name + at, REGION_NAME_MAX - at, "crc %08x", (unsigned)code_sum(o));
	for (size_t i = 0; i < len && at + 3 < REGION_NAME_MAX; i++)
		at += (size_t)snprintf(name + at, REGION_NAME_MAX - at, "%02x", id[i]);
}

static int add_object(struct dl_phdr_info *info, size_t size, void *ctx)
{
	struct object o = { .info = info };
	char name[REGION_NAME_MAX];

	(void)size;
	find_range(&o);
	if (o.low >= o.high)
		return 0;
	put_name(&o, name);
	dump_region(ctx, name, (const void *)o.low, o.high - o.low);
	return 0;
}

/* The value that -fstack-protector puts into frames; 0: not known. */
static uintptr_t canary(void)
{
#if defined(__x86_64__)
	uintptr_t value;

	__asm__("movq %%fs:0x28, %0" : "=r"(value));
	return value;
#else
	return 0;
#endif
}

void dump_program(struct dump *d)
{
	const char *self = (const char *)(uintptr_t)pthread_self();
	pthread_attr_t attr;
	size_t size;
	void *stack;

	dl_iterate_phdr(add_object, d);
	dump_region(d, region_thread, self - THREAD_BELOW, THREAD_BELOW + THREAD_ABOVE);
	if (canary())
		dump_region(d, region_canary, (const void *)canary(), 1);
	if (pthread_getattr_np(pthread_self(), &attr))
		return;
	if (!pthread_attr_getstack(&attr, &stack, &size))
		dump_region(d, region_stack, stack, size);
	pthread_attr_destroy(&attr);
}

/* ---- writing ------------------------------------------------------------------------------ */

void dump_region(struct dump *d, const char *name, const void *base, size_t size)
{
	struct snapshot_region r = { .base = (uintptr_t)base, .size = size };

	snprintf(r.name, sizeof(r.name), "%s", name);
	text_put(&d->regions, (const char *)&r, sizeof(r));
	d->n_regions++;
}

static bool is_zero(const char *word)
{
	static const char zero[WORD];

	return !memcmp(word, zero, WORD);
}

void dump_span(struct dump *d, const void *at, const void *from, size_t len)
{
	const struct snapshot_region *r =
		(const void *)(d->regions.s + (d->n_regions - 1) * sizeof(*r));
	struct snapshot_span s = { .region = d->n_regions - 1 };
	const char *bytes = from;
	const size_t whole = len / WORD * WORD;
	size_t begin = 0, end = whole;
	char last[WORD] = { 0 };

	if (d->regions.error)
		return;
	if (len > whole)
		memcpy(last, bytes + whole, len - whole);
	while (begin < end && is_zero(bytes + begin))
		begin += WORD;
	while (end > begin && len == whole && is_zero(bytes + end - WORD))
		end -= WORD;
	s.at = (uintptr_t)at - r->base + begin;
	s.len = end - begin + (len > whole ? WORD : 0);
	if (!s.len)
		return;
	text_put(&d->words, bytes + begin, end - begin);
	if (len > whole)
		text_put(&d->words, last, WORD);
	text_put(&d->spans, (const char *)&s, sizeof(s));
	d->n_spans++;
}

void dump_pages(struct dump *d, const char *name, const char *base, size_t size, size_t used)
{
	dump_region(d, name, base, size);
	for (size_t at = 0; at < used; at += PAGE)
		dump_span(d, base + at, base + at, used - at < PAGE ? used - at : PAGE);
}

static void put_text(struct text *out, const struct text *t)
{
	if (t->error)
		out->error = t->error;
	text_put(out, t->s, t->len);
}

void snapshot_print(const struct snapshot_head *head, const struct text *const part[PARTS],
		    struct text *out)
{
	const size_t begin = out->len;
	uLong sum = crc32(0, NULL, 0);

	text_put(out, (const char *)head, sizeof(*head));
	for (size_t i = 0; i < PARTS; i++)
		put_text(out, part[i]);
	if (out->error)
		return;
	sum = crc32_z(sum, (const Bytef *)out->s + begin + SUMMED_FROM,
		      out->len - begin - SUMMED_FROM);
	((struct snapshot_head *)(void *)(out->s + begin))->sum = (uint32_t)sum;
}

void dump_print(const struct dump *d, struct text *out)
{
	static const struct text none;
	struct snapshot_head head = {
		.n_regions = d->n_regions,
		.n_spans = d->n_spans,
		.n_words = d->words.len / WORD,
		.n_rest = d->rest.len,
	};

	memcpy(head.magic, snapshot_magic, sizeof(head.magic));
	snapshot_print(&head,
		       (const struct text *const[PARTS]){ &d->regions, &d->spans, &none, &d->words,
							  &d->rest },
		       out);
}

void dump_free(struct dump *d)
{
	text_free(&d->regions);
	text_free(&d->spans);
	text_free(&d->words);
	text_free(&d->rest);
}

/* ---- reading ------------------------------------------------------------------------------ */

/* Takes n things of a size from the bytes. False: there are not so many. */
static bool take(const char **at, size_t *left, uint64_t n, size_t size, const void *to)
{
	if (n > *left / size)
		return false;
	memcpy((void *)(uintptr_t)to, at, sizeof(*at));
	*at += n * size;
	*left -= n * size;
	return true;
}

/* Whether the spans lie in their regions, and have all words; and the pointers are words. */
static bool is_sound(const struct snapshot *s)
{
	uint64_t words = 0;

	for (size_t i = 0; i < s->n_regions; i++) {
		if (!memchr(s->regions[i].name, '\0', REGION_NAME_MAX))
			return false;
	}
	for (size_t i = 0; i < s->n_spans; i++) {
		const struct snapshot_span *p = &s->spans[i];

		if (p->region >= s->n_regions || p->len % WORD ||
		    p->len / WORD > s->n_words - words || p->at > s->regions[p->region].size)
			return false;
		words += p->len / WORD;
	}
	for (size_t i = 0; i < s->n_relocs; i++) {
		if (s->relocs[i].word >= s->n_words || s->relocs[i].region >= s->n_regions ||
		    (i && s->relocs[i].word <= s->relocs[i - 1].word))
			return false;
	}
	return words == s->n_words;
}

int snapshot_open(struct snapshot *s, const char *bytes, size_t len, struct text *why)
{
	const char *at = bytes + sizeof(struct snapshot_head);
	struct snapshot_head head;
	size_t left;

	*s = (struct snapshot){ 0 };
	if (len < sizeof(head) || memcmp(bytes, snapshot_magic, sizeof(snapshot_magic))) {
		text_puts(why, "it is no checkpoint of this version");
		return -EINVAL;
	}
	memcpy(&head, bytes, sizeof(head));
	left = len - sizeof(head);
	if (crc32_z(crc32(0, NULL, 0), (const Bytef *)bytes + SUMMED_FROM, len - SUMMED_FROM) !=
		    head.sum ||
	    !take(&at, &left, head.n_regions, sizeof(*s->regions), &s->regions) ||
	    !take(&at, &left, head.n_spans, sizeof(*s->spans), &s->spans) ||
	    !take(&at, &left, head.n_relocs, sizeof(*s->relocs), &s->relocs) ||
	    !take(&at, &left, head.n_words, WORD, &s->words) ||
	    !take(&at, &left, head.n_rest, 1, &s->rest) || left) {
		text_puts(why, "its checksum is wrong");
		return -EINVAL;
	}
	s->n_regions = head.n_regions;
	s->n_spans = head.n_spans;
	s->n_relocs = head.n_relocs;
	s->n_words = head.n_words;
	s->n_rest = head.n_rest;
	if (is_sound(s))
		return 0;
	text_puts(why, "it makes no sense");
	return -EINVAL;
}

/* The region of this process with a name, or NULL. */
static const struct snapshot_region *find_region(const struct dump *d, const char *name)
{
	const struct snapshot_region *r = (const void *)d->regions.s;

	for (uint64_t i = 0; i < d->n_regions; i++) {
		if (!strcmp(r[i].name, name))
			return &r[i];
	}
	return NULL;
}

static const struct snapshot_place *find_place(const struct snapshot_place *places, size_t n,
					       const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(places[i].name, name))
			return &places[i];
	}
	return NULL;
}

/* Finds the address of each region in this process. 0 or -ESTALE. */
static int place_all(const struct snapshot *s, const struct dump *program,
		     const struct snapshot_place *places, size_t n, struct snapshot_place *found,
		     struct text *why)
{
	for (size_t i = 0; i < s->n_regions; i++) {
		const struct snapshot_region *r = &s->regions[i];
		const struct snapshot_place *p = find_place(places, n, r->name);
		const struct snapshot_region *own = p ? NULL : find_region(program, r->name);

		if (p)
			found[i] = *p;
		else if (own)
			found[i] = (struct snapshot_place){ .base = own->base, .size = own->size };
		if ((!p && !own) || (r->base && r->base != found[i].base)) {
			text_printf(why, "it was made by another program: %s", r->name);
			return -ESTALE;
		}
	}
	for (size_t i = 0; i < s->n_spans; i++) {
		const struct snapshot_place *p = &found[s->spans[i].region];

		if (p->skipped || (p->to && s->spans[i].at <= p->size &&
				   s->spans[i].len <= p->size - s->spans[i].at))
			continue;
		text_printf(why, "%s has no room", s->regions[s->spans[i].region].name);
		return -ESTALE;
	}
	return 0;
}

static void write_spans(const struct snapshot *s, const struct snapshot_place *place)
{
	size_t word = 0, reloc = 0;

	for (size_t i = 0; i < s->n_spans; i++) {
		const struct snapshot_span *p = &s->spans[i];
		const bool skipped = place[p->region].skipped;
		char *to = skipped ? NULL : place[p->region].to + p->at;

		if (to)
			memcpy(to, s->words + word * WORD, p->len);
		for (; reloc < s->n_relocs && s->relocs[reloc].word < word + p->len / WORD;
		     reloc++) {
			char *at = to + (s->relocs[reloc].word - word) * WORD;
			uint64_t value;

			if (skipped)
				continue;
			memcpy(&value, at, WORD);
			value += place[s->relocs[reloc].region].base;
			memcpy(at, &value, WORD);
		}
		word += p->len / WORD;
	}
}

int snapshot_load(const struct snapshot *s, const struct snapshot_place *places, size_t n,
		  struct text *why)
{
	struct snapshot_place *found = calloc(s->n_regions + 1, sizeof(*found));
	struct dump program = { 0 };
	int error;

	dump_program(&program);
	error = found ? program.regions.error : -ENOMEM;
	if (!error)
		error = place_all(s, &program, places, n, found, why);
	if (!error)
		write_spans(s, found);
	dump_free(&program);
	free(found);
	return error;
}
