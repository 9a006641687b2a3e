/** Who may act: of all that ask for a Lease, one holds it at a time. */
export interface LeaseHolder {
  /** Empty when nobody holds it. */
  readonly identity: string;
  /** As the holder's own clock had it, RFC 3339; for showing, not for judging. */
  readonly renewTime: string | undefined;
  readonly acquireTime: string | undefined;
  readonly durationMs: number;
}

/** Somebody else's hold on a Lease. */
export interface OtherHolder extends LeaseHolder {
  /** How long until it counts as given up, unless it is renewed. */
  readonly remainingMs: number;
}

export interface Lease {
  /**
   * Takes the Lease when it is free, given back, or was seen unrenewed for its whole duration; renews it when it is
   * ours already. False: somebody else holds it. Rejects with the CanaryError of a request that failed.
   */
  tryAcquire(signal?: AbortSignal): Promise<boolean>;
  /** Tries until it is ours, then keeps renewing it until it is released or lost. Rejects with the signal's reason. */
  acquire(signal?: AbortSignal): Promise<void>;
  /** Takes it from whoever holds it, for a person who asked for that, and keeps renewing it. The loser's next renewal fails. */
  takeOver(signal?: AbortSignal): Promise<void>;
  /** False as soon as somebody else might hold it: whatever is to be written must ask first. Costs nothing. */
  held(): boolean;
  /** Told once each time that a Lease that was ours is no longer. Returns how to stop listening. */
  onLost(listener: (why: string) => void): () => void;
  /** Gives it back, so that the next one need not wait. Quiet when it is not ours. */
  release(): Promise<void>;
  /** Who else holds it now; undefined: it may be taken, or is ours. Rejects as `tryAcquire` does. */
  look(signal?: AbortSignal): Promise<OtherHolder | undefined>;
  /** As last seen; undefined before the first look. */
  holder(): LeaseHolder | undefined;
}
