/*
 * Time: a lane for each task (of many, for those with a call in sight) with its calls as blocks,
 * and a slider over the whole log with marks for forks, execs and errors. The lanes show a window
 * of lines around the moment. A call in flight stays open until the line that ends it, with a tick
 * at each preemption point where it stopped, and a shorter one for each that it has passed. Moves
 * the store's moment.
 */
import { store, el } from "./store.js";
import { Calls } from "./calls.js";
import { reuse } from "./reuse.js";
import { withoutResults } from "./words.js";

const LANE = 22; /* px */
const LANES = 12; /* tasks up to which each has a lane, also without a call in sight */
const NAMES = 64; /* px before the lanes */
const SLOT_MIN = 26, SLOT_MAX = 190; /* px of a line */
const CHARACTER = 6.6; /* px of a character in a block */
const PLAY = 900; /* ms a line */
/* drawn, since fonts lack such characters */
const MARKS = { fork: "M-4 -4L0 0L4 -4M0 0V4", exec: "M-3 -4L4 0L-3 4Z",
	error: "M-3 -3L3 3M-3 3L3 -3" };
const ICONS = {
	first: "M3 3V13M13 3L5 8L13 13Z", back: "M11 3L5 8L11 13", play: "M4 3L13 8L4 13Z",
	pause: "M5 3V13M11 3V13", step: "M5 3L11 8L5 13", now: "M13 3V13M3 3L11 8L3 13Z",
};

let calls = new Calls(), counted = 0;
let parts = null, timer = null;

export function start(root) {
	const button = (name, label, keys, run) => el("button", {
		type: "button", class: "time-button", "data-time": name, "aria-label": label,
		title: `${label} (${keys})`, click: run,
	}, el("svg:svg", { viewBox: "0 0 16 16", "aria-hidden": "true" },
		el("svg:path", { d: ICONS[name] })));
	parts = {
		root,
		slider: el("input", { type: "range", id: "time-slider", min: 0, max: 0, step: 1,
			"aria-label": "moment: a line of the log",
			input: event => goTo(Number(event.target.value)) }),
		marks: el("svg:svg", { class: "time-marks", "aria-hidden": "true" }),
		lanes: el("svg:svg", { class: "time-lanes", role: "img",
			"aria-label": "calls of each task" }),
		moment: el("output", { class: "time-moment", for: "time-slider" }),
		play: button("play", "play", "space", togglePlay),
	};
	parts.scroll = el("div", { class: "time-scroll", tabindex: -1 }, parts.lanes);
	root.append(
		el("div", { class: "time-bar" },
			button("first", "to the start", "Home", () => goTo(first())),
			button("back", "a line back", "\u2190", () => stepBy(-1)),
			parts.play,
			button("step", "a line on", "\u2192", () => stepBy(1)),
			button("now", "to now", "End", () => goTo(null)),
			el("div", { class: "time-track" }, parts.marks, parts.slider),
			parts.moment),
		parts.scroll);
	for (const type of ["lines", "moment", "picture", "predict", "filter", "machine"])
		store.addEventListener(type, draw);
	store.addEventListener("moment", writeMoment);
	store.addEventListener("machine", readMoment, { once: true });
	addEventListener("hashchange", readMoment);
	new ResizeObserver(draw).observe(root);
}

/* ---- moving ---------------------------------------------------------------------------------- */

/** The first moment that there is; without a history the present alone. */
export const first = () => store.machine?.history ? store.machine.oldest : store.last;
const current = () => store.predicting ? store.shown : store.at ?? store.last;

/**
 * Shows the moment after line n, null for now; a result that is to be guessed holds the picture.
 */
export function goTo(n) {
	stop();
	return store.go(n === null || n >= store.last ? null : n);
}

export function stepBy(lines) {
	stop();
	return move(lines);
}

function move(lines) {
	const n = Math.max(first(), Math.min(store.last, current() + lines));
	return store.go(n >= store.last ? null : n);
}

export function togglePlay() {
	if (timer)
		return stop();
	if (current() >= store.last)
		store.go(first());
	timer = setInterval(playOn, PLAY);
	drawPlay();
}

/** Plays from line n. */
export async function playFrom(n) {
	stop();
	await store.go(n);
	togglePlay();
}

function playOn() {
	if (store.predicting || document.documentElement.dataset.busy === "true")
		return;
	if (current() >= store.last)
		stop();
	else
		move(1);
}

function stop() {
	clearInterval(timer);
	timer = null;
	drawPlay();
}

/* ---- the page's address holds the moment ----------------------------------------------------- */

function writeMoment() {
	const hash = new URLSearchParams(location.hash.slice(1));
	if (hash.has("log"))
		return;
	if (store.at === null)
		hash.delete("at");
	else
		hash.set("at", store.at);
	const text = hash.toString();
	history.replaceState(null, "", location.pathname + location.search + (text ? `#${text}` : ""));
}

