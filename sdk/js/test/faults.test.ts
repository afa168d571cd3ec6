// What goes wrong between a client and the server: a proxy in front of a real one makes trouble.

import assert from "node:assert/strict";
import type {IncomingMessage, ServerResponse} from "node:http";
import {after, before, beforeEach, test} from "node:test";

import {CallboardError, MemorySessionStore, NetworkError, NoSessionError, TimeoutError,
  UnavailableError, UnexpectedAnswerError, type StoredSession} from "@callboard/client";
import {Callboard, Proxy, type Trouble} from "./support.js";

let callboard: Callboard;
let proxy: Proxy;
before(async () => {
  callboard = await Callboard.start();
  await callboard.operator("PATCH", "settings", {anonymous_sessions: true});
  await callboard.post("for all");
  proxy = await Proxy.start(callboard.url);
});
after(async () => {
  await proxy.stop();
  await callboard.stop();
});
beforeEach(() => {
  proxy.trouble = () => false;
  proxy.requests.length = 0;
});

const quick = {retryDelayMs: 1};
const through = () => ({baseUrl: proxy.url, ...quick});

function refuse(response: ServerResponse, status: number, type: string, more = {}): true {
  response.writeHead(status, {"Content-Type": "application/json", ...more});
  response.end(JSON.stringify({error: {message: type, error_type: type}}));
  return true;
}

function first(count: number, trouble: Trouble): Trouble {
  return (request, response) => count-- > 0 && trouble(request, response);
}

const busy: Trouble = (_, response) => refuse(response, 503, "unavailable", {"Retry-After": "0"});
const cut: Trouble = (request) => {
  request.socket.destroy();
  return true;
};
const silent: Trouble = () => true;

test("a busy server is asked again, and Retry-After is waited for", async () => {
  const client = await callboard.clientOf("alice", through());
  proxy.trouble = first(1, (_, response) =>
    refuse(response, 503, "unavailable", {"Retry-After": "1"}));
  const start = performance.now();
  assert.equal((await client.board()).bulletins.length, 1);
  assert.ok(performance.now() - start >= 990);
  assert.equal(proxy.requests.length, 2);
});

test("retries are bounded, and so is the pause that the server may ask for", async () => {
  const client = await callboard.clientOf("alice", {...through(), retries: 2});
  proxy.trouble = busy;
  await assert.rejects(client.board(), (error) =>
    error instanceof UnavailableError && error.status === 503 && error.retryAfterMs === 0);
  assert.equal(proxy.requests.length, 3);
  proxy.trouble = (_, response) => refuse(response, 429, "unavailable", {"Retry-After": "3600"});
  await assert.rejects(client.board(), (error) =>
    error instanceof UnavailableError && error.retryAfterMs === 3_600_000);
  assert.equal(proxy.requests.length, 4);
});

test("a lost connection is tried again, with a new nonce for a write", async () => {
  const client = await callboard.clientOf("bob", through());
  // The server takes the first request; the client never hears of it.
  proxy.trouble = first(1, (request, response) => {
    const target = callboard.url + request.url;
    void body(request).then((data) => fetch(target, {
      method: "PATCH", body: data, headers: request.headers as Record<string, string>,
    })).finally(() => response.destroy());
    return true;
  });
  assert.deepEqual(await client.mergeAttributes({age: 9}), {age: 9});
  assert.equal(proxy.requests.length, 2);
});

