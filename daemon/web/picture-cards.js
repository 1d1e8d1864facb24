/*
 * Draws the parts of a card: tasks, calls in flight, slots, lines of words, a pipe's buffer, queues
 * and locks. Each function makes the SVG of one part, at the place 0, 0. No colour is the only sign
 * of anything: changed parts have a diamond, close-on-exec a flag with the word, reserved slots are
 * hatched and say so.
 */
import { el } from "./store.js";
import { WIDTH, TABLES, ROW } from "./picture-model.js";

const MONO = 6.95, WORDS = 6.65; /* px of a character at 11.5 px, and of words at 11 px */
const CELL = 9.6; /* of a byte in a buffer */

const cut = (text, px, cls) => {
	const most = Math.max(1, Math.floor(px / (cls === "words" ? WORDS : MONO)));
	return text.length > most ? `${text.slice(0, most - 1)}\u2026` : text;
};

/** Text, cut to a width; the whole of it is a tooltip then. */
function text(x, y, words, px, cls = "words") {
	const short = cut(words, px, cls);
	return el("svg:text", { x, y, class: cls }, short === words ? null : el("svg:title", {}, words),
		short);
}

const rect = (x, y, width, height, cls, rx = 3) => el("svg:rect",
	{ x, y, width, height, rx, class: cls });

const diamond = (x, y) => el("svg:path", { class: "diamond", d: `M${x} ${y - 4}l4 4l-4 4l-4 -4z` });

/** A flag with a notch that says cloexec. */
function flag(x, y) {
	return el("svg:g", { class: "flag" }, el("svg:path", { d: `M${x} ${y}h58l-5 7l5 7h-58z` }),
		el("svg:text", { x: x + 5, y: y + 11 }, "cloexec"));
}

function task({ task }, width) {
	const words = [task.pid === task.tgid ? task.ppid ? `child of ${task.ppid}` : ""
		: `thread of ${task.tgid}`,
		{ Z: "has ended", T: "is stopped" }[task.state] ?? ""].filter(w => w).join(", ");
	const name = `${task.pid} ${task.comm}`;
	const sign = { Z: "M-4 -4l8 8m0 -8l-8 8", T: "M-3 -4v8m6 -8v8" }[task.state]
		?? "M-3 -4l7 4l-7 4z";
	return [rect(6, 1, width - 12, 22, "pill", 11),
		el("svg:path", { class: task.state === "R" ? "sign whole" : "sign", d: sign,
			transform: "translate(20 12)" }),
		text(32, 16, name, 130, "name"),
		el("svg:text", { x: width - 16, y: 16, class: "words end" }, words)];
}

function call({ task }, width) {
	const { text: words, state, points, waits_for: others, deadlocked } = task.call;
	const stopped = state.startsWith("stopped");
	const awaited = others.length
		? `waits for ${others.slice(0, 3).join(", ")}${others.length > 3 ? "\u2026" : ""} at ` : "";
	const where = (deadlocked ? "deadlock: " : "")
		+ (awaited || deadlocked ? awaited + state.replace("blocked at ", "") : state);
	const marks = points.slice(-8);
	const buttons = stopped
		? [button(width - 92, 1, 36, "step", task.pid),
			button(width - 52, 1, 44, "finish", task.pid)]
		: [button(width - 70, 1, 62, "interrupt", task.pid)];
	return [el("svg:path", { class: deadlocked ? "inflight dead" : "inflight", d: "M20 -2v36" }),
		text(32, 14, words, width - 32 - (stopped ? 98 : 76), "call"),
		text(32, 31, where, width - 44 - marks.length * 6, deadlocked ? "words dead" : "words"),
		el("svg:g", { class: "points" },
			el("svg:title", {}, `passed: ${points.join(", ") || "nothing"}`),
			marks.map((point, i) => el("svg:path",
				{ class: stopped && i === marks.length - 1 ? "here" : null,
				d: `M${width - 14 - (marks.length - 1 - i) * 6} 22v10` }))), buttons];
}

