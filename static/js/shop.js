// On every page. Nothing here is needed: links and forms work without it.

// Buttons for browsers without script would answer the Enter key before the real ones.
document.querySelectorAll(".nojs").forEach((element) => element.remove());

// What belongs to the visitor (the cart's count) comes after the page, which is the same for everybody.
function fetchFragments() {
  for (const slot of document.querySelectorAll("[data-fragment]")) {
    fetch(slot.dataset.fragment, { credentials: "same-origin" })
      .then((answer) => (answer.ok ? answer.text() : ""))
      .then((html) => {
        slot.innerHTML = html;
        document.dispatchEvent(new Event("arrived"));
      })
      .catch(() => {});
  }
}
fetchFragments();

// A form that changes something is sent once, however often the button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-disabled", "true");
});

// Coming back with the browser's own button finds the form ready again.
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  fetchFragments();
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
  }
});

// A sort order or a quantity takes effect when it is changed; without script there is a button.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// What went wrong is where reading starts.
document.querySelector("[data-focus]")?.focus();
