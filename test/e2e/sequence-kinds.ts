import pg from 'pg';
import { hostileNames } from '../integration/postgres/hostile-names.js';
import type { Position } from './stage/staged-pair.js';

/** A kind of sequence: the statements that make it, and its position after a run with a buffer of 10,000 calls. */
interface Kind {
  /** `quote_ident(schema).quote_ident(name)`. */
  sequence: string;
  /** Run on both sides. */
  create: string;
  /** Run on the primary alone, after that. */
  used?: string;
  /** Run on the standby alone. */
  standby?: string;
  /** The expected position on the standby after the run, computed by hand. */
  position: Position;
  /** What the next nextval on the standby returns. */
  next: string;
  outcome: 'applied' | 'kept';
  findings?: string[];
}

const called: Kind[] = [
  {
    sequence: 'public.called',
    create: 'CREATE SEQUENCE called',
    used: "SELECT setval('called', 10000)",
    position: ['20000', true],
    next: '20001',
    outcome: 'applied',
  },
  {
    sequence: 'public.never_called',
    create: 'CREATE SEQUENCE never_called',
    position: ['10000', true],
    next: '10001',
    outcome: 'applied',
  },
  {
    sequence: 'public.never_called_start_100',
    create: 'CREATE SEQUENCE never_called_start_100 MINVALUE 50 START 100',
    position: ['10099', true],
    next: '10100',
    outcome: 'applied',
  },
  {
    sequence: 'public.restarted',
    create: 'CREATE SEQUENCE restarted',
    used: "SELECT setval('restarted', 70); ALTER SEQUENCE restarted RESTART WITH 500000",
    position: ['509999', true],
    next: '510000',
    outcome: 'applied',
  },
  {
    sequence: 'public.beyond_2_to_53',
    create: 'CREATE SEQUENCE beyond_2_to_53',
    used: "SELECT setval('beyond_2_to_53', 9007199254740993)",
    position: ['9007199254750993', true],
    next: '9007199254750994',
    outcome: 'applied',
  },
];

const increments: Kind[] = [
  {
    sequence: 'public.by_ten',
    create: 'CREATE SEQUENCE by_ten INCREMENT 10',
    used: "SELECT setval('by_ten', 1001)",
    position: ['101001', true],
    next: '101011',
    outcome: 'applied',
  },
  {
    sequence: 'public.descending',
    create: 'CREATE SEQUENCE descending INCREMENT -1',
    used: "SELECT setval('descending', -500)",
    position: ['-10500', true],
    next: '-10501',
    outcome: 'applied',
  },
  {
    sequence: 'public.descending_by_three',
    create: 'CREATE SEQUENCE descending_by_three INCREMENT -3 MAXVALUE 100000 START 100000',
    used: "SELECT setval('descending_by_three', 99994)",
    position: ['69994', true],
    next: '69991',
    outcome: 'applied',
  },
  {
    sequence: 'public.cached',
    create: 'CREATE SEQUENCE cached CACHE 200',
    used: "SELECT setval('cached', 400)",
    // 200 × the primary's max_connections of 100.
    position: ['20400', true],
    next: '20401',
    outcome: 'applied',
    findings: ['CACHED'],
  },
];

