/** Whether a segment of a path is what stands in the description there: `{id}`, `{id}.ics` and `{id}:rate` stand for any text with that around it. */
const fits = (documented: string, segment: string): boolean => {
  const [, before, after] = /^([^{]*)\{[^{}]+\}([^{}]*)$/.exec(documented) ?? [];
  if (before === undefined || after === undefined) return documented === segment;
  return segment.length > before.length + after.length && segment.startsWith(before) && segment.endsWith(after);
};

/**
 * A request's path as the module's own description writes it, so that nothing of it is what somebody typed. What is not described, is
 * `/v1/<module>/*`.
 */
export const documentedPath = (described: readonly string[], module: string, path: string): string => {
  const segments = path.split('/');
  const parameters = (one: string): number => one.split('{').length;
  const [found] = described.filter((one) => {
    const documented = one.split('/');
    return documented.length === segments.length && documented.every((part, i) => fits(part, segments[i]!));
  }).sort((a, b) => parameters(a) - parameters(b));
  return found ?? `/v1/${module}/*`;
};