/** A button in the picture: it makes the call, which is its tooltip. */
function button(x, y, width, words, pid) {
	const line = `${pid} ${words}`;
	return el("svg:g", { class: "button", role: "button", tabindex: 0, "data-call": line,
		"aria-label": line },
		el("svg:title", {}, line), rect(x, y, width, 17, "", 8),
		el("svg:text", { x: x + width / 2, y: y + 12.5 }, words));
}

function head({ text: words, note }, width) {
	return [el("svg:text", { x: 14, y: 16, class: "title" }, words),
		el("svg:text", { x: width - 14, y: 16, class: "words end" }, note)];
}

function row({ row }, width) {
	const numbers = row.last === row.fd ? `${row.fd}` : `${row.fd}\u2013${row.last}`;
	const right = row.folded ? "console" : row.reserved ? "reserved" : `file ${row.file}`;
	return [rect(6, 0, width - 12, ROW, "slot", 0),
		row.reserved ? rect(6, 0, width - 12, ROW, "hatch", 0) : null,
		row.reserved ? rect(width - 84, 3, 72, ROW - 6, "patch") : null,
		row.reserved ? rect(15, 3, 12 + 8 * numbers.length, ROW - 6, "patch") : null,
		el("svg:text", { x: 20, y: 14, class: "fd" }, numbers),
		row.cloexec ? flag(72, 3) : null,
		el("svg:text", { x: width - 20, y: 14, class: "words end" }, right),
		row.folded || row.reserved ? null : el("svg:circle",
			{ class: "port", cx: width - 6, cy: ROW / 2, r: 3 })];
}

const KINDS = { /* a sign for each kind of object, around 0, 0 */
	pipe: "M-7 -4h14M-7 4h14M-7 -4a2 4 0 0 0 0 8M7 -4a2 4 0 0 0 0 8",
	FIFO: "M-7 -4h14M-7 4h14M-7 -4a2 4 0 0 0 0 8M7 -4a2 4 0 0 0 0 8",
	socket: "M-6 -5v10M6 -5v10M-6 0h4M2 0h4M-2 -3v6M2 -3v6",
	epoll: "M-7 0q7 -8 14 0q-7 8 -14 0M0 -2a2 2 0 1 0 .1 0",
	file: "M-5 -7h7l3 3v11h-10zM2 -7v3h3",
	directory: "M-7 -5h5l2 2h7v8h-14z",
	"character device": "M-7 -5h14v8h-14zM-3 6h6M0 3v3",
	eventfd: "M-6 -6h12v12h-12zM-2 -2l2 -1v6",
	timerfd: "M0 -6a6 6 0 1 0 .1 0M0 -3v3l3 2",
	inotify: "M-6 3h12l-2 -2v-3a4 4 0 0 0 -8 0v3zM-1 6h2",
	pidfd: "M-4 -5l8 5l-8 5z",
	object: "M0 -6l6 6l-6 6l-6 -6z",
};

function title({ text: words, badge, kind }, width) {
	const left = kind ? 34 : 14;
	return [kind ? el("svg:path", { class: "sign", d: KINDS[kind] ?? KINDS.object,
		transform: "translate(19 12)" },
		el("svg:title", {}, kind)) : null,
	text(left, 16, words, width - left - (badge ? 80 : 10), "title"),
	badge ? el("svg:text", { x: width - 12, y: 16, class: "words end" }, badge) : null];
}

const printable = c => c >= " " && c <= "~" ? c : "\u00b7";

/**
 * A pipe: its oldest bytes at the left, where they are read; the share that is filled below them.
 */
