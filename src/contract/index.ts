/**
 * The public contract for TypeScript programs: input, messages, status and failures of a run.
 * docs/reference/ describes the same for every language.
 */
export type * from './fleet-status.js';
export type * from './gate.js';
export * from './failures.js';
export * from './findings.js';
export * from './names.js';
export type { BufferPolicy, Mode, RunInput } from './input.js';
export type { GivenSelection, SelectionPatterns } from './selection.js';
export type * from './side.js';
export type * from './status.js';
export type * from './notification.js';
export type { PromotionInput } from './promotion-input.js';
export type * from './promotion.js';
export type * from './promotion-fleet.js';
export type { EvidenceKind } from '../sequences/estimate.js';
