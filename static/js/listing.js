// A listing: a filter changes the list in place. The address says all, so that a reload, a shared link and
// the way back show the same; without this module the form and the links load the page.
const form = document.getElementById("filters");
const results = document.getElementById("results");
let shown = location.pathname + location.search;
let running = null;

// As the links of the page write it: no empty fields, amounts without the dots that people type.
function addressOfForm() {
  const address = new URL(form.action);
  const chosen = [...new FormData(form)]
    .map(([name, value]) => [name, name.endsWith("_price") ? value.replace(/[^0-9]/g, "") : value])
    .filter(([name, value]) => value && !(name === "sort" && value === "newest"));
  address.search = new URLSearchParams(chosen);
  return address;
}

// Unfolded groups, the focus and the place in the sheet stay as they are.
function swap(page) {
  const focused = document.activeElement?.id;
  const wasInside = document.activeElement?.closest("[data-swap]");
  const unfolded = new Map([...form.querySelectorAll("details")].map((group) => [group.id, group.open]));
  const scrolled = form.scrollTop;
  for (const part of document.querySelectorAll("[data-swap]")) {
    part.replaceChildren(...(page.getElementById(part.id)?.childNodes ?? []));
  }
  document.title = page.title;
  for (const [id, isOpen] of unfolded) document.getElementById(id)?.toggleAttribute("open", isOpen);
  document.querySelectorAll(".nojs").forEach((element) => element.remove());
  document.dispatchEvent(new Event("arrived"));
  form.scrollTop = scrolled;
  if (wasInside) (document.getElementById(focused) ?? results).focus({ preventScroll: true });
}

async function show(address) {
  running?.abort();
  running = new AbortController();
  results.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { signal: running.signal });
    if (!answer.ok) throw new Error(answer.status);
    swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
    results.removeAttribute("aria-busy");
    return true;
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
    return false;
  }
}

async function go(address) {
  const path = address.pathname + address.search;
  if (path === shown) return;
  history.replaceState({ top: scrollY }, "");
  history.pushState(null, "", address);
  shown = path;
  await show(address);
}

function close() {
  if (form.matches(":popover-open")) form.hidePopover();
}

form.addEventListener("change", (event) => {
  if (!event.target.matches("[data-submit]")) go(addressOfForm());
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  close();
  go(addressOfForm());
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap-link]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  close();
  go(new URL(link.href));
});

addEventListener("popstate", async (event) => {
  const path = location.pathname + location.search;
  if (path === shown) return;
  shown = path;
  if (await show(new URL(location.href))) scrollTo({ top: event.state?.top ?? 0, behavior: "instant" });
});
