/*
 * Numbering and walking the tree. All rows are laid out once as an array of places, each of which
 * knows its parent. A file's number holds its place, its pid and its descriptor, so that nothing
 * has to be kept for a file that was looked up.
 */
#include "tree/tree.h"

#include "base/heap.h"
#include "base/number.h"
#include "base/trail.h"
#include "machine/kernel.h"
#include "machine/machine.h"
#include "machine/task.h"
#include "tree/handle.h"
#include "tree/texts.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A number from its top bit: 1 bit that is clear, 10 of place, 22 of pid, 31 of descriptor. The
 * root is 1.
 */
#define FD_BITS    31
#define PID_BITS   22
#define PLACES_MAX ((size_t)1 << (63 - PID_BITS - FD_BITS))

_Static_assert(TREE_GRAFT_BITS == PID_BITS + FD_BITS, "a graft's number is in place of both");
_Static_assert(PID_MAX <= 1 << PID_BITS, "a pid fits into a file's number");

/* Nested directories: <pid>/task/<tid>/fd/N, and some to spare. */
#define DEPTH_MAX 8

/* A row's place in the tree. The places of a directory's fixed rows are adjacent. */
struct tree_place {
	const struct tree_row *row;
	const struct tree_row *rows; /* a directory's, the kernel's in place of kernel_files */
	uint16_t number;
	uint16_t parent;
	uint16_t first, nrows; /* a directory's fixed rows */
	uint16_t entry;        /* of its index; 0: it has none */
	uint16_t object;       /* of its index; 0: it has none */
	uint16_t subdirs;      /* how many fixed rows are directories */
	bool has_task, has_fd; /* it is below a <pid>, at or below a descriptor */
	bool is_entry;
};

struct tree {
	const struct kernel *kernel; /* its rows are numbered */
	struct tree_place *places;
	size_t nplaces, cap;
	const struct tree_row *root, *more;
};

const struct tree_row kernel_files[] = { { 0 } };

/* ---- numbering ---------------------------------------------------------------------------- */

static int place_add(struct tree *t, const struct tree_row *row, size_t parent)
{
	struct tree_place *p;

	if (t->nplaces == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 128;

		p = realloc(t->places, cap * sizeof(*p));
		if (!p)
			return -ENOMEM;
		t->places = p;
		t->cap = cap;
	}
	assert(t->nplaces < PLACES_MAX);
	p = &t->places[t->nplaces];
	*p = (struct tree_place){ .row = row, .rows = row->rows };
	if (t->nplaces) {
		const struct tree_place *up = &t->places[parent];

		p->has_task = up->has_task;
		p->has_fd = up->has_fd;
	}
	p->number = (uint16_t)t->nplaces++;
	p->parent = (uint16_t)parent;
	if (p->rows == kernel_files)
		p->rows = t->kernel->files;
	return 0;
}

static int places_add(struct tree *t, const struct tree_row *rows, size_t parent)
{
	for (; rows && rows->name; rows++) {
		int error = place_add(t, rows, parent);

		if (error)
			return error;
		t->places[parent].nrows++;
		t->places[parent].subdirs += S_ISDIR(rows->mode);
	}
	return 0;
}

/* Adds the fixed rows of the directory at i, and the entry of its index. 0 or -ENOMEM. */
static int place_fill(struct tree *t, size_t i)
{
	const struct tree_index *index = t->places[i].row->index;
	struct tree_place *entry;
	int error;

	t->places[i].first = (uint16_t)t->nplaces;
	error = places_add(t, t->places[i].rows, i);
	if (!error && i == 0)
		error = places_add(t, t->kernel->root, i);
	if (!error && i == 0)
		error = places_add(t, t->more, i);
	if (error || !index)
		return error;
	error = place_add(t, index->entry, i);
	if (error)
		return error;
	entry = &t->places[t->nplaces - 1];
	t->places[i].entry = entry->number;
	entry->is_entry = true;
	entry->has_task |= index->number == TREE_TASKS;
	entry->has_fd |= index->number == TREE_DESCRIPTORS;
	if (!index->object)
		return 0;
	error = place_add(t, index->object, i);
	if (error)
		return error;
	entry = &t->places[t->nplaces - 1];
	t->places[i].object = entry->number;
	entry->is_entry = entry->has_fd = true;
	return 0;
}

