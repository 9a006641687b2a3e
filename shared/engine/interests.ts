/** Which Canary read which objects: a change wakes those that care. */
export class Interests {
  readonly #byKey = new Map<string, readonly string[]>();
  readonly #byObject = new Map<string, Set<string>>();

  /** Replaces what `key` read. */
  set(key: string, objects: readonly string[]): void {
    const before = this.#byKey.get(key);
    if (before && before.length === objects.length && before.every((object, index) => object === objects[index]))
      return;
    this.forget(key);
    this.#byKey.set(key, objects);
    for (const object of objects) this.#link(key, object);
  }

  #link(key: string, object: string): void {
    const keys = this.#byObject.get(object);
    if (keys) keys.add(key);
    else this.#byObject.set(object, new Set([key]));
  }

  /** Notes one more object that `key` is about to read, so that no change after the read is missed. */
  add(key: string, object: string): void {
    const before = this.#byKey.get(key) ?? [];
    if (before.includes(object)) return;
    this.#byKey.set(key, [...before, object]);
    this.#link(key, object);
  }

  forget(key: string): void {
    for (const object of this.#byKey.get(key) ?? []) {
      const keys = this.#byObject.get(object);
      keys?.delete(key);
      if (keys?.size === 0) this.#byObject.delete(object);
    }
    this.#byKey.delete(key);
  }

  /** The keys that read this object. */
  of(object: string): Iterable<string> {
    return this.#byObject.get(object) ?? [];
  }
}
