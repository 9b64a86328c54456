// The table of variants. All of it works without this; with it a column is filled and pasted in
// the page, arrows move between rows, amounts are grouped, and unsaved changes are counted.
const form = document.getElementById("matrix");
const table = form.querySelector(".matrix-table");
const status = form.querySelector("[data-changes]");
const cells = [...table.querySelectorAll("input[data-column]")];
const initial = new Map(cells.map((cell) => [cell, valueOf(cell)]));
let isLeaving = false;

function valueOf(cell) {
  return cell.type === "checkbox" ? cell.checked : cell.value;
}

function show(cell) {
  cell.classList.toggle("changed", valueOf(cell) !== initial.get(cell));
  if (cell.type === "checkbox") cell.closest("tr").classList.toggle("off", !cell.checked);
}

function countChanges() {
  const count = cells.filter((cell) => valueOf(cell) !== initial.get(cell)).length;
  if (status) status.textContent = count ? form.dataset.unsaved.replace("{count}", count) : "";
  return count;
}

function write(cell, text) {
  if (cell.type === "checkbox") cell.checked = !["", "0", "no", "tidak", "false"].includes(text.trim().toLowerCase());
  else cell.value = grouped(cell, text.trim());
  show(cell);
}

// 149000 → 149.000, as the shop writes it. Anything that is not bare digits is left for the server.
function grouped(cell, text) {
  const isAmount = cell.closest("td").classList.contains("amount");
  return isAmount && /^\d{4,}$/.test(text) ? text.replace(/\B(?=(\d{3})+$)/g, ".") : text;
}

function column(code) {
  return cells.filter((cell) => cell.dataset.column === code);
}

function step(cell, rows) {
  const same = column(cell.dataset.column);
  const next = same[same.indexOf(cell) + rows];
  next?.focus();
  if (next?.type === "text") next.select();
  return Boolean(next);
}

form.querySelector("[data-fill]")?.addEventListener("click", (event) => {
  event.preventDefault();
  const { value: code } = document.getElementById("fill-column");
  const { value } = document.getElementById("fill-rows");
  const { value: text } = document.getElementById("fill-text");
  const chosen = column(code).filter((cell) => !value || cell.closest("tr").dataset.values.split(" ").includes(value));
  chosen.forEach((cell) => write(cell, text));
  countChanges();
  chosen[0]?.focus();
});

// A column or a block copied from a spreadsheet goes down and to the right from the cell in which it is pasted.
table.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "") ?? "";
  if (!/[\n\t]/.test(text) || !cells.includes(event.target)) return;
  event.preventDefault();
  const rows = [...table.querySelectorAll("tr[data-values]")];
  const first = rows.indexOf(event.target.closest("tr"));
  const left = rowCells(rows[first]).indexOf(event.target);
  text.split("\n").forEach((line, down) => {
    const below = rows[first + down];
    if (below) line.split("\t").forEach((part, right) => {
      const cell = rowCells(below)[left + right];
      if (cell) write(cell, part);
    });
  });
  countChanges();
});

function rowCells(row) {
  return [...row.querySelectorAll("input[data-column]")];
}

table.addEventListener("keydown", (event) => {
  if (!cells.includes(event.target)) return;
  const rows = { ArrowDown: 1, ArrowUp: -1, Enter: event.shiftKey ? -1 : 1 }[event.key];
  if (!rows || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  step(event.target, rows);
});

table.addEventListener("change", (event) => {
  if (!cells.includes(event.target)) return;
  if (event.target.type === "text") event.target.value = grouped(event.target, event.target.value.trim());
  show(event.target);
});
table.addEventListener("input", (event) => {
  if (cells.includes(event.target)) show(event.target);
  countChanges();
});

form.addEventListener("submit", () => { isLeaving = true; });
addEventListener("beforeunload", (event) => {
  if (!isLeaving && countChanges()) event.preventDefault();
});

// A new value is added with Enter in its own field, not saved with the whole table.
for (const button of form.querySelectorAll("[data-add]")) {
  button.parentElement.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    button.click();
  });
}
document.getElementById("fill-text")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  form.querySelector("[data-fill]").click();
});

// After a refusal the first cell that is wrong, so that nobody has to look for it among hundreds.
table.querySelector("[aria-invalid]")?.focus();
