/*
 * Selects a place of the picture, and offers calls on it in a small menu. Each entry is the line
 * that it runs, in the notation.
 */
import { store, el } from "./store.js";

let menu = null, origin = null;

/** A task of a table that can make a call now; the first one if none can. */
const caller = table => table.tasks.find(pid => !taskOf(pid)?.call) ?? table.tasks[0];
const taskOf = pid => store.picture.tasks.find(t => t.pid === pid);

/** The descriptor that leads to a description, as the path of a file of the tree. */
function fdinfoOf(id) {
	for (const table of store.picture.tables) {
		const row = table.rows.find(r => r.file === id);
		if (row)
			return `${table.tasks[0]}/fdinfo/${row.fd}`;
	}
	return "open_files";
}

function selectionOf(key) {
	const [kind, a, b] = key.split(":");
	const id = Number(a);
	const table = store.picture.tables.find(t => t.id === id);
	const netbsd = store.picture.kernel === "netbsd";
	if (kind === "task")
		return { kind, id, pid: id, path: `${id}/status` };
	if (kind === "slot")
		return { kind, id, fd: Number(b), pid: table.tasks[0],
			path: `${table.tasks[0]}/files/slots` };
	if (kind === "table")
		return { kind, id, pid: table.tasks[0], path: `${table.tasks[0]}/files/fdtable` };
	if (kind === "file")
		return { kind, id, path: netbsd ? "open_files" : fdinfoOf(id) };
	const object = store.picture.objects.find(o => o.key === key);
	const unix = object?.kind === "socket" && object.body[0]?.startsWith("AF_UNIX");
	return { kind, id: key, path: object?.locks.length ? "locks" : unix ? "net/unix"
		: "open_files" };
}

function callsOnSlot(table, row) {
	const pid = caller(table);
	if (row.reserved)
		return [];
	const file = store.picture.files.find(f => f.id === row.file);
	const object = store.picture.objects.find(o => o.key === file?.object);
	const streams = ["pipe", "FIFO", "socket", "file"].includes(object?.kind);
	const reads = streams && !file.flags.startsWith("O_WRONLY");
	const writes = streams && !file.flags.startsWith("O_RDONLY");
	return [`close(${row.fd})`, `dup(${row.fd})`,
		`fcntl(${row.fd}, F_SETFD, ${row.cloexec ? 0 : "FD_CLOEXEC"})`,
		reads ? `read(${row.fd}, ..., 16)` : null, writes ? `write(${row.fd}, "hello", 5)` : null]
		.filter(call => call).map(call => `${pid} ${call}`);
}

function callsOnTask(pid) {
	const task = taskOf(pid);
	if (task.state === "Z")
		return task.ppid ? [`${task.ppid} wait4(${pid}, NULL, 0, NULL)`] : [];
	if (task.call)
		return task.call.state.startsWith("stopped") ? [`${pid} step`, `${pid} finish`]
			: [`${pid} interrupt`];
	return ["fork()", "clone(child_stack=NULL, flags=CLONE_FILES)", "pipe([3, 4])", "exit(0)"]
		.map(call => `${pid} ${call}`);
}

function callsOn(selection) {
	const table = store.picture.tables.find(t => t.id === selection.id);
	if (selection.kind === "slot")
		return callsOnSlot(table, table.rows.find(r => r.fd === selection.fd));
	if (selection.kind === "task")
		return callsOnTask(selection.pid);
	if (selection.kind === "table" && table.tasks.length > 1)
		return [`${caller(table)} unshare(CLONE_FILES)`];
	return [];
}

export function closeMenu() {
	const had = menu?.contains(document.activeElement);
	menu?.remove();
	menu = null;
	if (had)
		origin?.focus({ preventScroll: true });
}

/** Selects what has this key, and opens the menu at its element. */
export function openMenu(node, key) {
	const selection = selectionOf(key);
	const again = menu && menu.dataset.for === key;
	closeMenu();
	store.select(selection);
	const lines = callsOn(selection);
	if (again || lines.length === 0)
		return;
	origin = node;
	const past = store.at !== null;
	menu = el("div", { class: "menu", role: "menu", "data-for": key,
		"aria-label": `calls on ${key.replaceAll(":", " ")}`,
		keydown: keys, focusout: event => {
			if (menu && event.relatedTarget && !menu.contains(event.relatedTarget))
				closeMenu();
		} },
		past ? el("p", {}, "made now, not at the moment shown") : null,
		lines.map(line => el("button", { type: "button", role: "menuitem", tabindex: -1,
			"data-call": line, click: () => {
			closeMenu();
			store.calls(line);
		} }, line)));
	document.body.append(menu);
	const at = node.getBoundingClientRect(), own = menu.getBoundingClientRect();
	menu.style.left = `${Math.max(4, Math.min(at.left + 60, innerWidth - own.width - 8))}px`;
	const fits = at.bottom + own.height < innerHeight;
	menu.style.top = `${fits ? at.bottom : Math.max(4, at.top - own.height)}px`;
	menu.querySelector("button").focus({ preventScroll: true });
}

function keys(event) {
	const items = [...menu.querySelectorAll("button")];
	const place = items.indexOf(document.activeElement);
	if (event.key === "ArrowDown" || event.key === "ArrowUp")
		items.at((place + (event.key === "ArrowDown" ? 1 : -1)) % items.length).focus();
	else if (event.key === "Escape" || event.key === "Tab")
		closeMenu();
	else
		return event.stopPropagation();
	event.preventDefault();
	event.stopPropagation();
}

addEventListener("pointerdown", event => {
	if (menu && !menu.contains(event.target) && !event.target.closest?.("svg.pic"))
		closeMenu();
});
