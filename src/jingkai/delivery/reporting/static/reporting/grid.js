// The table of a return as a spreadsheet. Every field is a plain input of a plain form, so that the
// page works without this script; the script adds keys, blocks, undo and saving by itself.
import { bar, fill } from "./bars.js";
import { figuresOf, fromText, toText } from "./clipboard.js";
import { countEffort } from "./effort.js";
import { closeMenu, popUp } from "./menu.js";
import { Saver } from "./saver.js";
import { Steps } from "./steps.js";

const data = (id) => JSON.parse(document.getElementById(id).textContent);
const words = data("g-words"), urls = data("g-urls");
const form = document.getElementById("grid-form");
const wrap = document.getElementById("grid");
const table = wrap.querySelector("[data-grid]");
const token = form.elements.csrfmiddlewaretoken.value;
const touch = matchMedia("(pointer: coarse)").matches;

// ---- The cells, by place and by number ----
const places = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll("td.g-td")].map((td) => td.querySelector(".g-field")));
const fields = new Map();
const info = new Map(); // field -> {id, r, c, fixed, saved, revision, unit}
places.forEach((row, r) => row.forEach((field, c) => {
  if (!field) return;
  const id = Number(field.dataset.cell), fixed = "fixed" in field.dataset;
  fields.set(id, field);
  info.set(field, { id, r, c, fixed, revision: Number(field.dataset.revision), unit: "", stored: field.dataset.saved });
  field.tabIndex = -1;
}));
const first = [...fields.values()].find((field) => !info.get(field).fixed) || [...fields.values()][0];
if (first) first.tabIndex = 0;
for (const button of table.querySelectorAll("[data-menu]")) button.hidden = false;
const textOf = (field) => (info.get(field).fixed ? field.textContent.trim().replace(/^·$/, "") : field.value.trim());
const shell = (id) => table.querySelector(`[data-at="${id}"]`);
// A figure as the page writes it: digits in groups, or the word for why there is none.
const written = ({ value, absence }) => (absence ? words[absence] : value === null ? "" : value.replace(/^(-?)(\d+)/, (_all, minus, whole) => minus + whole.replace(/\B(?=(\d{3})+$)/g, ",")));
const nameOf = (field) => field.getAttribute("aria-label") || "";

// ---- Saving ----
const saver = new Saver({
  url: urls.entries, token, words,
  revisionOf: (id) => info.get(fields.get(id)).revision,
  on: {
    mark: (id, state) => { const at = shell(id); if (state) at.dataset.save = state; else delete at.dataset.save; },
    status: (state, text) => { const at = document.getElementById("g-status"); at.dataset.state = state; at.textContent = text; },
    saved: (rows, waiting) => {
      for (const row of rows) {
        const field = fields.get(row.id), known = info.get(field);
        known.revision = row.revision;
        known.stored = written(row);
        if (waiting.has(row.id) || field === editing?.field) continue;
        field.value = known.stored;
        shell(row.id).classList.toggle("is-prefilled", row.origin === "prefilled");
        delete field.dataset.refused;
        showChange(row);
      }
      document.body.dispatchEvent(new Event("figures-saved"));
      document.getElementById("g-prefilled").hidden = !table.querySelector(".is-prefilled");
      form.elements.revisions.value = [...info.values()].filter((k) => !k.fixed).map((k) => `${k.id}:${k.revision}`).join(",");
    },
    // What says nothing new is written the way it is stored.
    same: (cells) => { for (const id of cells) { const field = fields.get(id); delete field.dataset.refused; if (field !== editing?.field) field.value = info.get(field).stored; } },
    findings: (list, revision) => showFindings(list, revision),
    refused: (id, message) => { fields.get(id).dataset.refused = message; say(id, "fix", message); countAnswered(); },
    conflict: (mine) => showConflict(mine),
  },
});

