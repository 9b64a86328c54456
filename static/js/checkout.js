// Cart, checkout, payment and order pages: copy buttons, the countdown, printing.

// A page that came over plain http has no clipboard: then the button would only promise.
if (!navigator.clipboard) document.querySelectorAll("[data-copy]").forEach((button) => { button.hidden = true; });

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const label = button.querySelector("[data-label]");
  const before = label.textContent;
  label.textContent = button.dataset.done;
  setTimeout(() => { label.textContent = before; }, 2500);
});

document.querySelector("[data-print]")?.addEventListener("click", () => print());

// The time left, beside the deadline that is written out. The ticking is hidden from screen readers,
// the deadline is not.
function tick() {
  for (const clock of document.querySelectorAll("[data-countdown]")) {
    const seconds = Math.max(0, Math.floor((Date.parse(clock.dataset.countdown) - Date.now()) / 1000));
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    clock.textContent = parts.map((part) => String(part).padStart(2, "0")).join(":");
  }
}
if (document.querySelector("[data-countdown]")) {
  tick();
  setInterval(tick, 1000);
}
