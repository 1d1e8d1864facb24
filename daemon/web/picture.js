/*
 * The picture: the cards and lines of the moment that is shown, as one SVG. An update makes a model
 * (picture-model.js), lays it out (layout.js), and touches the elements of what differs; each has a
 * key and stays as long as what it shows. Of a large machine only what is in sight has elements.
 */
import { store, el } from "./store.js";
import { reuse } from "./reuse.js";
import { build, changedKeys, partsOf, X, WIDTH, TABLES, FILES, OBJECTS } from "./picture-model.js";
import { layOut } from "./layout.js";
import { drawPart, drawFrame } from "./picture-cards.js";
import { makeLine, drawLine, placeWord, ends } from "./picture-lines.js";
import { startKeys, keepFocus } from "./picture-keys.js";
import { openMenu, closeMenu } from "./picture-menu.js";

const SPAN = X[OBJECTS] + WIDTH[OBJECTS] + 44;
const ALL = 500; /* lines and cards up to which all have elements */
const MARGIN = 500; /* px beyond the sight that have elements, too */
const FIT_MIN = .62, FIT_MAX = 1.6, FIT_TALL = 1; /* of a picture that is scrolled in any case */
/* Tables from which on a machine is first shown folded, and what folded ones lead to is hidden. */
const FOLD_FROM = 60;

/*
 * A line of a call that failed: the task, the call, its first argument if that is a number, the
 * error.
 */
const FAILED = /^(\d+) (?:<\.\.\. )?(\w+)(?:\((-?\d+)\b)?.*\) = -1 (E\w+)/;

let root, svg, layers, headings;
let model = null, laid = null, places = null, changed = new Map(), trace = null;
let zoom = null; /* null: fits */
let scale = 1;
const folds = new Set();
let foldedOnce = false;

/** Arrowheads, and the hatching of reserved slots. */
function makeDefs() {
	const head = (id, cls) => el("svg:marker",
		{ id, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9,
		markerHeight: 9, markerUnits: "userSpaceOnUse", orient: "auto-start-reverse" },
	el("svg:path", { class: cls, d: "M0 0L8 4L0 8z" }));
	return el("svg:defs", {}, head("arrow", "arrow"), head("arrow-changed", "arrow changed"),
		head("arrow-dead", "arrow dead"),
		el("svg:pattern", { id: "hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse",
			patternTransform: "rotate(45)" }, el("svg:path", { class: "hatching", d: "M0 0V7" })));
}

export function start(node) {
	root = node;
	layers = { lines: el("svg:g", { class: "lines" }), cards: el("svg:g", { class: "cards" }),
		bubble: el("svg:g", { class: "bubbles" }) };
	headings = X.map(x => el("svg:text", { class: "heading", x: x + 2, y: 24 }));
	svg = el("svg:svg", { class: "pic", preserveAspectRatio: "xMidYMin", role: "group",
		"aria-label": "tasks, open file descriptions, and what they refer to" }, makeDefs(),
	headings, layers.lines, layers.cards, layers.bubble);
	root.append(svg);
	root.tabIndex = -1;
	svg.addEventListener("click", click);
	svg.addEventListener("contextmenu", event => menuAt(event.target) && event.preventDefault());
	root.addEventListener("scroll", () => requestAnimationFrame(draw), { passive: true });
	root.addEventListener("wheel", event => {
		if (!event.ctrlKey)
			return;
		event.preventDefault();
		setZoom(event.deltaY < 0 ? 1.1 : 1 / 1.1);
	}, { passive: false });
	root.addEventListener("keydown", event => {
		const factor = { "+": 1.2, "-": 1 / 1.2, 0: null }[event.key];
		if (factor !== undefined && !event.ctrlKey && !event.altKey && !event.metaKey)
			setZoom(factor);
	});
	startKeys(svg, { menu: menuAt, columnOf, lines: () => model?.lines ?? [], toCard, reveal,
		fold: toggleFold });
	store.addEventListener("picture", () => update(true));
	store.addEventListener("filter", () => update(false));
	store.addEventListener("selection", () => {
		retrace();
		draw();
	});
	new ResizeObserver(fit).observe(root);
	addEventListener("beforeprint", () => drawAll(true));
	addEventListener("afterprint", () => drawAll(false));
}

