/** What the build knew; running from sources it says so. */
declare const BUILD_INFO: string | undefined;

interface BuildInfo {
  readonly version: string;
  readonly commit: string;
  /** Day of the build. */
  readonly date: string;
}

export const buildInfo: BuildInfo =
  typeof BUILD_INFO === 'undefined'
    ? { version: '0.0.0-source', commit: 'unknown', date: 'unknown' }
    : (JSON.parse(BUILD_INFO) as BuildInfo);