/* Numbers the rows for the machine's kernel, unless they are. 0 or -ENOMEM. */
static int tree_number(struct fdl_machine *m)
{
	struct tree *t = m->tree;
	int error;

	if (t->kernel == m->kernel)
		return 0;
	t->kernel = m->kernel;
	t->nplaces = 0;
	texts_clear(m->texts);
	error = place_add(t, t->root, 0);
	/* Breadth first: nplaces grows. */
	for (size_t i = 0; !error && i < t->nplaces; i++) {
		if (S_ISDIR(t->places[i].row->mode))
			error = place_fill(t, i);
	}
	if (error)
		t->kernel = NULL;
	return error;
}

void tree_settle(struct fdl_machine *m)
{
	heap_skip(m->tree->places, 0);
}

int tree_init(struct fdl_machine *m, const struct tree_row *root)
{
	m->texts = calloc(1, sizeof(*m->texts));
	m->tree = calloc(1, sizeof(*m->tree));
	if (!m->texts || !m->tree)
		goto out;
	m->tree->root = root;
	if (tree_number(m) == 0)
		return 0;
out:
	tree_free(m);
	return -ENOMEM;
}

int tree_add_rows(struct fdl_machine *m, const struct tree_row *rows)
{
	m->tree->more = rows;
	m->tree->kernel = NULL;
	return tree_number(m);
}

void tree_free(struct fdl_machine *m)
{
	if (m->texts)
		texts_clear(m->texts);
	if (m->tree)
		free(m->tree->places);
	free(m->texts);
	free(m->links_root);
	m->links_root = NULL;
	free(m->tree);
	m->texts = NULL;
	m->tree = NULL;
}

static fdl_ino ino_pack(const struct tree_place *p, uint64_t pid, uint64_t fd)
{
	assert(pid < 1ull << PID_BITS && fd < 1ull << FD_BITS);
	if (!p->number)
		return FDL_ROOT;
	return ((uint64_t)p->number << PID_BITS | pid) << FD_BITS | fd;
}

bool tree_slot(const struct task *task, uint64_t fd, struct slot *slot)
{
	if (!task->files || !task->machine->kernel->slot_next(task, fd, slot))
		return false;
	return slot->fd == fd && slot->file;
}

/* A node at a place, with the task and the descriptor that the place needs, which exist. */
static void node_at(struct fdl_machine *m, const struct tree_place *p, struct task *task,
		    uint64_t fd, struct node *n)
{
	*n = (struct node){ .machine = m, .row = p->row, .place = p };
	n->task = p->has_task ? task : NULL;
	n->fd = p->has_fd ? fd : 0;
	n->ino = ino_pack(p, n->task ? (uint64_t)n->task->pid : 0, n->fd);
}

/* A node of a graft: the row of the directory where it stands, and the file's number. */
static int node_in_graft(struct fdl_machine *m, const struct tree_place *p, fdl_ino ino,
			 struct node *n)
{
	*n = (struct node){ .machine = m, .row = p->row, .place = p, .ino = ino };
	n->number = ino & ((1ull << TREE_GRAFT_BITS) - 1);
	return p->row->graft->mode(n) ? 0 : -ENOENT;
}

mode_t tree_mode(const struct node *n)
{
	if (n->row->graft)
		return n->row->graft->mode(n);
	return n->row->mode_of ? (n->row->mode & S_IFMT) | n->row->mode_of(n) : n->row->mode;
}

int tree_node(struct fdl_machine *m, fdl_ino ino, struct node *n)
{
	const uint64_t fd = ino & ((1ull << FD_BITS) - 1);
	const int pid = (int)(ino >> FD_BITS & ((1u << PID_BITS) - 1));
	const size_t number = ino == FDL_ROOT ? 0 : (size_t)(ino >> (PID_BITS + FD_BITS));
	const struct tree_place *p;
	struct task *task = NULL;
	struct slot slot;
	int error = tree_number(m);

	if (error)
		return error;
	if (number >= m->tree->nplaces || (!number && ino != FDL_ROOT))
		return -ENOENT;
	p = &m->tree->places[number];
	/* Then there is nothing to say; control files and records work. */
	if (machine_is_empty(m) && ino != FDL_ROOT && !p->row->ops)
		return -ENOMEM;
	if (p->row->graft)
		return node_in_graft(m, p, ino, n);
	if (p->has_task) {
		task = task_find(m, pid);
		if (!task)
			return -ESRCH;
	}
	if (p->has_fd && !tree_slot(task, fd, &slot))
		return -ENOENT;
	node_at(m, p, task, fd, n);
	return 0;
}

