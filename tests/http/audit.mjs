// Runs every audit of npm's graphql-http against an endpoint, as
//     node tests/http/audit.mjs http://127.0.0.1:8000/graphql
// and prints {"total": 61, "passed": 61, "failing": [{"id", "name", "reason"}]}; exits with 1 unless all pass.
import { serverAudits } from "graphql-http";

const EXPECTED = 61;
const [url] = process.argv.slice(2);
if (!url) {
  console.error("usage: node audit.mjs URL");
  process.exit(2);
}

const results = [];
for (const audit of serverAudits({ url })) {
  // An audit whose request fails outright throws; that too is an answer about this one audit.
  results.push(
    await audit.fn().catch((error) => ({ ...audit, status: "error", reason: String(error.cause ?? error) })),
  );
}

const failing = results
  .filter(({ status }) => status !== "ok")
  .map(({ id, name, reason }) => ({ id, name, reason }));
const passed = results.length - failing.length;
console.log(JSON.stringify({ total: results.length, passed, failing }, null, 2));
process.exitCode = passed === EXPECTED && failing.length === 0 ? 0 : 1;
