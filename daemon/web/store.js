/*
 * The state of the page: the machine's log, the moment that is shown, the picture of that moment,
 * and the selection. The store alone talks to the daemon; all other modules read it, call its
 * methods, and listen to its events. It knows nothing of how anything is drawn.
 *
 * Events: "machine" "lines" "moment" "picture" "selection" "filter" "predict" "reply" "error".
 * "picture" comes when both the picture and what its line changed are there. "reply" has
 * detail {text, task, line, replies}, "error" an Error as detail.
 *
 * Tests wait for attributes of <html>: data-line is the line whose picture is shown, data-lines the
 * last line of the log, data-at the moment or "now", data-busy is "true" while an answer is
 * missing, and data-connected "false" while the daemon does not answer.
 */

const NUMBERED = /^(\d+)\t(.*)$/;
const WOKEN = /^\d+ <\.\.\. \w+ resumed>/;
const KEPT = 16; /* pictures, for what the next line changes */
const LARGE = 60; /* tables from which on no other picture is fetched for that */
const EVENT_WAIT = 2000; /* ms after which a line that was promised is fetched */

/** Makes an element; of SVG where the tag begins with "svg:". A function is a listener of on… */
export function el(tag, attributes = {}, ...children) {
	const svg = tag.startsWith("svg:");
	const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4))
		: document.createElement(tag);
	for (const [name, value] of Object.entries(attributes ?? {})) {
		if (value === null || value === undefined || value === false)
			continue;
		if (typeof value === "function")
			node.addEventListener(name.replace(/^on/, ""), value);
		else
			node.setAttribute(name, value === true ? "" : value);
	}
	node.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined
		&& child !== false));
	return node;
}

/** The text of a line of the log without its result, and the result, or null. */
export function splitResult(text) {
	const found = /^(.*\)) = (\S.*)$/.exec(text);
	return found ? { call: found[1], result: found[2] } : { call: text, result: null };
}

class Store extends EventTarget {
	machine = null;
	lines = [];
	at = null;
	picture = null;
	changes = null; /* of tasks, tables, slots and descriptions */
	before = null; /* the picture from which the changes lead to this one; null: compare objects */
	connected = true; /* the daemon answers */
	shown = null; /* the line whose picture this is */
	selection = null;
	filter = { tasks: null, fds: null, kinds: null, console: false };
	predict = false; /* the switch: results are to be guessed */
	predicting = false; /* the result of the line `hidden` is not shown yet */
	hidden = null;
	shownUpTo = 0; /* while guessing: the last line whose result is known */

	#token = new URLSearchParams(globalThis.location?.search ?? "").get("token");
	#events = null;
	#words = null; /* a promise of words.json */
	#waiting = 0; /* answers that are missing */
	#fetching = false; /* of a picture */
	#stale = false; /* another picture is wanted already */
	#pictures = new Map(); /* by line, the last ones */
	#expected = null; /* {line, resolve, timer}: the last line of the log, as an answer said */

