/** How a client wants its answer: whole objects, a Table, or metadata alone. */
export type View = 'object' | 'table' | 'partial';

/** The first form in an Accept header that this server can give. */
export const viewOf = (accept: string | undefined): View => {
  for (const one of (accept ?? '').split(',')) {
    const parameters = one.split(';').map((part) => part.trim());
    if (!['application/json', '*/*', 'application/*'].includes(parameters[0] ?? '')) continue;
    const as = parameters.find((part) => part.startsWith('as='))?.slice(3);
    if (as === 'Table' && parameters.includes('v=v1')) return 'table';
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'partial';
    if (as === undefined) return 'object';
  }
  return 'object';
};
