/*
 * The bar above the picture, with filters of tasks, descriptors and kinds, the console, folds,
 * zoom, the bits, and export.
 */
import { store, el } from "./store.js";
import { setZoom, foldAll } from "./picture.js";
import { toggleBits } from "./bits.js";
import { exportSvg, exportPng, exportScenario } from "./export.js";

let kinds = null;

/** "1-3,7" as a set; null: all. Throws for what is no such list. */
export function readList(text) {
	const set = new Set();
	for (const part of text.split(",").map(p => p.trim()).filter(p => p)) {
		const found = /^(\d+)(?:\s*[-\u2013]\s*(\d+))?$/.exec(part);
		if (!found || Number(found[2] ?? found[1]) - Number(found[1]) > 100000)
			throw new Error(`'${part}' is no number or range`);
		for (let n = Number(found[1]); n <= Number(found[2] ?? found[1]); n++)
			set.add(n);
	}
	return set.size > 0 ? set : null;
}

function field(label, hint, size, take) {
	const input = el("input", { type: "text", size, placeholder: "all", title: hint,
		"aria-label": hint,
		spellcheck: "false", change: () => {
			try {
				take(readList(input.value));
				input.setAttribute("aria-invalid", "false");
			} catch {
				input.setAttribute("aria-invalid", "true");
			}
		} });
	return el("label", { class: "tool" }, label, input);
}

export function start(root) {
	const button = (text, hint, run, more = {}) => el("button", { type: "button", title: hint,
		"aria-label": hint, click: run, ...more }, text);
	const bits = button("bits", "the bitmaps, word by word, and retired tables", () => {
		bits.setAttribute("aria-expanded", toggleBits());
	}, { id: "tool-bits", "aria-expanded": "false", "aria-controls": "bits" });
	kinds = el("details", { class: "tool-menu", id: "tool-kinds" }, el("summary", {}, "kinds"),
		el("div", { class: "tool-list" }));
	root.append(
		field("tasks", "tasks to show, such as 1-3,7", 5, tasks => store.setFilter({ tasks })),
		field("fds", "descriptors to show, such as 3-9", 4, set => store.setFilter({
			fds: set && [Math.min(...set), Math.max(...set)] })),
		kinds,
		el("label", { class: "tool" }, el("input", { type: "checkbox", id: "tool-console",
			change: event => store.setFilter({ console: event.target.checked }) }), "console"),
		el("span", { class: "gap" }),
		button("fold", "fold all cards, or unfold them", foldAll, { id: "tool-fold" }),
		el("span", { class: "group", role: "group", "aria-label": "zoom" },
			button("\u2212", "smaller", () => setZoom(1 / 1.2)),
			button("fit", "fit to the window", () => setZoom(null)),
			button("+", "larger", () => setZoom(1.2))),
		bits,
		el("details", { class: "tool-menu right" }, el("summary", {}, "export"),
			el("div", { class: "tool-list" },
			button("SVG", "the picture as SVG", exportSvg, { id: "export-svg" }),
			button("PNG", "the picture as PNG", exportPng, { id: "export-png" }),
			button("scenario", "the machine as a scenario", exportScenario,
				{ id: "export-scenario" }))));
	store.addEventListener("picture", drawKinds);
	addEventListener("pointerdown", event => {
		for (const open of root.querySelectorAll("details[open]"))
			if (!open.contains(event.target))
				open.open = false;
	});
	root.addEventListener("keydown", event => {
		const open = event.target.closest("details[open]");
		if (event.key !== "Escape" || !open)
			return;
		open.open = false;
		open.querySelector("summary").focus();
		event.stopPropagation();
	});
}

/** A box for each kind of object that there is. */
function drawKinds() {
	const there = [...new Set(store.picture.objects.map(o => o.kind))].sort();
	const list = kinds.lastChild;
	if (list.dataset.kinds === there.join())
		return;
	list.dataset.kinds = there.join();
	const off = new Set([...list.querySelectorAll("input:not(:checked)")].map(box => box.value));
	const change = () => {
		const boxes = [...list.querySelectorAll("input")];
		const on = boxes.filter(box => box.checked).map(box => box.value);
		kinds.dataset.some = on.length < boxes.length;
		store.setFilter({ kinds: on.length < boxes.length ? new Set(on) : null });
	};
	list.replaceChildren(...there.map(kind => el("label", {},
		el("input", { type: "checkbox", value: kind, checked: !off.has(kind), change }), kind)));
}
