/*
 * The options of a machine: read from text, with the usual values of the missing ones.
 */
#include "options.h"

#include "base/number.h"
#include "base/suggest.h"
#include "base/text.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "machine/transcript.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* The options that are numbers. */
static const struct option_row {
	const char *name;
	size_t offset;
	uint64_t min, max;
} rows[] = {
	{ "nofile", offsetof(struct fdl_options, nofile), 1, NR_OPEN_MAX },
	{ "nofile_hard", offsetof(struct fdl_options, nofile_hard), 1, NR_OPEN_MAX },
	{ "nr_open", offsetof(struct fdl_options, nr_open), NR_OPEN_MIN, NR_OPEN_MAX },
	{ "file_max", offsetof(struct fdl_options, file_max), 1, INT64_MAX },
	{ "tasks", offsetof(struct fdl_options, tasks), 1, PID_MAX },
	{ "bytes", offsetof(struct fdl_options, bytes), 65536, INT64_MAX },
	{ "memory", offsetof(struct fdl_options, memory), 65536, INT64_MAX },
	{ "log", offsetof(struct fdl_options, log), 65536, INT64_MAX },
	{ "text_limit", offsetof(struct fdl_options, text_limit), 65536, INT64_MAX },
	{ "uid", offsetof(struct fdl_options, uid), 0, UINT32_MAX },
	{ "gid", offsetof(struct fdl_options, gid), 0, UINT32_MAX },
};

#define NROWS (sizeof(rows) / sizeof(rows[0]))

static uint64_t *field(const struct fdl_options *o, const struct option_row *row)
{
	return (uint64_t *)((char *)(uintptr_t)o + row->offset);
}

static const struct kernel *find_kernel(const char *name)
{
	for (const struct kernel *const *k = all_kernels; *k; k++) {
		if (strcmp((*k)->name, name) == 0)
			return *k;
	}
	return NULL;
}

/* A number that K, M or G may follow. False: the text has another form. */
static bool read_option_number(const char *text, uint64_t *value)
{
	static const char units[] = "KMG";
	const char *unit, *end;
	bool overflow = false;

	if (!isdigit((unsigned char)*text))
		return false;
	end = number_scan(text, text + strlen(text), value, &overflow);
	if (!end || overflow)
		return false;
	if (*end && (unit = strchr(units, toupper((unsigned char)*end))) != NULL) {
		unsigned shift = 10 * (unsigned)(unit - units + 1);

		if (*value > UINT64_MAX >> shift)
			return false;
		*value <<= shift;
		end++;
	}
	return *end == '\0';
}

/* Whether the names of the kernel that is chosen have room. */
static int check_bytes(const struct fdl_options *o, char *err, size_t errsize)
{
	const struct kernel *k = o->kernel ? find_kernel(o->kernel) : NULL;

	if (!k || !o->bytes || o->bytes >= k->least_bytes)
		return 0;
	snprintf(err, errsize, "bytes: %llu is less than %llu, which the names of %s take",
		 (unsigned long long)o->bytes, (unsigned long long)k->least_bytes, k->name);
	return -EINVAL;
}

static int unknown(const char *what, const char *name, size_t len, const char *nearest, char *err,
		   size_t errsize)
{
	snprintf(err, errsize, "there is no %s \"%.*s\"%s%s%s", what, (int)len, name,
		 nearest ? " (did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?)" : "");
	return -EINVAL;
}

static const char *nearest_option(const char *name, size_t len)
{
	struct suggestion s;

	suggest_start(&s, name, len);
	suggest_offer(&s, "kernel");
	for (size_t i = 0; i < NROWS; i++)
		suggest_offer(&s, rows[i].name);
	return s.best;
}

static int set_kernel(struct fdl_options *o, const char *name, char *err, size_t errsize)
{
	const struct kernel *k = find_kernel(name);

	if (!k) {
		const char *nearest = fdl_suggest(name, fdl_kernels());

		return unknown("kernel", name, strlen(name), nearest, err, errsize);
	}
	o->kernel = k->name;
	return check_bytes(o, err, errsize);
}

