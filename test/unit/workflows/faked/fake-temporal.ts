import { AsyncLocalStorage } from 'node:async_hooks';
import { CancelledFailure } from '@temporalio/common';

/**
 * Stands in for the parts of `@temporalio/workflow` that need a workflow around them. A test file that uses it has
 *
 *     vi.mock('@temporalio/workflow', async (original) => ({
 *       ...(await original<object>()),
 *       ...(await import('./fake-temporal.js')).fakeTemporal,
 *     }));
 *
 * and a `beforeEach` with {@link reset}. All patches are on. What waits for Temporal fails in a cancelled scope, as it does in a workflow.
 */
export const fakeTemporal = {
  patched: () => true,
  setCurrentDetails: () => undefined,
  workflowInfo: () => temporal.info,
  proxyActivities: () =>
    new Proxy({}, { get: (_, activity) => ({ executeWithOptions: execute.bind(null, String(activity)) }) }),
  sleep: (ms: number) => {
    temporal.sleeps.push(ms);
    return cancellable(async () => {
      await nextTurn();
      temporal.whileSleeping.shift()?.();
      await nextTurn();
      if (!temporal.timersFire) await new Promise<never>(() => undefined);
    });
  },
  condition: async (holds: () => boolean, timeout?: unknown): Promise<boolean> => {
    const until = async () => {
      await nextTurn();
      temporal.whileWaiting.shift()?.();
      for (let turn = 0; turn < 50 && !holds(); turn += 1) await nextTurn();
      if (holds() || timeout !== undefined) return holds();
      throw new Error('it waits for ever');
    };
    const isTrue = await cancellable(until);
    return timeout === undefined ? true : isTrue;
  },
  startChild: (type: string, options: ChildOptions) => {
    temporal.children.push({ type, ...options });
    return cancellable(() => Promise.resolve(temporal.startChild(type, options)));
  },
  executeChild: (type: string, options: ChildOptions) => {
    temporal.children.push({ type, ...options });
    return cancellable(() => Promise.resolve(temporal.startChild(type, options).result()));
  },
  getExternalWorkflowHandle: (workflowId: string) => ({
    signal: (signal: string | { name: string }, ...args: unknown[]) => {
      const name = typeof signal === 'string' ? signal : signal.name;
      temporal.signals.push({ workflowId, name, args });
      return cancellable(() => Promise.resolve());
    },
    cancel: () => {
      temporal.cancelled.push(workflowId);
      return Promise.resolve();
    },
  }),
  setHandler: (
    { name }: { name: string },
    handler: Handler,
    { validator = () => undefined }: { validator?: Handler } = {},
  ) => {
    temporal.handlers[name] = handler;
    temporal.validators[name] = validator;
  },
  setDefaultSignalHandler: (handler: Handler) => {
    temporal.handlers[ANY_SIGNAL] = handler;
  },
  setDefaultUpdateHandler: (handler: Handler) => {
    temporal.handlers[ANY_UPDATE] = handler;
  },
  upsertMemo: (memo: Record<string, unknown>) => {
    Object.assign(temporal.info.memo, memo);
  },
  upsertSearchAttributes: () => undefined,
  allHandlersFinished: () => temporal.handlersFinished,
  makeContinueAsNewFunc:
    () =>
    (...args: unknown[]) => {
      temporal.continueAsNew(...args);
      return Promise.resolve();
    },
  metricMeter: {
    createHistogram: () => ({ record: () => undefined }),
    createCounter: () => ({ add: () => undefined }),
    createGauge: () => ({ set: () => undefined }),
  },
  log: { info: () => undefined },
  get CancellationScope() {
    return Scope;
  },
};

/** The handlers of signals and updates that have none of their own. */
export const [ANY_SIGNAL, ANY_UPDATE] = ['any signal', 'any update'];

interface ChildOptions {
  workflowId: string;
  args: unknown[];
  [option: string]: unknown;
}

interface Child {
  firstExecutionRunId: string;
  signal: (name: string, ...args: unknown[]) => Promise<void>;
  result: () => Promise<unknown>;
}

type Handler = (...args: unknown[]) => unknown;

