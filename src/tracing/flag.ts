/** A worker with tracing sets this variable in front of the workflow bundle. Part of the workflow bundle. */
export const TRACING_FLAG = '__sequenceFailoverTracing';
