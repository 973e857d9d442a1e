import { targetOf, upstreamCheck } from './upstreams.js';

describe('addresses that tokens may go to', () => {
  const allowed = upstreamCheck('http://127.0.0.1:*, https://*.example.org');

  it.each(['http://127.0.0.1:3001', 'https://jobs.example.org'])('%s', (url) => expect(allowed(url)).toBe(true));
  it.each([
    'http://127.0.0.1', 'http://127.0.0.1:', 'https://127.0.0.1:3001', 'http://127.0.0.1:80@evil.test', 'http://127.0.0.1:\\evil.test', 'http://127.0.0.1.evil.test:80', 'http://127x0x0x1:80',
    'https://example.org', 'https://a.b.example.org', 'https://jobs.example.org.evil.test', 'https://jobs.example.org:444', 'https://.example.org',
  ])('not %s', (url) => expect(allowed(url)).toBe(false));

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
