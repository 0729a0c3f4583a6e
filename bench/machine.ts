import { cpus, totalmem, release, type as system } from 'node:os';

/** The machine of the measurement, without its name and without paths. */
export interface Machine {
  processor: string;
  cores: number;
  memoryGiB: number;
  system: string;
  node: string;
  postgres: string;
  temporal: string;
  date: string;
}

export function describeMachine(versions: Pick<Machine, 'postgres' | 'temporal'>): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model.replace(/\s+/g, ' ').trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${system()} ${release().split('.').slice(0, 2).join('.')}`,
    node: process.versions.node,
    ...versions,
    date: new Date().toISOString().slice(0, 10),
  };
}
