#include "support/bench.h"

static bool bench_json;

static double bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* The time of one round of n, in nanoseconds. */
static double bench_time(const struct side *side, unsigned n)
{
	double start = bench_now();

	side->run(side->ctx, n);
	return (bench_now() - start) / n;
}

/* The rounds of a side that fit into a slice. */
static unsigned bench_times(const struct side *side)
{
	unsigned n = 1;

	while (n < 1u << 20 && bench_time(side, n) * n < SLICE_NS)
		n *= 2;
	return n;
}

static void bench_slice(const struct side *side, unsigned n, double *least)
{
	double ns = bench_time(side, n);

	if (ns < *least)
		*least = ns;
}

/*
 * The sides take turns, so that other load slows down both. Disturbances only add time: the least
 * disturbed slice of each side counts.
 */
static void bench_turns(struct comparison *c)
{
	unsigned our_n = bench_times(&c->ours), their_n = bench_times(&c->theirs);
	double end = bench_now() + TURNS_NS;

	for (unsigned turn = 0; turn < TURNS_MIN || bench_now() < end; turn++) {
		bench_slice(&c->ours, our_n, &c->our_ns);
		bench_slice(&c->theirs, their_n, &c->their_ns);
	}
}

static void bench_ratio(const struct comparison *c)
{
	double ratio = c->our_ns / c->their_ns;
	bool met = c->limit == NO_LIMIT || ratio <= c->limit;

	if (bench_json) {
		printf("{\"name\":\"%s\",\"ours_ns\":%.1f,\"theirs_ns\":%.1f,\"ratio\":%.4f",
		       c->name, c->our_ns, c->their_ns, ratio);
		if (c->limit != NO_LIMIT)
			printf(",\"at_most\":%g,\"met\":%s", c->limit, met ? "true" : "false");
		puts("}");
	} else {
		printf("%-52s %11.1f ns %11.1f ns %9.3f", c->name, c->our_ns, c->their_ns, ratio);
		if (c->limit != NO_LIMIT)
			printf("   at most %g%s", c->limit, met ? "" : "  (missed)");
		putchar('\n');
	}
	fflush(stdout);
}

void bench_compare(struct comparison *c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		c[i].our_ns = c[i].their_ns = HUGE_VAL;
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < n; i++)
			bench_turns(&c[i]);
	}
	for (size_t i = 0; i < n; i++)
		bench_ratio(&c[i]);
}

void bench_value(const char *name, double value, const char *unit, enum bound bound, double limit)
{
	bool met = bound == AT_MOST ? value <= limit : value >= limit;

	if (bench_json)
		printf("{\"name\":\"%s\",\"value\":%.1f,\"unit\":\"%s\",\"%s\":%.10g,\"met\":%s}\n",
		       name, value, unit, bound == AT_MOST ? "at_most" : "at_least", limit,
		       met ? "true" : "false");
	else
		printf("%-52s %14.0f %-23s   %s %.10g%s\n", name, value, unit,
		       bound == AT_MOST ? "at most" : "at least", limit, met ? "" : "  (missed)");
	fflush(stdout);
}

void bench_skip(const char *name, const char *why)
{
	if (bench_json)
		printf("{\"name\":\"%s\",\"skipped\":\"%s\"}\n", name, why);
	else
		printf("%-52s skipped: %s\n", name, why);
}

void bench_start(int argc, char **argv, const char *ours, const char *theirs)
{
	const char *usual = getenv("FDLAB_BENCH");
	const char *how = argc == 2 ? argv[1] : argc == 1 && usual ? usual : "";
	double load = 0;

	bench_json = strcmp(how, "--json") == 0;
	if (argc > 2 || (*how && !bench_json)) {
		fprintf(stderr, "usage: %s [--json]\n", argv[0]);
		exit(2);
	}
	getloadavg(&load, 1);
	if (bench_json)
		printf("{\"ours\":\"%s\",\"theirs\":\"%s\",\"load\":%.2f}\n", ours, theirs, load);
	else
		printf("\n%-43s load %4.2f %14s %14s %9s\n", "", load, ours, theirs, "ratio");
	fflush(stdout);
}