/* ---- updates --------------------------------------------------------------------------------- */

let cardsOfTasks = null; /* keys, by pid: made when they are asked for */

/** The key of the card that shows what has this key. */
function toCard(key) {
	const [kind, id] = key.split(":");
	if (kind === "slot")
		return `table:${id}`;
	if (kind !== "task")
		return key;
	cardsOfTasks ??= new Map(model.columns[TABLES].flatMap(card => card.parts
		.filter(part => part.type === "task")
		.map(part => [part.key, card.key])));
	return cardsOfTasks.get(key) ?? key;
}

const COLUMNS_OF = { table: TABLES, task: TABLES, slot: TABLES, file: FILES, object: OBJECTS };
const columnOf = key => COLUMNS_OF[key.split(":")[0]];

/** isNew: another moment, not only another view of it. */
function update(isNew) {
	const picture = store.picture;
	if (!picture)
		return;
	const began = performance.now();
	if (isNew) {
		changed = changedKeys(store.changes, store.before, picture);
		closeMenu();
	}
	const large = picture.tables.length >= FOLD_FROM;
	if (large && !foldedOnce) {
		foldedOnce = true;
		for (const key of [...picture.tables.map(t => `table:${t.id}`),
			...picture.files.map(f => `file:${f.id}`),
			...picture.objects.map(o => o.key)])
			folds.add(key);
	}
	picture.headings.forEach((words, i) => headings[i].textContent = words);
	model = build(picture, store.filter, folds, large);
	laid = layOut(model, laid);
	places = laid.y;
	model.height = laid.height;
	cardsOfTasks = null;
	retrace();
	fit();
	if (isNew)
		showChange();
	draw();
	performance.measure("picture", { start: began, end: performance.now() });
}

/** The keys that the selection leads to and comes from, or null. */
function retrace() {
	trace = null;
	const key = store.selection && keyOf(store.selection);
	if (!key || !model)
		return;
	trace = new Set([key]);
	const isSlot = key.startsWith("slot:");
	for (const back of [false, true]) {
		const reached = new Set(isSlot ? [key] : [toCard(key)]);
		for (let grown = true; grown;) {
			grown = false;
			for (const line of model.lines) {
				if (line.kind !== "slot" && line.kind !== "object" && line.kind !== "held")
					continue;
				const from = isSlot && line.key === `line:${key}` ? key : line.from;
				const [a, b] = back ? [line.to, from] : [from, line.to];
				if (reached.has(a) && (!reached.has(b) || !trace.has(line.key))) {
					grown = grown || !reached.has(b);
					reached.add(b);
					trace.add(line.key);
				}
			}
		}
	}
}

function keyOf(s) {
	if (s.kind === "object")
		return s.id;
	return s.kind === "slot" ? `slot:${s.id}:${s.fd}` : `${s.kind}:${s.id}`;
}

/* ---- drawing --------------------------------------------------------------------------------- */

/** The y of the picture that have elements, as [from, to]. */
function sight() {
	const count = model.lines.length + model.columns[1].length + model.columns[2].length;
	if (count <= ALL || root.hasAttribute("data-all"))
		return [-Infinity, Infinity];
	return [root.scrollTop / scale - MARGIN, (root.scrollTop + root.clientHeight) / scale + MARGIN];
}

function draw() {
	if (!model)
		return;
	const [top, bottom] = sight();
	const cards = new Map(), lines = new Map();
	for (const column of model.columns)
		for (const card of column) {
			const y = places.get(card.key);
			if (y < bottom && y + card.h > top)
				cards.set(card.key, card);
		}
	for (const line of model.lines) {
		const [a, b] = ends(line, places);
		if (a < bottom && a > top || b < bottom && b > top)
			lines.set(line.key, line);
	}
	const selected = store.selection && keyOf(store.selection);
	reuse(layers.lines, lines, makeLine, drawOneLine);
	reuse(layers.cards, cards, makeCard, (node, card) => drawCard(node, card, selected));
	svg.classList.toggle("tracing", Boolean(trace));
	drawBubble();
	keepFocus();
}

