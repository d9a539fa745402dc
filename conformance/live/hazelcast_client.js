// The official Node client as a peer: operations of a map, what a listener hears, a near cache, and a member
// that goes. Every result is checked here, so a run that ends with "ok" is the proof. Prints JSON lines.
//
// usage: hazelcast_client.js ADDRESS[,ADDRESS…] MAP
//
// Once MAP-ready has an entry, some member may end; the script waits until the client has seen that.
'use strict';

const assert = require('assert');
const { Client, Predicates } = require('hazelcast-client');

const say = (line) => console.log(JSON.stringify(line));

async function until(what, holds) {
  const end = Date.now() + 20000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`${what}: it never came`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  say({ operation: what });
}

function expect(what, found, wanted) {
  assert.deepStrictEqual(found, wanted, what);
  say({ operation: what });
}

function connect(addresses, nearCaches) {
  return Client.newHazelcastClient({
    clusterName: 'dev',
    network: { clusterMembers: addresses, connectionTimeout: 60000 },
    connectionStrategy: { connectionRetry: { clusterConnectTimeoutMillis: 20000 } },
    nearCaches,
    properties: { 'hazelcast.logging.level': 'ERROR' },
  });
}

async function operations(client, name) {
  const map = await client.getMap(name);
  const heard = { added: 0, updated: 0, removed: 0, cleared: 0 };
  const listener = await map.addEntryListener({
    added: () => { heard.added += 1; },
    updated: () => { heard.updated += 1; },
    removed: () => { heard.removed += 1; },
    mapCleared: (event) => { heard.cleared += event.numberOfAffectedEntries; },
  }, undefined, true);
  expect('put of a new key', await map.put('a', 1), null);
  expect('put of an old key', await map.put('a', 2), 1);
  expect('get', await map.get('a'), 2);
  expect('putIfAbsent', await map.putIfAbsent('a', 3), 2);
  expect('replaceIfSame', await map.replaceIfSame('a', 2, 3), true);
  expect('remove', await map.remove('a'), 3);
  await map.lock('b');
  expect('isLocked', await map.isLocked('b'), true);
  await map.unlock('b');
  const many = Array.from({ length: 300 }, (_, n) => [`key ${n}`, n]);
  await map.putAll(many);
  expect('size', await map.size(), 300);
  const found = await map.getAll(many.map(([key]) => key));
  expect('getAll', found.sort((one, other) => one[1] - other[1]), many);
  expect('values by predicate', (await map.valuesWithPredicate(Predicates.lessThan('this', 3))).toArray().sort(), [0, 1, 2]);
  const page = Predicates.paging(Predicates.greaterEqual('this', 290), 4);
  expect('a page', (await map.valuesWithPredicate(page)).toArray(), [290, 291, 292, 293]);
  page.nextPage();
  expect('the next page', (await map.valuesWithPredicate(page)).toArray(), [294, 295, 296, 297]);
  await map.clear();
  expect('clear', await map.isEmpty(), true);
  const all = { added: 301, updated: 2, removed: 1, cleared: 300 };
  await until('events', () => Object.keys(all).every((key) => heard[key] >= all[key]));
  expect('each once', heard, all);
  expect('removeEntryListener', await map.removeEntryListener(listener), true);
}

async function near(addresses, client, name) {
  const map = await client.getMap(name);
  await map.put('k', 1);
  // Only after that: its invalidation could come while the first read is under way, which then isn't kept.
  const other = await connect(addresses, { [name]: { inMemoryFormat: 'OBJECT', invalidateOnChange: true } });
  const cached = await other.getMap(name);
  expect('a miss', await cached.get('k'), 1);
  expect('a hit', await cached.get('k'), 1);
  const statistics = cached.nearCache.getStatistics();
  expect('statistics', [statistics.hitCount, statistics.missCount], [1, 1]);
  await map.put('k', 2);
  await until('invalidation of a key', async () => await cached.get('k') === 2);
  await map.put('l', 1);
  await cached.get('l');
  await map.clear();
  await until('invalidation of all', async () => await cached.get('k') === null && await cached.get('l') === null);
  await other.shutdown();
}

async function survive(client, name) {
  const map = await client.getMap(`${name}-kept`);
  const many = Array.from({ length: 300 }, (_, n) => [`key ${n}`, n]);
  await map.putAll(many);
  let left = 0;
  client.getClusterService().addMembershipListener({ memberRemoved: () => { left += 1; } });
  await (await client.getMap(`${name}-ready`)).put('ready', 1);
  await until('a member goes', () => left > 0);
  expect('what it had is there', await map.size(), 300);
  for (const [key, value] of many) assert.strictEqual(await map.get(key), value);
}

async function main() {
  const [addresses, name] = [process.argv[2].split(','), process.argv[3]];
  const client = await connect(addresses, {});
  await operations(client, name);
  await near(addresses, client, `${name}-near`);
  await survive(client, name);
  await client.shutdown();
  say({ ok: true });
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
