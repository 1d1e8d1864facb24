/*
 * Above the picture: the call that led to the moment shown, its result, what it changed in words; and
 * deadlocks. While a result is to be guessed, the call stands here without it.
 */
import { store, el, splitResult } from "./store.js";
import { withoutResults } from "./words.js";

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
	root.append(el("p", { class: "top-now", "aria-live": "polite" }, parts.line, parts.call, parts.result),
		el("div", { class: "top-more" }, parts.dead, parts.error, parts.words, el("div", { id: "predict" })));
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
	parts.line.textContent = store.at === null && !store.predicting ? `line ${n}` : `line ${line?.n ?? n} of ${store.last}`;
	parts.line.dataset.past = store.at !== null;
	if (!line) {
		parts.call.textContent = n === 0 ? "the machine as it starts" : "\u2026";
		parts.result.textContent = "";
	} else if (store.predicting) {
		parts.call.textContent = withoutResults(line.text);
		parts.result.textContent = " = ?";
		parts.result.dataset.kind = "guess";
	} else {
		const { call, result } = splitResult(line.text);
		const failed = result !== null && /^-1 E/.test(result);
		parts.call.textContent = call;
		parts.result.textContent = result === null ? "" : ` = ${result}`;
		parts.result.dataset.kind = failed ? "error" : "ok";
	}
	parts.words.textContent = store.predicting ? "what will it return, and change?" : summary();
	drawDeadlock();
}

/** What the line changed, in words; long lists are cut. */
function summary() {
	const words = [];
	const note = word => words.includes(word) || words.push(word);
	for (const c of store.changes?.changes ?? [])
		if (c.what === "slot")
			note(`slot ${c.fd} of table ${c.table}`);
		else
			note(`${c.what} ${c.pid ?? c.table ?? c.file}`);
	if (words.length === 0)
		return store.changes ? "no table, slot or description changed" : "";
	return `changed: ${words.slice(0, 6).join(", ")}${words.length > 6 ? ` and ${words.length - 6} more` : ""}`;
}

function drawDeadlock() {
	const groups = store.picture?.deadlock ?? [];
	parts.dead.hidden = groups.length === 0;
	parts.dead.textContent = groups.map(pids => pids.length > 1 ? `deadlock: tasks ${pids.join(" and ")} wait for each other`
		: `deadlock: task ${pids[0]} waits for itself`).join("; ");
}
