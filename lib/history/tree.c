/*
 * at/ in the tree: a directory for every moment, which is the tree of the machine that the history
 * shows then. A file's number there is the moment and the small number of the file. Every use of a
 * file goes to its moment first, which costs little for one that was used lately.
 */
#include "base/heap.h"
#include "base/number.h"
#include "history/changes.h"
#include "history/history.h"
#include "tree/handle.h"
#include "tree/texts.h"
#include "tree/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define FILE_BITS  24 /* of a number: the small number of the file; the moment is above it */
#define FILES_MAX  ((1ull << FILE_BITS) - 1)
#define MOMENT_MAX ((1ull << (TREE_GRAFT_BITS - FILE_BITS)) - 1)

/* Cookies of the library's listings after "." and "..", which every directory begins with. */
#define COOKIE_DOTS 2

/* ---- at/ ---- */

/* The number of a file at the moment of another one; 0: there is none left. */
static uint64_t file_number(struct fdl_history *h, uint64_t number, fdl_ino ino)
{
	const uint64_t file = numbers_of(&h->numbers, ino, FILES_MAX);

	h->machine->numbered = h->numbers.n;
	return file ? number >> FILE_BITS << FILE_BITS | file : 0;
}

/* Goes to the moment of a file, and finds its number in the tree there. 0 or an error. */
static int go_to(const struct node *n, fdl_ino *ino)
{
	struct fdl_history *h = history_of(n->machine);

	*ino = numbers_ino(&h->numbers, n->number & FILES_MAX);
	return *ino ? history_go(h, n->number >> FILE_BITS) : -ENOENT;
}

/* The same; in is the file. */
static int node_then(const struct node *n, struct node *in)
{
	fdl_ino ino;
	int error = go_to(n, &ino);

	return error ? error : tree_node(history_of(n->machine)->shown, ino, in);
}

static mode_t at_mode(const struct node *n)
{
	struct node in;
	mode_t mode;

	if (!n->number)
		return S_IFDIR | 0555;
	if (node_then(n, &in))
		return 0;
	mode = tree_mode(&in);
	return in.row->graft || S_ISLNK(mode) ? mode : mode & ~0222u;
}

/* A moment by its line, as at/ and changes/ name it. False: there is no such moment. */
static bool is_moment(const struct fdl_history *h, const char *name, size_t len, uint64_t *line)
{
	struct line_range range;

	history_range(h, &range);
	return number_is_name(name, len, line) && line_range_has(&range, *line) &&
	       *line <= MOMENT_MAX;
}

static int at_lookup(const struct node *dir, const char *name, size_t len, uint64_t *number)
{
	struct fdl_history *h = history_of(dir->machine);
	char copy[256];
	uint64_t line;
	fdl_ino ino;
	int error;

	if (!dir->number) {
		if (!is_moment(h, name, len, &line))
			return -ENOENT;
		/* Without memory the moment is there, but cannot be shown. */
		error = history_go(h, line);
		if (error)
			return error;
		*number = file_number(h, line << FILE_BITS, FDL_ROOT);
		return *number ? 0 : -ENOMEM;
	}
	if (len >= sizeof(copy))
		return -ENAMETOOLONG;
	snprintf(copy, sizeof(copy), "%.*s", (int)len, name);
	error = go_to(dir, &ino);
	if (!error)
		error = fdl_lookup(h->shown, ino, copy, &ino);
	if (error)
		return error;
	*number = file_number(h, dir->number, ino);
	return *number ? 0 : -ENOMEM;
}

static uint64_t at_parent(const struct node *dir)
{
	struct fdl_history *h = history_of(dir->machine);
	fdl_ino ino;

	if (go_to(dir, &ino) || ino == FDL_ROOT || fdl_lookup(h->shown, ino, "..", &ino))
		return 0;
	return file_number(h, dir->number, ino);
}

/* How many moments are listed. */
static uint64_t count_moments(const struct fdl_history *h)
{
	struct line_range range;

	history_range(h, &range);
	return range.last - range.first < LISTED_MAX ? range.last - range.first + 1 : 0;
}

/* The next moment that is listed after *cookie, which counts lines from 1. False: the end. */
static bool next_moment(const struct fdl_history *h, uint64_t *cookie, uint64_t *line)
{
	struct line_range range;

	history_range(h, &range);
	if (!count_moments(h))
		return false;
	*line = *cookie > range.first ? *cookie : range.first;
	*cookie = *line + 1;
	return *line <= range.last;
}

static int at_next(const struct node *dir, uint64_t *cookie, uint64_t *number,
		   struct fdl_dirent *de)
{
	struct fdl_history *h = history_of(dir->machine);
	uint64_t line, inner = *cookie + COOKIE_DOTS;
	fdl_ino ino;

	if (!dir->number) {
		if (!next_moment(h, cookie, &line))
			return 0;
		snprintf(de->name, sizeof(de->name), "%llu", (unsigned long long)line);
		*number = file_number(h, line << FILE_BITS, FDL_ROOT);
		return *number != 0;
	}
	if (go_to(dir, &ino) || fdl_readdir(h->shown, ino, &inner, de) != 1)
		return 0;
	*cookie = inner - COOKIE_DOTS;
	*number = file_number(h, dir->number, de->ino);
	return *number != 0;
}

/* Its number in the machine would be that of the file at every other moment, too. */
static void at_stat(const struct node *n, struct stat *st)
{
	const mode_t mode = st->st_mode;
	fdl_ino ino;

	if (n->number && (go_to(n, &ino) || fdl_getattr(history_of(n->machine)->shown, ino, st)))
		memset(st, 0, sizeof(*st));
	if (!n->number)
		st->st_nlink = 2 + count_moments(history_of(n->machine));
	st->st_mode = mode;
	st->st_ino = n->ino;
}

