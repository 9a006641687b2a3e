/** What the build knew; running from sources it says so. */
declare const BUILD_INFO: { readonly version: string; readonly commit: string; readonly date: string } | undefined;

export const buildInfo = typeof BUILD_INFO === 'undefined' ? { version: '0.0.0-source', commit: 'unknown', date: 'unknown' } : BUILD_INFO;
