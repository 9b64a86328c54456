// Suggestions under the field for kecamatan or kelurahan. The focus stays in the field; arrow keys
// walk, Enter picks, Escape closes. Listens on the document, for htmx swaps the field.
const WAIT_MS = 150;
const SHORTEST = 2;
const known = new Map();
let running = null;
let timer = 0;
let active = -1;

const fieldOf = (target) => (target.name === "region_text" ? target.closest("#region") : null);
const part = (field, selector) => field.querySelector(selector);
const inputOf = (field) => part(field, "[name=region_text]");
const listOf = (field) => part(field, "[role=listbox]");
const options = (field) => [...field.querySelectorAll("[role=option]")];

function prepare(field) {
  const input = inputOf(field);
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", listOf(field).id], ["aria-expanded", String(!listOf(field).hidden)]]) input.setAttribute(name, value);
}

function close(field) {
  clearTimeout(timer);
  running?.abort();
  active = -1;
  listOf(field).hidden = true;
  inputOf(field).setAttribute("aria-expanded", "false");
  inputOf(field).removeAttribute("aria-activedescendant");
  part(field, "[role=status]").textContent = "";
}

function open(field, html) {
  const list = listOf(field);
  list.innerHTML = html;
  active = -1;
  inputOf(field).removeAttribute("aria-activedescendant");
  const word = part(list, "[data-status]");
  part(field, "[role=status]").textContent = word?.textContent ?? "";
  word?.remove();
  list.hidden = options(field).length === 0;
  // On a phone the keyboard covers what lies below.
  if (!list.hidden && (visualViewport?.height ?? innerHeight) - inputOf(field).getBoundingClientRect().bottom < 240) field.scrollIntoView({ block: "start" });
  inputOf(field).setAttribute("aria-expanded", String(!list.hidden));
}

function mark(field, index) {
  const all = options(field);
  all[active]?.setAttribute("aria-selected", "false");
  active = (index + all.length) % all.length;
  all[active].setAttribute("aria-selected", "true");
  all[active].scrollIntoView({ block: "nearest" });
  inputOf(field).setAttribute("aria-activedescendant", all[active].id);
}

async function ask(field) {
  const typed = inputOf(field).value.trim();
  running?.abort();
  if (typed.length < SHORTEST) return close(field);
  if (known.has(typed)) return open(field, known.get(typed));
  const mine = (running = new AbortController());
  try {
    const query = new URLSearchParams({ q: typed, country: field.dataset.country });
    const answer = await fetch(`${field.dataset.suggest}?${query}`, { signal: mine.signal });
    if (!answer.ok) return close(field);
    const html = await answer.text();
    known.set(typed, html);
    // An answer that comes after the field was left, or was typed on, is for later.
    if (running === mine && document.activeElement === inputOf(field)) open(field, html);
  } catch (error) {
    if (error.name !== "AbortError") close(field);
  }
}

// What is picked stands in the form at once, also where the couriers cannot be asked for just now.
function pick(field, option) {
  const { code, path } = option.dataset;
  field.querySelector("#region-matches")?.remove();
  let chosen = part(field, "input[type=hidden][name=region]");
  if (!chosen) {
    chosen = Object.assign(document.createElement("input"), { type: "hidden", name: "region" });
    field.append(chosen);
  }
  chosen.value = code;
  inputOf(field).value = path;
  close(field);
  inputOf(field).dispatchEvent(new Event("change", { bubbles: true }));
}

// Leaving the field tells once more what the pick has told already.
document.addEventListener("change", (event) => {
  const field = event.isTrusted && fieldOf(event.target);
  if (field && event.target.value === part(field, "[name=region_text_seen]").value) event.stopPropagation();
}, true);
document.addEventListener("input", (event) => {
  const field = fieldOf(event.target);
  if (!field) return;
  prepare(field);
  clearTimeout(timer);
  timer = setTimeout(ask, WAIT_MS, field);
});

document.addEventListener("keydown", (event) => {
  const field = fieldOf(event.target);
  if (!field) return;
  const all = listOf(field).hidden ? [] : options(field);
  if (event.key === "Escape" && all.length) {
    event.preventDefault();
    close(field);
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (!all.length) ask(field);
    else mark(field, event.key === "ArrowDown" ? active + 1 : Math.max(active, 0) - 1);
  } else if (event.key === "Enter") {
    // Enter in this field never sends the order.
    event.preventDefault();
    if (all.length) pick(field, all[Math.max(active, 0)]);
    else ask(field);
  }
});

document.addEventListener("focusin", (event) => {
  const field = fieldOf(event.target);
  if (!field) return;
  prepare(field);
  // Whoever comes back to what was picked wants to type another.
  if (event.target.value === part(field, "[name=region_text_seen]").value) event.target.select();
});
document.addEventListener("focusout", (event) => {
  const field = fieldOf(event.target);
  if (field) close(field);
});
// A press on a suggestion must not take the focus away before it is a click.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("#region-suggestions")) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const option = event.target.closest("#region-suggestions [role=option]");
  if (option) pick(option.closest("#region"), option);
});
