/*
 * fdlab journal: shows what a journal has, checks it, cuts it, compresses it, and makes a scenario
 * of it.
 */
#include "verbs/verbs.h"

#include "cli/memory.h"
#include "cli/options.h"
#include "cli/write.h"
#include "fdlab.h"
#include "journal/file.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

struct journal_settings {
	bool check, cut, compact, scenario, json;
	uint64_t from; /* the first record that is cut; 0: none */
};

/* A journal that was opened. */
struct opened_journal {
	const struct verb *verb;
	const struct journal_settings *settings;
	struct journal_file file;
	struct fdl_journal *journal;
	struct fdl_journal_info info;
	int error; /* 0, or -EBADMSG, and why: it is broken */
	char why[256];
};

static int complain(const struct opened_journal *o, const char *why)
{
	return not_run(o->verb, "%s: %s", o->file.path, why);
}

static int failed(const struct opened_journal *o, const char *why)
{
	complain(o, why);
	return EXIT_FAILED;
}

/* ---- showing ------------------------------------------------------------------------------ */

static const char *const kind_names[] = {
	[FDL_RECORD_MACHINE] = "machine", [FDL_RECORD_START] = "start",
	[FDL_RECORD_TIME] = "time",       [FDL_RECORD_OPEN] = "open",
	[FDL_RECORD_WRITE] = "write",     [FDL_RECORD_INTERRUPT] = "interrupt",
	[FDL_RECORD_CLOSE] = "close",
};

static bool is_about_a_file(const struct fdl_record *r)
{
	return r->kind >= FDL_RECORD_OPEN && r->kind <= FDL_RECORD_CLOSE;
}

static bool has_time(const struct fdl_record *r)
{
	return r->kind == FDL_RECORD_MACHINE || r->kind == FDL_RECORD_TIME;
}

/* Bytes that a terminal would take for more than text become \xNN. */
static void print_text(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const unsigned char c = (unsigned char)text[i];

		if (c == '\\')
			fputs("\\\\", stdout);
		else if ((c < ' ' && c != '\t') || c == 0x7f || c >= 0x80)
			printf("\\x%02x", c);
		else
			putchar(c);
	}
}

static void print_time(struct timespec time)
{
	char text[64];
	struct tm tm;

	if (gmtime_r(&time.tv_sec, &tm) && strftime(text, sizeof(text), "%FT%T", &tm))
		printf(" %s.%09ldZ", text, time.tv_nsec);
}

/* One line for each line of the text, the later ones under the first. */
static void print_record(const struct fdl_record *r)
{
	const char *line = r->text, *end = r->text + r->len, *newline;
	char head[64];

	if (is_about_a_file(r))
		snprintf(head, sizeof(head), "%8" PRIu64 " %-9s %2u", r->number,
			 kind_names[r->kind], r->file);
	else
		snprintf(head, sizeof(head), "%8" PRIu64 " %-9s   ", r->number,
			 kind_names[r->kind]);
	fputs(head, stdout);
	if (has_time(r))
		print_time(r->time);
	if (r->nonblock)
		fputs(" O_NONBLOCK", stdout);
	if (r->more)
		fputs(" more", stdout);
	for (; line < end; line = newline + 1) {
		newline = memchr(line, '\n', (size_t)(end - line));
		if (!newline)
			newline = end;
		if (line > r->text)
			printf("\n%*s", (int)strlen(head), "");
		putchar(' ');
		print_text(line, (size_t)(newline - line));
	}
	putchar('\n');
}

/* Latin-1 stands for the bytes, which need not be UTF-8. */
static json_t *json_of_text(const char *text, size_t len)
{
	char *utf8 = malloc(2 * len + 1), *at = utf8;
	json_t *value;

	if (!utf8)
		memory_is_out();
	for (size_t i = 0; i < len; i++) {
		const unsigned char c = (unsigned char)text[i];

		if (c >= 0x80)
			*at++ = (char)(0xc0 | c >> 6);
		*at++ = (char)(c < 0x80 ? c : 0x80 | (c & 0x3f));
	}
	value = json_stringn(utf8, (size_t)(at - utf8));
	free(utf8);
	return value;
}

