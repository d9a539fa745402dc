// The official Node client in the contest: so many chains of promises as calls are in flight, each of
// which calls again and again. See ../worker.rs for the lines that are read and written.
'use strict';

const { Client } = require('hazelcast-client');
const readline = require('readline');

const KEYS = 1000;
const names = Array.from({ length: KEYS }, (_, n) => `key-${String(n).padStart(4, '0')}`);
const value = Buffer.alloc(64, 7);

async function work(map, operation, depth, seconds) {
  let over = false;
  setTimeout(() => { over = true; }, seconds * 1000);
  let done = 0;
  const one = async (next) => {
    while (!over) {
      const key = names[next % KEYS];
      const stored = operation === 'get' ? await map.get(key) : await map.put(key, value);
      if (stored.length !== 64) throw new Error('another value was stored');
      next += 1;
      done += 1;
    }
  };
  const all = [];
  for (let n = 0; n < depth; n++) all.push(one(Math.floor((n * KEYS) / depth)));
  await Promise.all(all);
  return done;
}

async function main() {
  const client = await Client.newHazelcastClient({
    network: { clusterMembers: [process.argv[process.argv.length - 1]] },
    properties: { 'hazelcast.logging.level': 'ERROR' },
  });
  const map = await client.getMap('bench');
  console.log('ready');
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [operation, depth, seconds] = line.split(' ');
    await work(map, operation, Number(depth), Number(seconds) / 10);
    const [began, before] = [process.hrtime.bigint(), process.cpuUsage()];
    const done = await work(map, operation, Number(depth), Number(seconds));
    const [took, cpu] = [process.hrtime.bigint() - began, process.cpuUsage(before)];
    console.log(`${done} ${took / 1000n} ${cpu.user + cpu.system}`);
  }
  await client.shutdown();
}

main();
