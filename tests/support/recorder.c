/*
 * The journal of a test is written as a daemon writes it: each record before what it tells of, but
 * for an open, which has to succeed first.
 */
#include "support/recorder.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- the journal -------------------------------------------------------------------------- */

static void add_bytes(struct recorder *r, const char *bytes, size_t len)
{
	assert_true(len > 0);
	r->bytes = realloc(r->bytes, r->len + len);
	assert_non_null(r->bytes);
	memcpy(r->bytes + r->len, bytes, len);
	r->len += len;
}

static void add(struct recorder *r, const struct fdl_record *record)
{
	const size_t size = record->len + 256;
	char *buf = malloc(size);

	assert_non_null(buf);
	add_bytes(r, buf, fdl_record_encode(record, buf, size));
	free(buf);
}

void recorder_init(struct recorder *r, const struct fdl_options *o)
{
	const struct timespec now = { .tv_sec = 1000000000, .tv_nsec = 5 };
	char head[1024];

	*r = (struct recorder){ .nfiles = 0 };
	assert_int_equal(fdl_machine_new(o, &r->m), 0);
	fdl_machine_stamp(r->m, now);
	assert_int_equal(fdl_machine_reset(r->m, NULL), 0);
	add_bytes(r, head, fdl_journal_begin(r->m, now, head, sizeof(head)));
}

static void close_all(struct recorder *r)
{
	for (uint32_t i = 0; i < r->nfiles; i++) {
		if (r->files[i])
			fdl_close(r->files[i]);
		r->files[i] = NULL;
	}
}

void recorder_free(struct recorder *r)
{
	close_all(r);
	free(r->files);
	free(r->bytes);
	fdl_machine_free(r->m);
}

void recorder_time(struct recorder *r, struct timespec now)
{
	add(r, &(struct fdl_record){ .kind = FDL_RECORD_TIME, .time = now });
	fdl_machine_stamp(r->m, now);
}

bool recorder_open(struct recorder *r, uint32_t file, const char *path)
{
	struct fdl_record record = { .kind = FDL_RECORD_OPEN, .file = file };
	char name[256];
	fdl_ino ino;
	ssize_t len;

	if (file >= r->nfiles) {
		r->files = realloc(r->files, (file + 1) * sizeof(r->files[0]));
		assert_non_null(r->files);
		while (r->nfiles <= file)
			r->files[r->nfiles++] = NULL;
	}
	if (fdl_walk(r->m, path, &ino) || fdl_open(r->m, ino, O_RDWR, &r->files[file]))
		return false;
	len = fdl_path(r->m, ino, name, sizeof(name));
	assert_true(len > 0 && len < (ssize_t)sizeof(name));
	record.text = name;
	record.len = (size_t)len;
	add(r, &record);
	return true;
}

static void nobody_waits(void *ctx, ssize_t result)
{
	(void)ctx, (void)result;
}

void recorder_write(struct recorder *r, uint32_t file, const char *text, size_t len, bool nonblock)
{
	add(r, &(struct fdl_record){ .kind = FDL_RECORD_WRITE,
				     .file = file,
				     .nonblock = nonblock,
				     .text = text,
				     .len = len });
	fdl_write(r->files[file], text, len, nonblock ? O_NONBLOCK : 0, nobody_waits, NULL);
}

size_t recorder_write_part(struct recorder *r, uint32_t file, const char *text, size_t len,
			   size_t lines, bool more)
{
	const size_t part = fdl_write_part(r->files[file], text, len, lines);

	if (!more) {
		recorder_write(r, file, text, part, true);
		return part;
	}
	add(r, &(struct fdl_record){ .kind = FDL_RECORD_WRITE,
				     .file = file,
				     .more = true,
				     .text = text,
				     .len = part });
	assert_int_equal(fdl_write_more(r->files[file], text, part), part);
	return part;
}

void recorder_write_parts(struct recorder *r, uint32_t file, const char *text, size_t len,
			  size_t lines)
{
	for (size_t at = 0; at < len;)
		at += recorder_write_part(r, file, text + at, len - at, lines, at);
}

void recorder_interrupt(struct recorder *r, uint32_t file)
{
	add(r, &(struct fdl_record){ .kind = FDL_RECORD_INTERRUPT, .file = file });
	fdl_interrupt(r->files[file]);
}

void recorder_close(struct recorder *r, uint32_t file)
{
	add(r, &(struct fdl_record){ .kind = FDL_RECORD_CLOSE, .file = file });
	fdl_close(r->files[file]);
	r->files[file] = NULL;
}

void recorder_start(struct recorder *r)
{
	struct fdl_record record = { .kind = FDL_RECORD_START };
	char text[128];
	int len;

	close_all(r);
	len = fdl_journal_start(r->m, text, sizeof(text));
	assert_true(len > 0 && len < (int)sizeof(text));
	record.text = text;
	record.len = (size_t)len;
	add(r, &record);
}

struct fdl_machine *recorder_replay(const char *bytes, size_t len, const struct fdl_options *o)
{
	struct fdl_machine *m;
	struct fdl_journal *j;
	char err[256];

	if (fdl_journal_open(bytes, len, &j, err, sizeof(err)))
		fail_msg("the journal cannot be read: %s", err);
	assert_int_equal(fdl_machine_new(o, &m), 0);
	if (fdl_journal_replay(j, m, err, sizeof(err)))
		fail_msg("the journal cannot be played: %s", err);
	fdl_journal_close(j);
	return m;
}

/* ---- the tree ----------------------------------------------------------------------------- */

static void put_file(FILE *out, struct fdl_machine *m, const char *path,
		     const struct fdl_dirent *de)
{
	char target[4096], *text;
	struct stat st;
	size_t len;

	if (fdl_getattr(m, de->ino, &st)) {
		fprintf(out, "%s: gone\n", path);
		return;
	}
	fprintf(out, "%s: %o %lld %ld %lld.%09ld\n", path, st.st_mode, (long long)st.st_size,
		(long)st.st_nlink, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	if (S_ISLNK(st.st_mode)) {
		ssize_t n = fdl_readlink(m, de->ino, target, sizeof(target));

		fprintf(out, "%s -> %.*s\n", path, n < 0 ? 0 : (int)n, target);
	} else if (S_ISREG(st.st_mode) && !fdl_read_file(m, path, &text, &len)) {
		fwrite(text, 1, len, out);
		free(text);
	}
}

static void put_directory(FILE *out, struct fdl_machine *m, const char *path, fdl_ino dir)
{
	struct fdl_dirent de;
	uint64_t cookie = 0;
	char name[1024];

	while (fdl_readdir(m, dir, &cookie, &de) == 1) {
		if (!strcmp(de.name, ".") || !strcmp(de.name, ".."))
			continue;
		snprintf(name, sizeof(name), "%s%s%s", path, *path ? "/" : "", de.name);
		put_file(out, m, name, &de);
		if (S_ISDIR(de.mode))
			put_directory(out, m, name, de.ino);
	}
}

char *whole_tree(struct fdl_machine *m)
{
	char *text;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	put_directory(out, m, "", FDL_ROOT);
	assert_int_equal(fclose(out), 0);
	return text;
}

void assert_same_machine(struct fdl_machine *m, struct fdl_machine *other)
{
	char *a = whole_tree(m), *b = whole_tree(other);
	size_t at = 0, line = 0;

	while (a[at] && a[at] == b[at]) {
		if (a[at++] == '\n')
			line = at;
	}
	if (a[at] != b[at])
		fail_msg("the trees differ:\n%.200s\n--- and ---\n%.200s", a + line, b + line);
	free(a);
	free(b);
}
