// Peer 1: bare Fastify + Mercurius with its JIT and loaders: the fastest stack in common use.
const fastify = require('fastify')({ logger: false });
const d = require('./data');
const nn = (f) => async (qs) => { const ids = [...new Set(qs.map(f).filter((x) => x != null))]; return ids; };
const by = (fn, key) => async (queries) => {
  const ids = [...new Set(queries.map(({ obj }) => obj[key]).filter((x) => x != null))];
  const got = ids.length ? await fn(ids) : []; const m = new Map(ids.map((i, n) => [i, got[n]]));
  return queries.map(({ obj }) => (obj[key] == null ? null : m.get(obj[key])));
};
const kids = (kind, letter, sel) => async (queries) => d.children(kind, letter, queries.map(({ obj, params }) => ({ parent: obj.postid, first: params.first, accepted: sel ? obj.selchildid : null })));
const cache = { opts: { cache: false } };
fastify.register(require('mercurius'), {
  schema: require('./sdl'), jit: 1, graphiql: false,
  resolvers: { Query: { questions: (_, { first, after }) => d.questions(first, after), question: (_, { databaseId }) => d.question(databaseId), users: (_, { first }) => d.top(first) } },
  loaders: {
    Question: { author: { loader: by(d.users, 'userid'), ...cache }, category: { loader: by(d.categories, 'categoryid'), ...cache }, comments: { loader: kids('Comment', 'C'), ...cache }, answers: { loader: kids('Answer', 'A', true), ...cache } },
    Answer: { author: { loader: by(d.users, 'userid'), ...cache }, comments: { loader: kids('Comment', 'C'), ...cache } },
    Comment: { author: { loader: by(d.users, 'userid'), ...cache } },
  },
});
fastify.listen({ port: Number(process.env.PORT || 4101), host: '127.0.0.1' });
