import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import path from "node:path";
import {test} from "node:test";

import {Hmac} from "../dist/crypto.js";
import {signatureHeader} from "../dist/signature.js";
import {root} from "./support.js";

interface Vector {
  name: string;
  client_key: string;
  app_id: string;
  time: number;
  nonce: string;
  method: string;
  target: string;
  session_token: string;
  body: string;
  header: string;
}

const vectors = JSON.parse(readFileSync(
  path.join(root, "tests/support/signature_vectors.json"), "utf8")) as Vector[];

test("there are vectors", () => assert.ok(vectors.length >= 4));

for (const vector of vectors) {
  test(`signature: ${vector.name}`, async () => {
    const header = await signatureHeader(new Hmac(vector.client_key), {
      appId: vector.app_id, time: vector.time, nonce: vector.nonce, method: vector.method,
      target: vector.target, sessionToken: vector.session_token, body: vector.body,
    });
    assert.equal(header, vector.header);
  });
}

test("each request gets a nonce of its own", async () => {
  const request = {appId: "demo", time: 1, method: "GET", target: "/"};
  const key = new Hmac("cbc_x");
  const headers = await Promise.all([1, 2, 3].map(() => signatureHeader(key, request)));
  assert.equal(new Set(headers).size, 3);
  for (const header of headers) assert.match(header, /^t=1,n=[A-Za-z0-9_-]{8,64},v1=[0-9a-f]{64}$/);
});
