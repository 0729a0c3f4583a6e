import { describe, expect, it } from 'vitest';
import { pairOfDatabase, resolvePair } from '../../../src/config/resolve-pair.js';
import { Pairs, UnknownPairError } from '../../../src/config/pairs.js';
import { Secret } from '../../../src/config/secret.js';

const pair = (primary: string, standby: string) => ({
  primary: new Secret(primary),
  standby: new Secret(standby),
  ledger: 'standby' as const,
  replication: {},
});

const pairs = new Pairs(
  new Map([
    [
      'orders',
      pair('postgresql://u:p%2F@h1:5/app?sslmode=require', 'postgres://u@h2/app?dbname=app&sslmode=disable'),
    ],
    ['orders/eu', pair('postgresql://h3/app', 'postgresql://h4/app')],
    // Without a database, the URLs lead to the one that is named like the user.
    ['short', pair('postgresql://app@h7', 'postgresql://app@h8/')],
    ['moved', pair('postgresql://h5/old', 'postgresql://h6/new')],
  ]),
);
const urls = (name: string) => {
  const { primary, standby, server } = resolvePair(pairs, name);
  return [server, primary.reveal(), standby.reveal()];
};

describe('the name of a database of a pair', () => {
  it('leads to that database on the servers of the pair', () => {
    expect(urls(pairOfDatabase('orders', 'a b/c?é'))).toEqual([
      'orders',
      'postgresql://u:p%2F@h1:5/a%20b%2Fc%3F%C3%A9?sslmode=require',
      'postgres://u@h2/a%20b%2Fc%3F%C3%A9?sslmode=disable',
    ]);
  });

  it('is of the longest name that is configured', () => {
    expect(urls('orders/eu')).toEqual(['orders/eu', 'postgresql://h3/app', 'postgresql://h4/app']);
    expect(urls('orders/eu/x')).toEqual(['orders/eu', 'postgresql://h3/x', 'postgresql://h4/x']);
    expect(urls('orders/eux')[0]).toBe('orders');
  });

  it('is no second name for the pair itself', () => {
    expect(() => resolvePair(pairs, 'orders/app')).toThrow(UnknownPairError);
    expect(() => resolvePair(pairs, 'orders/app')).toThrow(/is the pair "orders" itself: use that name/);
    expect(() => resolvePair(pairs, 'short/app')).toThrow(/is the pair "short" itself/);
    expect(urls('short/other')).toEqual(['short', 'postgresql://app@h7/other', 'postgresql://app@h8/other']);
    expect(urls('moved/old')).toEqual(['moved', 'postgresql://h5/old', 'postgresql://h6/old']);
  });

  it.each(['nobody', 'nobody/app', 'orders/', 'order'])('is none: %s', (name) => {
    expect(() => resolvePair(pairs, name)).toThrow(/knows no pair/);
  });
});

describe('a reversed pair', () => {
  it('has its sides exchanged, and each database of it too', () => {
    expect(urls('reversed:orders/eu')).toEqual(['orders/eu', 'postgresql://h4/app', 'postgresql://h3/app']);
    expect(urls('reversed:orders/other')).toEqual([
      'orders',
      'postgres://u@h2/other?sslmode=disable',
      'postgresql://u:p%2F@h1:5/other?sslmode=require',
    ]);
    expect(resolvePair(pairs, 'reversed:orders').reversed).toBe(true);
  });

  it('is none of an unknown pair, and of another reversed one', () => {
    expect(() => resolvePair(pairs, 'reversed:nobody')).toThrow(/knows no pair/);
    expect(() => resolvePair(pairs, 'reversed:reversed:orders')).toThrow(/knows no pair/);
  });
});
