/** Settings of a Temporal server. It deletes a closed workflow once it has saved how far its queues are, by default every 30 seconds. */
export const deletesSoon = { dynamicConfig: { 'history.transferProcessorUpdateAckInterval': '1s' } };