	/** Reads the machine and its log, and follows it. Called once, when the page is there. */
	async start() {
		await this.#guarded(async () => {
			await this.#reload();
			this.#follow();
		});
	}

	/** Shows the moment after line n of the log, or with null the machine now. */
	async go(n) {
		const last = this.last;
		const at = n === null || n >= last && this.at === null ? null
			: Math.min(Math.max(n, this.machine?.oldest ?? 0), last);
		if (at !== null && this.#hasNoPast())
			return null;
		this.at = at;
		this.#publish();
		this.#emit("moment");
		return this.#refresh();
	}

	select(selection) {
		this.selection = selection;
		this.#emit("selection");
	}

	setFilter(filter) {
		this.filter = { ...this.filter, ...filter };
		this.#emit("filter");
	}

	/** Runs lines of the notation, as the control file of the machine, or of `task`, would. */
	async calls(text, task = null) {
		return this.#guarded(async () => {
			const response = await this.#fetch(`calls${task === null ? "" : `?task=${task}`}`, {
				method: "POST", body: text, headers: { accept: "application/json" },
			});
			const { line, replies } = await response.json();
			if (this.at !== null) {
				this.at = null;
				this.#emit("moment");
			}
			if (await this.#changesLog(text))
				await this.#again();
			else
				await this.#arrival(line);
			await this.#refresh();
			this.#emit("reply", { text, task, line, replies });
			return replies;
		});
	}

	/** The text of a file of the tree, at the moment that is shown. */
	async tree(path) {
		return (await this.treeAt(this.#past ? this.shown : null, path)).text();
	}

	/**
	 * The answer for a file of the tree after line n, or with null now; throws where there is none.
	 */
	treeAt(n, path) {
		const name = path.split("/").map(encodeURIComponent).join("/");
		return this.#fetch(n === null ? `tree/${name}` : `at/${n}/tree/${name}`);
	}

	/** Another file of the daemon, such as races. */
	async json(name) {
		return (await this.#fetch(name)).json();
	}

	/** The words of the notation, which are read once for each kernel. */
	words() {
		return this.#words ??= this.json("words.json").catch(error => {
			this.#words = null;
			throw error;
		});
	}

	/** Whether the log is another one after these lines. */
	async #changesLog(text) {
		const { commands } = await this.words();
		const names = commands.filter(command => command.moves || command.starts_over)
			.map(command => command.name);
		return text.split("\n").some(line => names.includes(line.trim().split(/\s/)[0]));
	}

	/** Turns guessing on or off. The line at which the picture stands is the first one known. */
	setPredict(on) {
		if (on && this.#hasNoPast())
			return null;
		this.predict = on;
		if (!on)
			this.#hide(null);
		this.#emit("predict");
		return this.#refresh();
	}

	/** Shows the result that was hidden. */
	reveal() {
		if (!this.hidden)
			return;
		const line = this.hidden;
		this.#hide(null);
		this.shownUpTo = line.n;
		this.#emit("predict");
		return this.#refresh();
	}

	/** Line n of the log, or undefined. Lines are numbered without gaps. */
	line(n) {
		return this.lines.length ? this.lines[n - this.lines[0].n] : undefined;
	}

	/** Tells that earlier moments cannot be shown, where that is so. */
	#hasNoPast() {
		const none = this.machine !== null && !this.machine.history;
		if (none)
			this.#fail(new Error("the daemon keeps no history (--history 0)"));
		return none;
	}

	/** The number of the last line of the log. */
	get last() {
		return this.lines.length ? this.lines[this.lines.length - 1].n : this.machine?.line ?? 0;
	}

	get #past() {
		return this.at !== null || this.predicting;
	}

	/* ---- the daemon -------------------------------------------------------------------------- */

	async #fetch(path, options = {}) {
		const headers = { ...options.headers };
		if (this.#token)
			headers.authorization = `Bearer ${this.#token}`;
		const url = new URL(path, document.baseURI);
		const response = await fetch(url, { ...options, headers, cache: "no-store" });
		if (response.ok)
			return response;
		const body = await response.text();
		let message = body.trim() || response.statusText;
		try {
			message = JSON.parse(body).error ?? message;
		} catch {
			/* not every error is JSON */
		}
		throw Object.assign(new Error(message), { status: response.status });
	}

	/** Everything anew: at the start, and where the log is another. */
	async #reload() {
		const kernel = this.machine?.kernel;
		this.#pictures.clear();
		this.machine = await this.json("machine");
		if (kernel !== this.machine.kernel)
			this.#words = null;
		const response = await this.treeAt(null, "log.numbered");
		this.lines = (await response.text()).split("\n").map(line => NUMBERED.exec(line))
			.filter(found => found).map(found => ({ n: Number(found[1]), text: found[2] }));
		this.#settle(true);
		this.shown = null;
		if (this.at !== null && this.at > this.last)
			this.at = null;
		this.#hide(null);
		this.shownUpTo = this.last;
		this.#publish();
		this.#emit("machine");
		this.#emit("lines");
		this.#emit("moment");
		await this.#refresh();
	}

	#follow() {
		const url = new URL("events", document.baseURI);
		url.searchParams.set("since", this.last);
		if (this.#token)
			url.searchParams.set("token", this.#token);
		this.#events?.close();
		const events = this.#events = new EventSource(url);
		events.addEventListener("line", event => this.#append(JSON.parse(event.data)));
		events.addEventListener("back", () => this.#again());
		events.addEventListener("lost", () => this.#again());
		events.addEventListener("open", () => this.#connected(true));
		events.addEventListener("error", () => this.#connected(false));
	}

	#again() {
		this.#events.close();
		return this.start();
	}

	#connected(yes) {
		if (this.connected !== yes) {
			this.connected = yes;
			this.#publish();
			this.#emit("machine");
			if (!yes)
				this.#fail(new Error("the daemon does not answer; trying again"));
		}
		if (!yes && this.#events.readyState === EventSource.CLOSED)
			setTimeout(() => this.#again(), EVENT_WAIT);
	}

	#append({ n, text }) {
		if (n !== this.last + 1 && this.lines.length)
			return n > this.last ? this.#again() : undefined;
		this.lines.push({ n, text });
		if (this.machine)
			this.machine.line = n;
		this.#settle(false);
		this.#publish();
		this.#emit("lines");
		if (this.at === null)
			this.#refresh();
	}

	/** The log ends with this line, as an answer said: waits for the events up to it. */
	#arrival(line) {
		return new Promise(resolve => {
			const before = this.#expected;
			clearTimeout(before?.timer);
			this.#expected = {
				line: Math.max(line, before?.line ?? 0),
				resolve: () => {
					before?.resolve();
					resolve();
				},
				timer: setTimeout(() => this.#again(), EVENT_WAIT),
			};
			this.#settle(false);
		});
	}

	#settle(all) {
		if (!this.#expected || !all && this.last < this.#expected.line)
			return;
		clearTimeout(this.#expected.timer);
		this.#expected.resolve();
		this.#expected = null;
	}

	/* ---- the picture ------------------------------------------------------------------------- */

	/** The line whose picture is to be shown; sets what is hidden. */
	#wanted() {
		const n = this.at ?? this.last;
		if (!this.predict || n <= this.shownUpTo) {
			this.shownUpTo = n;
			this.#hide(null);
			return n;
		}
		this.#hide(this.lines.find(line => line.n > this.shownUpTo && !line.text.startsWith("#"))
			?? null);
		return this.hidden ? this.shownUpTo : n;
	}

	#hide(line) {
		const changed = this.hidden !== line;
		this.hidden = line;
		this.predicting = line !== null;
		if (changed)
			this.#emit("predict");
	}

	/**
	 * Fetches the picture that is wanted. While an answer is missing, the next wish replaces the
	 * last.
	 */
	async #refresh() {
		this.#stale = true;
		if (this.#fetching)
			return;
		this.#fetching = true;
		await this.#guarded(async () => {
			while (this.#stale) {
				this.#stale = false;
				const n = this.#wanted();
				if (n !== this.shown)
					await this.#show(n);
			}
		});
		this.#fetching = false;
		this.#publish();
	}

	async #show(n) {
		/* the present may be further than the lines that are known, which matters to a guess */
		const now = !this.#past && !this.predict;
		const response = await this.treeAt(now ? null : n, "picture.json");
		const picture = await response.json();
		const line = now ? Number(response.headers.get("fdlab-line") ?? picture.line) : n;
		const changes = line > 0 && this.machine.history ? await this.#changesOf(line) : null;
		const before = line > 0
			? await this.#pictureBefore(changes?.from ?? line - 1, picture) : null;
		if (this.#stale && line !== (this.at ?? this.last))
			return;
		this.picture = picture;
		this.changes = changes;
		this.before = before;
		this.#keep(line, picture);
		this.shown = line;
		this.#publish();
		this.#emit("picture");
	}

	#keep(line, picture) {
		this.#pictures.delete(line);
		this.#pictures.set(line, picture);
		if (this.#pictures.size > KEPT)
			this.#pictures.delete(this.#pictures.keys().next().value);
	}

	/** The picture of an earlier line, for comparison, or null. */
	async #pictureBefore(line, picture) {
		if (this.#pictures.has(line))
			return this.#pictures.get(line);
		if (!this.machine.history || line < this.machine.oldest || picture.tables.length >= LARGE)
			return null;
		try {
			const before = await (await this.treeAt(line, "picture.json")).json();
			this.#keep(line, before);
			return before;
		} catch (error) {
			if (error.status === 404)
				return null;
			throw error;
		}
	}

	/**
	 * The changes of a line. The end of a call that the line before woke has no changes of its own:
	 * then they are those of the line before. Undo may have taken the line away meanwhile.
	 */
	async #changesOf(line) {
		try {
			const changes = await (await this.treeAt(null, `changes/${line}.json`)).json();
			const woken = WOKEN.test(this.lines.find(l => l.n === line)?.text ?? "");
			return changes.changes.length === 0 && woken && line > 1 ? this.#changesOf(line - 1)
				: changes;
		} catch (error) {
			if (error.status === 404)
				return null;
			throw error;
		}
	}

	/* ---- events ------------------------------------------------------------------------------ */

	#emit(type, detail = null) {
		this.dispatchEvent(new CustomEvent(type, { detail }));
	}

	#fail(error) {
		this.#emit("error", error);
	}

	/** Runs a function whose errors the page shows; data-busy is set meanwhile. */
	async #guarded(work) {
		this.#waiting++;
		this.#publish();
		try {
			return await work();
		} catch (error) {
			this.#fail(error);
			return null;
		} finally {
			this.#waiting--;
			this.#publish();
		}
	}

	#publish() {
		const data = document.documentElement.dataset;
		data.line = this.shown ?? "";
		data.lines = this.last;
		data.at = this.at ?? "now";
		data.connected = this.connected;
		data.busy = this.#waiting > 0 || this.#fetching || Boolean(this.#expected);
	}
}

export const store = new Store();

/* After the modules that are loaded with it have begun to listen. */
if (globalThis.document)
	setTimeout(() => store.start());
