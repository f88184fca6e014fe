/** So slow that faults strike while documents are under way. */
export const ERP_LATENCY_MS = 300;