static int at_link(const struct node *n, struct text *out)
{
	struct tree_text *tt;
	struct node in;
	int error = node_then(n, &in);

	if (!error)
		error = texts_get(&in, &tt);
	if (error)
		return error;
	text_put(out, tt->text.s, tt->text.len);
	tree_text_put(tt);
	return out->error;
}

/* Copies a part of a text. Returns how many bytes. */
static ssize_t read_text(const struct text *t, char *buf, size_t size, off_t off)
{
	const size_t left = (uint64_t)off < t->len ? t->len - (size_t)off : 0;

	if (size > left)
		size = left;
	if (size)
		memcpy(buf, t->s + off, size);
	return (ssize_t)size;
}

/* A file that grows ends where it ended then. */
static ssize_t read_trail(const struct node *in, char *buf, size_t size, off_t off)
{
	struct fdl_handle *h;
	ssize_t n = fdl_open(in->machine, in->ino, O_RDONLY, &h);

	if (n)
		return n;
	n = fdl_read(h, buf, size, off, 0);
	fdl_close(h);
	return n;
}

static ssize_t at_read(const struct node *n, char *buf, size_t size, off_t off)
{
	struct tree_text *tt;
	struct node in;
	ssize_t error = node_then(n, &in);

	if (error)
		return error;
	if (in.row->graft)
		return in.row->graft->read(&in, buf, size, off);
	if (in.row->ops && in.row->ops->trail)
		return read_trail(&in, buf, size, off);
	if (!in.row->text)
		return 0;
	error = texts_get(&in, &tt);
	if (error)
		return error;
	error = read_text(&tt->text, buf, size, off);
	tree_text_put(tt);
	return error;
}

static bool at_simulated(const struct node *n)
{
	fdl_ino ino;

	return n->number && !go_to(n, &ino) && fdl_is_simulated(history_of(n->machine)->shown, ino);
}

/* A small machine is put to any moment, and shown, in no time. */
static bool at_takes_long(const struct node *n)
{
	struct node in;

	if (node_then(n, &in) || S_ISDIR(tree_mode(&in)) || in.row->ops)
		return false;
	return in.row->graft ? in.row->graft->takes_long && in.row->graft->takes_long(&in)
			     : !texts_at_hand(&in);
}

static const struct tree_graft at_graft = {
	.mode = at_mode,
	.lookup = at_lookup,
	.parent = at_parent,
	.next = at_next,
	.stat = at_stat,
	.link = at_link,
	.read = at_read,
	.simulated = at_simulated,
	.takes_long = at_takes_long,
};

/* ---- changes/ ---- */

/* Numbers: twice the line, and one more for the file with JSON. Line 0 changed nothing. */

static mode_t changes_mode(const struct node *n)
{
	struct line_range range;

	history_range(history_of(n->machine), &range);
	if (!n->number)
		return S_IFDIR | 0555;
	return n->number / 2 > range.first && n->number / 2 <= range.last ? S_IFREG | 0444 : 0;
}

static int changes_lookup(const struct node *dir, const char *name, size_t len, uint64_t *number)
{
	static const char json[] = ".json";
	const size_t tail = sizeof(json) - 1;
	const bool is_json = len > tail && !memcmp(name + len - tail, json, tail);
	struct node n = *dir;
	uint64_t line;

	if (!is_moment(history_of(dir->machine), name, is_json ? len - tail : len, &line))
		return -ENOENT;
	n.number = *number = 2 * line + is_json;
	return line && changes_mode(&n) ? 0 : -ENOENT;
}

static uint64_t changes_parent(const struct node *dir)
{
	(void)dir;
	return 0;
}

static int changes_next(const struct node *dir, uint64_t *cookie, uint64_t *number,
			struct fdl_dirent *de)
{
	const struct fdl_history *h = history_of(dir->machine);
	struct line_range range;

	history_range(h, &range);
	if (!count_moments(h))
		return 0;
	*number = *cookie > 2 * range.first + 2 ? *cookie : 2 * range.first + 2;
	if (*number / 2 > range.last)
		return 0;
	snprintf(de->name, sizeof(de->name), "%llu%s", (unsigned long long)*number / 2,
		 *number % 2 ? ".json" : "");
	*cookie = *number + 1;
	return 1;
}

static void changes_stat(const struct node *n, struct stat *st)
{
	st->st_ino = n->ino;
	st->st_nlink = n->number ? 1 : 2;
}

static ssize_t changes_read(const struct node *n, char *buf, size_t size, off_t off)
{
	struct fdl_history *h = history_of(n->machine);
	const uint64_t line = n->number / 2;
	int error = 0;

	if (h->changes_of != n->number) {
		text_clear(&h->changes);
		h->changes_of = n->number;
		error = changes_text(h, line - 1, line, n->number % 2, &h->changes);
	}
	if (error) {
		h->changes_of = 0;
		return error;
	}
	return read_text(&h->changes, buf, size, off);
}

static bool changes_simulated(const struct node *n)
{
	(void)n;
	return false;
}

static bool changes_takes_long(const struct node *n)
{
	return history_of(n->machine)->changes_of != n->number && texts_is_work(work_of_machine(n));
}

static const struct tree_graft changes_graft = {
	.mode = changes_mode,
	.lookup = changes_lookup,
	.parent = changes_parent,
	.next = changes_next,
	.stat = changes_stat,
	.read = changes_read,
	.simulated = changes_simulated,
	.takes_long = changes_takes_long,
};

const struct tree_row past_rows[] = {
	{ .name = "at", .mode = S_IFDIR | 0555, .graft = &at_graft },
	{ .name = "changes", .mode = S_IFDIR | 0555, .graft = &changes_graft },
	{ 0 },
};
