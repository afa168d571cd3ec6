import assert from "node:assert/strict";
import {after, before, test} from "node:test";

import {ForbiddenError, InvalidParameterError, NetworkError, NoSessionError, SignatureError,
} from "@callboard/client";
import {Callboard} from "./support.js";

let callboard: Callboard;
before(async () => {
  callboard = await Callboard.start();
});
after(() => callboard.stop());

test("a board, and the same board again", async () => {
  await callboard.post("for all", {category: "公告 & more", priority: 1});
  await callboard.post("for children", {bulletin_condition: {
    logic: "&&", conditions: [{variable: "age", logic: "<", target: 10, target_type: "number"}]}});
  const client = await callboard.clientOf("alice");
  await client.replaceAttributes({age: 9});

  const first = await client.board();
  assert.deepEqual(first.bulletins.map(({name}) => name), ["for all", "for children"]);
  assert.ok(first.changed && first.revision >= 2);
  const second = await client.board();
  assert.equal(second.changed, false);
  assert.equal(second.bulletins, first.bulletins);

  const category = await client.board({categories: ["公告 & more"]});
  assert.deepEqual(category.bulletins.map(({name}) => name), ["for all"]);

  await client.mergeAttributes({age: 10});
  const older = await client.board();
  assert.ok(older.changed);
  assert.deepEqual(older.bulletins.map(({name}) => name), ["for all"]);
});

test("the device's context reaches the conditions", async () => {
  await callboard.post("for ios", {category: "context", bulletin_condition: {
    logic: "&&", conditions: [
      {variable: "device_info", logic: "==", target: "ios", target_type: "string"},
      {variable: "app_version", logic: ">=", target: "2.0", target_type: "version"},
      {variable: "language", logic: "==", target: "zh-TW", target_type: "string"},
      {variable: "timezone", logic: "==", target: "Asia/Taipei", target_type: "string"}]}});
  const ios = await callboard.clientOf("bob", {
    deviceInfo: "ios", appVersion: "2.1", language: "zh-TW", timezone: "Asia/Taipei"});
  const android = await callboard.clientOf("bob", {deviceInfo: "android", appVersion: "2.1"});
  assert.equal((await ios.board({categories: ["context"]})).bulletins.length, 1);
  assert.equal((await android.board({categories: ["context"]})).bulletins.length, 0);
});

test("attributes are replaced and merged", async () => {
  const client = await callboard.clientOf("carol");
  assert.deepEqual(await client.getAttributes(), {});
  assert.deepEqual(await client.replaceAttributes({age: 9, tags: ["a", "b"]}),
                   {age: 9, tags: ["a", "b"]});
  assert.deepEqual(await client.mergeAttributes({age: null, city: "臺南"}),
                   {city: "臺南", tags: ["a", "b"]});
  assert.deepEqual(await client.getAttributes(), {city: "臺南", tags: ["a", "b"]});
});

test("a refused body names its culprits", async () => {
  const client = await callboard.clientOf("dave");
  await assert.rejects(client.mergeAttributes({now: 1}), (error) => {
    assert.ok(error instanceof InvalidParameterError);
    assert.equal(error.name, "InvalidParameterError");
    assert.equal(error.status, 400);
    assert.equal(error.details[0]?.pointer, "/attributes/now");
    assert.ok(error.requestId);
    return true;
  });
});

test("an anonymous session, where the application allows it", async () => {
  const client = callboard.client();
  await assert.rejects(client.board(), NoSessionError);
  await assert.rejects(client.openAnonymousSession(), ForbiddenError);
  await callboard.operator("PATCH", "settings", {anonymous_sessions: true});
  const session = await client.openAnonymousSession();
  assert.match(session.user_id, /^anon-/);
  assert.ok((await client.board()).bulletins.length > 0);
  await client.endSession();
  await assert.rejects(client.board(), NoSessionError);
});

test("a wrong key, and no server", async () => {
  const stranger = await callboard.clientOf("erin", {clientKey: "cbc_wrong"});
  await assert.rejects(stranger.board(), SignatureError);
  const nowhere = await callboard.clientOf("erin", {baseUrl: "http://127.0.0.1:1", retries: 0});
  await assert.rejects(nowhere.board(), NetworkError);
});
