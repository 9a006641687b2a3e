import { describe, expect, it } from 'vitest';
import { proxyFor } from '../../../../shared/platform/env-proxy.ts';

const PROXY = 'http://proxy.test:3128';

describe('the proxy for a URL', () => {
  it.each([
    { url: 'https://api.test/', env: { HTTPS_PROXY: PROXY }, proxy: PROXY },
    { url: 'https://api.test/', env: { https_proxy: PROXY }, proxy: PROXY },
    { url: 'https://api.test/', env: { HTTP_PROXY: PROXY }, proxy: undefined },
    { url: 'http://api.test/', env: { HTTP_PROXY: 'proxy.test:3128' }, proxy: PROXY },
    { url: 'https://127.0.0.1:6443/', env: { HTTPS_PROXY: PROXY }, proxy: undefined },
    { url: 'https://localhost/', env: { HTTPS_PROXY: PROXY }, proxy: undefined },
    { url: 'https://[::1]:6443/', env: { HTTPS_PROXY: PROXY }, proxy: undefined },
    { url: 'https://api.test/', env: { HTTPS_PROXY: PROXY, NO_PROXY: '*' }, proxy: undefined },
    { url: 'https://a.api.test/', env: { HTTPS_PROXY: PROXY, NO_PROXY: 'other, api.test' }, proxy: undefined },
    { url: 'https://a.api.test/', env: { HTTPS_PROXY: PROXY, NO_PROXY: '.api.test' }, proxy: undefined },
    { url: 'https://a.api.test/', env: { HTTPS_PROXY: PROXY, NO_PROXY: '*.api.test' }, proxy: undefined },
    { url: 'https://api.test/', env: { HTTPS_PROXY: PROXY, NO_PROXY: '.api.test' }, proxy: PROXY },
    { url: 'https://notapi.test/', env: { HTTPS_PROXY: PROXY, NO_PROXY: 'api.test' }, proxy: PROXY },
    { url: 'https://api.test/', env: { HTTPS_PROXY: PROXY, NO_PROXY: 'api.test:443' }, proxy: undefined },
    { url: 'https://api.test:6443/', env: { HTTPS_PROXY: PROXY, NO_PROXY: 'api.test:443' }, proxy: PROXY },
    { url: 'https://10.1.2.3:6443/', env: { HTTPS_PROXY: PROXY, NO_PROXY: '10.0.0.0/8' }, proxy: undefined },
    { url: 'https://11.1.2.3:6443/', env: { HTTPS_PROXY: PROXY, NO_PROXY: '10.0.0.0/8' }, proxy: PROXY },
    { url: 'https://10.1.2.3/', env: { HTTPS_PROXY: PROXY, NO_PROXY: '10.1.2.3' }, proxy: undefined },
    { url: 'https://[fd00::7]/', env: { HTTPS_PROXY: PROXY, NO_PROXY: 'fd00::/8' }, proxy: undefined },
    { url: 'https://api.test/', env: { HTTPS_PROXY: PROXY, NO_PROXY: '10.0.0.0/8,bad/x' }, proxy: PROXY },
  ])('$url with $env is $proxy', ({ url, env, proxy }) => {
    expect(proxyFor(new URL(url), env)).toBe(proxy);
  });
});
