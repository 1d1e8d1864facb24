/*
 * Makes the model of the picture from picture.json: cards in three columns, each with its parts and
 * their places in it, and the lines between them; after the filters and folds. Knows no element of
 * the page.
 *
 * Keys name what is shown: "task:1", "table:1", "slot:1:3" (table and descriptor), "file:3",
 * "object:25". A line's key is that of where it starts, after "line:".
 */

export const TABLES = 0, FILES = 1, OBJECTS = 2;
export const X = [44, 408, 690];
export const WIDTH = [272, 182, 264];
export const ROW = 20;
const TITLE = 24, LINE = 17, PAD = 7, TASK = 24;
const BUFFER = 28; /* a pipe's */
const BADGE = 19;
const BOTH = 33; /* characters of a line that has the inode as well */
const BYTES = 24; /* of a buffer that are shown */
const TASKS = 8; /* of a table that are shown one by one */

/** Which of a picture's parts the filters let through. */
function visible(picture, filter) {
	const object = new Map(picture.objects.map(o => [o.key, o]));
	const byId = new Map(picture.files.map(f => [f.id, f]));
	const kindOf = file => object.get(file.object)?.kind ?? "other";
	const fileShown = id => {
		const file = byId.get(id);
		return file !== undefined && (!filter.kinds || filter.kinds.has(kindOf(file)))
			&& (filter.console || !file.console);
	};
	const tasks = picture.tasks.filter(t => !filter.tasks || filter.tasks.has(t.pid));
	const shown = new Set(tasks.map(t => t.pid));
	const tables = picture.tables.filter(t => t.tasks.some(pid => shown.has(pid)));
	const rowShown = row => (!filter.fds || row.fd >= filter.fds[0] && row.fd <= filter.fds[1])
		&& (!filter.kinds || row.file !== null && filter.kinds.has(kindOf(byId.get(row.file))));
	return { object, byId, fileShown, tasks, shown, tables, rowShown,
		all: !filter.tasks && !filter.fds };
}

/**
 * Rows of a table; those of the console that follow each other are one, unless they are to be
 * shown.
 */
function rowsOf(table, seen, filter) {
	const rows = [];
	for (const row of table.rows) {
		if (!seen.rowShown(row))
			continue;
		const folded = !filter.console && row.file !== null
			&& seen.byId.get(row.file)?.console === true;
		const last = rows.at(-1);
		if (folded && last?.folded && last.last + 1 === row.fd && last.cloexec === row.cloexec) {
			last.last = row.fd;
			continue;
		}
		rows.push({ fd: row.fd, last: row.fd, cloexec: row.cloexec, reserved: row.reserved,
			file: row.file, folded,
			key: `slot:${table.id}:${row.fd}` });
	}
	return rows;
}

/** The card of tasks that share a table, or of a task that has none. */
function tableCard(table, tasks, rows, folds) {
	const key = table ? `table:${table.id}` : `task:${tasks[0].pid}`;
	const card = { key, column: TABLES, parts: [], table, fold: folds.has(key),
		foldable: rows.length > 0 };
	let y = 4;
	const put = (type, h, part) => {
		card.parts.push({ type, y, h, ...part });
		y += h;
	};
	for (const task of tasks.slice(0, TASKS)) {
		put("task", TASK, { key: `task:${task.pid}`, task });
		if (task.call)
			put("call", 40, { key: `call:${task.pid}`, task });
	}
	if (tasks.length > TASKS)
		put("note", LINE, { text: `and ${tasks.length - TASKS} more tasks` });
	put("head", TITLE, { key, text: table ? `table ${table.id}` : "no table",
		note: table ? `next ${table.next_fd} \u00b7 ${table.max_fds} slots` : "" });
	if (card.fold)
		put("note", LINE, { text: `${rows.length} row${rows.length === 1 ? "" : "s"} folded` });
	else
		for (const row of rows) {
			card.parts.push({ type: "row", y, h: ROW, key: row.key, row });
			y += ROW;
		}
	card.h = y + PAD;
	return card;
}

function stack(parts) {
	let y = 3;
	for (const part of parts) {
		part.y = y;
		y += part.h;
	}
	return parts;
}

/*
 * A machine has thousands of descriptions and objects: until they are in sight they are only
 * measured.
 */

