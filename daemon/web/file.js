/*
 * The file of the tree from which the selected part of the picture comes. It is shown with its path
 * and its text; the lines that the last call changed are marked. The path can be changed, so that
 * the whole tree can be read.
 */
import { store, el } from "./store.js";
import { diffLines } from "./diff.js";

const LINES = 2000; /* of a file that are shown */
const NEAR = 2; /* lines around a change that are shown of a long file */

let parts = null;
let path = "1/files/fdtable";
let turn = 0; /* the last question; older answers are dropped */

export function start(root) {
	parts = {
		mount: el("span", { class: "file-mount" }),
		path: el("input", { type: "text", id: "file-path",
			"aria-label": "path of a file in the tree",
			spellcheck: "false", autocomplete: "off" }),
		note: el("output", { class: "file-note" }),
		text: el("pre", { class: "file-text", id: "file-text", tabindex: 0,
			"aria-label": "the file's text" }),
	};
	root.append(
		el("form", { class: "file-form", submit: event => {
			event.preventDefault();
			show(parts.path.value.trim());
		} }, el("label", { for: "file-path" }, "cat ", parts.mount), parts.path),
		parts.note, parts.text);
	parts.path.value = path;
	store.addEventListener("selection", () => store.selection?.path && show(store.selection.path));
	store.addEventListener("picture", draw);
	store.addEventListener("machine", () => {
		parts.mount.textContent = store.machine.mount ? `${store.machine.mount}/` : "";
	});
}

/** Shows a file of the tree, by its path from the tree's root. */
export function show(name) {
	path = name.replace(/^\/+/, "");
	parts.path.value = path;
	draw();
}

async function draw() {
	if (store.shown === null)
		return;
	const mine = ++turn;
	const n = store.shown;
	const [now, before] = await Promise.all([read(n === store.last ? null : n),
		n > (store.machine.oldest ?? 0) && store.machine.history ? read(n - 1) : { text: null }]);
	if (mine !== turn)
		return;
	parts.text.dataset.line = n;
	if (now.text === null) {
		parts.note.textContent = now.error;
		parts.text.replaceChildren();
		return;
	}
	const lines = before.text === null ? now.text.split("\n").map(text => ({ text, mark: " " }))
		: diffLines(before.text, now.text);
	if (lines.at(-1)?.text === "" && lines.at(-1).mark === " ")
		lines.pop();
	drawLines(lines,
		before.text === null && n > 0 ? `${now.type} new since the line before` : now.type);
}

function drawLines(lines, note) {
	const count = mark => lines.filter(line => line.mark === mark).length;
	const changed = count("+") + count("-");
	parts.note.textContent = [note, changed
		? `lines: ${count("+")} new or changed, ${count("-")} gone`
		: "unchanged by the last call"].filter(part => part).join("; ");
	const shown = lines.length > LINES ? lines.filter((line, index) => index < LINES
		|| lines.slice(Math.max(0, index - NEAR), index + NEAR + 1).some(near => near.mark !== " "))
			: lines;
	parts.text.replaceChildren(...shown.map(({ text, mark }) => {
		const tag = mark === "+" ? "ins" : mark === "-" ? "del" : "span";
		const selected = mark !== "-" && isSelected(text);
		return el(tag, { class: selected ? "file-line file-selected" : "file-line",
			"aria-current": selected },
			el("span", { class: "file-mark", "aria-hidden": "true" }, mark), `${text}\n`);
	}));
	(parts.text.querySelector(".file-selected") ?? parts.text.querySelector("ins")
		?? parts.text.querySelector("del"))
		?.scrollIntoView({ block: "nearest" });
}

/** Whether the line of a table's file is that of the slot which is selected. */
function isSelected(text) {
	const slot = store.selection?.kind === "slot" && store.selection.path === path ? store.selection
		: null;
	return slot !== null && /^\s*(\d+)\s/.exec(text)?.[1] === String(slot.fd);
}

/** {text, type} of the file after line n, null for now; {text: null, error} where there is none. */
async function read(n) {
	try {
		const response = await store.treeAt(n, path);
		const link = response.headers.get("fdlab-type") === "link";
		return { text: await response.text(), type: link ? "a link to" : "" };
	} catch (error) {
		return { text: null, error: error.message.startsWith(path) ? error.message
			: `${path}: ${error.message}` };
	}
}