interface Execution {
  activity: string;
  options: Record<string, unknown>;
  input: unknown;
}

const childThatCompletes = (): Child => ({
  firstExecutionRunId: 'child-run',
  signal: () => Promise.resolve(),
  result: () => Promise.resolve({}),
});

const fresh = () => ({
  info: {
    ...{ workflowId: 'workflow', runId: 'run', firstExecutionRunId: 'first-run' },
    startTime: new Date('2026-01-02T03:04:05.000Z'),
    memo: {} as Record<string, unknown>,
    ...{ continueAsNewSuggested: false, historyLength: 0, historySize: 0 },
  },
  /** By the name of the activity. One without an entry completes with an empty result. */
  activities: {} as Record<string, (input: never) => unknown>,
  /** Each activity that was scheduled, in their order. */
  executions: [] as Execution[],
  sleeps: [] as number[],
  timersFire: true,
  /** What happens during a sleep: one entry for each. */
  whileSleeping: [] as (() => void)[],
  /** What happens while the workflow waits for a condition: one entry for each wait. */
  whileWaiting: [] as (() => void)[],
  children: [] as ({ type: string } & ChildOptions)[],
  startChild: childThatCompletes as (type: string, options: ChildOptions) => Child,
  /** By the name of the query, the signal or the update. */
  handlers: {} as Record<string, Handler>,
  /** By the name of the update. */
  validators: {} as Record<string, Handler>,
  handlersFinished: true,
  continueAsNew: (() => undefined) as (...args: unknown[]) => void,
  signals: [] as { workflowId: string; name: string; args: unknown[] }[],
  /** The workflow IDs of other workflows that were cancelled. */
  cancelled: [] as string[],
});

/** What the workflow asked of Temporal, and what Temporal answers. */
export const temporal = fresh();

export function reset(): void {
  Object.assign(temporal, fresh());
}

/** The inputs of the executions of this activity so far. */
export const inputsOf = (wanted: string) =>
  temporal.executions.filter(({ activity }) => activity === wanted).map(({ input }) => input as object);

/** Runs the work in a scope of its own, which stands for the workflow: `cancel` cancels the workflow. */
export function asWorkflow<T>(work: (cancel: () => void) => Promise<T>): Promise<T> {
  const scope = new Scope();
  return scope.run(() =>
    work(() => {
      scope.cancel();
    }),
  );
}

const scopes = new AsyncLocalStorage<Scope>();

class Scope {
  readonly cancelRequested: Promise<never>;
  private readonly parent = scopes.getStore();
  private isRequested = false;
  private request: (error: Error) => void = () => undefined;

  constructor(private readonly isCancellable = true) {
    this.cancelRequested = new Promise<never>((_, reject) => {
      this.request = reject;
    });
    this.cancelRequested.catch(() => undefined);
    if (this.parent?.isCancellable === true)
      this.parent.cancelRequested.catch(() => {
        this.cancel();
      });
  }

  static current(): Scope {
    return scopes.getStore() ?? new Scope();
  }

  static nonCancellable<T>(work: () => Promise<T>): Promise<T> {
    return new Scope(false).run(work);
  }

  get consideredCancelled(): boolean {
    return this.isCancellable && (this.isRequested || this.parent?.consideredCancelled === true);
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    return scopes.run(this, work);
  }

  cancel(): void {
    this.isRequested = true;
    this.request(new CancelledFailure('the scope was cancelled'));
  }

  /** Ends when the scope is cancelled, if it can be. */
  get cancelled(): Promise<never> {
    return this.isCancellable ? this.cancelRequested : new Promise<never>(() => undefined);
  }
}

function execute(activity: string, options: Record<string, unknown>, [input]: unknown[]): Promise<unknown> {
  return cancellable(async () => {
    temporal.executions.push({ activity, options, input });
    await nextTurn();
    const work = temporal.activities[activity];
    return work === undefined ? {} : work(input as never);
  });
}

async function cancellable<T>(work: () => Promise<T>): Promise<T> {
  const scope = Scope.current();
  if (scope.consideredCancelled) throw new CancelledFailure('the scope is cancelled');
  return Promise.race([work(), scope.cancelled]);
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));