function fileCard(file, holders, folds) {
	const key = `file:${file.id}`;
	const fold = folds.has(key);
	/*
	 * The first two lines of the body, flags, position and count, are shown by parts of their own.
	 */
	const more = file.body.length - 2 + holders.length;
	return { key, column: FILES, file, holders, parts: null, fold, foldable: true,
		h: 3 + TITLE + (fold ? 0 : (1 + more) * LINE) + PAD };
}

function fileParts({ file, holders, fold }) {
	const title = { type: "title", h: TITLE, text: file.title, badge: `count ${file.count}` };
	return fold ? [title] : [title, { type: "line", h: LINE, text: file.flags,
		right: `pos ${file.pos}` },
		...[...file.body.slice(2), ...holders].map(text => ({ type: "line", h: LINE, text }))];
}

/** Whether a line of an object's body is shown: a pipe shows its bytes as a buffer. */
const isWords = (object, text) => object.kind !== "pipe" || text[0] !== "\"";

/** Whether the first line of the body has the inode as well, which is the last one. */
function hasBoth({ body }) {
	const last = body.at(-1);
	return body.length > 1 && last.startsWith("inode ") && !last.includes(",")
		&& body[0].length + last.length <= BOTH;
}

function objectCard(object, folds) {
	const key = object.key, fold = folds.has(key);
	const card = { key, column: OBJECTS, object, parts: null, fold, foldable: true,
		h: 3 + TITLE + object.locks.length * BADGE + PAD };
	if (fold)
		return card;
	for (const text of object.body)
		card.h += isWords(object, text) ? LINE : 0;
	card.h += (object.kind === "pipe" ? BUFFER : 0) + object.queue.length * BADGE
		- (hasBoth(object) ? LINE : 0);
	return card;
}

function objectParts({ object, fold }) {
	const parts = [{ type: "title", h: TITLE, text: object.title, kind: object.kind }];
	const both = hasBoth(object);
	if (!fold) {
		if (object.kind === "pipe")
			parts.push({ type: "buffer", h: BUFFER, data: object.data.slice(0, BYTES),
				used: object.used,
				room: object.room });
		const lines = object.body.filter(text => isWords(object, text))
			.map(text => ({ type: "line", h: LINE, text }));
		if (both)
			lines[0].right = lines.pop().text;
		parts.push(...lines, ...object.queue.map(text => ({ type: "queue", h: BADGE, text })));
	}
	return [...parts, ...object.locks.map(text => ({ type: "lock", h: BADGE, text }))];
}

/** The parts of a card, made when they are asked for. */
export function partsOf(card) {
	return card.parts ??= stack(card.file ? fileParts(card) : objectParts(card));
}

/** Where in a card a line starts or ends. */
const middleOf = part => part.y + part.h / 2;

function linesOf(picture, cards, seen) {
	const lines = [];
	const card = new Map(cards.flat().map(c => [c.key, c]));
	const task = new Map();
	for (const c of cards[TABLES])
		for (const part of c.parts)
			if (part.type === "task")
				task.set(part.task.pid, { card: c, part });
	const add = (key, kind, from, fromDy, to, toDy, fd, dead, word) => {
		if (from && to)
			lines.push({ key: `line:${key}`, kind, from: from.key, fromDy, fromColumn: from.column,
				to: to.key, toDy, toColumn: to.column, fd, dead, word });
	};
	for (const c of cards[TABLES]) {
		const head = c.parts.find(p => p.type === "head");
		if (c.fold && c.table) {
			const files = new Set(c.table.rows.filter(seen.rowShown).map(r => r.file));
			for (const id of files)
				add(`${c.key}:${id}`, "slot", c, middleOf(head), card.get(`file:${id}`), 15);
		}
		for (const part of c.parts)
			if (part.type === "row" && part.row.file !== null && !part.row.folded)
				add(part.key, "slot", c, middleOf(part), card.get(`file:${part.row.file}`), 15);
	}
	for (const c of cards[FILES])
		if (c.file.object)
			add(c.key, "object", c, 15, card.get(c.file.object), 15);
	for (const e of picture.edges) {
		const [kind, id] = e.from.split(":");
		if (kind === "task") {
			const at = task.get(Number(id));
			if (at)
				add(`${e.from}:${e.to}`, e.kind, at.card, middleOf(at.part), card.get(e.to), 26);
		} else {
			add(`${e.from}:${e.kind}:${e.to}:${e.fd ?? ""}`, e.kind, card.get(e.from),
				e.kind === "peer" ? 15 : 26,
				card.get(e.to), e.kind === "peer" ? 15 : 26, e.fd);
		}
	}
	for (const [pid, at] of task)
		for (const other of at.part.task.call?.waits_for ?? []) {
			const to = task.get(other);
			if (!to)
				continue;
			const call = to.part.task.call;
			const dead = at.part.task.call.deadlocked && call?.deadlocked === true;
			/* The call says what it waits for; of two in a deadlock one has the word. */
			const word = dead && (pid < other || !call.waits_for.includes(pid)) ? "deadlock" : "";
			add(`task:${pid}:waits:${other}`, "waits", at.card, middleOf(at.part), to.card,
				middleOf(to.part) + 4,
				undefined, dead, word);
		}
	return lines;
}

