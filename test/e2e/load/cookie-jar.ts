/** The cookies of one browser, as far as one host and the path `/` go: name, value and how long they count. */

interface Cookie {
  readonly value: string;
  /** Milliseconds since 1970; infinite for a cookie of the session. */
  readonly until: number;
}

export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();

  /** Takes in one `Set-Cookie` header; a lifetime of zero or less removes the cookie. */
  set(header: string, now: number): void {
    const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
    const split = pair.indexOf('=');
    const [name, value] = [pair.slice(0, split), pair.slice(split + 1)];
    const age = attributes.map((one) => /^max-age=(-?\d+)$/i.exec(one)?.[1]).find((one) => one !== undefined);
    const until = age === undefined ? Number.POSITIVE_INFINITY : now + Number(age) * 1000;
    if (until <= now) this.#cookies.delete(name);
    else this.#cookies.set(name, { value, until });
  }

  /** Whether a cookie of this name counts now. */
  has(name: string, now: number): boolean {
    return (this.#cookies.get(name)?.until ?? 0) > now;
  }

  /** The `Cookie` header, or undefined when there is nothing to send. */
  header(now: number): string | undefined {
    const valid = [...this.#cookies].filter(([, { until }]) => until > now);
    return valid.length === 0 ? undefined : valid.map(([name, { value }]) => `${name}=${value}`).join('; ');
  }
}
