// The library in a real browser, and the reference page of the server.

import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import path from "node:path";
import {after, before, test} from "node:test";

import {chromium, type Browser, type Page} from "playwright-core";

import {Callboard, Proxy, root} from "./support.js";

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];

let callboard: Callboard;
let site: Proxy;
let browser: Browser;
before(async () => {
  callboard = await Callboard.start();
  await callboard.operator("PATCH", "settings", {anonymous_sessions: true});
  await callboard.post("for all", {category: "公告"});
  site = await Proxy.start(callboard.url);
  site.trouble = (request, response) => {
    const url = request.url ?? "/";
    if (url === "/page") {
      response.writeHead(200, {"Content-Type": "text/html"}).end("<title>An app</title>");
    } else if (/^\/dist\/\w+\.js$/.test(url)) {
      response.writeHead(200, {"Content-Type": "text/javascript"});
      response.end(readFileSync(path.join(root, "sdk/js", url)));
    } else {
      return false;
    }
    return true;
  };
  browser = await chromium.launch({executablePath: "/usr/bin/chromium", args: flags});
});
after(async () => {
  await browser.close();
  await site.stop();
  await callboard.stop();
});

async function page(): Promise<Page> {
  const opened = await (await browser.newContext()).newPage();
  await opened.goto(`${site.url}/page`);
  return opened;
}

/** Runs in the page what is written here as text, because the library is at another place there. */
function run(opened: Page, code: string, baseUrl: string): Promise<unknown> {
  const {app_id: appId, client_key: clientKey} = callboard.keys;
  return opened.evaluate(`(async () => {
    const {CallboardClient, WebSessionStore} = await import("/dist/index.js");
    const options = ${JSON.stringify({baseUrl, appId, clientKey})};
    const client = new CallboardClient({...options, sessions: new WebSessionStore()});
    ${code}
  })()`);
}

test("a page reads its user's board and writes attributes", async () => {
  const opened = await page();
  assert.deepEqual(await run(opened, `
    await client.openAnonymousSession();
    const {bulletins} = await client.board({categories: ["公告"]});
    const again = await client.board({categories: ["公告"]});
    const attributes = await client.mergeAttributes({city: "臺南"});
    return [bulletins.map(({name}) => name), again.changed, attributes];
  `, site.url), [["for all"], false, {city: "臺南"}]);
});

test("a page of another origin, where the application allows it", async () => {
  const opened = await page();
  const read = `
    await client.openAnonymousSession();
    const first = await client.board();
    const again = await client.board();
    const {value} = await client.stream().next();
    return [first.bulletins.length, again.changed, value.revision === first.revision];
  `;
  await assert.rejects(run(opened, read, callboard.url), /no answer came/);
  await callboard.operator("PATCH", "settings", {allowed_origins: [site.url]});
  assert.deepEqual(await run(opened, read, callboard.url), [1, false, true]);
});

test("a page's wrong clock is corrected by the server's", async () => {
  const opened = await page();
  await callboard.operator("PATCH", "settings", {allowed_origins: [site.url]});
  const session = JSON.stringify(await callboard.backend().openSession("lea"));
  for (const url of [site.url, callboard.url]) {
    assert.deepEqual(await run(opened, `
      const now = Date.now;
      Date.now = () => now() - 7_200_000;
      await client.setSession(${session});
      const {bulletins} = await client.board();
      Date.now = now;
      return bulletins.length;
    `, url), 1);
  }
});

test("the session outlives the page, and tabs share it", async () => {
  const opened = await page();
  const open = "return (await client.openAnonymousSession()).user_id;";
  const user = await run(opened, open, site.url);
  await opened.reload();
  const other = await opened.context().newPage();
  await other.goto(`${site.url}/page`);
  // Both at once: a refresh token that was used twice would end the session.
  const refresh = `
    for (let round = 0; round < 10; ++round) await client.refreshSession();
    return (await client.session()).user_id;
  `;
  const both = [run(opened, refresh, site.url), run(other, refresh, site.url)];
  assert.deepEqual(await Promise.all(both), [user, user]);
  const board = "return (await client.board()).bulletins.length;";
  assert.equal(await run(opened, board, site.url), 1);
});

test("the reference page can be searched, and loads nothing from elsewhere", async () => {
  const opened = await (await browser.newContext({colorScheme: "dark"})).newPage();
  const problems: string[] = [];
  opened.on("console", (message) => problems.push(message.text()));
  opened.on("pageerror", (error) => problems.push(String(error)));
  opened.on("request", (request) => {
    if (!request.url().startsWith(callboard.url)) problems.push(request.url());
  });
  await opened.goto(`${callboard.url}/docs`);
  const shown = opened.locator("section.operation:visible");
  const all = await shown.count();
  await opened.keyboard.press("/");
  await opened.keyboard.type("anonymous session");
  const found = await shown.count();
  assert.ok(found > 0 && found < all, `${found} of ${all}`);
  assert.ok(await opened.locator("#open_anonymous_session").isVisible());
  await opened.fill("#search", "no such words");
  assert.equal(await shown.count(), 0);
  assert.ok(await opened.locator("#nothing").isVisible());
  await opened.fill("#search", "");
  assert.equal(await shown.count(), all);
  assert.notEqual(await opened.evaluate("getComputedStyle(document.body).backgroundColor"),
                  "rgb(255, 255, 255)");
  assert.deepEqual(problems, []);
});