const bounded: Kind[] = [
  {
    sequence: 'public.small',
    create: 'CREATE SEQUENCE small AS smallint',
    used: "SELECT setval('small', 32000)",
    position: ['32383', true],
    next: '32384',
    outcome: 'applied',
    findings: ['BUFFER_REDUCED'],
  },
  {
    sequence: 'public.under_int',
    create: `CREATE SEQUENCE under_int; CREATE TABLE narrow (id int PRIMARY KEY DEFAULT nextval('under_int'))`,
    used: "SELECT setval('under_int', 2147483000)",
    // 647 values are left: a buffer of 323.
    position: ['2147483323', true],
    next: '2147483324',
    outcome: 'applied',
    findings: ['BUFFER_REDUCED'],
  },
  {
    sequence: 'public.under_numeric',
    create: `CREATE SEQUENCE under_numeric; CREATE TABLE five_digits (id numeric(5, 0) PRIMARY KEY DEFAULT nextval('under_numeric'))`,
    used: "SELECT setval('under_numeric', 99000)",
    // 999 values are left: a buffer of 499.
    position: ['99499', true],
    next: '99500',
    outcome: 'applied',
    findings: ['BUFFER_REDUCED'],
  },
  {
    sequence: 'public.people_id_seq',
    create: 'CREATE TABLE people (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY)',
    used: 'INSERT INTO people SELECT FROM generate_series(1, 25)',
    position: ['10025', true],
    next: '10026',
    outcome: 'applied',
  },
  {
    sequence: 'public.orders_id_seq',
    create: 'CREATE TABLE orders (id bigserial PRIMARY KEY, note text)',
    used: "INSERT INTO orders (note) SELECT 'x' FROM generate_series(1, 7)",
    position: ['10007', true],
    next: '10008',
    outcome: 'applied',
  },
  {
    sequence: 'public.round_and_round',
    create: 'CREATE SEQUENCE round_and_round MAXVALUE 100 CYCLE',
    used: "SELECT setval('round_and_round', 90)",
    position: ['95', true],
    next: '96',
    outcome: 'applied',
    findings: ['BUFFER_REDUCED', 'CYCLES'],
  },
  {
    // It has returned its last value, so it begins again at 1.
    sequence: 'public.at_the_end_of_its_round',
    create: 'CREATE SEQUENCE at_the_end_of_its_round MAXVALUE 9999 CYCLE',
    used: "SELECT setval('at_the_end_of_its_round', 9999)",
    position: ['4999', true],
    next: '5000',
    outcome: 'applied',
    findings: ['BUFFER_REDUCED', 'CYCLES'],
  },
  {
    sequence: 'public.at_the_end_of_its_way_down',
    create: 'CREATE SEQUENCE at_the_end_of_its_way_down INCREMENT -7 MINVALUE 1 MAXVALUE 50000 CYCLE',
    used: "SELECT setval('at_the_end_of_its_way_down', 6)",
    // From 50,000 on 7,143 values are left: a buffer of 3,571.
    position: ['25010', true],
    next: '25003',
    outcome: 'applied',
    findings: ['BUFFER_REDUCED', 'CYCLES'],
  },
  {
    sequence: 'public.near_the_top',
    create: 'CREATE SEQUENCE near_the_top',
    used: "SELECT setval('near_the_top', 9223372036854775800)",
    position: ['9223372036854775803', true],
    next: '9223372036854775804',
    outcome: 'applied',
    findings: ['BUFFER_REDUCED'],
  },
  {
    sequence: 'public.near_the_bottom',
    create: 'CREATE SEQUENCE near_the_bottom INCREMENT -1 MINVALUE -9223372036854775808',
    used: "SELECT setval('near_the_bottom', -9223372036854775801)",
    position: ['-9223372036854775804', true],
    next: '-9223372036854775805',
    outcome: 'applied',
    findings: ['BUFFER_REDUCED'],
  },
  {
    sequence: 'public.from_the_minimum',
    create: 'CREATE SEQUENCE from_the_minimum INCREMENT 10 START 5',
    standby: 'ALTER SEQUENCE from_the_minimum MINVALUE 10001 START 10001 RESTART',
    // 9,995, from which one call would lead to the target, lies below the standby's minimum.
    position: ['10005', false],
    next: '10005',
    outcome: 'applied',
  },
];

const special: Kind[] = [
  {
    sequence: 'public.ahead_already',
    create: 'CREATE SEQUENCE ahead_already',
    used: "SELECT setval('ahead_already', 30)",
    standby: "SELECT setval('ahead_already', 50000)",
    position: ['50000', true],
    next: '50001',
    outcome: 'kept',
  },
  {
    sequence: 'public.copied',
    create: 'CREATE SEQUENCE copied',
    used: "SELECT setval('copied', 77)",
    position: ['77', true],
    next: '78',
    outcome: 'applied',
    findings: ['NO_HEADROOM'],
  },
  {
    sequence: 'public.copied_restarted',
    create: 'CREATE SEQUENCE copied_restarted',
    used: 'ALTER SEQUENCE copied_restarted RESTART WITH 88',
    position: ['88', false],
    next: '88',
    outcome: 'applied',
    findings: ['NO_HEADROOM'],
  },
];

const hostile = '"Hostile ""schema"".x"';
const named = hostileNames.map(({ raw, quoted }): Kind => {
  // As quote_ident leaves it: what needs no quotes gets none.
  const name = /^[a-z_][a-z0-9_]*$/.test(raw) && raw !== 'select' ? raw : quoted;
  return {
    sequence: `${hostile}.${name}`,
    create: `CREATE SEQUENCE ${hostile}.${quoted}`,
    used: `SELECT nextval(${pg.escapeLiteral(`${hostile}.${quoted}`)})`,
    position: ['10001', true],
    next: '10002',
    outcome: 'applied',
  };
});

export const kinds: readonly Kind[] = [...called, ...increments, ...bounded, ...special, ...named];

/** The input of the run that leads to these positions. */
export const policy = {
  buffer: { calls: '10000' },
  overrides: [
    { match: 'public.copied*', buffer: { calls: '0' } },
    { match: 'public.from_the_minimum', buffer: { calls: '1000' } },
  ],
};

export const schema = `CREATE SCHEMA ${hostile}; ${kinds.map(({ create }) => create).join(';\n')}`;
export const usedOnPrimary = kinds.flatMap(({ used }) => used ?? []).join(';\n');
export const onStandby = kinds.flatMap(({ standby }) => standby ?? []).join(';\n');