/* ---- walking ------------------------------------------------------------------------------ */

/* The number in the tree of a file's number in a graft. */
static fdl_ino graft_ino(const struct node *n, uint64_t number)
{
	assert(number < 1ull << TREE_GRAFT_BITS);
	return (uint64_t)n->place->number << TREE_GRAFT_BITS | number;
}

/* The number of a file's directory; the root's is its own. */
static fdl_ino parent_of(const struct node *n)
{
	const struct tree_place *p = n->place, *up = &n->machine->tree->places[p->parent];
	uint64_t pid = 0;

	if (n->number)
		return graft_ino(n, n->row->graft->parent(n));
	/* A thread's directory is below its process's. */
	if (up->has_task)
		pid = (uint64_t)(p->is_entry && !p->has_fd ? n->task->tgid : n->task->pid);
	return ino_pack(up, pid, up->has_fd ? n->fd : 0);
}

static int lookup_number(const struct node *dir, uint64_t number, fdl_ino *ino)
{
	const struct tree_index *index = dir->row->index;
	const struct tree_place *p = &dir->machine->tree->places[dir->place->entry];
	uint64_t got;

	if (number >= 1ull << (index->number == TREE_TASKS ? PID_BITS : FD_BITS))
		return -ENOENT;
	/* First what needs no search: many threads may stand before the next listed number. */
	if (!(index->hidden && index->hidden(dir, number)) &&
	    !(index->next(dir, number, &got) && got == number))
		return -ENOENT;
	if (index->number == TREE_TASKS)
		*ino = ino_pack(p, number, 0);
	else
		*ino = ino_pack(p, (uint64_t)dir->task->pid, number);
	return 0;
}

/* Looks up an object without a path, by the text of a link in the directory. */
static int lookup_object(const struct node *dir, const char *name, size_t len, fdl_ino *ino)
{
	const struct tree_place *p = dir->place;
	uint64_t number;

	if (!p->object || !dir->row->index->find(dir, name, len, &number))
		return -ENOENT;
	*ino = ino_pack(&dir->machine->tree->places[p->object], (uint64_t)dir->task->pid, number);
	return 0;
}

static int lookup_in_graft(const struct node *dir, const char *name, size_t len, fdl_ino *ino)
{
	uint64_t number;
	int error = dir->row->graft->lookup(dir, name, len, &number);

	if (!error)
		*ino = graft_ino(dir, number);
	return error;
}

static int lookup(const struct node *dir, const char *name, size_t len, fdl_ino *ino)
{
	const struct tree_place *p = dir->place;
	uint64_t number;

	if (!S_ISDIR(tree_mode(dir)))
		return -ENOTDIR;
	*ino = dir->ino;
	if (len == 1 && name[0] == '.')
		return 0;
	*ino = parent_of(dir);
	if (len == 2 && name[0] == '.' && name[1] == '.')
		return 0;
	if (dir->row->graft)
		return lookup_in_graft(dir, name, len, ino);
	if (p->entry && number_is_name(name, len, &number))
		return lookup_number(dir, number, ino);
	for (unsigned i = 0; i < p->nrows; i++) {
		const struct tree_place *child = &dir->machine->tree->places[p->first + i];

		if (strncmp(child->row->name, name, len) || child->row->name[len])
			continue;
		*ino = ino_pack(child, dir->task ? (uint64_t)dir->task->pid : 0, dir->fd);
		return 0;
	}
	return lookup_object(dir, name, len, ino);
}

int fdl_lookup(struct fdl_machine *m, fdl_ino dir, const char *name, fdl_ino *ino)
{
	struct node n;
	int error = tree_node(m, dir, &n);

	return error ? error : lookup(&n, name, strlen(name), ino);
}

