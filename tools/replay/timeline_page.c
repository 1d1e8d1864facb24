/*
 * Writes a timeline as a page: the picture, the processes that are folded in it as a table, and a
 * line that tells what has the focus. Everything is there without the script, which moves the
 * focus.
 */
#include "replay/timeline_parts.h"

#include <string.h>

#define LISTED 1000 /* processes of the table */

static const char head[] =
	"<style>\nhtml{color-scheme:light dark;font:14px system-ui,'Helvetica "
	"Neue',Arial,sans-serif}\n"
	"body{margin:0 auto;padding:8px;max-width:1240px;background:#fff;color:#1b1f24}\n"
	"svg{display:block;max-width:100%;height:auto}\n"
	"#told{position:sticky;bottom:0;margin:0;padding:6px "
	"8px;min-height:1.3em;background:inherit;"
	"border-top:1px solid #8b949e}\n"
	"table{border-collapse:collapse}td,th{padding:1px 12px 1px 0;text-align:left}"
	"summary{padding:6px 8px;cursor:pointer}\n"
	"@media (prefers-color-scheme:dark){body{background:#15181c;color:#e6e9ec}}\n</style>\n";

/* Left and right go through what a panel shows, up and down through the panels. */
static const char script[] =
	"<script>\n"
	"const told = document.getElementById('told');\n"
	"const panels = [...document.querySelectorAll('.panel')];\n"
	"const name = e => e.getAttribute('aria-label') ?? e.querySelector('title')?.textContent "
	"?? '';\n"
	"const go = (list, from, step) => {\n"
	"  const to = list[list.indexOf(from) + step];\n"
	"  if (to) { to.setAttribute('tabindex', to.getAttribute('tabindex') ?? '-1'); to.focus(); "
	"}\n"
	"};\n"
	"document.addEventListener('focusin', e => { told.textContent = name(e.target); });\n"
	"document.addEventListener('pointerover', e => {\n"
	"  const e2 = e.target.closest?.('[role=img]');\n"
	"  if (e2) told.textContent = name(e2);\n"
	"});\n"
	"document.addEventListener('keydown', e => {\n"
	"  const at = document.activeElement, panel = at.closest?.('.panel');\n"
	"  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];\n"
	"  if (!panel || !step) return;\n"
	"  e.preventDefault();\n"
	"  if (e.key === 'ArrowUp' || e.key === 'ArrowDown') go(panels, panel, step);\n"
	"  else go([panel, ...panel.querySelectorAll('[role=img]')], at, step);\n"
	"});\n"
	"</script>\n";

static void put_text(FILE *f, const char *text)
{
	put_xml(f, text, strlen(text));
}

static void put_folded(const struct timeline_layout *l, FILE *f)
{
	size_t listed = 0;

	if (!l->nfolded)
		return;
	fprintf(f,
		"<details><summary>%zu short-lived processes</summary>\n<table>\n<tr><th>pid<th>"
		"program<th>lines<th>lifetimes of descriptors<th>findings\n",
		l->nfolded);
	for (size_t i = 0; i < l->t->npanels && listed < LISTED; i++) {
		const struct panel *p = &l->t->panels[i];

		if (p->shown != NOT_SHOWN)
			continue;
		listed++;
		fprintf(f, "<tr><td>%d<td>", p->pid);
		put_text(f, p->program ? p->program : "");
		fprintf(f, "<td>%llu to %llu<td>%zu<td>%zu\n", (unsigned long long)p->first,
			(unsigned long long)p->last, p->nbars, p->nmarks);
	}
	fputs("</table>\n", f);
	if (l->nfolded > listed)
		fprintf(f, "<p>and %zu more\n", l->nfolded - listed);
	fputs("</details>\n", f);
}

void timeline_page(const struct timeline_layout *l, FILE *f, const char *log)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
	      f);
	put_text(f, log);
	fprintf(f, ": lifetimes of descriptors</title>\n%s", head);
	timeline_svg(l, f, log);
	put_folded(l, f);
	fprintf(f,
		"<p id=\"told\" role=\"status\">Tab goes to processes and marks, the arrow keys to "
		"the descriptors of a process.</p>\n%s</html>\n",
		script);
}
