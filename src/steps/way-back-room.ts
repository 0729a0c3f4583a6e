/** A setting of a server that is too small for one more way back. */
export interface ShortSetting {
  setting: string;
  /** Its present value. */
  value: number;
  /** How much the server needs with the way back: more than `value`. */
  needed: number;
}
