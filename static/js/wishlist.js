// Hearts: filled where a product is kept, and pressed without leaving the page. Without this module they are
// buttons of a form that leads to the wishlist.
const form = document.getElementById("wish");
const link = document.querySelector("a[data-wishlist]");
const slot = link?.querySelector("[data-fragment]");
let last = Promise.resolve();
let waiting = 0;

function show() {
  if (waiting) return;
  const kept = new Set(slot?.querySelector("[data-kept]")?.dataset.kept.split(" "));
  for (const heart of document.querySelectorAll(".heart")) heart.setAttribute("aria-pressed", kept.has(heart.value));
}

async function send(heart, isKept) {
  const answer = await fetch(form.action, {
    method: "POST",
    headers: { "X-Requested-With": "fetch" },
    body: new URLSearchParams({ [isKept ? "keep" : "drop"]: heart.value }),
  });
  // The wishlist says why.
  if (!answer.ok) return location.assign(link.href);
  slot.innerHTML = await answer.text();
}

form?.addEventListener("submit", (event) => {
  const heart = event.submitter;
  if (!heart?.matches(".heart")) return;
  event.preventDefault();
  const isKept = heart.getAttribute("aria-pressed") !== "true";
  heart.setAttribute("aria-pressed", isKept);
  // One after the other: the first answer brings the cookie that the second belongs to.
  waiting += 1;
  last = last.then(() => send(heart, isKept)).catch(() => {}).then(() => {
    waiting -= 1;
    show();
  });
});

document.addEventListener("arrived", show);
show();
