export { Operations as Etalase } from "./generated/api.ts";
export type * from "./generated/api.ts";
export { Problem } from "./transport.ts";
export type { Settings, TokenPair } from "./transport.ts";