function buffer({ data, used, room }, width) {
	const left = 22, cells = Math.floor((width - 2 * left) / CELL);
	const bytes = [...data].slice(0, cells);
	const filled = (width - 2 * left) * Math.min(1, used / room);
	return [el("svg:title", {}, `${used} of ${room} bytes; read at the left, written at the right`),
		rect(left, 2, width - 2 * left, 17, "pipe", 2),
		[left - 4, width - left + 13].map(x => el("svg:path",
			{ class: "flow", d: `M${x} 10.5h-9m4 -4l-4 4l4 4` })),
		bytes.map((c, i) => [i ? el("svg:path", { class: "cell", d: `M${left + i * CELL} 2v17` })
			: null,
			el("svg:text", { x: left + (i + .5) * CELL, y: 14.5, class: "byte" }, printable(c))]),
		bytes.length ? el("svg:path", { class: "cell", d: `M${left + bytes.length * CELL} 2v17` })
			: null,
		used > bytes.length ? el("svg:text", { x: width - left - 8, y: 14.5, class: "byte" },
			"\u2026") : null,
		rect(left, 21, width - 2 * left, 3, "room", 1.5),
		used ? rect(left, 21, Math.max(2, filled), 3, "used", 1.5) : null];
}

function line({ text: words, right }, width) {
	const room = right ? (right.length + 2) * WORDS : 0;
	return [text(14, 12, words, width - 24 - room),
		right ? el("svg:text", { x: width - 12, y: 12, class: "words end" }, right) : null];
}

const queue = ({ text: words }, width) => [rect(12, 1, width - 24, 16, "message", 2),
	text(18, 13, words, width - 36, "byte-line")];

const lock = ({ text: words }, width) => [rect(10, 1, width - 20, 17, "badge", 8),
	el("svg:path", { class: "padlock", d: "M17 9v-2a3 3 0 0 1 6 0v2M15.5 9h9v6h-9z" }),
	text(30, 13, words, width - 44)];

const PARTS = { task, call, head, row, title, buffer, line, queue, lock, note: line };

/** The name of a part for screen readers; null: it is no place of its own. */
function label(part) {
	if (part.type === "task") {
		const { pid, comm, call } = part.task;
		return `task ${pid} ${comm}${call ? `, in ${call.text}, ${call.state}` : ""}`;
	}
	if (part.type !== "row")
		return null;
	const { row } = part;
	const numbers = row.last === row.fd ? `descriptor ${row.fd}`
		: `descriptors ${row.fd} to ${row.last}`;
	const what = row.folded ? "console" : row.reserved ? "reserved" : `file ${row.file}`;
	return `${numbers}${row.cloexec ? ", close-on-exec" : ""}, ${what}`;
}

/** Fills in the group of a part. changed: its state before, in words, or undefined. */
export function drawPart(node, part, column, changed) {
	const width = WIDTH[column];
	const name = label(part);
	node.setAttribute("class", `part ${part.type}${changed ? " changed" : ""}`);
	if (name) {
		node.dataset.key = part.key;
		node.setAttribute("role", "button");
		node.setAttribute("aria-haspopup", "menu");
		node.setAttribute("aria-label", changed ? `${name}, changed: ${changed}` : name);
	}
	const marked = changed && name;
	node.replaceChildren(...[marked ? el("svg:title", {}, changed) : null,
		...PARTS[part.type](part, width).flat(3),
		marked ? diamond(column === TABLES ? 2 : 0, part.h / 2) : null].filter(child => child));
}

/** The card's own frame, behind its parts. */
export function drawFrame(card, changed) {
	const width = WIDTH[card.column];
	return [changed ? el("svg:title", {}, changed) : null, rect(0, 0, width, card.h, "frame", 6),
		changed && (card.column !== TABLES || card.fold) ? diamond(0, 15) : null,
		card.foldable ? el("svg:path", { class: "fold", "data-fold": card.key,
			d: card.fold ? `M${width - 6} ${card.h - 8}l4 3l-4 3z`
				: `M${width - 8} ${card.h - 7}l6 0l-3 4z` },
		el("svg:title", {}, card.fold ? "unfold" : "fold")) : null].filter(child => child);
}
