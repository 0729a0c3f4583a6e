/**
 * Settings of a Temporal server that deletes closed workflows soon: a deletion waits until the server has saved the progress of its queues,
 * which it does every 30 seconds by default.
 */
export const deletesSoon = { dynamicConfig: { 'history.transferProcessorUpdateAckInterval': '1s' } };
