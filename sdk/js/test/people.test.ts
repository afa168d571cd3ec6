// People in a real browser: a front end of another origin with the library, and the demo's own
// page, both with LINE played by the sandbox.

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
  callboard = await Callboard.start("--demo");
  // The front end: its pages, and nothing of Callboard's.
  site = await Proxy.start(callboard.url);
  site.trouble = (request, response) => {
    const file = (request.url ?? "/").split("?")[0] as string;
    if (/^\/dist\/\w+\.js$/.test(file)) {
      response.writeHead(200, {"Content-Type": "text/javascript"});
      response.end(readFileSync(path.join(root, "sdk/js", file)));
    } else {
      response.writeHead(200, {"Content-Type": "text/html"}).end("<title>The festival</title>");
    }
    return true;
  };
  await callboard.operator("PATCH", "settings", {
    front_end_url: `${site.url}/bikefest`, allowed_origins: [site.url],
  });
  await callboard.operator("POST", "quizzes", {
    key: "bicycle", title: "Which bicycle are you?", types: ["racer", "tourer"],
  });
  browser = await chromium.launch({executablePath: "/usr/bin/chromium", args: flags});
});
after(async () => {
  await browser.close();
  await site.stop();
  await callboard.stop();
});

async function page(address: string): Promise<Page> {
  const opened = await (await browser.newContext()).newPage();
  await opened.goto(address);
  return opened;
}

function run<Result>(opened: Page, code: string): Promise<Result> {
  return opened.evaluate(`(async () => {
    const {CallboardPeople, ...library} = await import("/dist/index.js");
    const people = new CallboardPeople({baseUrl: ${JSON.stringify(callboard.url)}});
    ${code}
  })()`) as Promise<Result>;
}

/** On LINE's page, as the sandbox plays it. */
async function allow(opened: Page, name: string): Promise<void> {
  await opened.getByText(name).first().click();
  await opened.getByRole("button", {name: "Allow"}).click();
}

test("a front end of another origin, from the login to the logout", async () => {
  const opened = await page(`${site.url}/bikefest/main-stage`);
  assert.equal(await run(opened, "return await people.profile();"), undefined);
  await opened.goto(await run(opened, "return people.loginUrl(location.pathname);"));
  await allow(opened, "Ada");
  // Back where it came from, once, whatever the referrer was.
  await opened.waitForURL(`${site.url}/bikefest/main-stage`);

  assert.deepEqual(await run(opened, `
    const {name} = await people.profile();
    const events = await people.events({limit: 3});
    const [first] = events;
    const subscribed = await people.subscribe(first.id);
    const twice = await people.subscribe(first.id).catch((error) => error.constructor.name);
    const own = await people.subscribe({
      event_time_start: "2030/1/2 3:04", event_time_end: "2030/01/02 05:00",
      event_detail: JSON.stringify({name: "Mine"}),
    });
    const all = await people.subscriptions();
    await people.unsubscribe(first.id);
    await people.unsubscribe(first.id);
    const left = await people.subscriptions();
    return [name, events.length, subscribed.id === first.id, twice, own.event_time_start,
            all.length, left.map(({id}) => id === own.id)];
  `), ["Ada", 3, true, "ConflictError", "2030-01-02T03:04:00+08:00", 2, [true]]);

  assert.deepEqual(await run(opened, `
    const {added} = await people.subscribeToAll({remind: false});
    await people.logOut();
    return [added.length, await people.profile(),
            await people.subscriptions().catch((error) => error.constructor.name)];
  `), [5, undefined, "AuthenticationError"]);
});

test("what stands in cookies is not for scripts, and an access token is carried on", async () => {
  const opened = await page(`${site.url}/`);
  await opened.goto(await run(opened, `return people.loginUrl();`));
  await allow(opened, "Ben");
  await opened.waitForURL(`${site.url}/bikefest`);
  assert.equal(await opened.evaluate("document.cookie"), "");
  const cookies = await opened.context().cookies();
  const access = cookies.find(({name}) => name === "access_token");
  assert.ok(access?.httpOnly);
  await opened.context().clearCookies({name: "access_token"});
  // Many calls at once find out that it is gone; one refresh is made for all.
  const names = await run<string[]>(opened, `
    const calls = Array.from({length: 5}, () => people.profile());
    return (await Promise.all(calls)).map((person) => person.name);
  `);
  assert.deepEqual(names, Array.from({length: 5}, () => "Ben"));

  const other = await opened.context().newPage();
  await other.goto(`${site.url}/`);
  await opened.context().clearCookies({name: "access_token"});
  const both = [opened, other].map((tab) => run(tab, "return (await people.profile()).name;"));
  assert.deepEqual(await Promise.all(both), ["Ben", "Ben"]);
});

test("a quiz counts each answer once", async () => {
  const opened = await page(`${site.url}/`);
  await opened.goto(await run(opened, `return people.loginUrl("/");`));
  await allow(opened, "Ada");
  await opened.waitForURL(`${site.url}/`);
  assert.deepEqual(await run(opened, `
    for (let round = 0; round < 2; ++round) {
      await people.addQuizResult("bicycle", "racer", {idempotencyKey: "once"});
    }
    await people.addQuizResult("bicycle", "tourer");
    const {total, types} = await people.quizStatistics("bicycle");
    return [total, types.map(({type, count, percent}) => [type, count, percent])];
  `), [2, [["racer", 1, 50], ["tourer", 1, 50]]]);
});

test("who says no comes back without a session", async () => {
  const opened = await page(`${site.url}/bikefest/`);
  await opened.goto(await run(opened, "return people.loginUrl(location.pathname);"));
  await opened.getByRole("button", {name: "Cancel"}).click();
  await opened.waitForURL(`${site.url}/bikefest/?login_error=access_denied`);
  assert.equal(await run(opened, "return await people.profile();"), undefined);
});

test("a page of an origin that is not allowed gets nothing", async () => {
  const other = await Proxy.start(callboard.url);
  other.trouble = site.trouble;
  const opened = await page(`${other.url}/`);
  assert.equal(await run(opened, `
    return await people.events().catch((error) => error.constructor.name);
  `), "NetworkError");
  await other.stop();
});

test("the demo's page: log in, be reminded, think better of it, log out", async () => {
  await callboard.operator("PATCH", "settings", {front_end_url: "", allowed_origins: []});
  const problems: string[] = [];
  const opened = await (await browser.newContext()).newPage();
  opened.on("pageerror", (error) => problems.push(String(error)));
  await opened.goto(`${callboard.url}/demo`);
  const first = opened.locator("#events li").first();
  assert.ok(await first.getByRole("button").isDisabled());
  await opened.getByText("Log in with LINE").click();
  await allow(opened, "Ben");
  await opened.waitForURL(`${callboard.url}/demo`);
  await opened.getByText("Ben").waitFor();
  await first.getByRole("button", {name: "Remind me"}).click();
  await first.getByRole("button", {name: "Reminded"}).click();
  await first.getByRole("button", {name: "Remind me"}).waitFor();
  await opened.getByText("Log out").click();
  await opened.getByText("Log in with LINE").waitFor();
  assert.deepEqual(problems, []);
});
