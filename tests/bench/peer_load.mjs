// Loads the generated landscape with a peer, one process for one load:  peer_load.mjs kuzu|duckdb FOLDER DATABASE
// Prints one line of JSON: seconds, peak_mib, disk_mib.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const [peer, folder, database] = process.argv.slice(2);

const loads = {
  async kuzu() {
    const { default: kuzu } = await import('kuzu');
    const connection = new kuzu.Connection(new kuzu.Database(database));
    const run = (text) => connection.query(text);
    await run('CREATE NODE TABLE Company(id STRING PRIMARY KEY, name STRING, founded DATE, status STRING, registered_capital_cny INT64, employees INT64)');
    await run('CREATE NODE TABLE District(code STRING PRIMARY KEY, name STRING)');
    await run('CREATE NODE TABLE Segment(id STRING PRIMARY KEY, name STRING)');
    await run('CREATE REL TABLE LOCATED_IN(FROM Company TO District)');
    await run('CREATE REL TABLE OFFERS(FROM Company TO Segment, confidence DOUBLE)');
    await run('CREATE REL TABLE SUPPLIES(FROM Company TO Company)');
    for (const [table, file] of [['Company', 'companies'], ['District', 'districts'], ['Segment', 'segments'],
      ['LOCATED_IN', 'located_in'], ['OFFERS', 'offers'], ['SUPPLIES', 'supplies']]) {
      await run(`COPY ${table} FROM "${join(folder, file)}.csv" (header=true)`);
    }
    await run('CHECKPOINT');
  },
  async duckdb() {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(database)).connect();
    const run = (text) => connection.run(text);
    await run('CREATE TABLE Company(id VARCHAR PRIMARY KEY, name VARCHAR, founded DATE, status VARCHAR, registered_capital_cny BIGINT, employees BIGINT)');
    await run('CREATE TABLE District(code VARCHAR PRIMARY KEY, name VARCHAR)');
    await run('CREATE TABLE Segment(id VARCHAR PRIMARY KEY, name VARCHAR)');
    await run('CREATE TABLE LOCATED_IN(company VARCHAR, district VARCHAR)');
    await run('CREATE TABLE OFFERS(company VARCHAR, segment VARCHAR, confidence DOUBLE)');
    await run('CREATE TABLE SUPPLIES(supplier VARCHAR, customer VARCHAR)');
    for (const [table, file] of [['Company', 'companies'], ['District', 'districts'], ['Segment', 'segments'],
      ['LOCATED_IN', 'located_in'], ['OFFERS', 'offers'], ['SUPPLIES', 'supplies']]) {
      await run(`COPY ${table} FROM '${join(folder, file)}.csv' (HEADER)`);
    }
    await run('CHECKPOINT');
  },
};

const bytesOf = (path) => (statSync(path).isDirectory()
  ? readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0) : statSync(path).size);

const start = process.hrtime.bigint();
await loads[peer]();
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
console.log(JSON.stringify({ seconds: +seconds.toFixed(2), peak_mib: Math.round(process.resourceUsage().maxRSS / 1024),
  disk_mib: Math.round(bytesOf(database) / 2 ** 20) }));
process.exit(0);
