/*
 * The words of the notation: the calls of the machine's kernel with their arguments, flags and
 * preemption points, and how a line that is being typed can go on. Knows nothing of the page.
 */
import { store } from "./store.js";

/** Words of a task's control file that are no calls; the machine's own are in words.json. */
const COMMANDS = [
	["step", "[point]", "the stopped call runs to its next preemption point, or to this one"],
	["finish", "", "the stopped call runs to its end"],
	["interrupt", "", "a signal interrupts the waiting call"],
].map(([name, args, help]) => ({ name, args, help }));

let words = { calls: [], flags: [], points: [] };

/** Takes the words of the machine's kernel, which the store keeps. */
export async function loadWords() {
	const found = await store.words();
	const commands = [...found.commands.map(word => ({ ...word, ofMachine: true })), ...COMMANDS]
		.map(word => ({ ...word, command: true }));
	words = { ...found,
		calls: [...found.calls, ...commands].sort((a, b) => a.name < b.name ? -1 : 1) };
}

/** The call or command of a line: {name, args, help}, or undefined; ofMachine: no task's. */
export function callOf(line) {
	const found = /^\s*(?:\d+\s+|\[pid\s+\d+\]\s+)?(\w+)/.exec(line);
	return found ? words.calls.find(call => call.name === found[1]) : undefined;
}

/**
 * Ways to go on at the caret: {from, to, choices: [{text, help}]}, where from to to is the word
 * there.
 */
export function complete(line, caret) {
	const before = /[\w:.]*$/.exec(line.slice(0, caret))[0];
	const from = caret - before.length;
	const to = caret + /^[\w:.]*/.exec(line.slice(caret))[0].length;
	const head = line.slice(0, from);
	let choices;
	if (/^\s*(?:\d+\s+|\[pid\s+\d+\]\s+)?$/.test(head))
		choices = words.calls.map(({ name, args, help }) => ({ text: name,
			help: [args, help].filter(part => part).join(": ") }));
	else if (/(?:\bstep|\bunfinished at)\s+$/.test(head))
		choices = words.points.map(text => ({ text, help: "a preemption point" }));
	else if (before !== "" && /[A-Z]/.test(before[0]))
		choices = words.flags.map(text => ({ text, help: "" }));
	else
		choices = [];
	return { from, to,
		choices: choices.filter(({ text }) => text.startsWith(before) && text !== before) };
}

/**
 * A call of the log without its result and without what it filled in, which would tell the result.
 */
export function withoutResults(text) {
	const found = /^((?:\d+ )?(\w+)\()(.*?)(?:\)( = .*)?| <unfinished.*)$/.exec(text);
	if (!found)
		return text.replace(/ = .*/, "");
	const parameters = splitArguments(words.calls.find(call => call.name === found[2])?.args ?? "");
	const values = splitArguments(found[3]);
	const known = values.map((value, index) => {
		const parameter = parameters[index];
		return parameter ? /^(?:in)?out\b/.test(parameter) ? "?" : value
			: value.replace(/^\[.*\]$/, "?");
	});
	return `${found[1]}${known.join(", ")})`;
}

/** Splits at the commas that stand in no bracket and in no string. */
export function splitArguments(text) {
	const parts = [];
	let depth = 0, quoted = false, part = "";
	for (let i = 0; i < text.length; i++) {
		const c = text[i];
		if (quoted && c === "\\")
			part += text[i++];
		else if (c === '"')
			quoted = !quoted;
		else if (!quoted && "[{(".includes(c))
			depth++;
		else if (!quoted && "]})".includes(c))
			depth--;
		if (c === "," && !quoted && depth === 0) {
			parts.push(part.trim());
			part = "";
		} else
			part += text[i];
	}
	return part.trim() === "" && parts.length === 0 ? [] : [...parts, part.trim()];
}