int fdl_option_set(struct fdl_options *o, const char *assignment, char *err, size_t errsize)
{
	const char *equals = strchr(assignment, '=');
	size_t len = equals ? (size_t)(equals - assignment) : 0;
	uint64_t value;

	if (!equals) {
		snprintf(err, errsize, "expected NAME=VALUE, got \"%s\"", assignment);
		return -EINVAL;
	}
	if (len == strlen("kernel") && memcmp(assignment, "kernel", len) == 0)
		return set_kernel(o, equals + 1, err, errsize);
	for (size_t i = 0; i < NROWS; i++) {
		if (strncmp(rows[i].name, assignment, len) != 0 || rows[i].name[len])
			continue;
		if (!read_option_number(equals + 1, &value)) {
			snprintf(err, errsize, "%s: expected a number, got \"%s\"", rows[i].name,
				 equals + 1);
			return -EINVAL;
		}
		if (value < rows[i].min || value > rows[i].max) {
			snprintf(err, errsize, "%s: %llu is not between %llu and %llu",
				 rows[i].name, (unsigned long long)value,
				 (unsigned long long)rows[i].min, (unsigned long long)rows[i].max);
			return -EINVAL;
		}
		*field(o, &rows[i]) = value;
		return check_bytes(o, err, errsize);
	}
	return unknown("option", assignment, len, nearest_option(assignment, len), err, errsize);
}

static uint64_t or_usual(uint64_t given, uint64_t usual)
{
	return given ? given : usual;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

int options_fill(struct fdl_options *full, const struct fdl_options *given,
		 const struct kernel **kernel)
{
	static const struct fdl_options none;
	const struct fdl_options *o = given ? given : &none;
	const struct kernel *k = o->kernel ? find_kernel(o->kernel) : all_kernels[0];
	uint64_t hard;

	if (!k)
		return -EINVAL;
	*full = *o;
	full->kernel = k->name;
	full->nofile = or_usual(o->nofile, k->nofile);
	/* A high value raises the usual values of the options that bound it. */
	hard = or_usual(k->nofile_hard, or_usual(o->file_max, k->file_max));
	full->nofile_hard = or_usual(o->nofile_hard, larger(hard, full->nofile));
	if (!o->nofile && full->nofile > full->nofile_hard)
		full->nofile = full->nofile_hard;
	full->nr_open = or_usual(o->nr_open, larger(k->nr_open, (full->nofile_hard + 63) & ~63ULL));
	full->file_max = or_usual(o->file_max, larger(k->file_max, full->nofile_hard));
	full->tasks = or_usual(o->tasks, 1 << 17);
	full->bytes = or_usual(o->bytes, 256 << 20);
	full->memory = or_usual(o->memory, 1 << 30);
	full->log = or_usual(o->log, 16 << 20);
	full->text_limit = or_usual(o->text_limit, 4 << 20);
	for (size_t i = 0; i < NROWS; i++) {
		uint64_t value = *field(full, &rows[i]);

		if (value < rows[i].min || value > rows[i].max)
			return -EINVAL;
	}
	if (full->nofile > full->nofile_hard || full->bytes < k->least_bytes)
		return -EINVAL;
	*kernel = k;
	return 0;
}

void options_print(const struct fdl_options *o, struct text *out)
{
	if (o->kernel)
		text_printf(out, "option kernel=%s\n", o->kernel);
	for (size_t i = 0; i < NROWS; i++) {
		const uint64_t value = *field(o, &rows[i]);

		if (value)
			text_printf(out, "option %s=%llu\n", rows[i].name,
				    (unsigned long long)value);
	}
}

void options_record(struct fdl_machine *m)
{
	const struct fdl_options same_kernel = { .kernel = m->options.kernel };
	struct fdl_options usual;
	const struct kernel *k;
	char line[64];

	if (options_fill(&usual, &same_kernel, &k) < 0)
		return;
	if (k != all_kernels[0]) {
		snprintf(line, sizeof(line), "option kernel=%s", m->options.kernel);
		transcript_line(m, line, strlen(line));
	}
	for (size_t i = 0; i < NROWS; i++) {
		uint64_t value = *field(&m->options, &rows[i]);

		if (value == *field(&usual, &rows[i]))
			continue;
		snprintf(line, sizeof(line), "option %s=%llu", rows[i].name,
			 (unsigned long long)value);
		transcript_line(m, line, strlen(line));
	}
}
