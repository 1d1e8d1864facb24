/*
 * Links that carry a machine: the transcript, compressed by the browser, after the "#" of the
 * address, which browsers send to no server. A page that is opened with such a link asks, and then
 * plays it. The link holds no token: the reader has a page of their own, and adds the part from "#"
 * on to its address.
 */
import { store, el } from "./store.js";
import { ask } from "./dialog.js";
import { playTranscript, hasCalls } from "./play.js";

const LOG_MAX = 4 << 20; /* characters of a transcript that a link may unfold to */

export function start(root) {
	root.append(
		el("button", { type: "button", id: "share-copy",
			title: "a link that carries this machine (l)",
			click: copyLink }, "copy link"),
		el("button", { type: "button", id: "share-open", title: "play a link into this machine",
			click: pasteLink }, "open link"));
	store.addEventListener("machine", readLink, { once: true });
	addEventListener("hashchange", readLink);
}

/* ---- to a link and back ---------------------------------------------------------------------- */

class TooLong extends Error {}

async function through(stream, bytes) {
	const readable = new Blob([bytes]).stream().pipeThrough(stream);
	const parts = [];
	let size = 0;
	for (const reader = readable.getReader(); ;) {
		const { done, value } = await reader.read();
		if (done)
			return new Blob(parts);
		parts.push(value);
		if ((size += value.length) > LOG_MAX)
			throw new TooLong("the link holds too long a transcript");
	}
}

/** base64url of the compressed text. */
export async function pack(text) {
	const blob = await through(new CompressionStream("deflate-raw"),
		new TextEncoder().encode(text));
	const bytes = new Uint8Array(await blob.arrayBuffer());
	const binary = Array.from(bytes, byte => String.fromCharCode(byte)).join("");
	return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

export async function unpack(packed) {
	try {
		const bytes = Uint8Array.from(atob(packed.replaceAll("-", "+").replaceAll("_", "/")),
			character => character.charCodeAt(0));
		return await (await through(new DecompressionStream("deflate-raw"), bytes)).text();
	} catch (error) {
		/* the browser's own words are about its functions */
		throw error instanceof TooLong ? error
			: new Error("it is damaged: not all of it was copied, perhaps");
	}
}

/* ---- copying --------------------------------------------------------------------------------- */

export async function copyLink() {
	const hash = new URLSearchParams();
	hash.set("log", await pack(store.lines.map(line => `${line.text}\n`).join("")));
	if (store.at !== null)
		hash.set("at", store.at);
	const link = `${location.origin}${location.pathname}#${hash}`;
	const field = el("input", { type: "text", readonly: true, class: "share-link", value: link,
		"aria-label": "link" });
	field.addEventListener("focus", () => field.select());
	let copied = false;
	try {
		await navigator.clipboard.writeText(link);
		copied = true;
	} catch {
		/* not every address may use the clipboard: the field can be copied by hand */
	}
	await ask(copied ? "The link is copied" : "The link", [field,
		el("p", {}, `It carries the ${store.lines.length} lines of this machine in ${link.length} `
			+ "characters. A reader opens a page of their own (fdlab view), and pastes it "
			+ "there under \u201copen link\u201d.")],
		[["", "close"]]);
}

/* ---- opening --------------------------------------------------------------------------------- */

async function pasteLink() {
	const field = el("input", { type: "text", class: "share-link", "aria-label": "link",
		placeholder: "http://…#log=…" });
	const answer = await ask("Open a link", [el("p", {}, "Paste a link that carries a machine."),
		field],
		[["play", "play it"], ["", "cancel"]]);
	if (answer === "play")
		await openLink(field.value.slice(field.value.indexOf("#") + 1));
}

function readLink() {
	if (new URLSearchParams(location.hash.slice(1)).has("log"))
		openLink(location.hash.slice(1));
}

/** Asks, and plays the transcript of a link's part after "#". */
async function openLink(text) {
	const hash = new URLSearchParams(text);
	try {
		if (!hash.has("log"))
			throw new Error("it has no part #log=");
		const log = await unpack(hash.get("log"));
		const at = /^\d+$/.test(hash.get("at") ?? "") ? Number(hash.get("at")) : null;
		history.replaceState(null, "", location.pathname + location.search);
		await offer(log, at);
	} catch (error) {
		await ask("This link carries no machine", el("p", {}, error.message), [["", "close"]]);
	}
}

async function offer(log, at) {
	const lines = log.split("\n").filter(line => line !== "");
	const answer = await ask("Play this machine?", [
		el("p", {}, `The link carries ${lines.length} lines. `
			+ (hasCalls() ? "The machine here starts over: all of its calls are lost." : "")),
		el("pre", { class: "share-lines", tabindex: 0 }, log)],
		[["play", "play it"], ["", "cancel"]]);
	if (answer !== "play")
		return;
	const wrong = await playTranscript(log);
	if (at !== null)
		await store.go(at);
	if (wrong.length)
		await ask("Some lines could not be played, or came out otherwise", el("pre", {},
			wrong.map(({ text, error }) => text.replace(/^# (line 1: )?/, "") || error).join("\n")),
			[["", "close"]]);
}
