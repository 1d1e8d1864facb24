/*
 * libedit by its interface of readline. It keeps its state in global variables: there is one
 * session a program.
 */
#include "shell/edit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_LIBEDIT
#include "shell/complete.h"

#include <editline/readline.h>

static struct session *completing;
static size_t completing_from;

/* The next word that libedit asks for; it begins anew with state 0. */
static char *next_word(const char *word, int state)
{
	static size_t i;

	(void)word;
	i = state ? i + 1 : 0;
	return complete_word(completing, rl_line_buffer, completing_from, (size_t)rl_point, i);
}

static char **complete(const char *word, int start, int end)
{
	(void)end;
	completing_from = (size_t)start;
	/* No names of the computer's files where nothing of the machine fits. */
	rl_attempted_completion_over = 1;
	return rl_completion_matches(word, next_word);
}

bool edit_has_editor(void)
{
	return true;
}

static int edit_on_terminal(struct session *s)
{
	char prompt[128], *line;

	completing = s;
	rl_readline_name = "fdlab";
	rl_attempted_completion_function = complete;
	rl_basic_word_break_characters = " \t(,|\"";
	rl_completer_word_break_characters = " \t(,|\"";
	rl_completion_append_character = '\0';
	using_history();
	while (!s->left) {
		session_prompt(s, prompt, sizeof(prompt));
		line = readline(prompt);
		if (!line)
			break;
		if (line[strspn(line, " \t")])
			add_history(line);
		session_line(s, line);
		fflush(stdout);
		free(line);
	}
	if (!s->left)
		putchar('\n');
	clear_history();
	return 0;
}
#else
bool edit_has_editor(void)
{
	return false;
}

/* Without an editor a line is what the terminal itself lets one type. */
static int edit_on_terminal(struct session *s)
{
	char prompt[128], *line = NULL;
	size_t room = 0;

	while (!s->left) {
		session_prompt(s, prompt, sizeof(prompt));
		fputs(prompt, stdout);
		fflush(stdout);
		if (getline(&line, &room, stdin) < 0)
			break;
		session_line(s, line);
	}
	if (!s->left)
		putchar('\n');
	free(line);
	return 0;
}
#endif

/* Lines of a script: each is shown after the prompt, so that the output reads as a session. */
static int run_script(struct session *s)
{
	char prompt[128], *line = NULL;
	size_t room = 0;
	int error;

	errno = 0;
	while (!s->left && getline(&line, &room, stdin) >= 0) {
		line[strcspn(line, "\r\n")] = '\0';
		session_prompt(s, prompt, sizeof(prompt));
		printf("%s%s\n", prompt, line);
		session_line(s, line);
	}
	error = s->left || feof(stdin) ? 0 : errno ? -errno : -EIO;
	free(line);
	return error;
}

int edit_lines(struct session *s)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) ? edit_on_terminal(s) : run_script(s);
}