function drawOneLine(node, line) {
	const source = line.key.replace("line:", "");
	const isNew = changed.has(source)
		&& (line.kind !== "object" || changed.get(source).startsWith("new"));
	const cls = ["line", line.kind, line.dead && "dead", isNew && "changed",
		trace?.has(line.key) && "traced"]
		.filter(word => word).join(" ");
	const place = ends(line, places);
	node.dataset.key = line.key;
	drawLine(node, line, place, cls);
	placeWord(node, place);
}

function makeCard(card) {
	return el("svg:g", { "data-key": card.key, role: "group" }, el("svg:g", { class: "behind" }),
		el("svg:g", { class: "parts" }));
}

function drawCard(node, card, selected) {
	const place = `translate(${X[card.column]}px, ${places.get(card.key)}px)`;
	if (node.place !== place) {
		node.place = place;
		node.style.transform = place;
	}
	const was = changed.get(card.key) ?? (card.fold && card.table ? changedIn(card.table)
		: undefined);
	const cls = `card column-${card.column}${was ? " changed" : ""}`
		+ (selected === card.key ? " selected" : "");
	if (node.look !== cls) {
		node.look = cls;
		node.setAttribute("class", cls);
	}
	const frame = `${card.h} ${card.fold} ${was}`;
	if (node.frame !== frame) {
		node.frame = frame;
		node.firstChild.replaceChildren(...drawFrame(card, was));
		node.setAttribute("aria-label", nameOf(card) + (card.fold ? ", folded" : "")
			+ (was ? `, changed: ${was}` : ""));
	}
	const parts = new Map();
	partsOf(card).forEach((part, i) => parts.set(`${part.type} ${part.key || i}`, part));
	reuse(node.lastChild, parts, () => el("svg:g"),
		(part, entry) => drawOnePart(part, entry, card, selected));
}

function drawOnePart(node, part, card, selected) {
	const was = part.type === "row" || part.type === "task" ? changed.get(part.key) : undefined;
	const { y, ...own } = part;
	const look = JSON.stringify(own) + (was ?? "");
	if (node.look !== look) {
		node.look = look;
		drawPart(node, part, card.column, was);
	}
	if (node.y !== y) {
		node.y = y;
		node.style.transform = `translate(0px, ${y}px)`;
	}
	node.classList.toggle("selected", part.key !== card.key && selected === part.key);
}

/** The changes in a folded table, in words. */
function changedIn(table) {
	for (const [key, text] of changed)
		if (key.startsWith(`slot:${table.id}:`))
			return `slot ${key.split(":")[2]}: ${text}`;
	return undefined;
}

function nameOf(card) {
	if (card.file)
		return `file ${card.file.id}, ${card.file.flags}, position ${card.file.pos}, `
			+ `count ${card.file.count}`;
	if (card.object)
		return `${card.object.kind} ${card.object.title}, `
			+ [...card.object.body, ...card.object.locks].join(", ");
	const tasks = card.table?.tasks.map(pid => `task ${pid}`).join(", ");
	return card.table ? `table ${card.table.id} of ${tasks}` : "no table";
}

/** An error stands where it came from: at the task whose call failed. */
function drawBubble() {
	const line = store.lines.find(l => l.n === store.shown);
	const found = !store.predicting && line && FAILED.exec(line.text);
	const key = found && `task:${found[1]}`;
	const card = key
		&& model.columns[0].find(c => c.parts.some(p => p.type === "task" && p.key === key));
	if (!card) {
		layers.bubble.replaceChildren();
		return;
	}
	const part = card.parts.find(p => p.key === key);
	const words = `\u2717 ${found[2]}${found[3] === undefined ? "" : `(${found[3]})`}: ${found[4]}`;
	const width = words.length * 7 + 18;
	const x = X[0] + WIDTH[0] + 4 - width, y = places.get(card.key) + part.y + 1;
	layers.bubble.replaceChildren(el("svg:g",
		{ class: "bubble", role: "note", "data-error": found[4] },
		el("svg:rect", { x, y, width, height: 22, rx: 4 }),
		el("svg:text", { x: x + 9, y: y + 15 }, words)));
}