async function body(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

test("what must not happen twice is not repeated when its answer is lost", async () => {
  const client = callboard.client(through());
  proxy.trouble = cut;
  await assert.rejects(client.openAnonymousSession(), NetworkError);
  assert.equal(proxy.requests.length, 1);
  await client.setSession(await callboard.backend().openSession("carol"));
  await assert.rejects(client.refreshSession(), NetworkError);
  assert.equal(proxy.requests.length, 2);
  proxy.trouble = () => false;
  assert.equal((await client.refreshSession()).user_id, "carol");
});

test("a silent server is given up, and a caller can give up before", async () => {
  proxy.trouble = silent;
  const hasty = await callboard.clientOf("dave", {...through(), timeoutMs: 500, retries: 1});
  await assert.rejects(hasty.board(), TimeoutError);
  assert.equal(proxy.requests.length, 2);

  const patient = await callboard.clientOf("dave", through());
  const controller = new AbortController();
  proxy.trouble = () => {
    controller.abort(new Error("changed my mind"));
    return true;
  };
  await assert.rejects(patient.board({signal: controller.signal}), {message: "changed my mind"});
  assert.equal(proxy.requests.length, 3);
  await assert.rejects(patient.board({signal: controller.signal}), {message: "changed my mind"});
  assert.equal(proxy.requests.length, 3);
});

test("an answer that is not Callboard's", async () => {
  const client = await callboard.clientOf("erin", through());
  const page: Trouble = (_, response) => {
    response.writeHead(200, {"Content-Type": "text/html"}).end("<h1>Welcome to the hotel</h1>");
    return true;
  };
  proxy.trouble = page;
  await assert.rejects(client.board(), UnexpectedAnswerError);
  proxy.trouble = (_, response) => {
    response.writeHead(403).end("no");
    return true;
  };
  await assert.rejects(client.board(), (error) =>
    error instanceof UnexpectedAnswerError && error.status === 403);
  proxy.trouble = (_, response) => {
    response.writeHead(302, {Location: callboard.url}).end();
    return true;
  };
  await assert.rejects(client.board(), CallboardError);
});

test("an expired token is refreshed once, however many calls need it", async () => {
  const sessions = new MemorySessionStore();
  const client = await callboard.clientOf("fay", {...through(), sessions});
  const old = sessions.load() as StoredSession;
  sessions.save({...old, expires_unix_s: 0});
  const boards = await Promise.all([1, 2, 3, 4, 5].map(() => client.board()));
  assert.equal(boards.length, 5);
  assert.equal(proxy.requests.filter((line) => line.endsWith("/bp/session/refresh")).length, 1);
  assert.notEqual(sessions.load()?.refresh_token, old.refresh_token);
  assert.equal(sessions.load()?.user_id, "fay");
});

test("a token that the server refuses is refreshed, and the call made again", async () => {
  const sessions = new MemorySessionStore();
  const client = await callboard.clientOf("gil", {...through(), sessions});
  const old = sessions.load() as StoredSession;
  proxy.trouble = (request, response) =>
    request.headers["x-bytepower-session-token"] === old.session_token &&
    refuse(response, 400, "auth_failed");
  assert.equal((await client.board()).bulletins.length, 1);
  assert.deepEqual(proxy.requests.map((line) => line.split(" ")[1]),
                   ["/bp/bulletin_board", "/bp/session/refresh", "/bp/bulletin_board"]);
});

test("another program that shares the store was first", async () => {
  const sessions = new MemorySessionStore();
  const one = await callboard.clientOf("hal", {...through(), sessions});
  const two = callboard.client({...through(), sessions});
  const old = sessions.load() as StoredSession;
  await one.refreshSession();
  const renewed = sessions.load();
  proxy.trouble = (request, response) =>
    request.headers["x-bytepower-session-token"] === old.session_token &&
    refuse(response, 400, "auth_failed");
  assert.equal((await two.board()).bulletins.length, 1);
  assert.deepEqual(sessions.load(), renewed);
});

test("a refresh token that was used twice ends the session", async () => {
  const sessions = new MemorySessionStore();
  const client = await callboard.clientOf("ida", {...through(), sessions});
  const old = sessions.load() as StoredSession;
  await client.refreshSession();
  sessions.save(old);
  await assert.rejects(client.refreshSession(), NoSessionError);
  assert.equal(sessions.load(), undefined);
  await assert.rejects(client.board(), NoSessionError);
});

for (const offset of ["7200", "-7200"]) {
  test(`a clock that is wrong by ${offset} seconds is corrected by the server's`, async () => {
    const shifted = await Callboard.start("--dev", "--clock-offset", offset);
    const front = await Proxy.start(shifted.url);
    try {
      const client = shifted.client({baseUrl: front.url, ...quick});
      const backend = shifted.backend({baseUrl: front.url, ...quick});
      const session = await backend.openSession("joe");
      await client.setSession(session);
      await client.board();
      await client.board();
      await backend.getAttributes("joe");
      const refusals = 2;  // one for each of the two, at their first call
      assert.equal(front.requests.length, 4 + refusals);
    } finally {
      await front.stop();
      await shifted.stop();
    }
  });
}
