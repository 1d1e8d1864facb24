/*
 * Writes the scripts. An option completes to its values, where it has a list of them; an operand to
 * a file, or, in a verb that lists names when it is called without one, to such a name.
 */
#include "cli/completion.h"

#include "cli/options.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Whether operands are names that the verb itself lists. */
static bool lists_names(const struct verb *verb)
{
	return strstr(verb->operands, "[NAME") != NULL;
}

/* A text between single quotes, as all three shells read it. */
static void print_quoted(const char *s, size_t len)
{
	putchar('\'');
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\'')
			fputs("'\\''", stdout);
		else
			putchar(s[i]);
	}
	putchar('\'');
}

static void print_values(const struct verb_option *option)
{
	const char *between = "";

	for (const char *const *value = option->values(); *value; value++) {
		printf("%s%s", between, *value);
		between = " ";
	}
}

/* ---- bash ----------------------------------------------------------------------------------- */

static void print_bash_verb(const struct verb *verb)
{
	printf("\t%s)\n\t\twords=\"--help --version", verb->name);
	for (const struct verb_option *o = verb->options; o && o->name; o++)
		printf(" --%s", o->name);
	puts("\"");
	if (lists_names(verb))
		printf("\t\tnames=$(fdlab %s 2>/dev/null | awk '/^  / { print $1 }')\n",
		       verb->name);
	puts("\t\tcase $before in");
	for (const struct verb_option *o = verb->options; o && o->name; o++) {
		if (!o->argument || o->optional)
			continue;
		printf("\t\t--%s) ", o->name);
		if (o->values) {
			fputs("COMPREPLY=($(compgen -W \"", stdout);
			print_values(o);
			puts("\" -- \"$word\")); return ;;");
		} else {
			puts("COMPREPLY=($(compgen -f -- \"$word\")); return ;;");
		}
	}
	puts("\t\tesac ;;");
}

static void print_bash(const struct verb *const *verbs)
{
	puts("# Completion of fdlab for bash. Made from the table of verbs: fdlab completion bash\n"
	     "_fdlab()\n"
	     "{\n"
	     "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
	     "\tlocal words= names=\n");
	fputs("\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\tCOMPREPLY=($(compgen -W \"help version",
	      stdout);
	for (size_t i = 0; verbs[i]; i++)
		printf(" %s", verbs[i]->name);
	puts("\" -- \"$word\"))\n\t\treturn\n\tfi\n\tcase ${COMP_WORDS[1]} in");
	for (size_t i = 0; verbs[i]; i++)
		print_bash_verb(verbs[i]);
	fputs("\thelp) COMPREPLY=($(compgen -W \"", stdout);
	for (size_t i = 0; verbs[i]; i++)
		printf("%s%s", i ? " " : "", verbs[i]->name);
	puts("\" -- \"$word\")); return ;;\n"
	     "\tesac\n"
	     "\tcase $word in\n"
	     "\t-*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n"
	     "\t*) COMPREPLY=($(compgen -W \"$names\" -- \"$word\") $(compgen -f -- \"$word\")) "
	     ";;\n"
	     "\tesac\n"
	     "}\n"
	     "complete -o filenames -F _fdlab fdlab");
}

/* ---- zsh ------------------------------------------------------------------------------------ */

/* The first line of a help text, in which brackets and colons would end the text. */
static void print_zsh_help(const char *help)
{
	for (size_t i = 0; help[i] && help[i] != '\n'; i++) {
		if (strchr("[]:\\", help[i]))
			putchar('\\');
		if (help[i] == '\'')
			fputs("'\\'", stdout);
		putchar(help[i]);
	}
}

