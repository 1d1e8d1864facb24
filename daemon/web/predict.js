/*
 * Predict: while the switch is on, the result of a line is hidden until a guess was made, and then
 * compared with it. The store holds the picture before the line meanwhile.
 */
import { store, el, splitResult } from "./store.js";
import { wholeCall } from "./calls.js";
import { withoutResults } from "./words.js";

const WAITS = /^(waits?|blocks?|in flight|unfinished|stops?|none|\.\.\.|\u2026)$/i;

let parts = null;
let right = 0, guesses = 0;

export function start(root) {
	parts = {
		toggle: el("button", { type: "button", id: "predict-switch", role: "switch",
			"aria-checked": "false",
			title: "hide each result until it has been guessed (p)", click: togglePredict },
		"predict"),
		call: el("code", { class: "predict-call" }),
		guess: el("input", { id: "predict-guess", type: "text", autocomplete: "off",
			spellcheck: "false",
			"aria-label": "your guess of the result", placeholder: "10, EBADF, waits" }),
		verdict: el("output", { class: "predict-verdict", "aria-live": "polite" }),
	};
	parts.form = el("form", { class: "predict-form", hidden: true, submit: guess },
		el("label", { for: "predict-guess" }, parts.call, " = "), parts.guess,
		el("button", { type: "submit" }, "compare"),
		el("button", { type: "button", click: skip, title: "show it without a guess" }, "show"));
	root.append(el("div", { class: "predict" }, parts.toggle, parts.form, parts.verdict));
	store.addEventListener("predict", draw);
}

export function togglePredict() {
	right = guesses = 0;
	parts.verdict.textContent = "";
	parts.verdict.dataset.right = "";
	store.setPredict(!store.predict);
}

function draw() {
	parts.toggle.setAttribute("aria-checked", store.predict);
	const was = parts.form.hidden;
	parts.form.hidden = !store.predicting;
	if (!store.predicting)
		return;
	parts.call.textContent = withoutResults(wholeCall(store.lines, store.hidden));
	if (was) {
		parts.guess.value = "";
		parts.guess.focus();
	}
}

function guess(event) {
	event.preventDefault();
	const text = parts.guess.value.trim();
	if (text === "" || !store.hidden)
		return;
	const line = store.hidden.text;
	const { result } = splitResult(line);
	const hit = agrees(text, result);
	guesses++;
	right += hit ? 1 : 0;
	tell(`${hit ? "\u2713 right" : `\u2717 you guessed ${text}`}: ${line}`, hit);
	parts.guess.value = "";
	store.reveal();
}

function skip() {
	tell(store.hidden.text, null);
	store.reveal();
}

function tell(text, hit) {
	parts.verdict.textContent = guesses ? `${text}  (${right} of ${guesses})` : text;
	parts.verdict.dataset.right = hit === null ? "" : hit;
}

/** Whether a guess means this result; null is the result of a call that waits or stops. */
export function agrees(text, result) {
	const guessed = text.replace(/^=\s*/, "");
	if (result === null)
		return WAITS.test(guessed);
	const found = /^(-?\w+|\?)(?: ([A-Z]\w+))?/.exec(result);
	if (!found)
		return guessed === result;
	const [, number, error] = found;
	if (error)
		return guessed.replace(/^-1\s+/, "").toUpperCase() === error || guessed === "-1";
	return guessed === number || /^[-\d]/.test(guessed) && Number(guessed) === Number(number);
}
