/*
 * Where the cards of the picture stand. Tables stand below each other in their order. Descriptions
 * and objects stand as near to the middle of what leads to them as their neighbours allow, in an
 * order in which few lines cross. Unchanged cards do not jump: they keep their order and
 * their places as long as that costs little. Pure: knows cards' heights and lines, and no element
 * of the page.
 */

export const TOP = 40; /* below the headings */
const GAP = 14; /* between the cards of a column */
const SWEEPS = 4;
const FEW = 20; /* new cards for which room is looked for */
const ROUNDS = 6; /* of exchanges */
const COUNTED = 400; /* lines up to which crossings are counted */
const CROSSING = 60; /* px of length that one costs */
const PATIENCE = 1.25; /* how much dearer a layout may be than in a picture made anew */
const SLACK = 40; /* and for each card, in any case */

/**
 * Places a column's cards as near to their wishes as their order allows: blocks that touch move
 * together.
 */
function place(cards, wish, y) {
	const blocks = [];
	for (let i = 0; i < cards.length; i++) {
		let block = { first: i, n: 1, h: cards[i].h + GAP, sum: wish.get(cards[i].key) };
		while (blocks.length > 0) {
			const above = blocks[blocks.length - 1];
			if (topOf(above) + above.h <= topOf(block))
				break;
			blocks.pop();
			block = { first: above.first, n: above.n + block.n, h: above.h + block.h,
				sum: above.sum + block.sum - block.n * above.h };
		}
		blocks.push(block);
	}
	for (const block of blocks) {
		let at = topOf(block);
		for (let i = block.first; i < block.first + block.n; i++) {
			y.set(cards[i].key, at);
			at += cards[i].h + GAP;
		}
	}
}

const topOf = block => Math.max(TOP, Math.round(block.sum / block.n));

/**
 * For each key, but those without: the other ends of its lines, as {key, column, dy}, dy being how
 * much lower the card is than that other one when the line is level.
 */
function neighbours(lines, without) {
	const near = new Map();
	const note = (key, end) => {
		if (without?.has(key))
			return;
		const list = near.get(key);
		if (list)
			list.push(end);
		else
			near.set(key, [end]);
	};
	for (const line of lines) {
		if (line.kind === "waits")
			continue;
		note(line.to, { key: line.from, column: line.fromColumn, dy: line.fromDy - line.toDy });
		note(line.from, { key: line.to, column: line.toColumn, dy: line.toDy - line.fromDy });
	}
	return near;
}

/**
 * Lets each card of a column wish to stand where its lines to one of these columns, or two, are
 * level.
 */
function wishes(cards, near, y, one, two = one) {
	const wish = new Map();
	let last = TOP;
	for (const card of cards) {
		let sum = 0, n = 0;
		for (const end of near.get(card.key) ?? [])
			if (end.column === one || end.column === two && y.has(end.key)) {
				sum += y.get(end.key) + end.dy;
				n++;
			}
		last = n > 0 ? sum / n : last;
		wish.set(card.key, last);
	}
	return wish;
}

/** The cards in the order of their wishes; those with the same wish keep theirs. */
function sorted(cards, wish) {
	return [...cards].sort((a, b) => wish.get(a.key) - wish.get(b.key));
}

function stack(cards, y) {
	let at = TOP;
	for (const card of cards) {
		y.set(card.key, at);
		at += card.h + GAP;
	}
}

/** Lines of a kind that cross each other, with the cards at these places. */
export function crossings(lines, y) {
	const ends = lines.map(l => [y.get(l.from) + l.fromDy, y.get(l.to) + l.toDy])
		.sort((a, b) => a[0] - b[0]);
	let n = 0;
	for (let i = 0; i < ends.length; i++)
		for (let j = i + 1; j < ends.length; j++)
			n += ends[i][0] < ends[j][0] && ends[i][1] > ends[j][1];
	return n;
}

/** The cost of a layout: its crossings, and a little of the length of its lines. */
function cost(lines, y) {
	const of = kind => lines.filter(line => line.kind === kind);
	const few = lines.length <= COUNTED;
	return length(lines, y)
		+ (few ? CROSSING * (crossings(of("slot"), y) + crossings(of("object"), y)) : 0);
}

/** How long the lines are, up and down. */
function length(lines, y) {
	let sum = 0;
	for (const line of lines)
		if (line.kind === "slot" || line.kind === "object")
			sum += Math.abs(y.get(line.from) + line.fromDy - y.get(line.to) - line.toDy);
	return sum;
}

/**
 * A picture made anew: sweeps to and fro, of which the best one stays. Descriptions first look at
 * the tables alone, then more and more at their objects too, so that those of one object come
 * together.
 */
