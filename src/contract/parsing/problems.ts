import type { z } from 'zod';
import { describeValue, quoted } from './describe-value.js';
import { didYouMean } from './did-you-mean.js';
import { cut } from './text.js';

const MOST_PROBLEMS = 10;
const LONGEST_LINE = 370;
const LONGEST_KEY = 60;

/** Describes the problems, field by field: at most ten problems and 3,900 code points, well-formed. */
export function describeProblems(issues: readonly z.core.$ZodIssue[], subject: string): string {
  const lines: string[] = [];
  let total = 0;
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        if (total++ < MOST_PROBLEMS) lines.push(unknownKey(issue.path, key, issue.message.split(' ')));
      }
    } else if (total++ < MOST_PROBLEMS) {
      lines.push(badValue(issue, subject));
    }
  }
  const bounded = lines.map((line) => cut(line, LONGEST_LINE));
  if (total === 1) return bounded.join('');
  const more = total > lines.length ? [`and ${total - lines.length} more`] : [];
  return [`${total} problems:`, ...[...bounded, ...more].map((line) => `- ${line}`)].join('\n');
}

function badValue({ path, input, message }: z.core.$ZodIssue, subject: string): string {
  const field = path.length === 0 ? subject : fieldName(path);
  if (input === undefined) return `${field} is missing; expected ${message}`;
  const text = `${field}: found ${describeValue(input)}; expected ${message}`;
  if (path.length > 0) return input === null ? `${text}; to leave a field out, do not send it at all` : text;
  return typeof input === 'string' && /^\s*[{"]/.test(input)
    ? `${text}; send the object itself, not JSON inside a string`
    : text;
}

function unknownKey(path: readonly PropertyKey[], key: string, known: readonly string[]): string {
  const meant = didYouMean(key, known);
  const advice = meant === null ? `expected only ${known.join(', ')}; take it out` : `did you mean ${meant}`;
  return `${fieldName([...path, key])}: found an unknown field; ${advice}`;
}

function fieldName(path: readonly PropertyKey[]): string {
  return path.reduce<string>((name, key) => {
    if (typeof key === 'number') return `${name}[${key}]`;
    const text = String(key);
    if (!/^[A-Za-z_$][\w$]{0,59}$/.test(text)) return `${name}[${quoted(text, LONGEST_KEY)}]`;
    return name === '' ? text : `${name}.${text}`;
  }, '');
}
