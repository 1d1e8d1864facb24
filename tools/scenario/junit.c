/* Writes a report as JUnit's XML. */
#include "scenario/junit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Text in XML: markup is escaped; control characters, which XML cannot have, become "?". */
static void put(FILE *to, const char *s)
{
	static const struct {
		char c;
		const char *escaped;
	} escapes[] = {
		{ '&', "&amp;" },
		{ '<', "&lt;" },
		{ '>', "&gt;" },
		{ '"', "&quot;" },
	};

	for (; *s; s++) {
		const char *escaped = NULL;

		for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
			if (escapes[i].c == *s)
				escaped = escapes[i].escaped;
		}
		if (escaped)
			fputs(escaped, to);
		else if ((unsigned char)*s < ' ' && *s != '\n' && *s != '\t')
			fputc('?', to);
		else
			fputc(*s, to);
	}
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s ? s : "";
}

/* "line 3: dup(0): expected 7, got 3", with the text below it. */
static void put_remark(FILE *to, const json_t *remark)
{
	const json_t *line = json_object_get(remark, "line");

	if (json_is_integer(line))
		fprintf(to, "line %lld: ", (long long)json_integer_value(line));
	put(to, string_of(remark, "message"));
	fputc('\n', to);
	put(to, string_of(remark, "text"));
}

static void put_failures(FILE *to, const json_t *failures)
{
	if (!json_array_size(failures))
		return;
	fputs("\t\t<failure message=\"", to);
	put(to, string_of(json_array_get(failures, 0), "message"));
	fputs("\">", to);
	for (size_t i = 0; i < json_array_size(failures); i++)
		put_remark(to, json_array_get(failures, i));
	fputs("</failure>\n", to);
}

static void put_case(FILE *to, const json_t *file)
{
	const char *outcome = string_of(file, "outcome");

	fputs("\t<testcase classname=\"fdlab\" name=\"", to);
	put(to, string_of(file, "file"));
	fputs("\">\n", to);
	put_failures(to, json_object_get(file, "failures"));
	if (!strcmp(outcome, "skipped") || !strcmp(outcome, "not run")) {
		fprintf(to, "\t\t<%s message=\"", *outcome == 's' ? "skipped" : "error");
		put(to, string_of(file, "reason"));
		fputs("\"/>\n", to);
	}
	fputs("\t</testcase>\n", to);
}

static long long number_of(const json_t *report, const char *key)
{
	return (long long)json_integer_value(json_object_get(report, key));
}

int junit_write(const json_t *report, const char *path)
{
	const json_t *files = json_object_get(report, "files");
	FILE *to = fopen(path, "we");
	bool failed;

	if (!to)
		return -errno;
	fprintf(to,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<testsuite name=\"fdlab\" tests=\"%zu\" failures=\"%lld\" skipped=\"%lld\" "
		"errors=\"%lld\">\n",
		json_array_size(files), number_of(report, "failed"), number_of(report, "skipped"),
		number_of(report, "not run"));
	for (size_t i = 0; i < json_array_size(files); i++)
		put_case(to, json_array_get(files, i));
	fputs("</testsuite>\n", to);
	failed = fflush(to) || ferror(to);
	return fclose(to) || failed ? -EIO : 0;
}