int fdl_walk(struct fdl_machine *m, const char *path, fdl_ino *ino)
{
	fdl_ino at = FDL_ROOT;
	struct node n;
	int error;

	if (strnlen(path, PATH_MAX) == PATH_MAX)
		return -ENAMETOOLONG;
	for (;;) {
		size_t len;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (!len)
			break;
		error = tree_node(m, at, &n);
		if (!error)
			error = len > NAME_MAX ? -ENAMETOOLONG : lookup(&n, path, len, &at);
		if (error)
			return error;
		path += len;
	}
	*ino = at;
	return 0;
}

int fdl_machine_links(struct fdl_machine *m, const char *rootfs)
{
	char *copy = NULL;

	if (rootfs) {
		copy = strdup(rootfs);
		if (!copy)
			return -ENOMEM;
	}
	free(m->links_root);
	m->links_root = copy;
	m->generation++;
	return 0;
}

bool fdl_is_simulated(struct fdl_machine *m, fdl_ino ino)
{
	struct node n;

	return !tree_node(m, ino, &n) && n.row->graft &&
	       (!n.row->graft->simulated || n.row->graft->simulated(&n));
}

bool fdl_is_read_only(struct fdl_machine *m, fdl_ino ino)
{
	struct node n;

	return m->original || (!tree_node(m, ino, &n) && n.row->graft);
}

void tree_path(const struct node *n, struct text *out)
{
	const struct tree_place *chain[DEPTH_MAX];
	size_t depth = 0;

	for (const struct tree_place *p = n->place; p->number;
	     p = &n->machine->tree->places[p->parent]) {
		assert(depth < DEPTH_MAX);
		chain[depth++] = p;
	}
	for (size_t i = depth; i-- > 0;) {
		const struct tree_place *p = chain[i];

		if (!p->is_entry)
			text_puts(out, p->row->name);
		else if (p->has_fd)
			text_uint(out, n->fd);
		else if (i == depth - 1 && i >= 2 && chain[i - 2]->is_entry &&
			 !chain[i - 2]->has_fd)
			text_int(out, n->task->tgid);
		else
			text_int(out, n->task->pid);
		if (i)
			text_putc(out, '/');
	}
}

ssize_t fdl_path(struct fdl_machine *m, fdl_ino ino, char *buf, size_t size)
{
	struct text path = TEXT_EMPTY;
	struct node n;
	int error = tree_node(m, ino, &n);
	ssize_t len;

	if (error)
		return error;
	tree_path(&n, &path);
	len = path.error ? path.error : snprintf(buf, size, "%s", path.s ? path.s : "");
	text_free(&path);
	return len;
}

/* ---- attributes --------------------------------------------------------------------------- */

static struct timespec time_of(int64_t ns)
{
	return (struct timespec){ .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };
}

/* The length of a link's target, and of a file that grows. A text is not made: 0, as in procfs. */
static off_t size_of(const struct node *n)
{
	struct tree_text *tt;
	off_t size = 0;

	if (n->row->ops && n->row->ops->trail) {
		uint64_t records;
		struct trail *trail = n->row->ops->trail(n->machine, &records);
		ssize_t len = trail_size_of(trail, records);

		return len < 0 ? 0 : len;
	}
	if (S_ISLNK(n->row->mode) && !texts_get(n, &tt)) {
		size = (off_t)tt->text.len;
		tree_text_put(tt);
	}
	return size;
}

static nlink_t links_of(const struct node *n)
{
	const struct tree_index *index = n->row->index;

	if (!S_ISDIR(n->row->mode))
		return 1;
	return 2 + n->place->subdirs + (index && index->directories ? index->directories(n) : 0);
}

/*
 * A task's own directories and links are as old as the task. A text may have changed when anything
 * did.
 */
static int64_t changed_at(const struct node *n)
{
	const struct fdl_machine *m = n->machine;

	if (S_ISREG(n->row->mode) || n->row->index || n->row->graft)
		return m->now_ns;
	return n->task ? n->task->start_ns : m->boot_ns;
}

