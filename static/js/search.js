// Suggestions under the search box. The focus stays in the field; arrow keys walk, Enter opens, Escape closes.
const WAIT_MS = 150;
const SHORTEST = 2;

function suggestIn(form) {
  const input = form.querySelector("input[type=search]");
  const list = form.querySelector(".suggest");
  const status = form.querySelector("[role=status]");
  const known = new Map();
  let running = null;
  let timer = 0;
  let active = -1;

  const options = () => [...list.querySelectorAll("[role=option]")];

  function close() {
    clearTimeout(timer);
    running?.abort();
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    status.textContent = "";
  }

  function open(html) {
    list.innerHTML = html;
    active = -1;
    input.removeAttribute("aria-activedescendant");
    const word = list.querySelector("[data-status]");
    status.textContent = word?.textContent ?? "";
    word?.remove();
    list.hidden = options().length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
  }

  function mark(index) {
    const all = options();
    all[active]?.setAttribute("aria-selected", "false");
    active = (index + all.length + 1) % (all.length + 1);
    const option = all[active];
    if (!option) {
      // Past the last one the field itself is meant again.
      active = -1;
      input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  }

  async function ask() {
    const typed = input.value.trim();
    running?.abort();
    if (typed.length < SHORTEST) return close();
    if (known.has(typed)) return open(known.get(typed));
    running = new AbortController();
    try {
      const answer = await fetch(`${form.dataset.suggest}?${new URLSearchParams({ q: typed })}`, { signal: running.signal });
      if (!answer.ok) return close();
      known.set(typed, await answer.text());
      open(known.get(typed));
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  }

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", "suggestions");
  input.setAttribute("aria-expanded", "false");

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });

  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) ask();
      else mark(event.key === "ArrowDown" ? active + 1 : active === -1 ? options().length - 1 : active - 1);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      options()[active].click();
    }
  });

  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) close();
  });
  // A press on a suggestion must not take the focus away before it is a click.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  form.addEventListener("submit", close);
}

document.querySelectorAll("form[data-suggest]").forEach(suggestIn);