const showChange = (row) => {
  const at = table.querySelector(`[data-change="${row.id}"]`);
  if (!at) return;
  const before = Number(at.dataset.lastYear), value = row.value === null ? NaN : Number(row.value);
  const points = "points" in at.dataset;
  if (!("lastYear" in at.dataset) || Number.isNaN(value) || (!points && !before)) { at.textContent = "—"; return; }
  const change = points ? value - before : ((value - before) / Math.abs(before)) * 100;
  const text = Math.abs(change).toLocaleString("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  at.textContent = `${text === "0.0" ? "" : change < 0 ? "−" : "+"}${text}${points ? at.dataset.points : "%"}`;
};

const ICONS = { fix: "✖", explain: "?", explained: "✓?", hint: "i" };
const say = (id, level, message) => {
  const at = shell(id);
  for (const name of Object.keys(ICONS)) at.classList.toggle(`is-${name}`, name === level);
  at.querySelector("[data-level]").textContent = ICONS[level] || "";
  at.querySelector("[data-said]").textContent = message;
  fields.get(id).toggleAttribute("aria-invalid", level === "fix");
};

const showFindings = (list, revision) => {
  const by = new Map();
  for (const finding of list) by.set(finding.cell, [...(by.get(finding.cell) || []), finding]);
  let fix = 0, explain = 0;
  for (const [id, field] of fields) {
    const found = by.get(id) || [];
    const open = found.filter((f) => f.open ?? f.is_open ?? (f.level === "fix" || (f.level === "explain" && !f.explanation)));
    fix += open.filter((f) => f.level === "fix").length;
    explain += open.filter((f) => f.level === "explain").length;
    if (field.dataset.refused) continue;
    const level = open.some((f) => f.level === "fix") ? "fix" : open.some((f) => f.level === "explain") ? "explain" : found.some((f) => f.explanation) ? "explained" : found.length ? "hint" : "";
    say(id, level, open.map((f) => f.message).join(" "));
  }
  count("fix", fix, "dist-bad");
  count("explain", explain, "dist-warn");
  count("revision", revision);
  countAnswered();
};
const count = (name, value, tone) => {
  const at = document.querySelector(`[data-count="${name}"]`);
  if (at) at.textContent = value;
  const line = tone && document.querySelector(`[data-tone="${name}"]`);
  if (line) line.classList.toggle(tone, value > 0);
};
const countAnswered = () => count("answered", [...fields.values()].filter((field) => textOf(field) !== "" && !field.dataset.refused).length);

// ---- Two people at one cell ----
const showConflict = async (mine) => {
  const field = fields.get(mine.cell);
  const response = await fetch(urls.cell.replace("/0/", `/${mine.cell}/`), { headers: { Accept: "application/json" } });
  if (!response.ok) return;
  const { cell, history } = await response.json();
  const theirs = written(cell);
  document.querySelector(`[data-conflict="${mine.cell}"]`)?.remove();
  const text = `${nameOf(field)}: ${fill(words.conflict, { name: history[0]?.who ?? "", theirs: theirs || words.empty })}`;
  const box = bar(text, [
    [fill(words.keep_mine, { mine: mine.raw || words.empty }), () => saver.put({ ...mine, force: cell.revision }), true],
    [words.take_theirs, () => {
      Object.assign(info.get(field), { revision: cell.revision, stored: theirs });
      field.value = theirs;
      saver.settle(mine.cell);
      saver.on.mark(mine.cell, "saved");
      saver.refresh();
    }],
  ], "notice-error");
  box.dataset.conflict = mine.cell;
};

// ---- Changing cells ----
const put = (changes, origin) => {
  for (const { cell, raw, unit } of changes) {
    const field = fields.get(cell);
    field.value = raw;
    info.get(field).unit = unit || "";
    delete field.dataset.refused;
    saver.put({ cell, raw, unit: unit || "", origin });
  }
  countAnswered();
};
const steps = new Steps(document.getElementById("g-steps"), form.querySelector("[data-undo]"), form.querySelector("[data-redo]"), (changes) => { put(changes); select(fields.get(changes[0].cell)); }, words);

const change = (list, label, origin) => {
  const real = list
    .map(({ field, raw, unit }) => ({ cell: info.get(field).id, before: { raw: textOf(field), unit: info.get(field).unit }, after: { raw, unit: unit || "" } }))
    .filter(({ before, after }) => before.raw !== after.raw || before.unit !== after.unit);
  if (!real.length) return null;
  const step = { label, cells: real };
  steps.push(step);
  put(real.map(({ cell, after }) => ({ cell, ...after })), origin);
  return step;
};
const open = (field) => field && !info.get(field).fixed;

// ---- Selection and movement ----
let anchor = first, head = first, editing = null;
const block = () => {
  const a = info.get(anchor), b = info.get(head);
  const [top, bottom] = [Math.min(a.r, b.r), Math.max(a.r, b.r)], [left, right] = [Math.min(a.c, b.c), Math.max(a.c, b.c)];
  return places.slice(top, bottom + 1).map((row) => row.slice(left, right + 1));
};
const picked = () => block().flat().filter(Boolean);
const paint = () => {
  for (const at of table.querySelectorAll(".is-picked")) at.classList.remove("is-picked");
  const chosen = picked();
  if (chosen.length > 1) for (const field of chosen) field.closest(".g-cell").classList.add("is-picked");
};
const select = (field, extend = false) => {
  if (!field) return;
  head.tabIndex = -1;
  head = field;
  if (!extend) anchor = field;
  head.tabIndex = 0;
  if (document.activeElement !== field) field.focus({ preventScroll: true });
  if (!touch && !editing) field.select?.(); // whatever is typed, by any input method, replaces it
  field.scrollIntoView({ block: "nearest", inline: "nearest" });
  paint();
};
const step1 = (field, dr, dc) => {
  let { r, c } = info.get(field);
  do { r += dr; c += dc; } while (places[r] && c >= 0 && c < places[r].length && !places[r][c]);
  return places[r]?.[c] || null;
};
const edge = (field, dr, dc) => { let at = field, next; while ((next = step1(at, dr, dc))) at = next; return at; };
// Reading order over open cells, for Tab.
const along = (field, by) => {
  const line = places.flat().filter(open);
  const { r, c } = info.get(field);
  const at = line.indexOf(field);
  if (at >= 0) return line[at + by] || null;
  const later = (f) => { const k = info.get(f); return by > 0 ? k.r > r || (k.r === r && k.c > c) : k.r < r || (k.r === r && k.c < c); };
  return by > 0 ? line.find(later) || null : line.findLast(later) || null;
};

const begin = (field, mode) => {
  if (!open(field)) return;
  editing = { field, before: field.value, mode };
  field.classList.add("is-editing");
  if (mode === "type") field.select();
  else field.setSelectionRange(field.value.length, field.value.length);
};
const finish = (keep = true) => {
  if (!editing) return;
  const { field, before } = editing;
  editing = null;
  field.classList.remove("is-editing");
  const raw = field.value.trim();
  field.value = before;
  if (keep && raw !== before.trim())
    change([{ field, raw }], fill(words.typed_step, { place: nameOf(field), before: before || words.empty, after: raw || words.empty }));
};
const clear = (chosen) => {
  const list = chosen.filter(open).map((field) => ({ field, raw: "" }));
  change(list, fill(words.cleared_step, { n: list.length }));
};
const mark = (chosen, word) => {
  const list = chosen.filter(open).map((field) => ({ field, raw: word }));
  change(list, fill(words.absence_step, { n: list.length, word }));
};

const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
table.addEventListener("keydown", (event) => {
  const field = event.target.closest(".g-field");
  if (!field || event.isComposing) return;
  const { key } = event, command = event.ctrlKey || event.metaKey;
  const done = () => { event.preventDefault(); event.stopPropagation(); };
  const go = (next, extend) => { if (next) { done(); finish(); select(next, extend); } };
  if (command && !editing && key.toLowerCase() === "z") { done(); return event.shiftKey ? steps.redo() : steps.undo(); }
  if (command && !editing && key.toLowerCase() === "y") { done(); return steps.redo(); }
  if (command && !editing && key.toLowerCase() === "a") { done(); anchor = places.flat().find(Boolean); return select(places.flat().findLast(Boolean), true); }
  if (command && !(key in ARROWS)) return;
  if (key === "Tab") return editing || along(field, event.shiftKey ? -1 : 1) ? (finish(), go(along(field, event.shiftKey ? -1 : 1))) : undefined;
  if (key === "Enter") { done(); finish(); return select(step1(field, event.shiftKey ? -1 : 1, 0) || field); }
  if (key === "Escape") {
    if (editing) { done(); finish(false); return select(field); }
    if (anchor !== head) { done(); select(head); }
    return;
  }
  if (key === "F2") { done(); return editing ? undefined : begin(field, "edit"); }
  if (key in ARROWS) {
    if (event.altKey && key === "ArrowDown") { done(); return showMenu(field); }
    if (editing && (editing.mode === "edit" || touch) && ARROWS[key][0] === 0) return;
    const [dr, dc] = ARROWS[key];
    done();
    finish();
    return select(command ? edge(field, dr, dc) : step1(field, dr, dc) || field, event.shiftKey);
  }
  if (editing) return;
  if (key === "Home" || key === "End") return go(edge(field, 0, key === "Home" ? -1 : 1), event.shiftKey);
  if (key === "Delete" || key === "Backspace") { done(); return clear(picked()); }
  if (key === "ContextMenu" || (key === "F10" && event.shiftKey)) { done(); return showMenu(field); }
  if ((key.length === 1 || key === "Process") && !event.altKey) { event.stopPropagation(); begin(field, "type"); }
});

// What comes without a key of its own (an input method, dictation) begins an edit as well.
table.addEventListener("beforeinput", (event) => { if (!editing && event.target.matches("input.g-field")) begin(event.target, "type"); });
table.addEventListener("mousedown", (event) => { const field = event.target.closest("input.g-field"); if (field && !touch && editing?.field !== field) event.preventDefault(); });
table.addEventListener("pointerdown", (event) => {
  const field = event.target.closest(".g-field");
  if (!field || event.button) return;
  if (editing && editing.field !== field) finish();
  if (!editing && !touch) { select(field, event.shiftKey); dragging = event.pointerId !== undefined; }
});
let dragging = false;
table.addEventListener("pointermove", (event) => {
  if (!dragging || !event.buttons || editing) { dragging = false; return; }
  const field = document.elementFromPoint(event.clientX, event.clientY)?.closest?.(".g-field");
  if (field && field !== head && info.has(field)) select(field, true);
});
addEventListener("pointerup", () => { dragging = false; });
table.addEventListener("dblclick", (event) => { const field = event.target.closest("input.g-field"); if (field && !editing) begin(field, "edit"); });
table.addEventListener("focusin", (event) => {
  const field = event.target.closest(".g-field");
  if (!field || field === head) { if (field && touch) begin(field, "edit"); return; }
  finish();
  if (!dragging) select(field);
  if (touch) begin(field, "edit");
});
table.addEventListener("focusout", (event) => { if (editing && event.target === editing.field) finish(); });
table.addEventListener("change", (event) => {
  const note = event.target.closest("[data-note]");
  if (note) { const id = Number(note.dataset.note), field = fields.get(id); saver.put({ cell: id, raw: textOf(field), unit: info.get(field).unit, note: note.value }); }
});

// ---- Clipboard ----
const here = (event) => !editing && event.target.closest?.("[data-grid]") && !event.target.closest("[data-note]") && document.activeElement?.closest(".g-field");
const copy = (event) => {
  if (!here(event) || !event.clipboardData) return;
  event.clipboardData.setData("text/plain", toText(block().map((row) => row.map((field) => (field ? textOf(field).replace(/(\d),(?=\d{3})/g, "$1") : "")))));
  event.preventDefault();
  if (event.type === "cut") clear(picked());
};
document.addEventListener("copy", copy);
document.addEventListener("cut", copy);
document.addEventListener("paste", (event) => {
  if (!here(event)) return;
  event.preventDefault();
  paste(event.clipboardData.getData("text/plain"));
});
const paste = async (text) => {
  if (!text.trim()) return;
  const { rows, skipped } = figuresOf(fromText(text));
  const list = [];
  let left = 0;
  const chosen = block();
  if (rows.length === 1 && rows[0].length === 1) {
    for (const field of chosen.flat().filter(Boolean)) open(field) ? list.push({ field, raw: rows[0][0] }) : (left += 1);
  } else {
    const start = info.get(chosen.flat().find(Boolean) || head);
    rows.forEach((row, dr) => row.forEach((raw, dc) => {
      const field = places[start.r + dr]?.[start.c + dc];
      if (open(field)) list.push({ field, raw });
      else if (raw !== "") left += 1;
    }));
  }
  const step = change(list, fill(words.pasted_step, { n: list.length }), "pasted");
  document.querySelector("[data-paste-bar]")?.remove();
  const said = [fill(words.pasted, { n: list.length })];
  if (skipped) said.push(words.header_skipped);
  if (left) said.push(fill(words.skipped, { n: left }));
  const buttons = step ? [[words.undo, () => steps.undo(step)]] : [];
  const box = bar(said.join(" "), buttons);
  box.dataset.pasteBar = "";
  if (!step) return;
  const cells = step.cells.map(({ cell }) => cell);
  saver.hold(cells);
  const guesses = await guess(step.cells);
  if (!guesses.length || !steps.done.includes(step)) return saver.release(cells);
  let waiting = guesses.length;
  const answered = (found) => { waiting -= 1; saver.release(found.cells); if (!waiting) saver.release(cells); };
  const asked = new Set(guesses.flatMap((found) => found.cells));
  saver.release(cells.filter((cell) => !asked.has(cell)));
  for (const found of guesses)
    bar(fill(words.guess, found), [
      [fill(words.convert, { n: found.cells.length }), () => {
        if (steps.done.includes(step))
          change(found.cells.map((id) => ({ field: fields.get(id), raw: textOf(fields.get(id)), unit: found.unit })), fill(words.converted, { n: found.cells.length, unit: found.unit }), "pasted");
        answered(found);
      }, true],
      [words.keep, () => answered(found)],
    ], "notice-warning");
};
const guess = async (cells) => {
  try {
    const response = await fetch(urls.guess, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ changes: cells.map(({ cell, after }) => ({ cell, raw: after.raw })) }),
    });
    return response.ok ? (await response.json()).guesses : [];
  } catch {
    return [];
  }
};

