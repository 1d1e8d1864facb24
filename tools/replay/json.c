/*
 * The report for programs.
 */
#include "replay/report.h"

#include <string.h>

const char *const finding_keys[N_FINDINGS] = {
	[FINDING_DIVERGENCE] = "divergences",
	[FINDING_INCOMPLETE] = "incomplete",
	[FINDING_LEAK] = "leaks",
	[FINDING_EXEC] = "inherited_across_exec",
	[FINDING_BADF] = "bad_descriptors",
	[FINDING_FOREIGN] = "foreign_closes",
};

/* A log may have any bytes; bytes that are no UTF-8 become question marks. NULL: no memory. */
static json_t *json_text(const char *text)
{
	json_t *value;
	char *copy;

	if (!text)
		return json_null();
	value = json_string(text);
	copy = value ? NULL : strdup(text);
	if (!copy)
		return value;
	for (char *p = copy; *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	value = json_string(copy);
	free(copy);
	return value;
}

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* Sets a member. value NULL (no memory) sets *bad. */
static void set(json_t *object, const char *key, json_t *value, bool *bad)
{
	*bad |= !value || json_object_set_new(object, key, value);
}

static void append(json_t *array, json_t *value, bool *bad)
{
	*bad |= !value || json_array_append_new(array, value);
}

static json_t *json_finding(const struct finding *finding, bool *bad)
{
	json_t *o = json_object();

	set(o, "line", number(finding->line), bad);
	set(o, "pid", number((uint64_t)finding->pid), bad);
	set(o, "fd", json_integer(finding->fd), bad);
	set(o, "text", json_text(finding->text), bad);
	if (finding->count > 1)
		set(o, "times", number(finding->count), bad);
	if (finding->origin_call) {
		set(o, "opened_by", json_text(finding->origin_call), bad);
		set(o, "opened_at", number(finding->origin_line), bad);
		set(o, "opener", number((uint64_t)finding->origin_pid), bad);
	}
	if (finding->name)
		set(o, "name", json_text(finding->name), bad);
	return o;
}

static json_t *json_root(const struct root *root, bool *bad)
{
	json_t *o = json_object(), *fds = json_array();

	set(o, "pid", number((uint64_t)root->pid), bad);
	set(o, "fds", fds, bad);
	for (size_t i = 0; i < root->nfds; i++) {
		const struct inherited *in = &root->fds[i];
		json_t *fd;

		if (in->belief == BELIEF_CLOSED)
			continue;
		fd = json_object();
		append(fds, fd, bad);
		set(fd, "fd", json_integer(in->fd), bad);
		set(fd, "cloexec", json_boolean(in->belief == BELIEF_CLOEXEC), bad);
		set(fd, "evidence", json_string(evidence_word(in->evidence)), bad);
		set(fd, "line", in->line ? number(in->line) : json_null(), bad);
	}
	return o;
}

static json_t *json_process(const struct process_record *p, bool *bad)
{
	json_t *o = json_object();

	set(o, "pid", number((uint64_t)p->pid), bad);
	set(o, "program", json_text(p->program), bad);
	set(o, "first_line", number(p->first), bad);
	set(o, "last_line", number(p->last), bad);
	set(o, "ended", json_boolean(p->ended), bad);
	set(o, "highest_count", number(p->highest), bad);
	set(o, "table_size", number(p->table_size), bad);
	return o;
}

json_t *replay_json(const struct verdict *v)
{
	const struct findings *f = v->findings;
	json_t *root = json_object(), *list;
	bool bad = false;

	set(root, "log", json_text(v->log), &bad);
	set(root, "error", v->error ? json_string(strerror(-v->error)) : json_null(), &bad);
	set(root, "lines", number(f->lines), &bad);
	set(root, "calls", number(f->calls), &bad);
	set(root, "passed_over", number(f->passed_over), &bad);
	set(root, "cut", json_boolean(f->cut), &bad);
	set(root, "judged", number(f->judged), &bad);
	set(root, "predicted", number(f->predicted), &bad);
	list = json_array();
	set(root, "inherited", list, &bad);
	for (size_t i = 0; i < v->inference->nroots; i++)
		append(list, json_root(&v->inference->roots[i], &bad), &bad);
	for (size_t kind = 0; kind < N_FINDINGS; kind++) {
		char key[64];

		list = json_array();
		set(root, finding_keys[kind], list, &bad);
		for (size_t i = 0; i < f->of[kind].n; i++)
			append(list, json_finding(&f->of[kind].list[i], &bad), &bad);
		snprintf(key, sizeof(key), "%s_total", finding_keys[kind]);
		set(root, key, number(f->of[kind].total), &bad);
	}
	list = json_array();
	set(root, "processes", list, &bad);
	for (size_t i = 0; i < f->nprocesses; i++)
		append(list, json_process(&f->processes[i], &bad), &bad);
	set(root, "processes_total", number(f->total_processes), &bad);
	if (bad) {
		json_decref(root);
		return NULL;
	}
	return root;
}
