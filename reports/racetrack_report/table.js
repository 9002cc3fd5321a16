"use strict";
// Adds sorting by column and a filter to every table. The page says all it has to say without this.
for (const table of document.querySelectorAll("table[data-rows]")) {
  const body = table.tBodies[0];
  if (Number(table.dataset.rows) < 2 || table.id === "facts") continue;
  const heads = Array.from(table.tHead.rows[0].cells);
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.sort === undefined ? cell.textContent.trim() : Number(cell.dataset.sort);
  };
  const compare = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b), "en", { numeric: true });
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = Array.from(body.rows);
      const empty = (row) => row.cells[column].textContent.trim() === "–";
      rows.sort((a, b) => empty(a) - empty(b) || compare(key(a, column), key(b, column)) * (down ? -1 : 1));
      body.append(...rows);
    });
  });
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  const input = document.createElement("input");
  input.type = "search";
  const only = document.createElement("input");
  only.type = "checkbox";
  const show = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of body.rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word)) || (only.checked && row.dataset.chosen === undefined);
      shown += row.hidden ? 0 : 1;
    }
    status.textContent = words.length || only.checked ? `${shown} of ${body.rows.length} rows` : "";
  };
  const offer = (control, ...texts) => {
    const label = document.createElement("label");
    label.className = "filter";
    label.append(...texts);
    table.parentElement.before(label);
    control.addEventListener("input", show);
  };
  if (table.dataset.only !== undefined) offer(only, only, ` ${table.caption.textContent}: ${table.dataset.only} `);
  const filtered = Number(table.dataset.rows) >= 8;
  if (filtered) offer(input, `Filter “${table.caption.textContent}”: `, input);
  if (filtered || table.dataset.only !== undefined) table.parentElement.before(status);
}