// ---- The small menu of a cell ----
const showMenu = (field) => {
  const chosen = picked().includes(field) ? picked() : [field];
  const details = [words.open, () => shell(info.get(field).id).querySelector("[data-marks]").click()];
  popUp(field, open(field) ? [
    [words.missing_label, () => mark(chosen, words.missing)],
    [words.not_applicable_label, () => mark(chosen, words.not_applicable)],
    [words.clear, () => clear(chosen)],
    details,
  ] : [details]);
};
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-menu]");
  if (button) showMenu(fields.get(Number(button.dataset.menu)));
});
wrap.addEventListener("scroll", closeMenu, { passive: true });

// ---- The form's own buttons: everything is saved first ----
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const sending = event.submitter?.name === "then";
  finish();
  if (!(await saver.flush())) {
    const stuck = [...saver.stopped, ...saver.waiting.keys()][0];
    if (stuck) select(fields.get(stuck));
    return;
  }
  if (sending) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "then", value: "send" }));
    form.submit();
  }
});
// The drawer changed one cell: its marks came with the answer, its revision comes here.
document.body.addEventListener("cell-changed", ({ detail: { cell } }) => {
  if (fields.has(cell.id) && !info.get(fields.get(cell.id)).fixed) saver.on.saved([cell], saver.waiting);
  saver.refresh();
});
countEffort(urls.effort, token);
// After a refused sending this is the answer to a form: reloading it must not send old figures again.
const saved = new URL(form.action).pathname;
if (location.pathname === saved) history.replaceState(null, "", saved.replace(/save\/$/, ""));
table.dataset.ready = "";
const wanted = location.hash.startsWith("#cell-") && document.getElementById(location.hash.slice(1));
if (wanted && info.has(wanted)) select(wanted);
addEventListener("hashchange", () => { const to = document.getElementById(location.hash.slice(1)); if (to && info.has(to)) select(to); });
