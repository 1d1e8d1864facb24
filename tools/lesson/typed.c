/* Reads lines from the terminal; a signal that tells a new size of it ends the wait for one. */
#include "lesson/typed.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void interrupt_read(int sig)
{
	(void)sig;
}

static enum typed_kind kind_of(const char *text)
{
	static const struct {
		const char *word;
		enum typed_kind kind;
	} keys[] = {
		{ "", TYPED_NOTHING },  { "b", TYPED_BACK },    { "back", TYPED_BACK },
		{ "t", TYPED_TRY },     { "try", TYPED_TRY },   { "q", TYPED_QUIT },
		{ "quit", TYPED_QUIT }, { "?", TYPED_CHOICES },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (!strcmp(text, keys[i].word))
			return keys[i].kind;
	}
	return TYPED_TEXT;
}

static void cut_blanks(char *text)
{
	size_t n = strlen(text), blanks;

	while (n && isspace((unsigned char)text[n - 1]))
		text[--n] = '\0';
	blanks = strspn(text, " \t");
	memmove(text, text + blanks, n - blanks + 1);
}

void typed_read(struct typed *t, const char *prompt)
{
	/* Without SA_RESTART: getline fails with EINTR. */
	const struct sigaction resized = { .sa_handler = interrupt_read };
	struct sigaction before;
	size_t room = 0;
	bool read;

	*t = (struct typed){ .kind = TYPED_QUIT };
	fputs(prompt, stdout);
	fflush(stdout);
	sigaction(SIGWINCH, &resized, &before);
	errno = 0;
	read = getline(&t->text, &room, stdin) >= 0;
	if (!read && errno == EINTR)
		t->kind = TYPED_RESIZED;
	sigaction(SIGWINCH, &before, NULL);
	if (read) {
		cut_blanks(t->text);
		t->kind = kind_of(t->text);
		return;
	}
	clearerr(stdin);
	if (t->kind == TYPED_QUIT)
		putchar('\n');
	free(t->text);
	t->text = NULL;
}

void typed_free(struct typed *t)
{
	free(t->text);
}