/* ---- size ------------------------------------------------------------------------------------ */

/** null fits; otherwise a factor for the present scale. The middle of what is in sight stays. */
export function setZoom(factor) {
	const { scrollLeft, scrollTop, clientWidth, clientHeight } = root;
	const before = scale;
	zoom = factor === null ? null : Math.min(4, Math.max(.2, scale * factor));
	fit();
	root.scrollTop = (scrollTop + clientHeight / 2) * scale / before - clientHeight / 2;
	root.scrollLeft = (scrollLeft + clientWidth / 2) * scale / before - clientWidth / 2;
	draw();
}

function fit() {
	if (!model || !root.clientWidth)
		return;
	const wide = (root.clientWidth - 2) / SPAN, high = (root.clientHeight - 4) / model.height;
	scale = zoom ?? Math.min(wide, high >= Math.min(FIT_MIN, wide) ? Math.min(high, FIT_MAX)
		: FIT_TALL);
	const width = Math.floor(SPAN * scale), height = Math.floor(model.height * scale);
	const box = `0 0 ${SPAN} ${model.height}`;
	if (svg.getAttribute("viewBox") !== box || svg.getAttribute("width") !== String(width)) {
		svg.setAttribute("viewBox", box);
		svg.setAttribute("width", width);
		svg.setAttribute("height", height);
	}
}

/** Scrolls to what changed, where nothing of it is in sight. */
function showChange() {
	const keys = [...changed.keys()].map(key => `${toCard(key)}`).filter(key => places.has(key));
	const inSight = key => {
		const y = places.get(key) * scale;
		return y > root.scrollTop - 40 && y < root.scrollTop + root.clientHeight - 40;
	};
	if (keys.length > 0 && !keys.some(inSight))
		root.scrollTop = places.get(keys[0]) * scale - 60;
}

/** Scrolls to a card. */
function reveal(key) {
	const y = places.get(toCard(key)) * scale;
	if (y < root.scrollTop || y > root.scrollTop + root.clientHeight - 60)
		root.scrollTop = y - 40;
	draw();
}

/* ---- folds, clicks --------------------------------------------------------------------------- */

function toggleFold(key) {
	if (!folds.delete(key))
		folds.add(key);
	update(false);
}

/** Folds every card, or unfolds all. */
export function foldAll() {
	const keys = model.columns.flat().filter(c => c.foldable).map(c => c.key);
	const all = keys.every(key => folds.has(key));
	for (const key of keys)
		all ? folds.delete(key) : folds.add(key);
	update(false);
}

/** Whether what is out of sight has elements, too. */
function drawAll(all) {
	root.toggleAttribute("data-all", all);
	draw();
}

/** The picture as it is now, for export: all of it, also what is out of sight. */
export function wholePicture() {
	drawAll(true);
	const copy = svg.cloneNode(true);
	drawAll(false);
	return { copy, width: SPAN, height: model.height };
}

function click(event) {
	const call = event.target.closest("[data-call]");
	const fold = event.target.closest("[data-fold]");
	if (call)
		return store.calls(call.dataset.call);
	if (fold)
		return toggleFold(fold.dataset.fold);
	if (!menuAt(event.target)) {
		closeMenu();
		store.select(null);
	}
}

/** Selects what an element shows, and opens its menu if it has one. False: it shows nothing. */
function menuAt(target) {
	const node = target.closest("[data-key]");
	const key = node?.dataset.key;
	if (!key || key.startsWith("line:"))
		return false;
	openMenu(node, key);
	return true;
}
