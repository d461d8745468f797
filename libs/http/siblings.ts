import cluster, { type Worker } from 'node:cluster';

/** Whether this is one of several worker processes. */
export const hasSiblings = cluster.isWorker;

type Told = { topic: string; told: unknown };

/** What the worker processes of one start tell each other. In a process of its own nobody hears it and nobody speaks. */
export function tellSiblings(topic: string, told: unknown): void {
  if (hasSiblings && process.connected) process.send?.({ topic, told } satisfies Told);
}

/** `heard` gets what other workers tell about a topic, never what this process tells itself. @returns how to stop listening */
export function onSiblings<T>(topic: string, heard: (told: T) => void): () => void {
  if (!hasSiblings) return () => {};
  const listen = (message: Partial<Told> | null) => {
    if (message?.topic === topic) heard(message.told as T);
  };
  process.on('message', listen);
  return () => void process.off('message', listen);
}

/** In the primary: passes on what a worker tells to all others. */
export function relayBetweenWorkers(worker: Worker, all: ReadonlySet<Worker>): void {
  worker.on('message', (message: Partial<Told> | null) => {
    if (typeof message?.topic !== 'string') return;
    for (const other of all) if (other !== worker && other.isConnected()) other.send(message);
  });
}