function readMoment() {
	const hash = new URLSearchParams(location.hash.slice(1));
	if (hash.has("at") && !hash.has("log") && /^\d+$/.test(hash.get("at")))
		store.go(Number(hash.get("at")));
}

/* ---- drawing --------------------------------------------------------------------------------- */

let wanted = false;

/** Draws once for all events of this turn. */
function draw() {
	if (wanted)
		return;
	wanted = true;
	requestAnimationFrame(() => {
		wanted = false;
		if (!store.machine)
			return;
		collect();
		drawSlider();
		drawLanes();
		drawPlay();
	});
}

/** Takes in the lines that are new; all of them where the log is another. */
function collect() {
	const lines = store.lines;
	if (counted > lines.length || counted && calls.from !== lines) {
		calls = new Calls();
		counted = 0;
	}
	calls.from = lines;
	for (; counted < lines.length; counted++)
		calls.add(lines[counted]);
}

function drawPlay() {
	if (!parts)
		return;
	parts.play.querySelector("path").setAttribute("d", timer ? ICONS.pause : ICONS.play);
	parts.play.setAttribute("aria-label", timer ? "pause" : "play");
	parts.play.title = `${timer ? "pause" : "play"} (space)`;
}

/** The last line whose call may be seen. */
const known = () => store.predicting ? store.hidden.n : store.last;

function drawSlider() {
	const { slider, marks, moment } = parts;
	const from = first(), n = current();
	for (const control of parts.root.querySelectorAll("button, input"))
		control.disabled = !store.machine.history;
	slider.min = from;
	slider.max = store.last;
	slider.value = n;
	const line = store.line(n);
	slider.setAttribute("aria-valuetext", line ? `line ${n}: ${line.text}` : `line ${n}`);
	moment.textContent = `${n} / ${store.last}${n === store.last ? " now" : ""}`;
	const seen = new Map();
	for (const call of calls.calls) {
		const at = call.last ?? call.first;
		if (!call.mark || at > known() || store.predicting && at === store.hidden.n)
			continue;
		/* one mark of a kind for each half per cent: a long log has more marks than pixels */
		const place = Math.round(200 * (at - from) / Math.max(1, store.last - from)) / 2;
		seen.set(`${call.mark} ${place}`, { call, place });
	}
	const make = () => el("svg:svg", { overflow: "visible", y: 6 }, el("svg:path"));
	reuse(marks, seen, make, (node, { call, place }) => {
		node.setAttribute("class", `time-mark time-${call.mark}`);
		node.setAttribute("x", `${place}%`);
		node.firstChild.setAttribute("d", MARKS[call.mark]);
	});
}

function drawLanes() {
	const { lanes, scroll } = parts;
	const width = Math.max(200, scroll.clientWidth - 4);
	const end = known();
	const room = Math.max(1, Math.floor((width - NAMES) / SLOT_MIN));
	const begin = store.lines[0]?.n ?? 1;
	const n = Math.max(begin, current());
	let from = Math.max(begin, Math.min(n - Math.floor(room / 2), end - room + 1));
	const to = Math.min(end, from + room - 1);
	from = Math.min(from, Math.max(begin, to));
	const slot = Math.min(SLOT_MAX, (width - NAMES) / Math.max(1, to - from + 1));
	const x = line => NAMES + (line - from) * slot;

	const visible = calls.calls.filter(call => call.first <= to && (call.last ?? to) >= from
		&& (call.pid === null || !store.filter.tasks || store.filter.tasks.has(call.pid)));
	const tasks = [...calls.pids].filter(([pid, known]) => known <= end
		&& !(store.predicting && known >= store.hidden.n)
		&& (!store.filter.tasks || store.filter.tasks.has(pid))).map(([pid]) => pid);
	const owners = [...new Set([...visible.map(call => call.pid),
		...tasks.length <= LANES ? tasks : []])]
		.sort((a, b) => (a ?? 0) - (b ?? 0));
	const row = new Map(owners.map((pid, index) => [pid, index]));
	const height = Math.max(1, owners.length) * LANE;
	lanes.setAttribute("width", width);
	lanes.setAttribute("height", height);

	const nodes = new Map();
	for (const pid of owners)
		nodes.set(`name ${pid}`, { make: () => el("svg:text", { class: "time-name" }),
			set: node => {
			node.setAttribute("x", 4);
			node.setAttribute("y", row.get(pid) * LANE + 15);
			node.textContent = pid === null ? "machine" : `task ${pid}`;
		} });
	nodes.set("moment", { make: () => el("svg:line", { class: "time-now" }), set: node => {
		const at = current() < from ? NAMES : x(Math.min(current(), to)) + slot;
		for (const [name, value] of [["x1", at], ["x2", at], ["y1", 0], ["y2", height]])
			node.setAttribute(name, value);
	} });
	for (const call of visible)
		nodes.set(`call ${call.first}`, { make: makeBlock,
			set: node => setBlock(node, call,
				{ x, slot, from, to, y: row.get(call.pid) * LANE }) });
	reuse(lanes, nodes, entry => entry.make(), (node, entry) => entry.set(node));
	keepInView(row.get(calls.of(current())?.pid));
}

