/*
 * Finds the frame of a stack that is the program's own, and asks addr2line about it.
 */
#include "check/source.h"

#include "cli/number.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* " > /home/u/a.out(main+0x2f) [0x1139]": parts of the line. */
struct frame {
	char *object, *function; /* function: "main+0x2f", or "" */
	uint64_t offset;         /* in the file */
};

const char *source_lack_text(enum source_lack lack)
{
	static const char *const texts[] = {
		[SOURCE_NO_STACK] = "no lines of source: this strace prints no stacks (-k)",
		[SOURCE_NO_ADDR2LINE] =
			"no lines of source: addr2line is missing (Debian: apt install binutils)",
		[SOURCE_NO_DEBUG] = "no lines of source: compiled without -g, or strace cannot "
				    "follow the stack",
	};

	return texts[lack];
}

/* Takes a line of a stack apart, in place. False: it is none. */
static bool read_frame(char *line, struct frame *f)
{
	char *open, *close, *address;

	if (strncmp(line, " > ", 3) != 0)
		return false;
	address = strrchr(line, '[');
	close = address ? memrchr(line, ')', (size_t)(address - line)) : NULL;
	open = close ? memrchr(line, '(', (size_t)(close - line)) : NULL;
	if (!open)
		return false;
	*open = *close = '\0';
	f->object = line + 3;
	f->function = open + 1;
	return digits_at(address + 1, 16, &f->offset) && f->offset > 0;
}

static bool is_library(const char *object)
{
	const char *so = strstr(object, ".so");

	return so && (!so[3] || so[3] == '.');
}

/* The address that debugging information has for an offset in the file; 0: it is no ELF file. */
static uint64_t address_of(const char *object, uint64_t offset)
{
	int fd = open(object, O_RDONLY | O_CLOEXEC);
	uint64_t address = 0;
	Elf64_Ehdr header;
	Elf64_Phdr part;

	if (fd < 0)
		return 0;
	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64)
		goto out;
	for (size_t i = 0; i < header.e_phnum; i++) {
		if (pread(fd, &part, sizeof(part), (off_t)(header.e_phoff + i * sizeof(part))) !=
		    sizeof(part))
			break;
		if (part.p_type == PT_LOAD && offset >= part.p_offset &&
		    offset < part.p_offset + part.p_filesz)
			address = offset - part.p_offset + part.p_vaddr;
	}
out:
	close(fd);
	return address;
}

/* In the child: becomes addr2line. The address is after the call, so one less is in it. */
static void become_addr2line(const char *object, uint64_t address, int output)
{
	char text[32];
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)address - 1);
	if (dup2(output, STDOUT_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0)
		execlp("addr2line", "addr2line", "-e", object, text, (char *)NULL);
	_exit(127);
}

/* "/home/u/a.c:7 (discriminator 2)" as "a.c:7". False: "??:0", addr2line does not know it. */
static bool read_place(char *text)
{
	char *slash, *end = text + strcspn(text, " \n");
	char *colon;

	*end = '\0';
	colon = strrchr(text, ':');
	if (!colon || *text == '?' || colon[1] == '?' || colon[1] == '0')
		return false;
	slash = strrchr(text, '/');
	if (slash)
		memmove(text, slash + 1, strlen(slash));
	return true;
}

static bool ask(const char *object, uint64_t address, char *text, size_t size,
		enum source_lack *lack)
{
	int pipes[2], status;
	FILE *output;
	pid_t child;
	bool read;

	*lack = SOURCE_NO_ADDR2LINE;
	if (pipe2(pipes, O_CLOEXEC))
		return false;
	child = fork();
	if (!child)
		become_addr2line(object, address, pipes[1]);
	close(pipes[1]);
	output = fdopen(pipes[0], "r");
	read = output && fgets(text, (int)size, output);
	if (output)
		fclose(output);
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
	    WEXITSTATUS(status) == 127)
		return false;
	*lack = SOURCE_NO_DEBUG;
	if (!read || !read_place(text))
		return false;
	*lack = SOURCE_FOUND;
	return true;
}

/* The place of a frame without its line, in memory of malloc: "a.out(main+0x2f)", or "a.out". */
static char *rough_place(const struct frame *f)
{
	const char *slash = strrchr(f->object, '/'), *name = slash ? slash + 1 : f->object;
	const bool named = *f->function && *f->function != '+';
	char *place;

	return asprintf(&place, "%s%s%s%s", name, named ? "(" : "", named ? f->function : "",
			named ? ")" : "") < 0
		       ? NULL
		       : place;
}

/*
 * Looks at a frame: the first of the program that has a line of source is the place; a program that
 * was linked statically has the C library's frames before it. *rough is the first place without a
 * line.
 */
static char *look_at(const struct frame *f, char **rough, enum source_lack *lack)
{
	const uint64_t address = is_library(f->object) ? 0 : address_of(f->object, f->offset);
	char text[512];

	if (is_library(f->object))
		return NULL;
	*lack = SOURCE_NO_DEBUG;
	if (address && ask(f->object, address, text, sizeof(text), lack))
		return strdup(text);
	if (!*rough)
		*rough = rough_place(f);
	return NULL;
}

char *source_of(const struct strace_log *log, uint64_t line, enum source_lack *lack)
{
	char *text, *copy, *place = NULL, *rough = NULL;
	struct log_reader reader;
	bool done = false;
	struct frame f;
	size_t len;

	*lack = SOURCE_NO_STACK;
	reader_init(&reader, log);
	while (!done && !place && reader_line(&reader, &text, &len)) {
		if (reader.line <= line)
			continue;
		copy = strndup(text, len);
		done = !copy || !read_frame(copy, &f);
		if (!done)
			place = look_at(&f, &rough, lack);
		free(copy);
	}
	reader_free(&reader);
	if (!place)
		return rough ?: strdup("");
	free(rough);
	return place;
}
