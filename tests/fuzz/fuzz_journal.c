/*
 * Damaged journals: fuzz_journal [ITERATIONS [SEED]]. Nothing may crash; what the reader takes for
 * whole can be written again, compressed and not, as the same records. LLVMFuzzerTestOneInput is
 * the entry point of libFuzzer. The same seed always makes the same journals.
 */
#include "fdlab.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ITERATIONS 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bytes {
	char *s;
	size_t len;
};

static int put(void *ctx, const char *buf, size_t len)
{
	struct bytes *b = ctx;

	b->s = realloc(b->s, b->len + len);
	if (!b->s)
		abort();
	memcpy(b->s + b->len, buf, len);
	b->len += len;
	return 0;
}

static bool same(const struct fdl_record *a, const struct fdl_record *b)
{
	return a->kind == b->kind && a->file == b->file && a->nonblock == b->nonblock &&
	       a->more == b->more && a->number == b->number && a->len == b->len &&
	       !memcmp(a->text, b->text, a->len);
}

/* The journal, written again in blocks, has the same records. */
static void check_packed(struct fdl_journal *j)
{
	struct bytes packed = { NULL, 0 };
	struct fdl_journal *again;
	struct fdl_record a, b;
	struct fdl_options o;
	char err[256];
	int found;

	if (fdl_journal_pack(j, put, &packed))
		abort();
	if (fdl_journal_open(packed.s, packed.len, &again, err, sizeof(err)))
		abort();
	fdl_journal_options(j, &o, err, sizeof(err));
	while ((found = fdl_journal_next(j, &a)) == 1) {
		if (fdl_journal_next(again, &b) != 1 || !same(&a, &b))
			abort();
	}
	if (found || fdl_journal_next(again, &b))
		abort();
	fdl_journal_close(again);
	free(packed.s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char err[256], *exact = malloc(size + !size);
	struct fdl_journal_info info;
	struct fdl_machine *m;
	struct fdl_journal *j;
	struct fdl_options o;
	struct fdl_record r;
	int error;

	if (!exact)
		abort();
	memcpy(exact, data, size);
	error = fdl_journal_open(exact, size, &j, err, sizeof(err));
	if (error && !*err)
		abort();
	if (j) {
		fdl_journal_info(j, &info);
		if (info.whole > size || (!error && info.whole + info.torn != size))
			abort();
		while (fdl_journal_next(j, &r) == 1)
			;
	}
	if (!error && info.records) {
		if (!fdl_journal_options(j, &o, err, sizeof(err)) && !fdl_machine_new(&o, &m)) {
			if (fdl_journal_replay(j, m, err, sizeof(err)) && !*err)
				abort();
			fdl_machine_free(m);
		}
		fdl_journal_options(j, &o, err, sizeof(err));
		check_packed(j);
	}
	fdl_journal_close(j);
	free(exact);
	return 0;
}

#ifndef FDLAB_LIBFUZZER

static uint64_t seed;

static unsigned rnd(unsigned below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed % below);
}

static void add(struct bytes *b, struct fdl_record r)
{
	char buf[512];

	put(b, buf, fdl_record_encode(&r, buf, sizeof(buf)));
}

/* Adds a random record: its sums are right, whatever it says. */
static void add_record(struct bytes *b)
{
	static const char *const texts[] = {
		"1 dup 0\n",
		"1 pipe\n1 read 3\n",
		"control",
		"1/control",
		"sys/fs/file-max",
		"reset nofile=20\n",
		"2 close 3",
		"fdlab 0.1.0\nstate 00000000\n",
		"\1\0\0\0\7\0\0\0xyz",
	};
	struct fdl_record r = {
		.kind = FDL_RECORD_START + rnd(FDL_RECORD_PACKED - 1),
		.nonblock = rnd(2),
		.more = rnd(2),
		.file = rnd(3),
		.time = { .tv_sec = rnd(1000) },
	};

	if (r.kind != FDL_RECORD_INTERRUPT && r.kind != FDL_RECORD_CLOSE) {
		r.text = texts[rnd(sizeof(texts) / sizeof(texts[0]))];
		r.len = strlen(r.text);
	}
	if (r.kind == FDL_RECORD_OPEN && rnd(4))
		r.text = "control", r.len = 7;
	add(b, r);
}

static struct bytes make_journal(void)
{
	struct bytes b = { NULL, 0 }, packed = { NULL, 0 };
	struct fdl_machine *m;
	struct fdl_journal *j;
	char head[512], err[256];

	if (fdl_machine_new(NULL, &m))
		abort();
	put(&b, head, fdl_journal_begin(m, (struct timespec){ .tv_sec = 7 }, head, sizeof(head)));
	fdl_machine_free(m);
	for (unsigned n = rnd(12); n; n--)
		add_record(&b);
	if (rnd(3))
		return b;
	if (fdl_journal_open(b.s, b.len, &j, err, sizeof(err))) {
		fdl_journal_close(j);
		return b;
	}
	if (fdl_journal_pack(j, put, &packed))
		abort();
	fdl_journal_close(j);
	free(b.s);
	return packed;
}

static void damage(struct bytes *b)
{
	for (unsigned n = rnd(3); n; n--) {
		const size_t at = rnd((unsigned)b->len);

		switch (rnd(4)) {
		case 0:
			b->s[at] = (char)(b->s[at] ^ 1 << rnd(8));
			break;
		case 1:
			b->s[at] = (char)rnd(256);
			break;
		case 2:
			b->len = at + 1;
			break;
		default:
			put(b, "\0\0\0\0\0\0\0\0", 1 + rnd(8));
		}
	}
}

int main(int argc, char **argv)
{
	const unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 0) : ITERATIONS;

	seed = (argc > 2 ? strtoull(argv[2], NULL, 0) : 1) * UINT64_C(0x9e3779b97f4a7c15);
	for (unsigned long i = 0; i < n; i++) {
		struct bytes b = make_journal();

		damage(&b);
		LLVMFuzzerTestOneInput((const uint8_t *)b.s, b.len);
		free(b.s);
	}
	printf("fuzz_journal: %lu journals\n", n);
	return 0;
}

#endif
