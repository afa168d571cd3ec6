// GET /bp/stream: one event after the other, over as many connections as it takes.

import {ApiError, CallboardError, NetworkError, NoSessionError} from "./errors.js";
import {EventReader} from "./events.js";
import type {Call, CallOptions, Transport} from "./transport.js";
import {Deadline, pause} from "./waiting.js";

export interface StreamOptions extends CallOptions {
  /** A connection on which nothing comes for so long is given up; 45,000 by default. The server
   * says something every 20 seconds. */
  silenceMs?: number;
  /** The first pause before connecting again, if the server asks for none longer; 500 by default.
   * Doubled up to maxRetryDelayMs. */
  reconnectMs?: number;
}

export interface BoardEvent {
  /** Of the application's board. The user's own answer may be the same as before. */
  revision: number;
}

type WithSession = <Result>(use: (token: string) => Promise<Result>) => Promise<Result>;

interface Connection {
  answer: Response;
  deadline: Deadline;
}

const retriedStatuses = [408, 429, 500, 502, 503, 504];

export async function* boardEvents(
  transport: Transport, withSession: WithSession, callWith: (token: string) => Call,
  options: StreamOptions,
): AsyncGenerator<BoardEvent, void, void> {
  const silenceMs = options.silenceMs ?? 45_000;
  for (let failures = 0; ; ++failures) {
    let askedMs = 0;
    const reader = new EventReader();
    try {
      const connection = await withSession(
        (token) => connect(transport, callWith(token), silenceMs));
      for await (const event of events(connection, reader)) {
        failures = 0;
        yield event;
      }
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!isPassing(error)) throw error;
      askedMs = error instanceof ApiError ? error.retryAfterMs ?? 0 : 0;
    }
    options.signal?.throwIfAborted();
    const backoffMs = transport.backoffMs(failures, options.reconnectMs ?? 500);
    await pause(Math.max(askedMs, reader.retryMs ?? 0, backoffMs), options.signal);
  }
}

function isPassing(error: unknown): boolean {
  const status = (error as {status?: number}).status;
  return error instanceof CallboardError &&
    (status === undefined ? !(error instanceof NoSessionError) : retriedStatuses.includes(status));
}

async function connect(transport: Transport, call: Call, silenceMs: number): Promise<Connection> {
  const deadline = new Deadline(silenceMs, call.signal);
  try {
    const answer = await transport.send(call, deadline);
    if (answer.status !== 200 || !answer.body) throw await transport.refusal(answer);
    return {answer, deadline};
  } catch (error) {
    deadline.end();
    throw error;
  }
}

async function* events(
  {answer, deadline}: Connection, reader: EventReader): AsyncGenerator<BoardEvent, void, void> {
  const decoder = new TextDecoder();
  const body = (answer.body as ReadableStream<Uint8Array>).getReader();
  try {
    for (;;) {
      const {done, value} = await body.read();
      if (done) return;
      deadline.restart();
      for (const event of reader.push(decoder.decode(value, {stream: true}))) {
        const revision = Number(event.id);
        if (event.type === "board" && Number.isSafeInteger(revision)) yield {revision};
      }
    }
  } catch (error) {
    if (deadline.signal.aborted) throw deadline.signal.reason;
    throw new NetworkError("the stream broke", {cause: error});
  } finally {
    deadline.end();
  }
}