static void print_zsh_verb(const struct verb *verb)
{
	printf("\t%s)\n\t\t_arguments '(-h --help)'{-h,--help}'[this text]' \\\n"
	       "\t\t\t'(-V --version)'{-V,--version}'[the version]' \\\n",
	       verb->name);
	for (const struct verb_option *o = verb->options; o && o->name; o++) {
		printf("\t\t\t'--%s[", o->name);
		print_zsh_help(o->help);
		fputs("]", stdout);
		if (o->values) {
			printf(":%s:(", o->name);
			print_values(o);
			putchar(')');
		} else if (o->argument && !o->optional) {
			printf(":%s:_files", o->name);
		}
		puts("' \\");
	}
	if (lists_names(verb))
		printf("\t\t\t'*:name:( ${(f)\"$(fdlab %s 2>/dev/null | awk \"/^  / { print \\\\$1 "
		       "}\")\"} )' ;;\n",
		       verb->name);
	else
		puts("\t\t\t'*:file:_files' ;;");
}

static void print_zsh(const struct verb *const *verbs)
{
	puts("#compdef fdlab\n"
	     "# Completion of fdlab for zsh. Made from the table of verbs: fdlab completion zsh\n"
	     "local -a verbs=(");
	for (size_t i = 0; verbs[i]; i++) {
		printf("\t'%s:", verbs[i]->name);
		print_zsh_help(verbs[i]->summary);
		puts("'");
	}
	puts("\t'help:tell about a verb'\n\t'version:the version'\n)\n"
	     "if (( CURRENT == 2 )); then\n\t_describe verb verbs\n\treturn\nfi\n"
	     "local verb=$words[2]\nshift words\n(( CURRENT-- ))\ncase $verb in");
	for (size_t i = 0; verbs[i]; i++)
		print_zsh_verb(verbs[i]);
	puts("help) _describe verb verbs ;;\nesac");
}

/* ---- fish ----------------------------------------------------------------------------------- */

static void print_fish_verb(const struct verb *verb)
{
	printf("complete -c fdlab -n __fish_use_subcommand -f -a %s -d ", verb->name);
	print_quoted(verb->summary, strlen(verb->summary));
	putchar('\n');
	for (const struct verb_option *o = verb->options; o && o->name; o++) {
		printf("complete -c fdlab -n '__fish_seen_subcommand_from %s' -l %s", verb->name,
		       o->name);
		if (o->letter)
			printf(" -s %c", o->letter);
		if (o->argument && !o->optional)
			fputs(o->values ? " -x" : " -r", stdout);
		if (o->values) {
			fputs(" -a '", stdout);
			print_values(o);
			putchar('\'');
		}
		fputs(" -d ", stdout);
		print_quoted(o->help, strcspn(o->help, "\n"));
		putchar('\n');
	}
	if (lists_names(verb))
		printf("complete -c fdlab -n '__fish_seen_subcommand_from %s' -a "
		       "'(fdlab %s 2>/dev/null | string match -r \"^  \\\\S+\" | string trim)'\n",
		       verb->name, verb->name);
}

static void print_fish(const struct verb *const *verbs)
{
	puts("# Completion of fdlab for fish. Made from the table of verbs: fdlab completion fish");
	for (size_t i = 0; verbs[i]; i++)
		print_fish_verb(verbs[i]);
	puts("complete -c fdlab -n __fish_use_subcommand -f -a help -d 'tell about a verb'\n"
	     "complete -c fdlab -n __fish_use_subcommand -f -a version -d 'the version'\n"
	     "complete -c fdlab -s h -l help -d 'help'\n"
	     "complete -c fdlab -s V -l version -d 'the version'");
}

/* ---- the table ------------------------------------------------------------------------------ */

static const char *const names[] = { "bash", "zsh", "fish", NULL };
static void (*const printers[])(const struct verb *const *verbs) = {
	print_bash,
	print_zsh,
	print_fish,
};

const char *const *completion_shells(void)
{
	return names;
}

bool completion_print(const struct verb *const *verbs, const char *shell)
{
	for (size_t i = 0; names[i]; i++) {
		if (!strcmp(names[i], shell)) {
			printers[i](verbs);
			return true;
		}
	}
	return false;
}
