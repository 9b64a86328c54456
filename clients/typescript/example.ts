// From the list to an order: `node example.ts http://127.0.0.1:8000/api/v1` (Node 22.18 or later).
import { Etalase, Problem } from "./index.ts";

const [, , address = "http://127.0.0.1:8000/api/v1"] = process.argv;
const api = new Etalase(address, { language: "en" });

const page = await api.listProducts({ in_stock: true, page_size: 2, sort: "price_asc" });
const more = await api.following(page);
const card = more?.results[0] ?? page.results[0];
if (!card) throw new Error("nothing is in stock");
const product = await api.getProduct(card.slug);
const variant = product.variants.find((one) => one.available > 0);
if (!variant) throw new Error(`${card.slug} is sold out`);

const { token: cart } = await api.createCart();
await api.setCartLine(cart, variant.id, { quantity: 1 });
const quote = await api.quoteShipping(cart, { address: { region: "32.73.19", country: "ID" } });
const { amount, currency } = quote.totals.total;
const order = await api.placeOrder(
  {
    cart,
    email: "siti@example.com",
    phone: "0812 3456 7890",
    language: "en",
    address: {
      recipient_name: "Siti Aminah",
      street: "Jl. Braga No. 12",
      region: "32.73.19",
      postal_code: "40111",
      country: "ID",
    },
    shipping: quote.chosen,
    payment: { method: "bca_va" },
    expected_total: { amount, currency: currency as "IDR" },
  },
  { idempotencyKey: crypto.randomUUID() },
);

const seen = await api.getOrder(order.number, { orderToken: order.token });
const refusal = await api.getOrder(order.number, { orderToken: "guess" }).catch((problem) => problem);
console.log(
  JSON.stringify({
    number: order.number,
    status: seen.status,
    lines: seen.lines.map((line) => [line.variant === variant.id, line.quantity]),
    refused: refusal instanceof Problem ? [refusal.status, refusal.code] : refusal,
  }),
);
