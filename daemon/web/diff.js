/*
 * The lines in which two texts differ. A longest common subsequence between the equal beginning and
 * the equal end; files of the tree have some hundred lines.
 */

/** The difference of two texts, line by line: [{text, mark: " " | "+" | "-"}]. */
export function diffLines(before, after) {
	const a = before.split("\n"), b = after.split("\n");
	let head = 0, tail = 0;
	while (head < a.length && head < b.length && a[head] === b[head])
		head++;
	while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail))
		tail++;
	const same = (lines, from, to) => lines.slice(from, to).map(text => ({ text, mark: " " }));
	return [...same(b, 0, head),
		...diffMiddle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
		...same(b, b.length - tail, b.length)];
}

const DIFF_CELLS = 1000000; /* beyond this the whole middle is shown as removed and added */

function diffMiddle(a, b) {
	const removed = a.map(text => ({ text, mark: "-" })),
		added = b.map(text => ({ text, mark: "+" }));
	if (a.length * b.length > DIFF_CELLS)
		return [...removed, ...added];
	/* common[i][j]: how many lines a from i and b from j have in common, in order */
	const common = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
	for (let i = a.length - 1; i >= 0; i--)
		for (let j = b.length - 1; j >= 0; j--)
			common[i][j] = a[i] === b[j] ? common[i + 1][j + 1] + 1
				: Math.max(common[i + 1][j], common[i][j + 1]);
	const lines = [];
	let i = 0, j = 0;
	while (i < a.length || j < b.length) {
		if (i < a.length && j < b.length && a[i] === b[j]) {
			lines.push({ text: b[j], mark: " " });
			i++;
			j++;
		} else if (j === b.length || i < a.length && common[i + 1][j] >= common[i][j + 1])
			lines.push(removed[i++]);
		else
			lines.push(added[j++]);
	}
	return paired(lines);
}

/** Lines that were replaced by as many stand before those that replaced them, one by one. */
function paired(lines) {
	const result = [];
	for (let from = 0; from < lines.length;) {
		let middle = from, to;
		while (lines[middle]?.mark === "-")
			middle++;
		for (to = middle; lines[to]?.mark === "+";)
			to++;
		const half = middle - from;
		if (half > 0 && to - middle === half)
			for (let i = 0; i < half; i++)
				result.push(lines[from + i], lines[middle + i]);
		else
			result.push(...lines.slice(from, Math.max(to, from + 1)));
		from = Math.max(to, from + 1);
	}
	return result;
}
