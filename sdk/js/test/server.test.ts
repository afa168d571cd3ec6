import assert from "node:assert/strict";
import {after, before, test} from "node:test";

import {AuthenticationError, InvalidParameterError} from "@callboard/client";
import {Callboard} from "./support.js";

let callboard: Callboard;
before(async () => {
  callboard = await Callboard.start();
  await callboard.post("for all");
  await callboard.post("for Tainan", {priority: 1, bulletin_condition: {
    logic: "&&", conditions: [
      {variable: "city", logic: "==", target: "Tainan", target_type: "string"}]}});
});
after(() => callboard.stop());

test("a user's board, with and without variables for this answer only", async () => {
  const backend = callboard.backend();
  const names = async (options = {}) =>
    (await backend.board("alice", options)).bulletins.map(({name}) => name);
  assert.deepEqual(await names(), ["for all"]);
  assert.deepEqual(await names({context: {city: "Tainan"}}), ["for Tainan", "for all"]);
  assert.deepEqual(await names({overrides: {city: "Tainan"}}), ["for Tainan", "for all"]);
  assert.deepEqual(await names({overrides: {city: "Tainan"}, context: {city: null}}), ["for all"]);
  assert.deepEqual(await backend.getAttributes("alice"), {});
  assert.equal((await backend.board("alice")).changed, false);
});

test("attributes of one user and of many", async () => {
  const backend = callboard.backend();
  assert.deepEqual(await backend.replaceAttributes("bob", {vip: true, age: 9}),
                   {vip: true, age: 9});
  assert.deepEqual(await backend.mergeAttributes("bob", {age: null}), {vip: true});
  assert.equal(await backend.mergeAttributesOfMany([
    {user_id: "bob", attributes: {city: "Tainan"}}, {user_id: "carol", attributes: {age: 3}}]), 2);
  assert.deepEqual(await backend.getAttributes("bob"), {vip: true, city: "Tainan"});
  assert.deepEqual((await backend.board("bob")).bulletins.map(({name}) => name),
                   ["for Tainan", "for all"]);
  await assert.rejects(
    backend.mergeAttributesOfMany([{user_id: "bob", attributes: {now: 1}}]), (error) => {
      assert.ok(error instanceof InvalidParameterError);
      assert.equal(error.details[0]?.pointer, "/0/attributes/now");
      return true;
    });
});

test("ids that a URL must escape", async () => {
  const backend = callboard.backend();
  for (const id of ["a b", "50%", "a?b#c", "x=1&y", "...", "~!@$^*()"]) {
    await backend.replaceAttributes(id, {id});
    assert.deepEqual(await backend.getAttributes(id), {id});
    const client = await callboard.clientOf(id);
    assert.deepEqual(await client.getAttributes(), {id});
  }
  await assert.rejects(backend.getAttributes(".."), RangeError);
});

test("a wrong server key", async () => {
  const stranger = callboard.backend({serverKey: "cbs_wrong"});
  await assert.rejects(stranger.board("alice"), AuthenticationError);
});
