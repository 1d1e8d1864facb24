/*
 * Races: the outcomes of a scenario's race, each with how many orders lead to it. Picking one starts the
 * machine over, runs the order that is its witness, and plays it in the picture.
 */
import { store, el } from "./store.js";
import { ask } from "./dialog.js";
import { playTranscript, hasCalls } from "./play.js";
import { playFrom } from "./time.js";

let played = false; /* the machine holds only what this module played */
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
		click: () => pick(button, outcome) },
		el("span", { class: "race-orders" }, `${outcome.orders} of ${orders}`),
		el("meter", { min: 0, max: orders, value: outcome.orders, "aria-hidden": "true" }),
		outcome.results.map(result => el("code", {}, result)));
	return button;
}

async function pick(button, outcome) {
	if (!played && hasCalls() && await ask("Start the machine over?", el("p", {},
		"An outcome of the race is played from the start: the calls that the machine holds are lost."),
		[["play", "play it"], ["", "cancel"]]) !== "play")
		return;
	for (const other of body.querySelectorAll(".race-outcome"))
		other.setAttribute("aria-pressed", other === button);
	played = true;
	await playTranscript(outcome.witness.join("\n"));
	await playFrom(store.machine.oldest ?? 0);
}

function count(n, what) {
	return `${n} ${what}${n === 1 ? "" : "s"}`;
}
