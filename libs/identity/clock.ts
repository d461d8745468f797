/** Milliseconds since 1970, UTC. Passed to whatever decides by time, so that tests choose the time. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
