/*
 * Elements that stay where what they show stays: an update touches what changed, and keeps the
 * rest.
 */

/**
 * Gives parent a child for each entry of a Map, in its order: the one that had the entry's key, or
 * one from make(entry); set(node, entry) then fills it in. Children whose keys are gone are
 * removed. Parent has no other children.
 */
export function reuse(parent, entries, make, set) {
	const old = parent.elements ?? new Map();
	parent.elements = new Map();
	for (const [key, node] of old)
		if (!entries.has(key))
			node.remove();
	let place = parent.firstChild;
	for (const [key, entry] of entries) {
		const node = old.get(key) ?? make(entry);
		/* A node that stands where it should is not touched: moving it would take its focus. */
		if (node === place)
			place = node.nextSibling;
		else
			parent.insertBefore(node, place);
		parent.elements.set(key, node);
		set(node, entry);
	}
}
