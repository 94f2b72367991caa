"use strict";
// Sorting and filtering of tables that are whole without this. Rows beyond the first hundred are kept out of the
// document, which a browser would else lay out anew at every step.
document.documentElement.classList.add("js");
addEventListener("DOMContentLoaded", () => {
  const STEP = 100;
  const find = (id) => document.getElementById(id);
  const collator = new Intl.Collator(undefined, { numeric: true });

  // Whoever looks for "zoe" means Zoë as well.
  function fold(text) {
    return text.normalize("NFKD").replace(/\p{Diacritic}/gu, "").toLowerCase().replaceAll("ß", "ss");
  }

  function read(row, column, kind) {
    const cell = row.cells[column];
    const text = cell.dataset.v ?? cell.textContent;
    if (kind !== "number") return text;
    const found = /-?\d+(\.\d+)?/.exec(text.replace("−", "-"));
    return found ? Number(found[0]) : NaN;
  }

  // What has no number comes last, whichever way the others go.
  function compare(a, b, sign) {
    if (typeof a === "string") return sign * collator.compare(a, b);
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
    return sign * (a - b);
  }

  function makeSortable(table, state) {
    const headers = [...table.tHead.rows[0].cells];
    headers.forEach((header, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...header.childNodes);
      header.append(button);
      if (!header.ariaSort) header.ariaSort = "none";
      button.addEventListener("click", () => {
        const down = header.ariaSort === "ascending";
        for (const other of headers) other.ariaSort = "none";
        header.ariaSort = down ? "descending" : "ascending";
        const keyed = state.rows.map((row) => [read(row, column, header.dataset.kind), row]);
        keyed.sort((a, b) => compare(a[0], b[0], down ? -1 : 1));
        state.rows = keyed.map((pair) => pair[1]);
        state.show();
      });
    });
  }

  for (const table of document.querySelectorAll("table.sortable:not(#roster)")) {
    const body = table.tBodies[0];
    const state = { rows: [...body.rows], show: () => body.replaceChildren(...state.rows) };
    makeSortable(table, state);
  }

  const roster = find("roster");
  if (!roster) return;
  const body = roster.tBodies[0];
  const filters = ["name", "problem", "verdict", "mistake"].map(find);
  const state = { rows: [...body.rows], show, limit: STEP };
  const names = new Map(state.rows.map((row) => [row, fold(row.cells[0].textContent)]));

  function matches(row) {
    const [name, problem, verdict, mistake] = filters.map((filter) => filter.value);
    if (name && !names.get(row).includes(fold(name.trim()))) return false;
    if (mistake && !(row.dataset.m ?? "").split(" ").includes(mistake)) return false;
    if (!verdict) return true;
    const cells = problem ? [row.cells[Number(problem)]] : [...row.cells].slice(1, -1);
    return cells.some((cell) => cell.textContent.startsWith(verdict));
  }

  function show() {
    const found = state.rows.filter(matches);
    const shown = found.slice(0, state.limit);
    body.replaceChildren(...shown);
    const students = found.length === 1 ? "student" : "students";
    const whole = `${found.length.toLocaleString("en")} ${students}`;
    find("shown").textContent = shown.length < found.length ? `The first ${shown.length} of ${whole}` : whole;
    find("more").hidden = shown.length === found.length;
    roster.classList.add("ready");
  }

  function filter() {
    state.limit = STEP;
    show();
  }

  makeSortable(roster, state);
  for (const item of filters) item.addEventListener("input", filter);
  find("clear").addEventListener("click", () => {
    for (const item of filters) item.value = "";
    filter();
  });
  find("some").addEventListener("click", () => { state.limit += STEP; show(); });
  find("all").addEventListener("click", () => { state.limit = Infinity; show(); });
  for (const button of document.querySelectorAll("[data-mistake]")) {
    button.addEventListener("click", () => {
      for (const item of filters) item.value = "";
      find("mistake").value = button.dataset.mistake;
      filter();
      find("students").scrollIntoView();
      find("mistake").focus({ preventScroll: true });
    });
  }
  addEventListener("beforeprint", () => { const limit = state.limit; state.limit = Infinity; show(); state.limit = limit; });
  addEventListener("afterprint", show);
  show();
});
