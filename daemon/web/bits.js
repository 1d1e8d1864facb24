/*
 * The bits: open_fds and close_on_exec of each table, word by word, with the place where the next
 * search begins; and the tables that were replaced, with the tasks that still read them.
 */
import { store, el } from "./store.js";

const TABLES = 12; /* that are shown */

let root;

export function start(node) {
	root = node;
	for (const type of ["picture", "filter"])
		store.addEventListener(type, draw);
}

/** Shows them, or hides them; true: they are shown now. */
export function toggleBits() {
	root.hidden = !root.hidden;
	draw();
	return !root.hidden;
}

/** The bits of a word in hexadecimal digits, the lowest first. */
export function bitsOf(hex, count) {
	const word = BigInt(`0x${hex}`);
	return Array.from({ length: count }, (_, i) => Number(word >> BigInt(i) & 1n));
}

function map(name, word, hex, next) {
	const bits = bitsOf(hex, word.bits);
	const set = bits.map((bit, i) => bit ? word.first + i : null).filter(fd => fd !== null);
	return el("tr", {}, el("th", { scope: "row" }, name),
		el("td", { class: "bits-word", role: "img",
			"aria-label": `${name}: ${set.join(", ") || "none"}` },
			bits.map((bit, i) => el("span",
				{ class: `bit${bit ? " set" : ""}${word.first + i === next ? " next" : ""}`,
				title: `${word.first + i}` }, bit))),
		el("td", { class: "bits-hex" }, `0x${hex}`));
}

function drawTable(table) {
	const netbsd = store.picture.kernel === "netbsd";
	const names = netbsd ? ["lomap", "ofileflags"] : ["open_fds", "close_on_exec"];
	const bits = netbsd ? 32 : 64, next = table.next_fd;
	const words = table.words.some(w => next >= w.first && next < w.first + w.bits) ? table.words
		: [...table.words, { first: next - next % bits, bits, open_fds: "0", close_on_exec: "0" }];
	const about = ` of task ${table.tasks.slice(0, 6).join(", ")}; `
		+ `${netbsd ? "freefile" : "next_fd"} ${next} \u25b4, ${table.max_fds} slots`;
	const range = word => `${word.first} to ${word.first + word.bits - 1}`;
	return el("section", {}, el("h3", {}, `table ${table.id}`, el("span", {}, about)),
	el("table", {}, words.map(word => el("tbody", {},
		el("tr", {}, el("th", {}), el("td", { class: "bits-range" }, range(word)), el("td", {})),
		map(names[0], word, word.open_fds, next),
		map(names[1], word, word.close_on_exec, null)))));
}

function drawRetired(retired) {
	const words = r => `of table ${r.table}, ${r.slots} slots: ${r.stage}`
		+ `${r.held ? ", held by hand" : ""}, `
		+ (r.readers.length ? `read by task ${r.readers.join(", ")}` : "no readers");
	return el("section", { class: "bits-retired" },
		el("h3", {}, "replaced tables that RCU has not freed yet"),
		el("ul", {}, retired.map(r => el("li", {}, words(r)))));
}

function draw() {
	if (root.hidden || !store.picture)
		return;
	const { tables, retired } = store.picture;
	const shown = tables.filter(t => !store.filter.tasks
		|| t.tasks.some(pid => store.filter.tasks.has(pid)));
	root.replaceChildren(...shown.slice(0, TABLES).map(drawTable),
		shown.length > TABLES
			? el("p", {}, `and ${shown.length - TABLES} more tables: choose tasks above`) : "",
		retired.length ? drawRetired(retired) : store.picture.kernel === "linux"
			? el("p", {}, "RCU: no replaced table waits to be freed.") : "");
}
