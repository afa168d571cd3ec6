// SHA-256, HMAC and random text by WebCrypto, in browsers and in Node alike.

const encoder = new TextEncoder();

async function webCrypto(): Promise<Crypto> {
  if (globalThis.crypto?.subtle) return globalThis.crypto;
  if (typeof process !== "undefined" && process.versions?.node) {
    // Node 18 has it, but not as a global. The name is a variable so that bundlers leave it alone.
    const module = "node:crypto";
    return ((await import(/* @vite-ignore */ module)) as {webcrypto: Crypto}).webcrypto;
  }
  throw new Error("WebCrypto is missing: browsers have it on https and localhost only");
}

declare const process: {versions?: {node?: string}} | undefined;

export function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export async function sha256(text: string): Promise<string> {
  return hex(await (await webCrypto()).subtle.digest("SHA-256", encoder.encode(text)));
}

export async function randomText(bytes: number): Promise<string> {
  return base64url((await webCrypto()).getRandomValues(new Uint8Array(bytes)));
}

/** Signs with one key, which is imported once. The key is the bytes of its text, not decoded. */
export class Hmac {
  private readonly key: Promise<CryptoKey>;

  constructor(secret: string) {
    this.key = webCrypto().then((crypto) => crypto.subtle.importKey(
      "raw", encoder.encode(secret), {name: "HMAC", hash: "SHA-256"}, false, ["sign"]));
    this.key.catch(() => {});  // reported by the first sign(), not as an unhandled rejection
  }

  async sign(text: string): Promise<ArrayBuffer> {
    return (await webCrypto()).subtle.sign("HMAC", await this.key, encoder.encode(text));
  }
}
