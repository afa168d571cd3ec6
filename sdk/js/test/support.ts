// A real server of its own for a test file, and a proxy in front of it that can misbehave.

import {spawn, spawnSync, type ChildProcess} from "node:child_process";
import {once} from "node:events";
import {mkdtempSync, rmSync} from "node:fs";
import http from "node:http";
import type {AddressInfo} from "node:net";
import {tmpdir} from "node:os";
import path from "node:path";
import {createInterface} from "node:readline";
import {fileURLToPath} from "node:url";

import {CallboardClient, CallboardServer, type ClientOptions, type ServerOptions,
} from "@callboard/client";

// From build/, where this runs.
export const root = fileURLToPath(new URL("../../../", import.meta.url));
const binary = process.env["CALLBOARD_BINARY"] ?? path.join(root, "build/release/callboard");

interface Keys {
  workspace_id: string;
  app_id: string;
  client_key: string;
  server_key: string;
  server_key_id: string;
  api_token: string;
}

export const everyone = {
  category: "", bulletin_body: "some body", valid_date_start: 0, valid_date_end: 0,
  bulletin_condition: {},
};

async function freePort(): Promise<number> {
  const probe = http.createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const {port} = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

export class Callboard {
  private constructor(readonly url: string, readonly keys: Keys, private readonly folder: string,
                      private readonly process: ChildProcess) {}

  static async start(...flags: string[]): Promise<Callboard> {
    const folder = mkdtempSync(path.join(tmpdir(), "callboard-sdk-"));
    const data = path.join(folder, "data");
    const init = spawnSync(binary, ["init", "--data", data, "--json"], {encoding: "utf8"});
    if (init.status !== 0) throw new Error(`${binary} init: ${init.stderr ?? init.error}`);
    const address = `127.0.0.1:${await freePort()}`;
    const server = spawn(binary, ["serve", "--data", data, "--listen", address, ...flags],
                         {stdio: ["ignore", "pipe", "ignore"]});
    const callboard = new Callboard(`http://${address}`, JSON.parse(init.stdout) as Keys, folder,
                                    server);
    for await (const line of createInterface({input: server.stdout})) {
      if (line.startsWith("listening on ")) return callboard;
    }
    throw new Error(`${binary} serve ended at its start`);
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null) {
      this.process.kill("SIGTERM");
      await once(this.process, "exit");
    }
    rmSync(this.folder, {recursive: true});
  }

  client(options: Partial<ClientOptions> = {}): CallboardClient {
    const {app_id: appId, client_key: clientKey} = this.keys;
    return new CallboardClient({baseUrl: this.url, appId, clientKey, ...options});
  }

  backend(options: Partial<ServerOptions> = {}): CallboardServer {
    const {app_id: appId, server_key: serverKey, server_key_id: serverKeyId} = this.keys;
    return new CallboardServer({baseUrl: this.url, appId, serverKey, serverKeyId, ...options});
  }

  /** A client with a session for `user`. */
  async clientOf(user: string, options: Partial<ClientOptions> = {}): Promise<CallboardClient> {
    const client = this.client(options);
    await client.setSession(await this.backend().openSession(user));
    return client;
  }

  async operator(method: string, place: string, body?: unknown): Promise<Record<string, unknown>> {
    const {workspace_id, app_id, api_token} = this.keys;
    const answer = await fetch(
      `${this.url}/api/workspace/${workspace_id}/application/${app_id}/${place}`, {
        method, headers: {Authorization: `Bearer ${api_token}`},
        ...(body === undefined ? {} : {body: JSON.stringify(body)}),
      });
    if (!answer.ok) throw new Error(`${method} ${place}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  }

  post(name: string, fields: object = {}): Promise<Record<string, unknown>> {
    return this.operator("POST", "bulletin_board", {...everyone, bulletin_name: name, ...fields});
  }
}

/** What the proxy does with a request: passes it on if `trouble` returns false. */
export type Trouble = (request: http.IncomingMessage, response: http.ServerResponse) => boolean;

/** Stands between a client and a server, counts requests by path, and makes trouble. */
export class Proxy {
  readonly requests: string[] = [];
  trouble: Trouble = () => false;
  private readonly server: http.Server;

  private constructor(private readonly target: string) {
    this.server = http.createServer((request, response) => this.handle(request, response));
  }

  static async start(target: string): Promise<Proxy> {
    const proxy = new Proxy(target);
    proxy.server.listen(0, "127.0.0.1");
    await once(proxy.server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, "close");
  }

  private handle(request: http.IncomingMessage, response: http.ServerResponse): void {
    this.requests.push(`${request.method} ${request.url}`);
    if (this.trouble(request, response)) return;
    const passed = http.request(
      this.target + request.url, {method: request.method, headers: request.headers}, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        response.on("close", () => answer.destroy());
      });
    passed.on("error", () => response.destroy());
    request.pipe(passed);
  }
}

/** The first `count` values. */
export async function take<Value>(values: AsyncIterable<Value>, count: number): Promise<Value[]> {
  const taken: Value[] = [];
  for await (const value of values) {
    taken.push(value);
    if (taken.length === count) break;
  }
  return taken;
}
