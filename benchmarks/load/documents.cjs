// The documents that scenarios send, by the names of their files, and words for what is written.

const { readFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

const folder = join(__dirname, 'documents');
const documents = Object.fromEntries(
  readdirSync(folder).map((file) => [
    file.replace('.graphql', ''),
    readFileSync(join(folder, file), 'utf8'),
  ]),
);
const WORDS = 'bees honey hive queen swarm wax brood nectar pollen winter'.split(' ');
let asked = 0;

function prepare(context, _events, done) {
  asked += 1;
  const word = WORDS[asked % WORDS.length];
  Object.assign(context.vars, documents, {
    word,
    title: `Load test ${process.pid}-${asked}: what do ${word} do?`,
    content: `I have read about ${word}, and wonder what number ${asked} of them does in winter.`,
  });
  return done();
}

module.exports = { prepare };
