/**
 * Addresses to which callers' tokens may go, as patterns like `http://127.0.0.1:*` or `https://*.example.org`. A `*` stands
 * for one label of a host name or for a port; it never reaches over a dot, a colon, a slash or an `@`.
 */
export const upstreamCheck = (patterns: string): ((baseUrl: string) => boolean) => {
  const expressions = patterns.split(',').map((pattern) => pattern.trim()).filter((pattern) => pattern !== '')
    .map((pattern) => new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('[A-Za-z0-9-]+')}$`));
  // One way of writing an address: what a parser would read as another one (`http://2130706433`) is none.
  return (baseUrl) => URL.parse(baseUrl)?.origin === baseUrl && expressions.some((expression) => expression.test(baseUrl));
};

/**
 * Where a request goes: the same path at the module's address. Undefined when the path would leave `/v1/<module>/` once
 * its dots are resolved: what else a module answers (its metrics, its health) is not for the outside.
 */
export const targetOf = (baseUrl: string, module: string, rawUrl: string): string | undefined => {
  const base = URL.parse(baseUrl);
  const target = base && URL.parse(rawUrl, baseUrl);
  if (!base || !target || target.origin !== base.origin || !target.pathname.startsWith(`/v1/${module}/`)) return undefined;
  try {
    return /(^|\/)\.\.(\/|$)/.test(decodeURIComponent(target.pathname)) ? undefined : target.origin + target.pathname;
  } catch {
    return undefined;
  }
};
