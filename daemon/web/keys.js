/*
 * The keys of the page, by which it can be used without a mouse, and their help. A key that is
 * typed into a field is that field's; with control, alt or meta it is the browser's.
 */
import { store, el } from "./store.js";
import { ask } from "./dialog.js";
import { first, goTo, stepBy, togglePlay } from "./time.js";
import { focusPrompt } from "./prompt.js";
import { togglePredict } from "./predict.js";
import { copyLink } from "./share.js";

const focus = selector => () => document.querySelector(selector)?.focus();

const KEYS = [
	["ArrowLeft", "\u2190", "a line back", () => stepBy(-1)],
	["ArrowRight", "\u2192", "a line on", () => stepBy(1)],
	["PageUp", "page up", "ten lines back", () => stepBy(-10)],
	["PageDown", "page down", "ten lines on", () => stepBy(10)],
	["Home", "home", "to the start", () => goTo(first())],
	["End", "end", "to now", () => goTo(null)],
	[" ", "space", "play, pause", togglePlay],
	["/", "/", "the prompt", focusPrompt],
	["g", "g", "the picture", focus("#picture .cards [tabindex='0']")],
	["f", "f", "the file of the selection", focus("#file-path")],
	["u", "u", "undo the last line", () => store.calls("undo")],
	["U", "U", "redo a line", () => store.calls("redo")],
	["p", "p", "predict: hide results until they are guessed", togglePredict],
	["l", "l", "a link that carries this machine", copyLink],
	["?", "?", "this help", help],
];

export function start(root) {
	root.append(el("button", { type: "button", id: "keys-help", title: "the keys of this page (?)",
		click: help }, "keys"));
	document.addEventListener("keydown", event => {
		if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey
			|| document.querySelector("dialog[open]"))
			return;
		if (event.key === "Escape" && isField(event.target)) {
			event.target.blur();
			return;
		}
		const key = KEYS.find(([name]) => name === event.key);
		const pressed = event.key === " " && event.target.matches("button, [role=button], summary");
		if (!key || pressed || isField(event.target))
			return;
		event.preventDefault();
		key[3]();
	});
}

/** Whether keys belong to the element; a slider moves the moment as the page's keys do. */
function isField(node) {
	return node.matches("input:not([type=range]):not([type=checkbox])")
		|| node.matches("textarea, select, [contenteditable]");
}

async function help() {
	const row = (key, text) => el("tr", {},
		el("th", { scope: "row" }, el("kbd", {}, key)), el("td", {}, text));
	await ask("Keys", el("table", { class: "keys" }, el("tbody", {},
		KEYS.map(([, key, text]) => row(key, text)),
		row("tab", "in the prompt: complete; elsewhere: the next place"),
		row("\u2191 \u2193", "in the prompt: its history"),
		row("\u2190 \u2191 \u2192 \u2193", "in the picture: along its lines and columns"),
		row("enter . + \u2212 0", "in the picture: calls, fold, larger, smaller, fit"),
		row("esc", "leave the prompt"))), [["", "close"]]);
}
