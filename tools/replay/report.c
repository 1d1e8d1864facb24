/*
 * The report as text: a summary line, then the findings, each with file and line.
 */
#include "replay/report.h"

#include "cli/verb.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SHOWN 20 /* of a kind; the JSON has all that are kept */

const char *const finding_titles[N_FINDINGS] = {
	[FINDING_DIVERGENCE] = "Divergences",
	[FINDING_INCOMPLETE] = "The log does not show all",
	[FINDING_LEAK] = "Leaked: open at exit",
	[FINDING_EXEC] = "Handed on by exec, for lack of O_CLOEXEC",
	[FINDING_BADF] = "Failed closes, and uses of closed descriptors",
	[FINDING_FOREIGN] = "Closed by a task that did not open it: closed twice?",
};

/* Names come from the log and may contain control sequences of a terminal. */
static void print_text(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void print_count(uint64_t n, const char *what)
{
	printf("%llu %s%s", (unsigned long long)n, what, plural(n));
}

static void print_summary(const struct verdict *v)
{
	const struct findings *f = v->findings;
	size_t wrong = f->of[FINDING_DIVERGENCE].total;
	bool colour = wants_colour(stdout);

	if (colour)
		fputs(wrong ? "\033[31m" : "\033[32m", stdout);
	print_text(v->log);
	if (colour)
		fputs("\033[0m", stdout);
	fputs(": ", stdout);
	print_count(f->lines, "line");
	printf(", %llu call%s of %llu process%s; %llu of ", (unsigned long long)f->calls,
	       plural(f->calls), (unsigned long long)f->total_processes,
	       f->total_processes == 1 ? "" : "es", (unsigned long long)f->predicted);
	print_count(f->judged, "result");
	fputs(" predicted, ", stdout);
	print_count(wrong, "divergence");
	putchar('\n');
	if (f->passed_over || f->cut)
		printf("  %llu line%s passed over%s\n", (unsigned long long)f->passed_over,
		       plural(f->passed_over), f->cut ? ", and the last one, which is cut" : "");
}

static void print_origin(const struct finding *finding)
{
	if (finding->name && *finding->name) {
		putchar(' ');
		print_text(finding->name);
	}
	if (finding->origin_call)
		printf(", by %s at line %llu", finding->origin_call,
		       (unsigned long long)finding->origin_line);
	if (finding->count > 1)
		printf(", and %u times more", finding->count - 1);
}

static void print_finding(const struct verdict *v, enum finding_kind kind,
			  const struct finding *finding)
{
	fputs("  ", stdout);
	print_text(v->log);
	printf(":%llu:", (unsigned long long)finding->line);
	if (finding->pid)
		printf(" %d", finding->pid);
	putchar(' ');
	if (kind == FINDING_LEAK || kind == FINDING_EXEC)
		printf("%lld ", (long long)finding->fd);
	print_text(finding->text);
	if (finding->name)
		putchar(':');
	print_origin(finding);
	putchar('\n');
}

static void print_findings(const struct verdict *v, enum finding_kind kind)
{
	const struct findings *f = v->findings;
	size_t n = f->of[kind].n < SHOWN ? f->of[kind].n : SHOWN;

	if (!f->of[kind].total)
		return;
	printf("%s\n", finding_titles[kind]);
	for (size_t i = 0; i < n; i++)
		print_finding(v, kind, &f->of[kind].list[i]);
	if (f->of[kind].total > n)
		printf("  ... and %zu more\n", f->of[kind].total - n);
}

static void print_inherited(const struct root *root)
{
	if (root->pid)
		printf("  %d:", root->pid);
	else
		printf("  ");
	for (size_t i = 0; i < root->nfds; i++) {
		const struct inherited *in = &root->fds[i];

		if (in->belief == BELIEF_CLOSED)
			continue;
		printf(" %lld (%s", (long long)in->fd, evidence_word(in->evidence));
		if (in->line)
			printf(" at line %llu", (unsigned long long)in->line);
		printf("%s)", in->belief == BELIEF_CLOEXEC ? ", close-on-exec" : "");
	}
	putchar('\n');
}

static void print_process(const struct process_record *p)
{
	printf("  %-8d %7zu %7llu  %s", p->pid, p->highest, (unsigned long long)p->table_size,
	       p->ended ? "" : "(still there at the end) ");
	print_text(p->program ? p->program : "");
	putchar('\n');
}

void replay_print(const struct verdict *v)
{
	const struct findings *f = v->findings;
	size_t n = f->nprocesses < SHOWN ? f->nprocesses : SHOWN;

	print_summary(v);
	print_findings(v, FINDING_INCOMPLETE);
	print_findings(v, FINDING_DIVERGENCE);
	if (v->inference->nroots)
		puts("Inherited at the start, as far as the log shows");
	for (size_t i = 0; i < v->inference->nroots && i < SHOWN; i++)
		print_inherited(&v->inference->roots[i]);
	for (enum finding_kind kind = FINDING_INCOMPLETE + 1; kind < N_FINDINGS; kind++)
		print_findings(v, kind);
	if (n)
		puts("Processes\n  pid      highest   slots");
	for (size_t i = 0; i < n; i++)
		print_process(&f->processes[i]);
	if (f->total_processes > n)
		printf("  ... and %zu more\n", f->total_processes - n);
}
