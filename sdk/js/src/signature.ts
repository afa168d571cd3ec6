// The value of X-BytePower-Sign, as docs/signature.md describes it.

import {hex, Hmac, randomText, sha256} from "./crypto.js";

export interface Signed {
  appId: string;
  /** Unix seconds by the server's clock. */
  time: number;
  /** In upper case. */
  method: string;
  /** Path and query exactly as sent. */
  target: string;
  /** Empty: none is sent. */
  sessionToken?: string;
  body?: string;
  /** 8 to 64 of A-Z a-z 0-9 _ -; absent, a new one. */
  nonce?: string;
}

const nonceBytes = 15;

export async function signatureHeader(key: Hmac, request: Signed): Promise<string> {
  const nonce = request.nonce ?? (await randomText(nonceBytes));
  const text = [
    "v1", request.appId, request.time, nonce, request.method, request.target,
    await sha256(request.sessionToken ?? ""), await sha256(request.body ?? ""),
  ].join("\n");
  return `t=${request.time},n=${nonce},v1=${hex(await key.sign(text))}`;
}