/** Other holders of descriptions: a task without a slot, a message. */
function holdersOf(picture) {
	const holders = new Map();
	for (const e of picture.edges) {
		if (e.kind !== "held" && e.kind !== "message")
			continue;
		const list = holders.get(e.to) ?? holders.set(e.to, []).get(e.to);
		list.push(e.kind === "held" ? `held by ${e.from.replace(":", " ")}` : "in a message");
	}
	return holders;
}

/**
 * {columns: [cards], lines}: cards in the order in which picture.json has them. hide: objects to
 * which only folded tables lead are not shown.
 */
export function build(picture, filter, folds, hide = false) {
	const seen = visible(picture, filter);
	const tasksOf = new Map();
	for (const t of seen.tasks) {
		const key = t.table === null ? `task:${t.pid}` : t.table;
		tasksOf.set(key, [...tasksOf.get(key) ?? [], t]);
	}
	const columns = [[], [], []];
	const reached = new Set();
	for (const table of seen.tables) {
		const rows = rowsOf(table, seen, filter);
		for (const row of hide && folds.has(`table:${table.id}`) ? [] : rows)
			reached.add(row.file);
		columns[TABLES].push(tableCard(table, tasksOf.get(table.id), rows, folds));
	}
	for (const t of seen.tasks) {
		if (t.table === null)
			columns[TABLES].push(tableCard(null, [t], [], folds));
		for (const id of t.held)
			reached.add(id);
	}
	const holders = holdersOf(picture), none = [];
	const byKey = new Set();
	for (const file of picture.files)
		if (seen.fileShown(file.id) && (seen.all && !hide || reached.has(file.id))) {
			columns[FILES].push(fileCard(file, holders.get(`file:${file.id}`) ?? none, folds));
			byKey.add(file.object);
		}
	for (const object of picture.objects)
		if (byKey.has(object.key))
			columns[OBJECTS].push(objectCard(object, folds));
	return { columns, lines: linesOf(picture, columns, seen) };
}

const sameList = (a, b) => a.length === b.length && a.every((text, i) => text === b[i]);

function sameObject(a, b) {
	return a !== undefined && a.used === b.used && a.title === b.title && sameList(a.body, b.body)
		&& sameList(a.queue, b.queue) && sameList(a.locks, b.locks);
}

/**
 * The objects that are new or differ from those of the picture before, with a word; none without
 * one.
 */
export function changedObjects(before, picture) {
	const old = new Map((before?.objects ?? picture.objects).map(o => [o.key, o]));
	return picture.objects.filter(o => !sameObject(old.get(o.key), o))
		.map(object => ({ object, words: old.has(object.key) ? "changed" : "new" }));
}

/** The keys of what the last line changed: of changes/N.json, and objects. */
export function changedKeys(changes, before, picture) {
	const keys = new Map(); /* key: its state before, in words */
	const note = (key, text) => keys.set(key, keys.has(key) ? `${keys.get(key)}; ${text}` : text);
	for (const c of changes?.changes ?? []) {
		const text = c.before === null ? "new" : `${c.attribute} was ${c.before}`;
		if (c.what === "task")
			note(`task:${c.pid}`, text);
		else if (c.what === "slot")
			note(`slot:${c.table}:${c.fd}`, text);
		else if (c.what === "table")
			note(`table:${c.table}`, text);
		else if (c.what === "file")
			note(`file:${c.file}`, text);
	}
	for (const { object, words } of changedObjects(before, picture))
		note(object.key, words);
	return keys;
}
