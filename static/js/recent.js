// What was looked at lately. It is remembered by this browser alone; the shop is asked for the cards.
const KEY = "recent";
const KEPT = 9;
const section = document.getElementById("recent");
const language = document.documentElement.lang;

function read() {
  try {
    const products = JSON.parse(localStorage.getItem(KEY));
    return Array.isArray(products) ? products : [];
  } catch {
    return [];
  }
}

function write(products) {
  try {
    localStorage.setItem(KEY, JSON.stringify(products.slice(0, KEPT)));
  } catch {
    // A browser that keeps nothing shows nothing.
  }
}

// {"id": "kemeja", "en": "shirt"}: slugs differ by language.
function current() {
  const slugs = Object.entries(section.dataset).filter(([name]) => name.startsWith("slug"));
  return Object.fromEntries(slugs.map(([name, slug]) => [name.slice(4).toLowerCase(), slug]));
}

const isSame = (one, other) => Object.entries(one).some(([code, slug]) => other[code] === slug);

async function show(products) {
  const slugs = products.map((product) => product[language] ?? Object.values(product)[0]).filter(Boolean);
  if (!slugs.length) return;
  const query = new URLSearchParams(slugs.slice(0, KEPT - 1).map((slug) => ["slug", slug]));
  const answer = await fetch(`${section.dataset.url}?${query}`);
  const html = answer.ok ? await answer.text() : "";
  if (!html.trim()) return;
  section.querySelector("ul").innerHTML = html;
  section.hidden = false;
  document.dispatchEvent(new Event("arrived"));
}

if (section) {
  const product = current();
  const others = read().filter((one) => one && !isSame(one, product));
  if (Object.keys(product).length) write([product, ...others]);
  show(others).catch(() => {});
  section.querySelector("button").addEventListener("click", () => {
    write(Object.keys(product).length ? [product] : []);
    section.remove();
  });
}
