import { targetOf, upstreamCheck } from './upstreams.js';

describe('addresses that tokens may go to', () => {
  const allowed = upstreamCheck('http://127.0.0.1:*, https://*.example.org');

  it.each(['http://127.0.0.1:3001', 'https://jobs.example.org'])('%s', (url) => expect(allowed(url)).toBe(true));
  it.each([
    'http://127.0.0.1', 'http://127.0.0.1:', 'https://127.0.0.1:3001', 'http://127.0.0.1:80@evil.test', 'http://127.0.0.1:\\evil.test', 'http://127.0.0.1.evil.test:80', 'http://127x0x0x1:80',
    'https://example.org', 'https://a.b.example.org', 'https://jobs.example.org.evil.test', 'https://jobs.example.org:444', 'https://.example.org',
  ])('not %s', (url) => expect(allowed(url)).toBe(false));

  /** What a wildcard for a whole name would let in, were it not for the one way of writing an address. */
  const broad = upstreamCheck('http://*:*,https://*');
  it.each(['http://intake:3000', 'https://intake'])('%s, by a wildcard', (url) => expect(broad(url)).toBe(true));
  it.each([
    'http://2130706433:3000', 'http://0x7f000001:3000', 'http://017700000001:3000', 'http://0:3000', 'https://2852039166', 'http://127.1:3000', 'http://[::1]:3000', 'http://[::ffff:7f00:1]:3000',
    'http://INTAKE:3000', 'http://intake.:3000', 'http://intake:03000', 'http://intake:99999', 'http://intake:3000/', 'http://intake:3000?x', 'http://intake:3000#x', 'http://user@intake:3000', 'http://user:3000@evil:80',
    'http://intake:3000\n', ' http://intake:3000', 'http:intake:3000', 'http:/intake:3000', 'http:\\\\intake:3000', 'ftp://intake:3000', 'file:///etc/passwd', 'http://ⅰntake:3000', 'http://169.254.169.254:80', 'https://metadata.google.internal',
  ])('not %j, by any wildcard', (url) => expect(broad(url)).toBe(false));

  it('none when none are named', () => expect(upstreamCheck('')('http://127.0.0.1:3001')).toBe(false));
});

describe('the target of a request', () => {
  const of = (path: string) => targetOf('http://127.0.0.1:3001', 'job-club', path);

  it('is the same path at the module', () => {
    expect(of('/v1/job-club/members?limit=2')).toBe('http://127.0.0.1:3001/v1/job-club/members');
    expect(of('/v1/job-club/members:search')).toBe('http://127.0.0.1:3001/v1/job-club/members:search');
    expect(of('/v1/job-club/%D0%BF/x')).toBe('http://127.0.0.1:3001/v1/job-club/%D0%BF/x');
  });

  it.each(['/v1/job-club/../../metrics', '/v1/job-club/%2e%2e/other/x', '/v1/job-club/..\\..\\metrics', '/v1/job-club/..%2f..%2fmetrics', '/v1/other/x', '//evil.test/v1/job-club/x', '/v1/job-club/%zz'])(
    'is nothing for %s', (path) => expect(of(path)).toBeUndefined());
});
