/*
 * Exports the picture that is seen as SVG, with its styles in it, and as PNG, and the machine as a
 * scenario that fdlab run plays.
 */
import { store } from "./store.js";
import { wholePicture } from "./picture.js";

const PNG_SCALE = 2; /* pixels of the image for one of the picture */
const PIXELS_MAX = 12000; /* on a side, which browsers can draw */

function save(blob, name) {
	const url = URL.createObjectURL(blob);
	const link = document.createElement("a");
	link.href = url;
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 60000);
}

const nameOf = ending => `fdlab-${store.shown ?? 0}.${ending}`;

/** The rules of picture.css; variables get the values that they have on the page now. */
function styles() {
	const page = getComputedStyle(document.documentElement);
	const sheet = [...document.styleSheets].find(s => s.href?.includes("picture.css"));
	const rules = [...sheet.cssRules].map(rule => rule.cssText).join("\n");
	return rules.replace(/var\((--[\w-]+)\)/g, (_, name) => page.getPropertyValue(name).trim());
}

/** The picture as the text of an SVG that needs nothing else. */
export function svgText() {
	const { copy, width, height } = wholePicture();
	copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
	copy.setAttribute("viewBox", `0 0 ${width} ${height}`);
	copy.setAttribute("width", width);
	copy.setAttribute("height", height);
	copy.setAttribute("role", "img");
	for (const node of copy.querySelectorAll(".fold, .button"))
		node.remove();
	for (const node of copy.querySelectorAll("[tabindex]"))
		node.removeAttribute("tabindex");
	const ns = "http://www.w3.org/2000/svg";
	const style = document.createElementNS(ns, "style");
	style.textContent = styles();
	const paper = document.createElementNS(ns, "rect");
	paper.setAttribute("class", "paper");
	paper.setAttribute("width", "100%");
	paper.setAttribute("height", "100%");
	copy.prepend(style, paper);
	return { text: new XMLSerializer().serializeToString(copy), width, height };
}

export function exportSvg() {
	save(new Blob([svgText().text], { type: "image/svg+xml" }), nameOf("svg"));
}

/** The picture as a blob of PNG. */
export async function pngBlob() {
	const { text, width, height } = svgText();
	const scale = Math.min(PNG_SCALE, PIXELS_MAX / Math.max(width, height));
	const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
	const image = new Image();
	image.src = url;
	await image.decode();
	const canvas = document.createElement("canvas");
	canvas.width = width * scale;
	canvas.height = height * scale;
	canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
	URL.revokeObjectURL(url);
	return new Promise(resolve => canvas.toBlob(resolve, "image/png"));
}

export async function exportPng() {
	save(await pngBlob(), nameOf("png"));
}

export async function exportScenario() {
	save(new Blob([await store.tree("log")], { type: "text/plain" }), nameOf("fdl"));
}