static void print_json(const struct fdl_record *r)
{
	json_t *o = json_pack("{s:I, s:I, s:s, s:o}", "record", (json_int_t)r->number, "offset",
			      (json_int_t)r->offset, "kind", kind_names[r->kind], "text",
			      json_of_text(r->text, r->len));

	if (o && is_about_a_file(r))
		json_object_set_new(o, "file", json_integer(r->file));
	if (o && r->kind == FDL_RECORD_WRITE)
		json_object_set_new(o, "nonblock", json_boolean(r->nonblock));
	if (o && r->kind == FDL_RECORD_WRITE)
		json_object_set_new(o, "more", json_boolean(r->more));
	if (o && has_time(r)) {
		json_object_set_new(o, "seconds", json_integer(r->time.tv_sec));
		json_object_set_new(o, "nanoseconds", json_integer(r->time.tv_nsec));
	}
	if (o)
		json_dumpf(o, stdout, JSON_COMPACT | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(o);
}

static int torn(const struct opened_journal *o)
{
	return not_run(o->verb,
		       "%s: the record after %" PRIu64 " whole ones was not written to its end: "
		       "%zu bytes, from offset %zu on",
		       o->file.path, o->info.records, o->info.torn, o->info.whole);
}

static int show(struct opened_journal *o)
{
	struct fdl_record r;
	int found;

	while ((found = fdl_journal_next(o->journal, &r)) == 1) {
		if (o->settings->json)
			print_json(&r);
		else
			print_record(&r);
	}
	if (found == -ENOMEM)
		return complain(o, strerror(ENOMEM));
	if (o->error)
		return failed(o, o->why);
	if (o->info.torn)
		torn(o);
	return EXIT_PASSED;
}

/* ---- playing ------------------------------------------------------------------------------ */

/*
 * Makes the machine of a journal, whose log keeps at least so many bytes. EXIT_PASSED, or another
 * status after it was said why.
 */
static int make_machine(struct opened_journal *o, uint64_t log, struct fdl_machine **mp)
{
	struct fdl_options options;
	struct fdl_machine *m = NULL;
	int error = o->error;

	if (!error)
		error = fdl_journal_options(o->journal, &options, o->why, sizeof(o->why));
	if (!error) {
		if (options.log < log)
			options.log = log;
		error = fdl_machine_new(&options, &m);
	}
	if (!error)
		error = fdl_journal_replay(o->journal, m, o->why, sizeof(o->why));
	if (!error) {
		*mp = m;
		return EXIT_PASSED;
	}
	fdl_machine_free(m);
	complain(o, *o->why ? o->why : strerror(-error));
	return error == -ENOMEM ? EXIT_NOT_RUN : EXIT_FAILED;
}

/*
 * Describes the checkpoint beside the journal in info, or says in why it is of no use. Both are
 * empty if there is none.
 */
static void look_at_checkpoint(const struct opened_journal *o, struct fdl_checkpoint_info *info,
			       char *why, size_t whysize)
{
	struct fdl_journal *resumed;
	struct journal_file f;
	char *path;

	*info = (struct fdl_checkpoint_info){ .records = 0 };
	*why = '\0';
	if (asprintf(&path, "%s.checkpoint", o->file.path) < 0)
		return;
	if (!access(path, F_OK) && !journal_file_open(&f, path, false, why, whysize)) {
		if (!fdl_checkpoint_info(f.size ? f.data : "", f.size, info, why, whysize) &&
		    !fdl_journal_resume(o->file.data, o->file.size, f.data, f.size, &resumed, why,
					whysize))
			fdl_journal_close(resumed);
		journal_file_close(&f);
	}
	free(path);
}

static void print_checkpoint(const struct opened_journal *o)
{
	struct fdl_checkpoint_info info;
	char why[256];

	look_at_checkpoint(o, &info, why, sizeof(why));
	if (*why)
		printf("%s.checkpoint: of no use: %s\n", o->file.path, why);
	else if (info.records)
		printf("%s.checkpoint: %" PRIu64 " records, %" PRIu64 " bytes of memory\n",
		       o->file.path, info.records, info.memory);
}

static int check(struct opened_journal *o)
{
	struct fdl_machine *m = NULL;
	int status = EXIT_PASSED;

	if (o->info.records || o->error)
		status = make_machine(o, 0, &m);
	if (status != EXIT_PASSED)
		return status;
	fdl_machine_free(m);
	if (o->settings->json)
		printf("{\"records\": %" PRIu64 ", \"bytes\": %zu, \"unpacked\": %" PRIu64
		       ", \"torn\": %zu}\n",
		       o->info.records, o->info.whole, o->info.bytes, o->info.torn);
	else
		printf("%s: %" PRIu64 " records, %zu bytes\n", o->file.path, o->info.records,
		       o->info.whole);
	if (!o->settings->json)
		print_checkpoint(o);
	if (!o->info.torn)
		return EXIT_PASSED;
	torn(o);
	return EXIT_FAILED;
}

#define LOG_ALL ((uint64_t)INT64_MAX) /* a log that keeps its beginning */

/* The log says that it keeps everything: that was for this program. */
static const char *without_option(const char *log)
{
	static const char word[] = "option log=";
	const char *line = log;

	while (!strncmp(line, "option ", 7) && strncmp(line, word, sizeof(word) - 1) != 0) {
		const char *newline = strchr(line, '\n');

		if (!newline)
			return log;
		fwrite(line, 1, (size_t)(newline + 1 - line), stdout);
		line = newline + 1;
	}
	if (!strncmp(line, word, sizeof(word) - 1) && strchr(line, '\n'))
		line = strchr(line, '\n') + 1;
	return line;
}

static int print_scenario(struct opened_journal *o)
{
	struct fdl_machine *m;
	const int status = make_machine(o, LOG_ALL, &m);
	char *log;
	size_t len;
	int error;

	if (status != EXIT_PASSED)
		return status;
	error = fdl_read_file(m, "log", &log, &len);
	fdl_machine_free(m);
	if (error)
		return complain(o, strerror(-error));
	if (*log == '#') {
		free(log);
		return failed(o, "the log that it makes has lost its beginning");
	}
	fputs(without_option(log), stdout);
	free(log);
	return EXIT_PASSED;
}

/* ---- changing ----------------------------------------------------------------------------- */

/*
 * The rest of a journal that is cut: the bytes up to an offset, and then records of a block that is
 * cut.
 */
struct kept {
	const struct opened_journal *o;
	size_t whole;
	char *records;
	size_t len;
};

/* Adds a record of a block. 0 or -ENOMEM. */
static int keep(struct kept *k, const struct fdl_record *r)
{
	const size_t room = r->len + 256;
	char *records = realloc(k->records, k->len + room);
	size_t len;

	if (!records)
		return -ENOMEM;
	k->records = records;
	len = fdl_record_encode(r, records + k->len, room);
	k->len += len;
	return len ? 0 : -ENOMEM;
}

/*
 * Finds what stays of the records before the one with this number, which may be the broken one. 0,
 * -ENOENT (there is no such record) or -ENOMEM.
 */
static int find_kept(struct opened_journal *o, struct kept *k, uint64_t from)
{
	struct fdl_record r;
	uint64_t number = 0;
	int found = 0, error;

	while (number + 1 < from && (found = fdl_journal_next(o->journal, &r)) == 1) {
		number = r.number;
		/*
		 * Until another record is found elsewhere, this one may be in a block that is cut.
		 */
		if (r.offset != k->whole)
			k->len = 0;
		k->whole = r.offset;
		error = keep(k, &r);
		if (error)
			return error;
	}
	if (number + 1 < from)
		return found == -ENOMEM ? found : -ENOENT;
	found = fdl_journal_next(o->journal, &r);
	if (found == -ENOMEM || (!found && !o->info.torn))
		return found ? found : -ENOENT;
	if (found == 1 ? r.offset == k->whole : o->info.whole == k->whole)
		return 0;
	k->whole = found == 1 ? r.offset : o->info.whole;
	k->len = 0;
	return 0;
}

static int write_kept(int fd, void *ctx)
{
	const struct kept *k = ctx;
	int error = write_all(fd, k->o->file.data, k->whole);

	return error ? error : write_all(fd, k->records, k->len);
}

static int cut_from(struct opened_journal *o, uint64_t from)
{
	struct kept k = { .o = o };
	char why[64];
	int error = find_kept(o, &k, from);

	if (!error && k.len)
		error = journal_file_replace(&o->file, write_kept, &k);
	else if (!error)
		error = journal_file_cut(&o->file, k.whole);
	free(k.records);
	if (!error) {
		printf("%s: record %" PRIu64 " and what follows it are cut off\n", o->file.path,
		       from);
		return EXIT_PASSED;
	}
	snprintf(why, sizeof(why), "there is no record %" PRIu64, from);
	return complain(o, error == -ENOENT ? why : strerror(-error));
}

static int cut(struct opened_journal *o)
{
	int error;

	if (o->settings->from == 1)
		return usage_error(o->verb,
				   "the first record has the machine: it cannot be cut off");
	if (o->settings->from)
		return cut_from(o, o->settings->from);
	if (o->error) {
		failed(o, o->why);
		not_run(o->verb, "--cut --from %" PRIu64 " cuts it off with what follows it",
			o->info.records + 1);
		return EXIT_FAILED;
	}
	if (!o->info.torn) {
		printf("%s: it ends with a whole record\n", o->file.path);
		return EXIT_PASSED;
	}
	error = journal_file_cut(&o->file, o->info.whole);
	if (error)
		return complain(o, strerror(-error));
	printf("%s: %zu bytes are cut off\n", o->file.path, o->info.torn);
	return EXIT_PASSED;
}

struct packing {
	struct fdl_journal *journal;
	int fd;
	size_t len;
};

static int put_packed(void *ctx, const char *buf, size_t len)
{
	struct packing *p = ctx;

	p->len += len;
	return write_all(p->fd, buf, len);
}

static int write_packed(int fd, void *ctx)
{
	struct packing *p = ctx;

	p->fd = fd;
	return fdl_journal_compact(p->journal, put_packed, p);
}

static int compact(struct opened_journal *o)
{
	struct packing p = { .journal = o->journal };
	int error;

	if (o->error)
		return failed(o, o->why);
	if (o->info.torn) {
		torn(o);
		return EXIT_FAILED;
	}
	error = journal_file_replace(&o->file, write_packed, &p);
	if (error)
		return complain(o, strerror(-error));
	printf("%s: %zu bytes, of %zu\n", o->file.path, p.len, o->file.size);
	return EXIT_PASSED;
}

/* ---- the verb ----------------------------------------------------------------------------- */

static const struct verb_option options[] = {
	{ .name = "check",
	  .help = "check every record, and that they still make their machine",
	  .read = option_flag,
	  .offset = offsetof(struct journal_settings, check) },
	{ .name = "cut",
	  .help = "cut a record off that was not written to its end",
	  .read = option_flag,
	  .offset = offsetof(struct journal_settings, cut) },
	{ .name = "from",
	  .argument = "N",
	  .help = "with --cut: cut record N and all that follow it off",
	  .read = option_count,
	  .offset = offsetof(struct journal_settings, from),
	  .wrong = "--from takes the number of a record, not" },
	{ .name = "compact",
	  .help = "compress the records",
	  .read = option_flag,
	  .offset = offsetof(struct journal_settings, compact) },
	{ .name = "scenario",
	  .help = "print a scenario for fdlab run that makes the machine",
	  .read = option_flag,
	  .offset = offsetof(struct journal_settings, scenario) },
	OPTION_JSON(struct journal_settings),
	{ 0 },
};

static int open_journal(struct opened_journal *o, const char *path)
{
	const bool change = o->settings->cut || o->settings->compact;
	int error = journal_file_open(&o->file, path, change, o->why, sizeof(o->why));

	if (error)
		return error;
	o->error = fdl_journal_open(o->file.size ? o->file.data : "", o->file.size, &o->journal,
				    o->why, sizeof(o->why));
	if (!o->journal) {
		journal_file_close(&o->file);
		return o->error;
	}
	fdl_journal_info(o->journal, &o->info);
	return 0;
}

static int act(struct opened_journal *o)
{
	const struct journal_settings *s = o->settings;

	if (s->cut)
		return cut(o);
	if (s->compact)
		return compact(o);
	if (s->check)
		return check(o);
	return s->scenario ? print_scenario(o) : show(o);
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct journal_settings s = { .from = 0 };
	struct opened_journal o = { .verb = verb, .settings = &s };
	int status, error;

	if (!options_read(verb, &s, argc, argv, &status))
		return status;
	if (argc - optind > 1)
		return usage_error(verb, "one journal at a time");
	if (s.check + s.cut + s.compact + s.scenario > 1)
		return usage_error(verb,
				   "--check, --cut, --compact and --scenario exclude each other");
	if (s.from && !s.cut)
		return usage_error(verb, "--from is for --cut");
	if (s.json && (s.cut || s.compact || s.scenario))
		return usage_error(verb, "--json is for records and for --check");
	error = open_journal(&o, argv[optind]);
	if (error)
		return not_run(verb, "%s: %s", argv[optind], *o.why ? o.why : strerror(-error));
	status = act(&o);
	fdl_journal_close(o.journal);
	journal_file_close(&o.file);
	return status;
}

const struct verb verb_journal = {
	.name = "journal",
	.operands = "FILE",
	.missing = "a journal is missing",
	.summary = "show, check, cut and compress a journal of fdlabd",
	.about =
		"Shows the records of a journal of fdlabd(8), or does with it what an option says.",
	.options = options,
	.statuses = "0 all is well, 1 the journal is not whole, 2 it could not be read or changed.",
	.run = run,
};
