/*
 * Plays a whole transcript into the machine, which starts over for it: for links that carry a
 * machine, and for the witnesses of races. A line "option name=value" of the log becomes an option
 * of the reset.
 */
import { store } from "./store.js";

const CHUNK = 100000; /* characters in a request; control files take some more */

/**
 * Starts the machine over and runs the lines; returns the replies to lines that could not be run,
 * or that came out otherwise than the transcript says.
 */
export async function playTranscript(text) {
	const options = [];
	const lines = text.split("\n").filter(line => {
		const option = /^option (.*)$/.exec(line);
		if (option)
			options.push(option[1]);
		return !option && line.trim() !== "" && !line.startsWith("#");
	});
	const chunks = [["reset", ...options].join(" ")];
	for (const line of lines)
		if (chunks.at(-1).length + line.length < CHUNK)
			chunks.push(`${chunks.pop()}\n${line}`);
		else
			chunks.push(line);
	const wrong = [];
	for (const chunk of chunks) {
		const replies = await store.calls(chunk);
		if (replies === null)
			break;
		wrong.push(...replies.filter(({ text, error }) => error && !/ = -1 /.test(text)
			|| / # expected /.test(text)));
	}
	return wrong;
}

/** Whether the machine holds calls that starting over would lose. */
export function hasCalls() {
	return store.lines.some(({ text }) => !/^(option |#)/.test(text));
}
