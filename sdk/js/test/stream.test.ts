// The stream against what a server may do on it: a proxy plays the server's side.

import assert from "node:assert/strict";
import type {ServerResponse} from "node:http";
import {after, before, beforeEach, test} from "node:test";

import {ForbiddenError, MemorySessionStore, NoSessionError, type StoredSession,
} from "@callboard/client";
import {EventReader} from "../dist/events.js";
import {Callboard, Proxy, take} from "./support.js";

let callboard: Callboard;
let proxy: Proxy;
let streams: ServerResponse[];
before(async () => {
  callboard = await Callboard.start();
  proxy = await Proxy.start(callboard.url);
});
after(async () => {
  await proxy.stop();
  await callboard.stop();
});
beforeEach(() => {
  proxy.requests.length = 0;
  streams = [];
});

const quick = {reconnectMs: 1};
const client = (user: string, more = {}) =>
  callboard.clientOf(user, {baseUrl: proxy.url, retryDelayMs: 1, ...more});

/** Answers the stream's `n`th connection with `pieces[n]`, and the last for ever. */
function play(...pieces: ((response: ServerResponse) => void)[]): void {
  proxy.trouble = (request, response) => {
    if (request.url !== "/bp/stream") return false;
    streams.push(response);
    const piece = pieces[Math.min(streams.length, pieces.length) - 1];
    piece?.(response);
    return true;
  };
}

function stream(...texts: string[]) {
  return (response: ServerResponse) => {
    response.writeHead(200, {"Content-Type": "text/event-stream"});
    for (const text of texts) response.write(text);
  };
}

const board = (revision: number) => `event: board\nid: ${revision}\ndata: {}\n\n`;

function refusal(status: number, type: string, headers = {}) {
  return (response: ServerResponse) => {
    response.writeHead(status, {"Content-Type": "application/json", ...headers});
    response.end(JSON.stringify({error: {message: type, error_type: type}}));
  };
}

test("events in any pieces", () => {
  const text = ": hello\r\n\r\nevent: board\r\nid: 7\r\ndata: a\r\ndata:b\r\n\r\n" +
    "data: 漢\n\nid: 8\n\n";
  const whole = [{type: "board", data: "a\nb", id: "7"}, {type: "message", data: "漢", id: "7"}];
  for (let size = 1; size <= text.length; ++size) {
    const reader = new EventReader();
    const events = [];
    for (let at = 0; at < text.length; at += size) {
      events.push(...reader.push(text.slice(at, at + size)));
    }
    assert.deepEqual(events, whole, `in pieces of ${size}`);
  }
  assert.throws(() => new EventReader().push("x".repeat(2 << 20)), RangeError);
});

test("events arrive, and what is no event of ours is passed over", async () => {
  play(stream(board(1), ": heartbeat\n\n", "event: other\ndata: x\n\n", board(2)));
  assert.deepEqual(await take((await client("alice")).stream(quick), 2),
                   [{revision: 1}, {revision: 2}]);
  assert.equal(streams.length, 1);
});

test("a connection that ends, breaks or is refused for now is followed by another", async () => {
  play(
    (response) => {
      stream(board(1))(response);
      response.end();
    },
    (response) => {
      stream(board(2))(response);
      setImmediate(() => response.destroy());
    },
    refusal(503, "unavailable", {"Retry-After": "0"}),
    (response) => response.destroy(),
    stream(board(3)));
  assert.deepEqual(await take((await client("bob")).stream(quick), 3),
                   [{revision: 1}, {revision: 2}, {revision: 3}]);
  assert.equal(streams.length, 5);
});

test("the server's word on when to come again is kept", async () => {
  play((response) => {
    stream("retry: 300\n\n", board(1))(response);
    response.end();
  }, stream(board(2)));
  const start = performance.now();
  assert.equal((await take((await client("kim")).stream(quick), 2)).length, 2);
  assert.ok(performance.now() - start >= 290);
});

test("a silent connection is given up", async () => {
  play(stream(board(1)), stream(board(2)));
  assert.deepEqual(await take((await client("carol")).stream({...quick, silenceMs: 1_000}), 2),
                   [{revision: 1}, {revision: 2}]);
  assert.equal(streams.length, 2);
});

test("leaving the loop closes the connection, and so does the signal", async () => {
  play(stream(board(1)));
  const user = await client("dave");
  const closed = () => new Promise((resolve) => streams.at(-1)?.on("close", resolve));
  for await (const event of user.stream(quick)) {
    assert.equal(event.revision, 1);
    break;
  }
  await closed();

  const controller = new AbortController();
  const aborted = (async () => {
    for await (const event of user.stream({...quick, signal: controller.signal})) {
      assert.equal(event.revision, 1);
      controller.abort(new Error("leaving"));
    }
  })();
  await assert.rejects(aborted, {message: "leaving"});
  assert.equal(streams.length, 2);
});

test("what will not pass ends the stream", async () => {
  const user = await client("erin");
  play(refusal(400, "forbidden"));
  await assert.rejects(take(user.stream(quick), 1), ForbiddenError);
  await user.endSession();
  await assert.rejects(take(user.stream(quick), 1), NoSessionError);
});

test("a token that has ended is refreshed", async () => {
  const sessions = new MemorySessionStore();
  const user = await client("fay", {sessions});
  const old = sessions.load() as StoredSession;
  play(refusal(400, "auth_failed"), stream(board(1)));
  assert.deepEqual(await take(user.stream(quick), 1), [{revision: 1}]);
  assert.notEqual(sessions.load()?.session_token, old.session_token);
});

test("a real stream: at once, and at each change of what the user may see", async () => {
  proxy.trouble = () => false;
  const user = await client("gil");
  const names: string[][] = [];
  const changes = [
    () => callboard.post("first"),
    () => callboard.post("for Tainan", {bulletin_condition: {logic: "&&", conditions: [
      {variable: "city", logic: "==", target: "Tainan", target_type: "string"}]}})
      .then(() => callboard.backend().mergeAttributes("gil", {city: "Tainan"})),
  ];
  for await (const {bulletins} of user.watch(quick)) {
    names.push(bulletins.map(({name}) => name));
    const change = changes.shift();
    if (!change) break;
    await change();
    await user.board();  // what this has read is still news to the loop
  }
  assert.deepEqual(names, [[], ["first"], ["for Tainan", "first"]]);
  assert.equal(proxy.requests.filter((line) => line === "GET /bp/stream").length, 1);
});
