// Time-outs and pauses that a signal can cut short.

import {TimeoutError} from "./errors.js";

/** Resolves after `ms`; rejects with the signal's reason if that aborts first. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, {once: true});
  });
}

/** Aborts when `outer` does, or when it has not been started anew for `ms`. */
export class Deadline {
  private readonly controller = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly follow = () => this.controller.abort(this.outer?.reason);

  constructor(private readonly ms: number, private readonly outer?: AbortSignal) {
    if (outer?.aborted) this.follow();
    outer?.addEventListener("abort", this.follow, {once: true});
    this.restart();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  restart(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => this.controller.abort(new TimeoutError(`nothing came within ${this.ms} ms`)), this.ms);
  }

  /** Also aborts what is still under way. */
  end(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener("abort", this.follow);
    this.controller.abort();
  }
}
