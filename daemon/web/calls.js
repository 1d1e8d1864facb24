/*
 * Makes calls of the log, each with the lines that began, continued and ended it. A call of one
 * line begins and ends there; one in flight goes on at "step" and "interrupt" and ends at
 * "resumed", or has not ended. Knows the notation of the log's lines, and nothing of the page.
 */

const FORKS = new Set(["fork", "vfork", "clone", "clone3"]);
const EXECS = new Set(["execve", "execveat", "exec"]);

/** A line of the log: {pid, verb, …}; pid is null in lines of the machine, such as "clock +1". */
export function parseLine(text) {
	const owner = /^(?:(\d+) |\[pid +(\d+)\] )(.*)$/.exec(text);
	const pid = owner ? Number(owner[1] ?? owner[2]) : null;
	const rest = owner ? owner[3] : text;
	let found;
	if (rest.startsWith("#"))
		return { pid: null, verb: "comment", text: rest };
	if (pid === null)
		return { pid, verb: "machine", name: rest.split(" ")[0], text: rest };
	if ((found = /^<\.\.\. (\w+) resumed>(.*)$/.exec(rest)))
		return { pid, verb: "end", name: found[1], text: rest, ...outcome(rest) };
	if ((found = /^(step|interrupt)(?: (.*))?$/.exec(rest)))
		return { pid, verb: "step", name: found[1], point: found[2] ?? found[1], text: rest };
	if ((found = /^(\w+)\(.*<unfinished(?: at (\S+))? \.\.\.>$/.exec(rest)))
		return { pid, verb: "begin", name: found[1], point: found[2] ?? null, text: rest };
	if ((found = /^(\w+)\(/.exec(rest))) {
		const { result, error } = outcome(rest);
		return { pid, verb: result === null ? "begin" : "whole", name: found[1], point: null,
			text: rest,
			result, error };
	}
	if (rest.startsWith("+++"))
		return { pid, verb: "whole", name: "exit", text: rest, result: "?", error: null };
	return { pid, verb: "machine", name: rest.split(" ")[0], text: rest };
}

/**
 * The line of a call that ended in flight as one that ended at once: "2 <... read resumed>"ab", 10)
 * = 2" is "2 read(3, "ab", 10) = 2". The line itself where the call's begin is not in the log, or
 * it is another line.
 */
export function wholeCall(lines, line) {
	const found = /^(\d+) <\.\.\. (\w+) resumed>(.*)$/.exec(line.text);
	if (!found)
		return line.text;
	const [, pid, name, rest] = found;
	const begin = lines.findLast(({ n, text }) => n < line.n && text.startsWith(`${pid} ${name}(`));
	if (!begin)
		return line.text;
	const begun = begin.text.replace(/ <unfinished.*$/, "");
	/*
	 * The end tells the call's out arguments and all after them; without any it is the bracket
	 * alone.
	 */
	const filled = rest.startsWith(")") ? -1 : begun.indexOf("...");
	return (filled < 0 ? begun.replace(/\)$/, "") : begun.slice(0, filled)) + rest;
}

/** The result at the end of a line, and the error's name, each null where there is none. */
export function outcome(text) {
	const found = /\) = ((-?\w+)(?: ([A-Z]\w+))?.*|\?.*)$/.exec(text);
	if (!found)
		return { result: null, error: null };
	return { result: found[1], error: found[2] === "-1" ? found[3] ?? "an error" : null };
}

/** Collects calls from lines, in order; lines can be added at any time. */
export class Calls {
	calls = []; /* {pid, name, text, first, last, ticks: [{n, point}], result, error, mark} */
	pids = new Map(); /* of tasks that made calls or were forked: the line that made each known */
	#byLine = new Map();
	#open = new Map(); /* pid: its call in flight */

	add({ n, text }) {
		const line = parseLine(text);
		if (line.verb === "comment")
			return;
		if (line.pid !== null)
			this.#know(line.pid, n);
		const open = this.#open.get(line.pid);
		if (line.verb === "step" && open)
			open.ticks.push({ n, point: line.point });
		else if (line.verb === "end" && open)
			this.#end(open, n, line);
		else
			this.#begin(n, line);
		this.#byLine.set(n, open && (line.verb === "step" || line.verb === "end") ? open
			: this.calls.at(-1));
	}

	/** The call to which line n belongs, or undefined. */
	of(n) {
		return this.#byLine.get(n);
	}

	#begin(n, line) {
		const call = {
			pid: line.pid, name: line.name, text: line.text, first: n, last: n, ticks: [],
			result: line.result ?? null, error: line.error ?? null, mark: markOf(line),
		};
		this.calls.push(call);
		this.#knowChild(call, n);
		if (line.verb !== "begin")
			return;
		call.last = null;
		if (line.point)
			call.ticks.push({ n, point: line.point });
		this.#open.set(line.pid, call);
	}

	#know(pid, n) {
		if (!this.pids.has(pid))
			this.pids.set(pid, n);
	}

	/** A fork that succeeded tells of a task, which may make no call of its own. */
	#knowChild(call, n) {
		if (call.mark === "fork" && Number(call.result) > 0)
			this.#know(Number(call.result), n);
	}

	#end(call, n, line) {
		this.#open.delete(line.pid);
		Object.assign(call, { last: n, result: line.result, error: line.error, end: line.text });
		call.mark = markOf({ ...line, name: call.name });
		this.#knowChild(call, n);
	}
}

/** The mark of a call on the slider: "fork", "exec", "error" or null. */
function markOf({ name, result, error }) {
	if (error)
		return "error";
	if (result === null || result === undefined)
		return null;
	return FORKS.has(name) ? "fork" : EXECS.has(name) ? "exec" : null;
}
