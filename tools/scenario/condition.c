/*
 * Reads conditions and compares them with outcomes. Results are compared as text, in the form in
 * which outcomes have them.
 */
#include "scenario/condition.h"

#include "cli/number.h"
#include "scenario/escapes.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const words[] = {
	[SOMETIMES] = "sometimes",
	[NEVER] = "never",
	[ALWAYS] = "always",
};

static char *trim(char *s)
{
	char *end;

	s += strspn(s, " \t");
	for (end = s + strlen(s); end > s && isblank((unsigned char)end[-1]); end--)
		;
	*end = '\0';
	return s;
}

/*
 * "-1 EBUSY (Device or resource busy)" and "0x10" as outcomes have them, in *result. 0; -EINVAL: it
 * is no result; -ENOMEM.
 */
static int canonical_result(char *s, char **result)
{
	char *paren = strchr(s, '(');
	uint64_t n;

	if (!strcmp(s, "?") || !strcmp(s, "-") || !strcmp(s, "<unfinished ...>")) {
		*result = strdup(s);
		return *result ? 0 : -ENOMEM;
	}
	if (paren) {
		*paren = '\0';
		s = trim(s);
	}
	if (!strncmp(s, "-1", 2) && isblank((unsigned char)s[2])) {
		char *name = trim(s + 2);

		if (!fdl_errno(name, strlen(name)))
			return -EINVAL;
		return asprintf(result, "-1 %s", name) < 0 ? -ENOMEM : 0;
	}
	if (!number_read(s + (*s == '-'), &n))
		return -EINVAL;
	return asprintf(result, "%s%" PRIu64, *s == '-' ? "-" : "", n) < 0 ? -ENOMEM : 0;
}

/* Reads PID:NAME#K. False: left is a path. */
static bool read_call(struct term *t, char *left, int *error)
{
	uint64_t pid, nth = 1;
	const char *colon = decimal_at(left, &pid);
	char *hash;

	if (!colon || *colon != ':' || !pid || pid > INT_MAX)
		return false;
	hash = strchr(colon, '#');
	if (hash) {
		*hash = '\0';
		if (!number_read(trim(hash + 1), &nth) || !nth || nth > UINT_MAX)
			*error = -EINVAL;
	}
	t->pid = (int)pid;
	t->nth = (unsigned)nth;
	t->name = strdup(trim(left + (colon - left) + 1));
	if (!t->name)
		*error = -ENOMEM;
	return true;
}

static int read_term(struct term *t, char *text, char *err, size_t errsize)
{
	char *equals = strchr(text, '='), *left, *right;
	const char *bad;
	int error = 0;

	if (!equals) {
		snprintf(err, errsize, "a term is PID:CALL = RESULT or PATH = TEXT, not '%s'",
			 trim(text));
		return -EINVAL;
	}
	*equals = '\0';
	left = trim(text);
	right = trim(equals + 1);
	if (read_call(t, left, &error)) {
		const int bad_result = canonical_result(right, &t->value);

		if (bad_result)
			t->value = NULL;
		if (!error && bad_result == -EINVAL) {
			snprintf(err, errsize, "'%s' is not a result%s", right,
				 strstr(right, " #") ? " (a comment needs a line of its own)" : "");
			return -EINVAL;
		}
	} else {
		if (escapes_undo(right, &bad) < 0) {
			snprintf(err, errsize, "not an escape (a backslash is \\\\): %s", bad);
			return -EINVAL;
		}
		t->path = strdup(left);
		t->value = strdup(right);
	}
	if (error == -EINVAL)
		snprintf(err, errsize, "a number of the call, from 1, follows '#'");
	else if (!t->value || (!t->path && !t->name))
		error = -ENOMEM;
	return error;
}

static int add_term(struct condition *c, char *text, char *err, size_t errsize)
{
	struct term *terms = reallocarray(c->terms, c->n_terms + 1, sizeof(*terms));

	if (!terms)
		return -ENOMEM;
	c->terms = terms;
	terms[c->n_terms] = (struct term){ 0 };
	return read_term(&terms[c->n_terms++], text, err, errsize);
}

int condition_read(struct condition *c, enum quantifier quantifier, const char *text, char *err,
		   size_t errsize)
{
	char *copy = strdup(text), *rest = copy, *and;
	int error = 0;

	*c = (struct condition){ .quantifier = quantifier };
	if (!copy || asprintf(&c->text, "%s %s", words[quantifier], text) < 0) {
		c->text = NULL;
		free(copy);
		return -ENOMEM;
	}
	for (; !error && rest; rest = and) {
		and = strstr(rest, "&&");
		if (and) {
			*and = '\0';
			and += 2;
		}
		error = add_term(c, rest, err, errsize);
	}
	free(copy);
	return error;
}

void condition_free(struct condition *c)
{
	for (size_t i = 0; i < c->n_terms; i++) {
		free(c->terms[i].name);
		free(c->terms[i].path);
		free(c->terms[i].value);
	}
	free(c->terms);
	free(c->text);
}

static bool term_matches(const struct term *t, const struct fdl_race_outcome *o)
{
	const char *value = t->pid ? o->results[t->place] : o->watched[t->place];

	return value && !strcmp(value, t->value);
}

bool condition_matches(const struct condition *c, const struct fdl_race_outcome *o)
{
	for (size_t i = 0; i < c->n_terms; i++) {
		if (!term_matches(&c->terms[i], o))
			return false;
	}
	return true;
}

bool condition_holds(const struct condition *c, const struct fdl_race_outcome *o, size_t n,
		     size_t *witness)
{
	const bool sought = c->quantifier != ALWAYS;

	for (*witness = 0; *witness < n; ++*witness) {
		if (condition_matches(c, &o[*witness]) == sought)
			break;
	}
	return (*witness < n) == (c->quantifier == SOMETIMES);
}
