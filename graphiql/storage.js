/**
 * Where GraphiQL keeps tabs, settings and the history of queries: in the browser, without headers.
 *
 * GraphiQL writes the headers of every query into its history, and they hold tokens.
 */
const HISTORY = /:(queries|favorites)$/;

/** Storage for GraphiQL; null, which it takes for none, where the browser allows none. */
export function makeStorage() {
  const local = findLocalStorage();
  if (local === null) {
    return null;
  }
  return {
    getItem: (name) => local.getItem(name),
    setItem: (name, value) => local.setItem(name, HISTORY.test(name) ? stripHeaders(value) : value),
    removeItem: (name) => local.removeItem(name),
    clear: () => ownNames(local).forEach((name) => local.removeItem(name)),
    get length() {
      return ownNames(local).length;
    },
  };
}

function ownNames(local) {
  return Object.keys(local).filter((name) => name.startsWith("graphiql:"));
}

function findLocalStorage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function stripHeaders(history) {
  return JSON.stringify(JSON.parse(history, (name, value) => (name === "headers" ? null : value)));
}
