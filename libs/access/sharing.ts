/** What sharing needs beyond the words "read" and "edit": a secret without its values, or a connector without its credentials, is of no use to anybody. */
export function expandShare<A extends string>(type: string, actions: readonly A[]): (A | 'read_secret_value' | 'client')[] {
  const wider = new Set<A | 'read_secret_value' | 'client'>(actions);
  if (wider.has('read' as A) && type === 'secret') wider.add('read_secret_value');
  if (wider.has('read' as A) && type === 'service_connector') wider.add('client').add('read_secret_value');
  return [...wider].sort();
}
