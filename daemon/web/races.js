/*
 * Races: the outcomes of a scenario's race, each with how many orders lead to it. Picking one
 * starts the machine over, runs the order that is its witness, and plays it in the picture.
 */
import { store, el } from "./store.js";
import { ask } from "./dialog.js";
import { playTranscript, hasCalls } from "./play.js";
import { playFrom } from "./time.js";

let body = null;

export function start(root) {
	root.hidden = true;
	body = root;
	store.addEventListener("machine", read, { once: true });
}

async function read() {
	const races = await store.json("races");
	body.hidden = races.length === 0;
	body.replaceChildren(...races.map(drawRace));
}

function drawRace(race, index) {
	const orders = race.outcomes.reduce((sum, outcome) => sum + outcome.orders, 0);
	const sorted = [...race.outcomes].sort((a, b) => b.orders - a.orders);
	return el("section", { class: "race", "aria-labelledby": `race-${index}` },
		el("h2", { id: `race-${index}` }, race.title),
		el("p", { class: "race-calls" }, race.race.map(line => el("code", {}, line))),
		el("p", {}, `${count(race.outcomes.length, "outcome")} of ${count(orders, "order")}; `
			+ "pick one to play it"),
		el("ul", { class: "race-outcomes" }, sorted.map(outcome => el("li", {},
			drawOutcome(race, outcome, orders)))));
}

function drawOutcome(race, outcome, orders) {
	const button = el("button", { type: "button", class: "race-outcome", "aria-pressed": "false",
		click: () => pick(button, race, outcome) },
		el("span", { class: "race-orders" }, `${outcome.orders} of ${orders}`),
		el("meter", { min: 0, max: orders, value: outcome.orders, "aria-hidden": "true" }),
		outcome.results.map(result => el("code", {}, result)));
	return button;
}

/** The lines before the race, which all outcomes have. */
function setupOf(race) {
	const { witness } = race.outcomes[0];
	const differs = line => line.includes("<unfinished")
		|| race.outcomes.some(other => !other.witness.includes(line));
	const first = witness.findIndex(differs);
	return first < 0 ? witness.length : first;
}

/** Whether the machine holds nothing but lines of this race. */
function isOurs(race) {
	return race.outcomes.some(({ witness }) =>
		store.lines.every(({ text }, i) => text === witness[i]));
}

async function pick(button, race, outcome) {
	if (hasCalls() && !isOurs(race) && await ask("Start the machine over?", el("p", {},
		"An outcome of the race is played from the start: the machine's own calls are lost."),
		[["play", "play it"], ["", "cancel"]]) !== "play")
		return;
	for (const other of body.querySelectorAll(".race-outcome"))
		other.setAttribute("aria-pressed", other === button);
	await playTranscript(outcome.witness.join("\n"));
	await playFrom(setupOf(race));
}

function count(n, what) {
	return `${n} ${what}${n === 1 ? "" : "s"}`;
}
