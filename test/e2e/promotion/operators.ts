import { afterAll, beforeAll } from 'vitest';
import { Stage } from '../stage/stage.js';
import { startPromotionWorker, type PromotionWorker } from './promotion-worker.js';

/** For all tests of a file: a stage, and a worker for the operator's workflows on the task queue `operators`. */
export function stageWithOperators(use: (stage: Stage) => void): void {
  let stage: Stage;
  let operators: PromotionWorker;
  beforeAll(async () => {
    stage = await Stage.start({ variants: ['limited'] });
    use(stage);
    operators = await startPromotionWorker(stage.cli.address, 'operators');
  });
  afterAll(async () => {
    await operators.stop();
    await stage.stop();
  });
}
