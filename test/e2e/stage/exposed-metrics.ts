/** The labels of each metric in a text of Prometheus' format. */
export function exposedMetrics(text: string): Map<string, Set<string>> {
  const metrics = new Map<string, Set<string>>();
  for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)\{(.*)\} \S+$/gm)) {
    const known = metrics.get(name) ?? new Set();
    for (const [, label = ''] of labels.matchAll(/(?:^|,)(\w+)="/g)) known.add(label);
    metrics.set(name, known);
  }
  return metrics;
}

/** Labels that Prometheus adds to each series when it scrapes. */
const SCRAPED = ['instance', 'job'];

/** A query with the texts that show its labels: a legend, or the annotations of an alert. */
interface Query {
  readonly expr: string;
  readonly shown: string;
}

/** The metrics and labels that a query uses and the worker does not expose, with the query. */
export function unknownNames({ expr, shown }: Query, exposed: ReadonlyMap<string, Set<string>>): string[] {
  const names = expr.match(/\b(?:sequence_failover|temporal)_\w+\b/g) ?? [];
  const known = new Set([...SCRAPED, ...names.flatMap((name) => [...(exposed.get(name) ?? [])])]);
  const labels = [
    ...[...expr.matchAll(/\b(?:by|on|group_left) \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(',')),
    ...[...expr.matchAll(/(\w+)(?:=|!=|=~|!~)"/g)].map(([, label = '']) => label),
    ...[...shown.matchAll(/\{\{ *(?:\$labels\.)?(\w+) *\}\}/g)].map(([, label = '']) => label),
  ].map((label) => label.trim());
  return [
    ...names.filter((name) => !exposed.has(name)),
    ...labels.filter((label) => label !== '' && !known.has(label)),
  ].map((name) => `${name}: ${expr}`);
}
