/*
 * Common to the files of the timeline: the collected data, and the visible part of it.
 */
#ifndef FDLAB_TOOLS_REPLAY_TIMELINE_PARTS_H
#define FDLAB_TOOLS_REPLAY_TIMELINE_PARTS_H

#include "replay/timeline.h"

#include <stdio.h>

/* ---- what was collected: timeline.c ---------------------------------------------------------- */

struct bar {
	unsigned panel;
	int64_t fd;
	struct origin *origin;
	bool cloexec;
	uint64_t from, to;
};

struct panel {
	int pid;
	unsigned parent; /* its panel, or NO_PANEL */
	char *program;   /* the last one; NULL: unknown */
	uint64_t first, last;
	bool ended;
	size_t first_bar, nbars; /* in the sorted bars */
	size_t nmarks;
	size_t shown; /* its place among the panels that are shown, or NOT_SHOWN */
};

#define NOT_SHOWN SIZE_MAX

struct exec {
	unsigned panel;
	uint64_t line;
	char *program;
};

/* A task by the pid that findings name. */
struct named {
	int pid;
	unsigned panel;
};

/* A finding in its place. */
struct mark {
	unsigned panel;
	enum finding_kind kind;
	const struct finding *finding;
};

struct timeline {
	struct bar *bars;
	size_t nbars, bars_room;
	struct panel *panels; /* by panel number */
	size_t npanels, panels_room;
	struct exec *execs;
	size_t nexecs, execs_room;
	struct named *named;
	size_t nnamed, named_room;
	struct mark *marks;
	size_t nmarks, marks_room;
	uint64_t lines;
	bool no_memory;
};

/* ---- what can be seen: timeline_layout.c ----------------------------------------------------- */

/* Lengths are pixels. */
#define PICTURE_WIDTH 1240
#define GUTTER        150 /* names of processes, and numbers of descriptors */
#define TIME_WIDTH    (PICTURE_WIDTH - GUTTER - 30)
#define TOP           64 /* title, legend and axis */
#define BOTTOM        30
#define HEAD          24 /* of a panel */
#define ROW           15
#define GAP           6 /* below a panel */
#define LANE          6 /* of processes that are folded */
#define LANES         12

/* Bounds of the picture, however long the log is. */
#define HEIGHT_MAX   2400 /* of the panels */
#define HEIGHT_SMALL 700  /* up to this, no process is folded */
#define FDS_MAX      24   /* rows of a panel; its other descriptors share one more */
#define SEGMENTS_MAX 3000
#define SYMBOLS_MAX  1000
#define SYMBOL_WIDTH 9.0
#define SHORT_LIVED  0.01 /* of the log */

/* A row of a panel: a descriptor, or all from fd on. A lane of folded processes has neither. */
struct fd_row {
	int64_t fd;
	size_t nfds;
	size_t first_bar, nbars;
	double y;
};

/* A bar, or several that are too narrow to be seen apart: from x to end. */
struct segment {
	size_t row;
	double x, end;
	size_t n;              /* bars, or processes in a lane */
	const struct bar *bar; /* the first of them; NULL in a lane */
	size_t panel;          /* of a lane: the first of them */
	uint64_t from, to;
};

enum symbol_kind {
	SYMBOL_FINDING, /* of_kind says which */
	SYMBOL_EXEC,
	SYMBOL_FORK, /* of a process that is folded */
	N_SYMBOL_KINDS,
};

/* A mark, or several of a kind that stand too close to each other. */
struct symbol {
	enum symbol_kind kind;
	enum finding_kind of_kind;
	double x, y;
	double end; /* of the last one */
	size_t n;
	size_t key; /* common to joined symbols */
	uint64_t from, to;
	const char *text; /* of the first one: a finding's text, a program, or NULL */
	const struct finding *finding;
	int pid; /* of a fork: the first child */
};

struct shown_panel {
	size_t panel;
	size_t first_row, nrows;
	double y; /* of the middle of its head */
};

struct timeline_layout {
	const struct timeline *t;
	struct shown_panel *panels;
	size_t npanels;
	struct fd_row *rows; /* of all panels, then the lanes */
	size_t nrows, rows_room, first_lane;
	size_t nfolded;
	size_t unmarked; /* findings that were not kept, and have no mark */
	struct segment *segments;
	size_t nsegments, segments_room;
	struct symbol *symbols;
	size_t nsymbols, symbols_room;
	double y_folded; /* of the head of the lanes */
	double height;
};

/* Where a line is. */
double timeline_x(const struct timeline *t, uint64_t line);

/* Lays out what was collected, sorted. 0 or -ENOMEM; to be freed in any case. */
int timeline_lay_out(struct timeline *t, struct timeline_layout *l);
void layout_free(struct timeline_layout *l);

/*
 * Makes room for one more element in an array of n, and returns it, all zero. NULL: no memory, and
 * the array is as it was.
 */
void *timeline_add(void **array, size_t *n, size_t *room, size_t size);

/* ---- writing: timeline_svg.c, timeline_page.c ------------------------------------------------ */

/* Writes text for XML. Bytes that are not plain ASCII become question marks. */
void put_xml(FILE *f, const char *text, size_t len);

void timeline_svg(const struct timeline_layout *l, FILE *f, const char *log);
void timeline_page(const struct timeline_layout *l, FILE *f, const char *log);

#endif
