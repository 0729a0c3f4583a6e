/**
 * The public contract for programs in TypeScript: what a run takes, what it answers, and how it fails.
 * docs/reference/ describes each of these for every language.
 */
export type * from './fleet-status.js';
export * from './failures.js';
export * from './findings.js';
export * from './names.js';
export type { BufferPolicy, Mode, RunInput } from './input.js';
export type * from './status.js';
export type { PromotionInput } from './promotion-input.js';
export type * from './promotion.js';
