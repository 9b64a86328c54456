// The variant picker: price, stock and address follow the choice. Texts and amounts are the server's.
const form = document.querySelector("form[data-picker]");
const data = JSON.parse(document.getElementById("picker-data").textContent);
const slot = (name) => document.querySelectorAll(`[data-show="${name}"]`);

const chosen = () => Object.fromEntries(
  data.options.map((code) => [code, form.querySelector(`input[name="${code}"]:checked`)?.value]),
);

const matches = (variant, choice) =>
  data.options.every((code) => !choice[code] || variant.values[code] === choice[code]);

function show(name, text) {
  for (const element of slot(name)) {
    element.textContent = text;
    element.parentElement.toggleAttribute("data-empty", !text);
    if (element.tagName === "S") element.hidden = !text;
  }
}

function showPrice(variant) {
  show("price", variant.price);
  show("was", variant.was);
  slot("price").forEach((element) => element.classList.toggle("cut", Boolean(variant.was)));
}

function showStock(variant) {
  const line = document.getElementById("stock");
  line.textContent = variant ? variant.stock : "";
  if (variant) line.dataset.level = variant.level;
  else delete line.dataset.level;
}

// Who would like what is sold out leaves an address.
function offerAlert(variant) {
  const box = document.getElementById("tell");
  if (!box) return;
  box.hidden = !variant || variant.available > 0;
  box.querySelector(".alert")?.remove();
  box.querySelector("[hidden]")?.removeAttribute("hidden");
  for (const input of box.querySelectorAll("input[name=variant]")) input.value = variant?.id ?? "";
}

// A value is struck through when nothing of it is left beside what is chosen in the other options.
function markSoldOut(choice) {
  for (const input of form.querySelectorAll("input[type=radio]")) {
    const others = { ...choice, [input.name]: input.value };
    const left = data.variants.some((variant) => variant.available > 0 && matches(variant, others));
    input.parentElement.classList.toggle("off", !left);
    input.parentElement.querySelector("[data-sold-out]").hidden = left;
  }
}

function update() {
  const choice = chosen();
  const isComplete = data.options.every((code) => choice[code]);
  const variant = isComplete ? data.variants.find((one) => matches(one, choice)) : undefined;
  for (const input of form.querySelectorAll("input[type=radio]:checked")) {
    input.closest("fieldset").querySelector("output").textContent = input.dataset.name;
  }
  markSoldOut(choice);
  showStock(variant);
  offerAlert(variant);
  if (!variant) return;
  showPrice(variant);
  show("variant", variant.name);
  const address = new URL(location.href);
  address.search = new URLSearchParams({ variant: variant.id });
  address.hash = "";
  history.replaceState(null, "", address);
}

function showPicture(value) {
  const picture = document.querySelector(`.gal .main [data-value="${value}"]`);
  const strip = picture?.parentElement;
  strip?.scrollTo({ left: picture.offsetLeft - strip.offsetLeft, behavior: "instant" });
}

form.addEventListener("change", (event) => {
  if (event.target.type !== "radio") return;
  const fieldset = event.target.closest("fieldset");
  fieldset.classList.remove("bad");
  fieldset.querySelector(".error")?.remove();
  update();
  showPicture(event.target.value);
});

// The message stands where the choice is missing; the server says the same to a browser without script.
form.addEventListener("submit", (event) => {
  const missing = data.options.find((code) => !chosen()[code]);
  if (!missing) return;
  event.preventDefault();
  const fieldset = document.getElementById(`option-${missing}`);
  if (!fieldset.querySelector(".error")) {
    const message = document.createElement("p");
    message.className = "error";
    message.id = `error-${missing}`;
    message.textContent = data.missing[missing];
    fieldset.querySelector("legend").after(message);
    fieldset.setAttribute("aria-describedby", message.id);
  }
  fieldset.classList.add("bad");
  fieldset.querySelector("input").focus();
}, { capture: true });

// A thumbnail turns to its picture without a jump of the page.
document.querySelector(".gal .thumbs")?.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  const picture = link && document.getElementById(link.hash.slice(1));
  if (!picture) return;
  event.preventDefault();
  const strip = picture.parentElement;
  strip.scrollTo({ left: picture.offsetLeft - strip.offsetLeft });
});
