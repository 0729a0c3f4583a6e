/** digits × 10^exponent, exactly. */
export interface Decimal {
  digits: bigint;
  exponent: number;
}

/**
 * Reads the shortest decimal text of the number, as JSON has it: 1.1, 1e-7, 1.5e+21.
 *
 * @throws RangeError that names the field, for a number that is negative or not finite.
 */
export function decimal(field: string, value: number): Decimal {
  const [, whole, fraction = '', exponent = '0'] =
    /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  if (whole === undefined)
    throw new RangeError(`buffer ${field} ${value}: expected a finite number of 0 or more`);
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

/** The exact product of one or more decimals. */
export function multiply(...factors: Decimal[]): Decimal {
  return factors.reduce((product, factor) => ({
    digits: product.digits * factor.digits,
    exponent: product.exponent + factor.exponent,
  }));
}

/** The decimal divided by `divisor` (above 0). Only the result is rounded up. */
export function divideRoundingUp({ digits, exponent }: Decimal, divisor = 1n): bigint {
  const dividend = exponent >= 0 ? digits * 10n ** BigInt(exponent) : digits;
  const whole = exponent >= 0 ? divisor : divisor * 10n ** BigInt(-exponent);
  return (dividend + whole - 1n) / whole;
}
