/*
 * What the benchmarks share: taking turns between two things to be measured, and telling what came
 * out, as lines for people or, with --json, as one JSON object a line. A target that is missed is
 * said and is no failure: how fast a machine is that has other things to do is for people to judge.
 */
#ifndef BENCH_H
#define BENCH_H

#include <err.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Short enough that many of a run's slices find the processor free of others. */
#define SLICE_NS  250000.0
#define TURNS_NS  1200000000.0 /* how long two sides take turns */
#define TURNS_MIN 25

static bool bench_json;

/* One of the things to be compared: does the same n times. */
struct side {
	void (*run)(void *ctx, unsigned n);
	void *ctx;
};

/* What a number has to be. */
enum bound { AT_MOST, AT_LEAST };

static inline double bench_least(double a, double b)
{
	return a < b ? a : b;
}

static inline double bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static inline double bench_time(const struct side *side, unsigned n)
{
	double start = bench_now();

	side->run(side->ctx, n);
	return (bench_now() - start) / n;
}

/* How often a side fits into a slice. */
static inline unsigned bench_times(const struct side *side)
{
	unsigned n = 1;

	while (n < 1u << 20 && bench_time(side, n) * n < SLICE_NS)
		n *= 2;
	return n;
}

/* What a slice of each of two sides takes for one time, in nanoseconds. */
struct turns {
	double ours, theirs;
};

/*
 * The two sides take turns, so that whatever else the machine does slows down both. Disturbances only
 * ever add: of each side the least disturbed slice counts.
 */
static inline struct turns bench_turns(const struct side *ours, const struct side *theirs)
{
	struct turns best = { HUGE_VAL, HUGE_VAL };
	unsigned our_n = bench_times(ours), their_n = bench_times(theirs);
	double end = bench_now() + TURNS_NS;

	for (unsigned turn = 0; turn < TURNS_MIN || bench_now() < end; turn++) {
		best.ours = bench_least(best.ours, bench_time(ours, our_n));
		best.theirs = bench_least(best.theirs, bench_time(theirs, their_n));
	}
	return best;
}

static inline bool bench_met(double value, enum bound bound, double limit)
{
	return bound == AT_MOST ? value <= limit : value >= limit;
}

static inline const char *bench_bound(enum bound bound)
{
	return bound == AT_MOST ? "at most" : "at least";
}

/* A ratio of two times, and what it is to be. */
static inline void bench_ratio(const char *name, struct turns t, double limit)
{
	double ratio = t.ours / t.theirs;
	bool met = bench_met(ratio, AT_MOST, limit);

	if (bench_json)
		printf("{\"name\":\"%s\",\"ours_ns\":%.1f,\"theirs_ns\":%.1f,\"ratio\":%.4f,"
		       "\"limit\":%g,\"met\":%s}\n",
		       name, t.ours, t.theirs, ratio, limit, met ? "true" : "false");
	else
		printf("%-52s %11.1f ns %11.1f ns %9.3f   at most %g%s\n", name, t.ours, t.theirs,
		       ratio, limit, met ? "" : "  (missed)");
	fflush(stdout);
}

/* A number of something, and what it is to be. */
static inline void bench_value(const char *name, double value, const char *unit, enum bound bound,
			       double limit)
{
	bool met = bench_met(value, bound, limit);

	if (bench_json)
		printf("{\"name\":\"%s\",\"value\":%.1f,\"unit\":\"%s\",\"%s\":%g,\"met\":%s}\n",
		       name, value, unit, bound == AT_MOST ? "limit" : "least", limit,
		       met ? "true" : "false");
	else
		printf("%-52s %14.0f %-22s   %s %g%s\n", name, value, unit, bench_bound(bound),
		       limit, met ? "" : "  (missed)");
	fflush(stdout);
}

/* Something cannot be measured here. */
static inline void bench_skip(const char *name, const char *why)
{
	if (bench_json)
		printf("{\"name\":\"%s\",\"skipped\":\"%s\"}\n", name, why);
	else
		printf("%-52s skipped: %s\n", name, why);
}

/* Reads the command line, and says what the columns of the ratios are. */
static inline void bench_start(int argc, char **argv, const char *ours, const char *theirs)
{
	double load = 0;

	if (argc > 2 || (argc == 2 && strcmp(argv[1], "--json") != 0)) {
		fprintf(stderr, "usage: %s [--json]\n", argv[0]);
		exit(2);
	}
	bench_json = argc == 2;
	getloadavg(&load, 1);
	if (bench_json)
		printf("{\"ours\":\"%s\",\"theirs\":\"%s\",\"load\":%.2f}\n", ours, theirs, load);
	else
		printf("\n%-43s load %4.2f %14s %14s %9s\n", "", load, ours, theirs, "ratio");
	fflush(stdout);
}

#endif
