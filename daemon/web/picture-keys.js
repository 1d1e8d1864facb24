/*
 * The picture by keyboard: one of its places has the tab stop; up and down go through a column,
 * right and left follow a line, enter and space open the menu of the place, a full stop folds its
 * card. The place is kept by its key, since elements come and go.
 */

let svg, picture;
let current = null; /* key */

export function startKeys(node, interface_) {
	svg = node;
	picture = interface_;
	svg.addEventListener("keydown", key);
	svg.addEventListener("focusin", event => {
		const place = event.target.closest("[data-key]");
		if (place)
			current = place.dataset.key;
	});
}

const places = () => [...svg.querySelectorAll(".cards [data-key]")];
const find = key => places().find(node => node.dataset.key === key);

/** One place has the tab stop: the current one, or the first. */
export function keepFocus() {
	let stop = null;
	const all = places();
	for (const node of all) {
		if (node.dataset.key === current)
			stop = node;
		if (node.getAttribute("tabindex") !== "-1")
			node.setAttribute("tabindex", "-1");
	}
	stop ??= all[0];
	stop?.setAttribute("tabindex", "0");
}

function go(key) {
	if (!key)
		return;
	current = key;
	picture.reveal(key);
	const node = find(key);
	if (!node)
		return;
	keepFocus();
	node.focus();
}

/**
 * Along a line: from a slot to its description, to its object, and back to the first that leads
 * here.
 */
function along(key, forward) {
	const lines = picture.lines().filter(line => ["slot", "object", "held"].includes(line.kind));
	if (!forward) {
		const line = lines.find(l => l.to === key);
		return line && (find(line.key.replace("line:", "")) ? line.key.replace("line:", "")
			: line.from);
	}
	return (lines.find(l => l.key === `line:${key}`) ?? lines.find(l => l.from === key))?.to;
}

function beside(key, by) {
	const column = picture.columnOf(picture.toCard(key));
	const all = places()
		.filter(node => picture.columnOf(picture.toCard(node.dataset.key)) === column)
		.map(node => ({ key: node.dataset.key, top: node.getBoundingClientRect().top,
			card: node.matches(".card") }))
		.sort((a, b) => a.top - b.top || b.card - a.card);
	return all[all.findIndex(place => place.key === key) + by]?.key;
}

function key(event) {
	const place = event.target.closest("[data-key]");
	if (!place || event.ctrlKey || event.altKey || event.metaKey)
		return;
	const key = place.dataset.key;
	const button = event.target.closest("[data-call]");
	if (event.key === "ArrowUp" || event.key === "ArrowDown")
		go(beside(key, event.key === "ArrowUp" ? -1 : 1));
	else if (event.key === "ArrowLeft" || event.key === "ArrowRight")
		go(along(key, event.key === "ArrowRight"));
	else if ((event.key === "Enter" || event.key === " ") && button)
		button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
	else if (event.key === "Enter" || event.key === " ")
		picture.menu(event.target);
	else if (event.key === ".")
		picture.fold(picture.toCard(key));
	else
		return;
	event.preventDefault();
	event.stopPropagation();
}