function makeBlock() {
	const node = el("svg:g", { class: "time-call", click: () => goTo(Number(node.dataset.to)) },
		el("svg:title"), el("svg:path"), el("svg:text"), el("svg:g", { class: "time-ticks" }),
		el("svg:g", { class: "time-passed" }));
	return node;
}

function setBlock(node, call, { x, slot, from, to, y }) {
	const guessed = store.predicting ? store.hidden.n : Infinity;
	const hidden = call.first === guessed;
	const shownLast = call.last >= guessed ? null : call.last;
	const left = x(Math.max(call.first, from)) + 1;
	const right = x(Math.min(shownLast ?? to, to)) + slot - 1;
	const open = shownLast === null || shownLast > to;
	const top = y + 2, bottom = y + LANE - 3;
	/* a call that goes on has no right side */
	node.children[1].setAttribute("d",
		`M${right} ${top}H${left}V${bottom}H${right}${open ? "" : "Z"}`);
	const text = title(call, hidden, shownLast);
	node.children[0].textContent = text;
	const fits = Math.floor((right - left - 8) / CHARACTER);
	const [label, x0] = [node.children[2], left + 5];
	label.setAttribute("x", x0);
	label.setAttribute("y", y + 15);
	label.textContent = text.length <= fits ? text : fits > 1 ? `${text.slice(0, fits - 1)}\u2026`
		: "";
	const ahead = call.first > current();
	node.setAttribute("class", ["time-call",
		call.mark && shownLast !== null ? `time-${call.mark}` : "",
		shownLast === null ? "time-open" : "", ahead ? "time-ahead" : "",
		calls.of(current()) === call ? "time-current" : ""].filter(name => name).join(" "));
	node.dataset.first = call.first;
	node.dataset.to = shownLast ?? call.ticks.at(-1)?.n ?? call.first;
	node.dataset.open = shownLast === null;
	const ticks = new Map(call.ticks
		.filter(tick => tick.n >= from && tick.n <= Math.min(to, known()))
		.map(tick => [tick.n, tick]));
	const make = () => el("svg:g", {}, el("svg:title"), el("svg:path"));
	reuse(node.children[3], ticks, make, (tick, { n, point }) => {
		const at = x(n) + slot - 4;
		tick.children[0].textContent = `stopped at ${point} (line ${n})`;
		tick.children[1].setAttribute("d", `M${at} ${top - 1}V${bottom + 1}`);
		tick.dataset.point = point;
	});
	setPassed(node.children[4], open ? passedPoints(call) : [], { left, right, bottom });
}

/**
 * The points that a call in flight has passed without a stop, as the picture of the moment tells
 * them.
 */
function passedPoints(call) {
	const inFlight = store.picture?.tasks.find(task => task.pid === call.pid)?.call;
	const stops = call.ticks.map(tick => tick.point);
	return (inFlight?.points ?? []).filter(point => !stops.includes(point));
}

/** The log does not tell when: the marks stand at equal distances, shorter than those of stops. */
function setPassed(node, points, { left, right, bottom }) {
	const make = () => el("svg:g", {}, el("svg:title"), el("svg:path"));
	reuse(node, new Map(points.map((point, i) => [i, point])), make, (mark, point) => {
		const at = left + (right - left) * (points.indexOf(point) + 1) / (points.length + 1);
		mark.children[0].textContent = `passed ${point}`;
		mark.children[1].setAttribute("d", `M${at} ${bottom - 4}V${bottom + 1}`);
		mark.dataset.passed = point;
	});
}

/**
 * The text of a call: as it began, with its result where that is known; last: the line that ends
 * it.
 */
function title(call, hidden, last) {
	const begun = call.text.replace(/ <unfinished.*$/, ")");
	if (hidden)
		return `${withoutResults(begun)} = ?`;
	return last === null ? `${begun} \u2026` : call.end ? `${begun} = ${call.result}` : begun;
}

function keepInView(row) {
	const { scroll } = parts;
	if (row === undefined)
		return;
	if (row * LANE < scroll.scrollTop)
		scroll.scrollTop = row * LANE;
	else if ((row + 1) * LANE > scroll.scrollTop + scroll.clientHeight)
		scroll.scrollTop = (row + 1) * LANE - scroll.clientHeight;
}
