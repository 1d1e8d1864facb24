/*
 * Dialogs of the page: the browser's own <dialog>, which keeps the focus inside and closes at
 * Escape.
 */
import { el } from "./store.js";

/**
 * Shows a dialog; choices are [value, text] of its buttons, the first being the usual one. Returns
 * the value of the button, or null if the dialog was left.
 */
export function ask(title, content, choices) {
	const dialog = el("dialog", { class: "dialog", "aria-labelledby": "dialog-title" },
		el("form", { method: "dialog" },
			el("h2", { id: "dialog-title" }, title), content,
			el("div", { class: "dialog-buttons" }, choices.map(([value, text]) =>
				el("button", { value, type: "submit" }, text)))));
	document.body.append(dialog);
	dialog.showModal();
	return new Promise(resolve => dialog.addEventListener("close", () => {
		dialog.remove();
		resolve(dialog.returnValue || null);
	}));
}