function fresh({ columns, lines }) {
	const near = neighbours(lines);
	let [, files, objects] = columns;
	let best = null;
	/* In a large picture the columns differ so much in height that a second look leads astray. */
	for (let sweep = 0; sweep < (lines.length > COUNTED ? 1 : SWEEPS); sweep++) {
		const y = new Map(best?.y);
		stack(columns[0], y);
		files = sorted(files, wishes(files, near, y, 0, sweep === 0 ? 0 : 2));
		place(files, wishes(files, near, y, 0), y);
		const wish = wishes(objects, near, y, 1);
		objects = sorted(objects, wish);
		place(objects, wish, y);
		const paid = cost(lines, y);
		if (!best || paid < best.cost)
			best = { y, cost: paid, files, objects };
	}
	if (lines.length <= COUNTED / 3)
		exchange(best, lines, near);
	/* Where descriptions need more room than tables, these go apart to stand beside their own. */
	if (lines.length > COUNTED)
		place(columns[0], wishes(columns[0], near, best.y, 1), best.y);
	return best.y;
}

/** Exchanges neighbours in the columns for as long as that makes the picture cheaper. */
function exchange(best, lines, near) {
	for (let round = 0, better = true; better && round < ROUNDS; round++) {
		better = false;
		for (const column of ["files", "objects"])
			for (let i = 0; i + 1 < best[column].length; i++) {
				const cards = [...best[column]];
				[cards[i], cards[i + 1]] = [cards[i + 1], cards[i]];
				const next = { ...best, [column]: cards, y: new Map(best.y) };
				place(next.files, wishes(next.files, near, next.y, 0), next.y);
				place(next.objects, wishes(next.objects, near, next.y, 1), next.y);
				next.cost = cost(lines, next.y);
				if (next.cost < best.cost) {
					Object.assign(best, next);
					better = true;
				}
			}
	}
}

/**
 * Finds room for a card as near to its wish as there is: taken are the others, [y, end] from top to
 * bottom.
 */
function findRoom(card, wish, taken) {
	let best = null;
	for (let i = 0; i <= taken.length; i++) {
		const from = i === 0 ? TOP : taken[i - 1][1] + GAP;
		const to = i === taken.length ? Infinity : taken[i][0] - GAP - card.h;
		const y = Math.round(Math.min(Math.max(wish, from), to));
		if (from <= to && (!best || Math.abs(y - wish) < Math.abs(best.y - wish)))
			best = { y, i };
	}
	taken.splice(best.i, 0, [best.y, best.y + card.h]);
	return best.y;
}

/**
 * Cards that were there keep their places; new ones stand where there is room, or push where they
 * are many.
 */
function kept({ columns, lines }, old) {
	const near = neighbours(lines, old);
	const y = new Map();
	if (lines.length <= COUNTED)
		stack(columns[0], y);
	for (const column of lines.length <= COUNTED ? [1, 2] : [0, 1, 2]) {
		const wish = wishes(columns[column], near, y, column - 1);
		const fresh = columns[column].filter(card => !old.has(card.key));
		for (const card of columns[column])
			if (old.has(card.key))
				wish.set(card.key, old.get(card.key));
		if (fresh.length > 0 && fresh.length <= FEW) {
			const taken = columns[column].filter(card => old.has(card.key))
				.map(card => [old.get(card.key), old.get(card.key) + card.h])
					.sort((a, b) => a[0] - b[0]);
			for (const card of fresh)
				wish.set(card.key, findRoom(card, wish.get(card.key), taken));
		}
		place(sorted(columns[column], wish), wish, y);
	}
	return y;
}

/**
 * Lays out a model of picture-model.js. old: the result for the last model, or null for a picture
 * made anew; one is made anew, too, where most cards are new. {y: Map of keys, height, base}; base:
 * the cost of a picture made anew, for each line. A large one is not made anew to compare: it may
 * become dearer than the last that was.
 */
export function layOut(model, old) {
	const { columns, lines } = model;
	const spare = SLACK * (columns[1].length + columns[2].length);
	let y = null, base = old?.base;
	let count = 0, known = 0;
	for (const cards of columns)
		for (const card of cards) {
			count++;
			known += old?.y.has(card.key) ? 1 : 0;
		}
	const same = known === count && old?.y.size === count; /* the same cards: lines alone differ */
	if (known > count / 2) {
		y = kept(model, old.y);
		if (lines.length <= COUNTED || !same
			&& cost(lines, y) > base * lines.length * PATIENCE + spare)
			base = null;
	}
	if (!y || base === null) {
		const anew = fresh(model), paid = cost(lines, anew);
		base = paid / Math.max(1, lines.length);
		if (!y || cost(lines, y) > paid * PATIENCE + spare)
			y = anew;
	}
	let height = TOP;
	for (const cards of columns)
		for (const card of cards)
			height = Math.max(height, y.get(card.key) + card.h);
	return { y, height: height + 16, base };
}