int fdl_getattr(struct fdl_machine *m, fdl_ino ino, struct stat *st)
{
	struct node n;
	int error = tree_node(m, ino, &n);

	if (error)
		return error;
	memset(st, 0, sizeof(*st));
	st->st_mode = tree_mode(&n);
	if (n.row->graft) {
		n.row->graft->stat(&n, st);
	} else {
		st->st_ino = n.row->ino_of ? n.row->ino_of(&n) : ino;
		st->st_nlink = links_of(&n);
		st->st_size = size_of(&n);
		st->st_blksize = 1024;
	}
	st->st_mtim = time_of(changed_at(&n));
	st->st_atim = st->st_ctim = st->st_mtim;
	return 0;
}

ssize_t fdl_readlink(struct fdl_machine *m, fdl_ino ino, char *buf, size_t size)
{
	struct tree_text *tt;
	struct node n;
	int error = tree_node(m, ino, &n);

	if (error)
		return error;
	if (!S_ISLNK(tree_mode(&n)) || !size)
		return -EINVAL;
	error = texts_get(&n, &tt);
	if (error)
		return error;
	if (size > tt->text.len)
		size = tt->text.len;
	if (size)
		memcpy(buf, tt->text.s, size);
	tree_text_put(tt);
	return (ssize_t)size;
}

/* ---- listing ------------------------------------------------------------------------------ */

/* Cookies: 1 after ".", 2 after "..", then one for each fixed row, then the numbers. */
enum { COOKIE_DOTS = 2 };

static void entry_fill(struct fdl_dirent *de, fdl_ino ino, mode_t mode, const char *name)
{
	de->ino = ino;
	de->mode = mode & S_IFMT;
	snprintf(de->name, sizeof(de->name), "%s", name);
}

static void entry_number(struct fdl_dirent *de, uint64_t number)
{
	char digits[20], *d = digits + sizeof(digits);

	do
		*--d = (char)('0' + number % 10);
	while (number /= 10);
	memcpy(de->name, d, (size_t)(digits + sizeof(digits) - d));
	de->name[digits + sizeof(digits) - d] = '\0';
}

static int next_number(const struct node *dir, uint64_t *cookie, struct fdl_dirent *de)
{
	const uint64_t base = COOKIE_DOTS + dir->place->nrows + 1;
	const struct tree_index *index = dir->row->index;
	const struct tree_place *p = &dir->machine->tree->places[dir->place->entry];
	uint64_t number;

	if (!index || !index->next(dir, *cookie < base ? 0 : *cookie - base + 1, &number))
		return 0;
	if (index->number == TREE_TASKS)
		de->ino = ino_pack(p, number, 0);
	else
		de->ino = ino_pack(p, (uint64_t)dir->task->pid, number);
	de->mode = p->row->mode & S_IFMT;
	entry_number(de, number);
	*cookie = base + number;
	return 1;
}

static int next_in_graft(const struct node *dir, uint64_t *cookie, struct fdl_dirent *de)
{
	uint64_t at = *cookie - COOKIE_DOTS;
	struct node n = *dir;

	if (!dir->row->graft->next(dir, &at, &n.number, de))
		return 0;
	*cookie = at + COOKIE_DOTS;
	de->ino = graft_ino(dir, n.number);
	de->mode = tree_mode(&n) & S_IFMT;
	return 1;
}

int fdl_readdir(struct fdl_machine *m, fdl_ino dir, uint64_t *cookie, struct fdl_dirent *de)
{
	const struct tree_place *p;
	struct node n;
	int error = tree_node(m, dir, &n);

	if (error)
		return error;
	if (!S_ISDIR(tree_mode(&n)))
		return -ENOTDIR;
	p = n.place;
	if (n.row->graft && *cookie >= COOKIE_DOTS)
		return next_in_graft(&n, cookie, de);
	if (*cookie >= COOKIE_DOTS + (uint64_t)p->nrows)
		return next_number(&n, cookie, de);
	if (*cookie == 0) {
		entry_fill(de, dir, S_IFDIR, ".");
	} else if (*cookie == 1) {
		entry_fill(de, parent_of(&n), S_IFDIR, "..");
	} else {
		const struct tree_place *child = &m->tree->places[p->first + *cookie - COOKIE_DOTS];

		entry_fill(de, ino_pack(child, n.task ? (uint64_t)n.task->pid : 0, n.fd),
			   child->row->mode, child->row->name);
	}
	++*cookie;
	return 1;
}
