/*
 * Elements that stay where what they show stays: an update touches what changed, and keeps the rest.
 */

/**
 * Gives parent a child for each entry of a Map: the one that had the entry's key, or one from
 * make(entry); set(node, entry) then fills it in. Children whose keys are gone are removed.
 */
export function reuse(parent, entries, make, set) {
	const old = parent.elements ?? new Map();
	parent.elements = new Map();
	for (const [key, entry] of entries) {
		const node = old.get(key) ?? parent.appendChild(make(entry));
		old.delete(key);
		parent.elements.set(key, node);
		set(node, entry);
	}
	for (const node of old.values())
		node.remove();
}
