// README.md's examples run and print what it says.

import assert from "node:assert/strict";
import {execFile} from "node:child_process";
import {readFileSync, rmSync, writeFileSync} from "node:fs";
import {after, before, test} from "node:test";
import {fileURLToPath} from "node:url";
import {promisify} from "node:util";

import {Callboard} from "./support.js";

const folder = fileURLToPath(new URL("..", import.meta.url));  // where "@callboard/client" is known
const text = readFileSync(`${folder}/README.md`, "utf8");
const examples = [...text.matchAll(/```js\n(.*?)```\s+```text\n(.*?)```/gs)];

let callboard: Callboard;
before(async () => {
  callboard = await Callboard.start();
  await callboard.post("Welcome");
  await callboard.post("Children's race", {priority: 1, bulletin_condition: {
    logic: "&&", conditions: [{variable: "age", logic: "<", target: 10, target_type: "number"}]}});
});
after(() => callboard.stop());

test("every example has its output", () => {
  assert.equal(examples.length, text.match(/```js/g)?.length);
});

for (const [index, [, code = "", output]] of examples.entries()) {
  test(`example ${index + 1}`, async () => {
    const file = `${folder}/build/example_${index + 1}.mjs`;
    writeFileSync(file, code);
    const {app_id, client_key, server_key} = callboard.keys;
    const {stdout} = await promisify(execFile)(process.execPath, [file], {
      env: {CALLBOARD_URL: callboard.url, APP_ID: app_id, CLIENT_KEY: client_key,
            SERVER_KEY: server_key},
    });
    rmSync(file);
    assert.equal(stdout, output);
  });
}
