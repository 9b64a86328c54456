// The page of a product's pictures: files go up one by one, a picture is dragged to its place, and
// what the worker has finished appears. Without script the same forms do the same, page by page.
const status = document.querySelector("[data-status]");
const upload = document.querySelector("form[data-upload]");
const form = () => document.getElementById("pictures-form");
let isBusy = false;
let dragged = null;

form().classList.add("is-live");

async function send(action, data) {
  isBusy = true;
  try {
    const answer = await fetch(action, { method: "POST", body: data, credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } finally {
    isBusy = false;
  }
}

// What the server answered: its list of pictures; returns its words.
function show(page) {
  const fresh = page.getElementById("pictures-form");
  if (!fresh) location.reload(); // signed out meanwhile
  else {
    fresh.classList.add("is-live");
    form().replaceWith(fresh);
  }
  return [...page.querySelectorAll(".messagelist li")];
}

// Words go where a screen reader hears them.
function say(text, words = []) {
  const list = document.createElement("ul");
  list.className = "messagelist";
  list.append(...words);
  status.replaceChildren(...(text ? [text] : []), ...(words.length ? [list] : []));
}

function wordsOf(text, kind) {
  const item = document.createElement("li");
  item.className = kind;
  item.textContent = text;
  return item;
}

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);

async function sendFiles(files) {
  if (isBusy || !files.length) return;
  const troubles = [];
  let count = 0;
  for (const [index, file] of files.entries()) {
    say(filled(upload.dataset.sending, { name: file.name, number: index + 1, count: files.length }), troubles);
    const data = new FormData(upload);
    data.set("pictures", file, file.name);
    try {
      const words = show(await send(upload.action, data));
      count += words.filter((item) => item.classList.contains("success")).length;
      troubles.push(...words.filter((item) => !item.classList.contains("success")));
    } catch {
      troubles.push(wordsOf(upload.dataset.failed, "error"));
      break;
    }
  }
  const sent = filled(upload.dataset.sent, { count, total: files.length });
  say("", [...(count ? [wordsOf(sent, "success")] : []), ...troubles]);
  upload.elements.pictures.value = "";
}

upload?.addEventListener("submit", (event) => {
  event.preventDefault();
  sendFiles([...upload.elements.pictures.files]);
});

for (const [name, isOver] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]]) {
  upload?.addEventListener(name, (event) => {
    event.preventDefault();
    upload.classList.toggle("is-over", isOver);
    if (name === "drop") sendFiles([...event.dataTransfer.files]);
  });
}

async function change(data, focusId) {
  if (isBusy) return;
  try {
    say("", show(await send(form().action, data)));
  } catch {
    location.reload();
    return;
  }
  const wanted = focusId && document.getElementById(focusId);
  const other = wanted?.disabled ? wanted.parentElement.querySelector("button:not(.grip):enabled") : wanted;
  other?.focus();
}

document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  event.preventDefault();
  const place = [...form().querySelectorAll(".picture")].indexOf(event.submitter.closest(".picture"));
  const neighbour = form().querySelectorAll(".picture")[place + 1] ?? form().querySelectorAll(".picture")[place - 1];
  change(new FormData(form(), event.submitter), event.submitter.id || neighbour?.id);
});

document.addEventListener("change", (event) => {
  if (event.target.form !== form()) return;
  change(new FormData(form()), event.target.id);
});

// Dragging: the others make room, so that the one under the finger stays where events reach it.
function makeRoom(item, over) {
  if (item.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING) {
    while (item.previousElementSibling !== over) item.before(item.nextElementSibling);
  } else {
    while (item.nextElementSibling !== over) item.after(item.previousElementSibling);
  }
}

const orderNow = () => [...form().querySelectorAll("[name=order]")].map((input) => input.value).join();

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest(".grip");
  if (!grip || event.button !== 0 || isBusy) return;
  event.preventDefault();
  grip.setPointerCapture(event.pointerId);
  const item = grip.closest(".picture");
  dragged = { item, before: [...item.parentElement.children], order: orderNow() };
  item.classList.add("is-dragged");
  document.body.classList.add("is-dragging");
});

document.addEventListener("pointermove", (event) => {
  if (!dragged) return;
  if (event.clientY < 80) scrollBy(0, -16);
  if (event.clientY > innerHeight - 80) scrollBy(0, 16);
  const over = document.elementFromPoint(event.clientX, event.clientY)?.closest(".picture");
  if (over && over !== dragged.item) makeRoom(dragged.item, over);
});

function drop({ isKept }) {
  if (!dragged) return;
  const { item, before, order } = dragged;
  dragged = null;
  item.classList.remove("is-dragged");
  document.body.classList.remove("is-dragging");
  if (!isKept) item.parentElement.append(...before);
  if (orderNow() === order) return;
  const data = new FormData(form());
  data.set("do", "order");
  change(data);
}

document.addEventListener("pointerup", () => drop({ isKept: true }));
document.addEventListener("pointercancel", () => drop({ isKept: false }));
document.addEventListener("keydown", (event) => { if (event.key === "Escape") drop({ isKept: false }); });

// What is being prepared is looked at again, less often the longer it takes.
let pause = 1500;
async function follow() {
  const waiting = form().querySelectorAll('[data-state="processing"], [data-state="fetching"]');
  if (waiting.length && !document.hidden && !isBusy && !dragged) {
    const answer = await fetch(location.pathname, { credentials: "same-origin" }).catch(() => null);
    const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
    for (const item of waiting) {
      const fresh = page?.getElementById(item.id);
      if (!fresh || !item.isConnected) continue;
      if (fresh.dataset.state !== item.dataset.state) pause = 1500;
      item.dataset.state = fresh.dataset.state;
      item.querySelector("[data-fresh]").replaceWith(fresh.querySelector("[data-fresh]"));
    }
    pause = Math.min(pause * 1.2, 10000);
  } else {
    pause = 1500;
  }
  setTimeout(follow, pause);
}
setTimeout(follow, pause);
