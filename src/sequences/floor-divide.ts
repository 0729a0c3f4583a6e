/** Divides and rounds towards negative infinity. The operator `/` of bigint rounds towards zero. */
export function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const inexact = quotient * divisor !== dividend;
  return inexact && dividend < 0n !== divisor < 0n ? quotient - 1n : quotient;
}
