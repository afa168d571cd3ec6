// One queue of jobs for Node, as jobs_bench measures ours: how many jobs a second 50 callers put in
// one by one, and how many that do nothing are done a second until each one's end is stored.
// Usage: node job_peers.cjs PACKAGES NAME ADDRESS JOBS SINGLES, where PACKAGES is the folder of
// node_modules. Prints one JSON object.

"use strict";

const { createRequire } = require("node:module");
const [packages, name, address, ...counts] = process.argv.slice(2);
const load = createRequire(`${packages}/`);
const [jobs, singles] = counts.map(Number);
const callers = 50;
const inBulk = 1000;
const payload = { id: 1 };

const untilAllAreDone = () => {
  let done = 0;
  let finish;
  const finished = new Promise((resolve) => { finish = resolve; });
  return { one: () => { if (++done === jobs) finish(); }, finished };
};

// With the local queue, and completions written together: as its authors measure it.
const graphileWorker = async () => {
  const { Logger, makeWorkerUtils, run } = load("graphile-worker");
  const pgPool = new (load("pg").Pool)({ connectionString: address, max: 10 });
  pgPool.on("error", console.error);
  pgPool.on("connect", (client) => client.on("error", console.error));
  const logger = new Logger(() => () => {});
  const utils = await makeWorkerUtils({ pgPool, logger });
  await utils.migrate();
  const left = async () => {
    const { rows } = await pgPool.query("SELECT COUNT(*) AS left FROM graphile_worker._private_jobs");
    return Number(rows[0].left);
  };
  return {
    enqueue: () => utils.addJob("nothing", payload),
    enqueueMany: (count) => utils.addJobs(Array(count).fill({ identifier: "nothing", payload })),
    work: async () => {
      const all = untilAllAreDone();
      const runner = await run({
        pgPool, logger, noHandleSignals: true, taskList: { nothing: () => all.one() },
        preset: { worker: { concurrentJobs: 24, localQueue: { size: 500 },
          completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      });
      await all.finished;
      while (await left() > 0);
      return () => runner.stop();
    },
  };
};

// Whoever fetches a thousand completes them at once.
const pgBoss = async () => {
  const Boss = load("pg-boss");
  const boss = new Boss({ connectionString: address, max: 10, schedule: false });
  await boss.start();
  await boss.createQueue("nothing");
  const fetchLoop = async () => {
    for (;;) {
      const fetched = await boss.fetch("nothing", { batchSize: 1000 });
      if (fetched.length === 0) return;
      await boss.complete("nothing", fetched.map((job) => job.id));
    }
  };
  return {
    enqueue: () => boss.send("nothing", payload),
    enqueueMany: (count) => boss.insert(Array(count).fill({ name: "nothing", data: payload })),
    work: async () => {
      await Promise.all([1, 2, 3, 4].map(fetchLoop));
      return () => boss.stop({ graceful: false });
    },
  };
};

const bullMq = async () => {
  const { Queue, Worker } = load("bullmq");
  const { hostname: host, port } = new URL(address);
  const connection = { host, port: Number(port), maxRetriesPerRequest: null };
  const queue = new Queue("nothing", { connection });
  return {
    enqueue: () => queue.add("nothing", payload),
    enqueueMany: (count) => queue.addBulk(Array(count).fill({ name: "nothing", data: payload })),
    work: async () => {
      const all = untilAllAreDone();
      const worker = new Worker("nothing", async () => {}, { connection, concurrency: 100 });
      worker.on("completed", all.one);
      await all.finished;
      return () => worker.close();
    },
  };
};

const perSecond = (count, begun) => Math.round(count / ((performance.now() - begun) / 1000));

const measure = async () => {
  const peer = await { "graphile-worker": graphileWorker, "pg-boss": pgBoss, BullMQ: bullMq }[name]();
  let begun = performance.now();
  let left = singles;
  await Promise.all(Array.from({ length: callers }, async () => {
    while (left-- > 0) await peer.enqueue();
  }));
  const enqueued = perSecond(singles, begun);
  for (let rest = jobs - singles; rest > 0; rest -= inBulk) {
    await peer.enqueueMany(Math.min(inBulk, rest));
  }
  begun = performance.now();
  const stop = await peer.work();
  const done = perSecond(jobs, begun);
  console.log(JSON.stringify({ enqueued_per_second: enqueued, done_per_second: done }));
  await stop();
};

measure().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
