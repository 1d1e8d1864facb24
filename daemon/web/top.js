/*
 * Above the picture: the call that led to the moment shown, its result, what it changed in words;
 * and deadlocks. While a result is to be guessed, the call stands here without it.
 */
import { store, el, splitResult } from "./store.js";
import { wholeCall } from "./calls.js";
import { withoutResults } from "./words.js";
import { changedObjects } from "./picture-model.js";

const OBJECTS = 3; /* that are named */

let parts = null;

export function start(root) {
	parts = {
		line: el("span", { class: "top-line" }),
		call: el("code", { class: "top-call" }),
		result: el("code", { class: "top-result" }),
		words: el("p", { class: "top-words" }),
		dead: el("strong", { class: "top-dead", role: "alert", hidden: true }),
		error: el("output", { class: "top-error", hidden: true }),
	};
	root.append(
		el("p", { class: "top-now", "aria-live": "polite" }, parts.line, parts.call, parts.result),
		el("div", { class: "top-more" }, parts.dead, parts.error, parts.words,
			el("div", { id: "predict" })));
	for (const type of ["picture", "lines", "predict", "moment", "machine"])
		store.addEventListener(type, draw);
	store.addEventListener("error", event => say(event.detail.message));
	store.addEventListener("reply", () => say(""));
}

function say(text) {
	parts.error.textContent = text;
	parts.error.hidden = text === "";
}

function draw() {
	if (!store.machine)
		return;
	const n = store.shown ?? 0;
	const line = store.predicting ? store.hidden : store.lines.find(l => l.n === n);
	document.title = `${store.machine.title || store.machine.mount || "fdlab"} \u2013 fdlab`;
	parts.line.textContent = `line ${line?.n ?? n}`
		+ (store.at === null && !store.predicting ? "" : ` of ${store.last}`);
	parts.line.dataset.past = store.at !== null;
	if (!line) {
		parts.call.textContent = n === 0 ? "the machine as it starts" : "\u2026";
		parts.result.textContent = "";
	} else if (store.predicting) {
		parts.call.textContent = withoutResults(wholeCall(store.lines, line));
		parts.result.textContent = " = ?";
		parts.result.dataset.kind = "guess";
	} else {
		const { call, result } = splitResult(wholeCall(store.lines, line));
		const failed = result !== null && /^-1 E/.test(result);
		parts.call.textContent = call;
		parts.result.textContent = result === null ? "" : ` = ${result}`;
		parts.result.dataset.kind = failed ? "error" : "ok";
	}
	parts.words.textContent = store.predicting ? "what will it return, and change?"
		: [leftOut(), summary()].filter(Boolean).join("; ");
	drawDeadlock();
}

/** Numbers as ranges: "0-2, 5". */
export function ranges(numbers) {
	const parts = [];
	for (const n of [...numbers].sort((a, b) => a - b)) {
		const last = parts.at(-1);
		if (last && last[1] + 1 >= n)
			last[1] = n;
		else
			parts.push([n, n]);
	}
	return parts.map(([from, to]) => from === to ? `${from}` : `${from}\u2013${to}`).join(", ");
}

/** The changes of the line, in words. */
function summary() {
	const numbers = new Map();
	const note = (what, n) => numbers.set(what, (numbers.get(what) ?? new Set()).add(n));
	for (const c of store.changes?.changes ?? [])
		if (c.what === "slot")
			note(`of table ${c.table}`, c.fd);
		else
			note(c.what, c.pid ?? c.table ?? c.file);
	const objects = store.picture ? changedObjects(store.before, store.picture) : [];
	if (numbers.size + objects.length === 0)
		return store.changes ? "no table, slot, description or object changed" : "";
	const words = [...numbers].map(([what, set]) => what.startsWith("of ")
		? `slot${set.size > 1 ? "s" : ""} ${ranges(set)} ${what}`
		: `${what}${set.size > 1 ? "s" : ""} ${ranges(set)}`);
	words.push(...objects.slice(0, OBJECTS).map(({ object }) => object.title));
	if (objects.length > OBJECTS)
		words.push(`${objects.length - OBJECTS} more objects`);
	return `changed: ${words.join("; ")}`;
}

/** Numbers as words: "1, 2 and 5". */
function listed(numbers) {
	const sorted = [...numbers].sort((a, b) => a - b);
	return `${sorted.slice(0, -1).join(", ")} and ${sorted.at(-1)}`;
}

/** How much of a large machine the picture leaves out; "" if it shows all. */
function leftOut() {
	const left = Object.entries(store.picture?.left_out ?? {}).filter(([, n]) => n > 0);
	return left.length === 0 ? ""
		: `not shown: ${left.map(([what, n]) => `${n} ${what}`).join(", ")}`;
}

function drawDeadlock() {
	const groups = store.picture?.deadlock ?? [];
	parts.dead.hidden = groups.length === 0;
	parts.dead.textContent = groups.map(pids => pids.length > 1
		? `deadlock: tasks ${listed(pids)} wait for ever`
		: `deadlock: task ${pids[0]} waits for itself`).join("; ");
}
