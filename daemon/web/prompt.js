/*
 * The prompt: a line of the notation for a task, with completion and history, and the replies below
 * it. Up and down go through the history, tab completes. A reply is read out by screen readers; a
 * line that is no call is shown as it was typed, with the reason that the control file gives.
 */
import { store, el } from "./store.js";
import { loadWords, callOf, complete } from "./words.js";

const REPLIES = 200; /* that are kept on the page */
const CHOICES = 8; /* that are shown at once */

let parts = null;
const history = [];
let place = 0; /* in the history; its end is the line that is being typed */
let typed = "";
let chosen = -1; /* of the choices, -1 for none */
let waiting = []; /* replies whose results are to be guessed first */

export function start(root) {
	parts = {
		task: el("select", { id: "prompt-task", "aria-label": "task",
			title: "the task that makes the call" }),
		input: el("input", { id: "prompt-input", type: "text", autocomplete: "off",
			autocapitalize: "off",
			spellcheck: "false", role: "combobox", "aria-expanded": "false",
			"aria-controls": "prompt-choices", "aria-autocomplete": "list",
			"aria-describedby": "prompt-help", "aria-label": "a call in the notation",
			placeholder: "a call, such as dup2 0 10 or fork" }),
		help: el("output", { class: "prompt-help", id: "prompt-help", for: "prompt-input" }),
		choices: el("ul", { id: "prompt-choices", role: "listbox", "aria-label": "ways to go on",
			hidden: true }),
		replies: el("ol", { class: "prompt-replies", id: "prompt-replies", role: "log",
			"aria-live": "polite",
			"aria-label": "replies" }),
	};
	const button = (text, label, run) => el("button", { type: "button", title: label, click: run },
		text);
	root.append(
		el("form", { class: "prompt-form", submit: submit },
			el("div", { class: "prompt-line" }, parts.input, parts.choices),
			parts.task,
			el("button", { type: "submit" }, "run"),
			button("undo", "take the last line back", () => run("undo", null)),
			button("redo", "bring back a line that was undone", () => run("redo", null))),
		parts.help, parts.replies);
	parts.input.addEventListener("keydown", key);
	parts.input.addEventListener("input", () => {
		place = history.length;
		suggest();
	});
	parts.input.addEventListener("blur", hideChoices);
	store.addEventListener("picture", drawTasks);
	store.addEventListener("reply", event => reply(event.detail));
	store.addEventListener("error", event => append(event.detail.message, "prompt-error"));
	store.addEventListener("predict", revealed);
	store.addEventListener("machine", () => loadWords()
		.catch(error => append(error.message, "prompt-error")));
}

export function focusPrompt() {
	parts.input.focus();
	parts.input.select();
}

/* ---- running --------------------------------------------------------------------------------- */

