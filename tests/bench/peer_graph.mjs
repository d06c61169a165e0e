// Asks a peer's database, loaded by peer_load.mjs, what bench_graph asks:  peer_graph.mjs kuzu|duckdb DATABASE COMPANIES
// Prints one line of JSON: milliseconds of each question, and peak_mib.
const [peer, database, companies] = process.argv.slice(2);
const asked = 200;
const key = (i) => `c${String((i * 7919) % Number(companies)).padStart(8, '0')}`;

const peers = {
  async kuzu() {
    const { default: kuzu } = await import('kuzu');
    const connection = new kuzu.Connection(new kuzu.Database(database));
    const all = async (text) => (await connection.query(text)).getAll();
    const prepared = async (text) => {
      const statement = await connection.prepare(text);
      return async (id) => (await connection.execute(statement, { id })).getAll();
    };
    return {
      point: await prepared('MATCH (c:Company {id: $id}) RETURN c'),
      hop1: await prepared('MATCH (c:Company {id: $id})-[:SUPPLIES]->(a) RETURN count(*)'),
      hop2: await prepared('MATCH (c:Company {id: $id})-[:SUPPLIES]->(a)-[:SUPPLIES]->(b) RETURN count(*)'),
      hop3: await prepared('MATCH (c:Company {id: $id})-[:SUPPLIES]->(a)-[:SUPPLIES]->(b)-[:SUPPLIES]->(d) RETURN count(*)'),
      hop_all: () => all('MATCH (a:Company)-[:SUPPLIES]->(b:Company) RETURN count(*)'),
      aggregate: () => all(`MATCH (c:Company)-[:LOCATED_IN]->(d:District)
        WHERE c.registered_capital_cny >= 1000000 AND c.founded >= date('2005-01-01') RETURN d.code, count(*)`),
    };
  },
  async duckdb() {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(database)).connect();
    const all = async (text) => (await connection.runAndReadAll(text)).getRows();
    const prepared = async (text) => {
      const statement = await connection.prepare(text);
      return async (id) => {
        statement.bindVarchar(1, id);
        return (await statement.runAndReadAll()).getRows();
      };
    };
    return {
      point: await prepared('SELECT * FROM Company WHERE id = $1'),
      hop1: await prepared('SELECT count(*) FROM SUPPLIES a WHERE a.supplier = $1'),
      hop2: await prepared('SELECT count(*) FROM SUPPLIES a JOIN SUPPLIES b ON b.supplier = a.customer WHERE a.supplier = $1'),
      hop3: await prepared(`SELECT count(*) FROM SUPPLIES a JOIN SUPPLIES b ON b.supplier = a.customer
        JOIN SUPPLIES c ON c.supplier = b.customer WHERE a.supplier = $1`),
      hop_all: () => all('SELECT count(*) FROM SUPPLIES s JOIN Company a ON a.id = s.supplier JOIN Company b ON b.id = s.customer'),
      aggregate: () => all(`SELECT l.district, count(*) FROM Company c JOIN LOCATED_IN l ON l.company = c.id
        WHERE c.registered_capital_cny >= 1000000 AND c.founded >= DATE '2005-01-01' GROUP BY l.district`),
    };
  },
};

const now = () => Number(process.hrtime.bigint()) / 1e6;
const ask = await peers[peer]();
const result = {};
for (const question of ['point', 'hop1', 'hop2', 'hop3']) {
  const runs = peer === 'duckdb' && question !== 'point' ? asked / 20 : asked;
  await ask[question](key(0));
  const start = now();
  for (let i = 0; i < runs; i += 1) await ask[question](key(i));
  result[`${question}_ms`] = +((now() - start) / runs).toFixed(4);
}
for (const question of ['hop_all', 'aggregate']) {
  let least = Infinity;
  for (let run = 0; run < 5; run += 1) {
    const start = now();
    await ask[question]();
    least = Math.min(least, now() - start);
  }
  result[`${question}_ms`] = +least.toFixed(2);
}
result.peak_mib = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(JSON.stringify(result));
process.exit(0);
