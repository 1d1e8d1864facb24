/*
 * The lines of the picture as curves: from a slot to its description, from there to an object;
 * dashed, what is held without a slot; dotted, connections and watches; and at the left whom a call
 * waits for.
 */
import { el } from "./store.js";
import { X, WIDTH } from "./picture-model.js";

const right = column => X[column] + WIDTH[column];

/** A curve from the right of a column to the left of another, or back. */
function curve(x1, y1, x2, y2) {
	const bend = (x2 - x1) * .45;
	return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

/** An arc at the side of a column. */
function arc(x, y1, y2, bulge) {
	return `M${x} ${y1}C${x + bulge} ${y1} ${x + bulge} ${y2} ${x} ${y2}`;
}

/**
 * How far an arc of a task that waits goes to the side, at its middle .75 of this: longer ones go
 * around shorter ones.
 */
const bulge = (y1, y2) => Math.min(38, 18 + Math.abs(y2 - y1) * .06);

const SHAPES = {
	slot: (y1, y2) => curve(right(0) - 6, y1, X[1] - 2, y2),
	object: (y1, y2) => curve(right(1), y1, X[2] - 2, y2),
	held: (y1, y2) => curve(right(0), y1, X[1] - 2, y2),
	message: (y1, y2) => curve(X[2], y1, right(1) + 2, y2),
	watch: (y1, y2) => curve(X[2], y1, right(1) + 2, y2),
	peer: (y1, y2) => arc(right(2) + 2, y1, y2, 34),
	waits: (y1, y2) => arc(X[0] - 2, y1, y2, -bulge(y1, y2)),
};

const WORDS = { held: "held", message: "in a message", watch: "watches", peer: "connected" };

export function makeLine() {
	return el("svg:g", { class: "line" }, el("svg:path"));
}

/** Where a line's ends are; y: the places of the cards. */
export function ends(line, y) {
	return [y.get(line.from) + line.fromDy, y.get(line.to) + line.toDy];
}

export function drawLine(node, line, [y1, y2], cls) {
	const d = (SHAPES[line.kind] ?? SHAPES.slot)(y1, y2);
	const path = node.firstChild;
	if (node.shape !== d) {
		node.shape = d;
		path.setAttribute("d", d);
	}
	if (node.look === cls && node.word === line.word)
		return;
	node.look = cls;
	node.word = line.word;
	node.setAttribute("class", cls);
	const head = line.dead ? "url(#arrow-dead)" : / changed/.test(cls) ? "url(#arrow-changed)"
		: "url(#arrow)";
	path.setAttribute("marker-end", head);
	if (line.kind === "peer")
		path.setAttribute("marker-start", head);
	if (line.kind === "waits") {
		node.querySelector("text")?.remove();
		node.append(el("svg:text", {}, line.word));
	} else if (WORDS[line.kind] && !node.querySelector("title")) {
		node.append(el("svg:title", {}, line.fd === undefined ? WORDS[line.kind]
			: `${WORDS[line.kind]} ${line.fd}`));
	}
}

/**
 * The word of a line at the side stands upright near its start: lines to and fro do not share a
 * place.
 */
export function placeWord(node, [y1, y2]) {
	const word = node.querySelector("text");
	if (word)
		word.setAttribute("transform",
			`translate(${X[0] - 6 - .75 * bulge(y1, y2)} ${(y1 * 2 + y2) / 3}) rotate(-90)`);
}