async function submit(event) {
	event.preventDefault();
	const line = parts.input.value.trim();
	if (line === "")
		return;
	if (history.at(-1) !== line)
		history.push(line);
	place = history.length;
	parts.input.value = "";
	hideChoices();
	parts.help.textContent = "";
	await run(line, callOf(line)?.ofMachine || /^(\d|\[pid)/.test(line) ? null
		: Number(parts.task.value) || null);
}

/** A line for a task, or for the machine where it is null. */
function run(line, task) {
	return store.calls(task === null ? line : `${task} ${line}`);
}

function reply({ text, replies }) {
	if (text.trim().includes("\n"))
		return batch(replies);
	for (const one of replies.map(one => ({ ...one, text: asTyped(one.text, text) }))) {
		if (store.predicting && !one.in_flight && !one.error)
			waiting.push(one);
		else
			showReply(one);
	}
	/* a command of the machine, such as undo, has an empty reply */
	if (replies.every(one => one.text.trim() === "" && !one.error))
		append(`${text.trim()}: done`, "prompt-done");
}

/** The reason why a line is no call, with the column that was typed: the task was added after. */
function asTyped(said, line) {
	const own = history.at(-1), added = own && line.endsWith(own) ? line.length - own.length : 0;
	return said.replace(/^# line 1: (?:column (\d+): )?/,
		(_, column) => column ? `column ${Math.max(1, column - added)}: ` : "");
}

/** Of many lines at once only those that are no calls are shown. */
function batch(replies) {
	replies.filter(one => one.error && !/ = -1 /.test(one.text)).forEach(showReply);
	append(`${replies.length} lines were played`, "prompt-done");
}

function showReply({ text, error, in_flight }) {
	const line = text.trim();
	if (line === "" && !error)
		return;
	if (in_flight)
		append(`${line.replace(/\n/g, " ")} \u2026 in flight`, "prompt-flight");
	else
		append(error && !line.includes(error) ? `${line} (${error})` : line,
			error || / = -1 /.test(line)
			? "prompt-error" : "prompt-ok");
}

function revealed() {
	if (store.predicting)
		return;
	waiting.forEach(showReply);
	waiting = [];
}

function append(text, kind) {
	parts.replies.append(el("li", { class: kind }, text));
	while (parts.replies.children.length > REPLIES)
		parts.replies.firstChild.remove();
	parts.replies.scrollTop = parts.replies.scrollHeight;
}

/** Tasks that can be chosen; the choice stays while its task is there. */
function drawTasks() {
	const pids = store.picture.tasks.map(task => String(task.pid));
	const options = [...parts.task.options].map(option => option.value);
	if (pids.join() === options.join())
		return;
	const chosenTask = parts.task.value;
	parts.task.replaceChildren(...pids.map(pid => el("option", { value: pid }, `task ${pid}`)));
	parts.task.value = pids.includes(chosenTask) ? chosenTask : pids[0] ?? "";
}

/* ---- keys ------------------------------------------------------------------------------------ */

function key(event) {
	if (event.altKey || event.ctrlKey || event.metaKey)
		return;
	if (event.key === "ArrowUp" || event.key === "ArrowDown")
		fromHistory(event.key === "ArrowUp" ? -1 : 1);
	else if (event.key === "Tab" && !parts.choices.hidden)
		choose(event.shiftKey ? -1 : 1);
	else if (event.key === "Escape" && !parts.choices.hidden)
		hideChoices();
	else
		return;
	event.preventDefault();
	event.stopPropagation();
}

function fromHistory(by) {
	if (place === history.length)
		typed = parts.input.value;
	const next = place + by;
	if (next < 0 || next > history.length)
		return;
	place = next;
	parts.input.value = place === history.length ? typed : history[place];
	hideChoices();
	explain();
}

/* ---- completion ------------------------------------------------------------------------------ */

let completion = null;

function suggest() {
	const { input, choices } = parts;
	completion = complete(input.value, input.selectionStart);
	chosen = -1;
	explain();
	const none = input.value.trim() === "" || completion.choices.length === 0;
	choices.hidden = none;
	input.setAttribute("aria-expanded", !none);
	input.removeAttribute("aria-activedescendant");
	choices.replaceChildren(...(none ? [] : completion.choices.slice(0, CHOICES))
		.map((choice, index) =>
		el("li", { role: "option", id: `prompt-choice-${index}`, "aria-selected": "false",
			mousedown: event => {
				event.preventDefault();
				take(index);
				suggest();
			} }, el("b", {}, choice.text), " ", el("span", {}, choice.help))));
}

/** Takes the next choice in turn; a single one is final. */
function choose(by) {
	const count = parts.choices.children.length;
	chosen = chosen < 0 && by < 0 ? count - 1 : (chosen + by + count) % count;
	take(chosen);
	if (completion.choices.length === 1)
		hideChoices();
}

function take(index) {
	const { input, choices } = parts;
	const { from, to } = completion;
	const { text } = completion.choices[index];
	input.value = input.value.slice(0, from) + text + input.value.slice(to);
	completion.to = from + text.length;
	input.setSelectionRange(completion.to, completion.to);
	for (const [i, option] of [...choices.children].entries())
		option.setAttribute("aria-selected", i === index);
	input.setAttribute("aria-activedescendant", `prompt-choice-${index}`);
	explain();
}

function hideChoices() {
	parts.choices.hidden = true;
	parts.input.setAttribute("aria-expanded", "false");
	parts.input.removeAttribute("aria-activedescendant");
}

/** The arguments of the call that is being typed. */
function explain() {
	const call = callOf(parts.input.value);
	const form = call?.command ? `${call.name} ${call.args}` : `${call?.name}(${call?.args})`;
	parts.help.textContent = call ? `${form}: ${call.help}` : "";
	parts.help.title = call?.errors ? `errors: ${call.errors}` : "";
}
