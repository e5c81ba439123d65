/**
 * The GraphQL explorer, with everything it loads served by the site itself.
 *
 * The page holds `<div id="graphiql">` and, if it likes,
 * `<script type="application/json" id="graphiql-config">` with
 * `{"title": "...", "endpoint": "/graphql", "queries": [{"title", "query", "variables"}]}`, and
 * `"signIn": "/auth/token"` where the site issues tokens itself.
 * The workers and the font lie beside this script.
 */
import { DOC_EXPLORER_PLUGIN } from "@graphiql/plugin-doc-explorer";
import { HISTORY_PLUGIN } from "@graphiql/plugin-history";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/style.css";
import { createRoot } from "react-dom/client";
import { makeSignInPlugin } from "./sign-in.jsx";
import { makeStorage } from "./storage.js";

const assets = document.querySelector("script[src*='graphiql.js']").src;
const workers = { json: "json.worker.js", graphql: "graphql.worker.js" };

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) =>
    new Worker(new URL(workers[label] ?? "editor.worker.js", assets), { name: label }),
};

/** What the page wants shown; a page without settings gets an empty explorer. */
function readConfig() {
  const { endpoint, title = "GraphiQL", queries = [], signIn } = JSON.parse(
    document.getElementById("graphiql-config")?.textContent || "{}",
  );
  return { endpoint: endpoint ?? window.location.pathname, title, queries, signIn };
}

/** A ready query as the tab that opens with it; its title stands above it as a comment. */
function toTab({ title, query, variables }) {
  return {
    query: title ? `# ${title}\n${query}` : query,
    variables: variables ? JSON.stringify(variables, null, 2) : null,
  };
}

/** The tab that was open at the last visit, else the first ready one. */
function findActiveTab(tabs) {
  try {
    const stored = JSON.parse(localStorage.getItem("graphiql:tabState"));
    return stored?.tabs?.[stored.activeTabIndex] ?? tabs[0];
  } catch {
    // No storage, or none that can be read: a first visit.
    return tabs[0];
  }
}

const { endpoint, title, queries, signIn } = readConfig();
const plugins = [HISTORY_PLUGIN, ...(signIn ? [makeSignInPlugin(signIn)] : [])];
const tabs = queries.map(toTab);
const active = findActiveTab(tabs);
const fetcher = createGraphiQLFetcher({
  url: new URL(endpoint, window.location.origin).href,
  // Its Accept header would ask for multipart answers first, which only @defer and @stream give.
  enableIncrementalDelivery: false,
});

createRoot(document.getElementById("graphiql")).render(
  <GraphiQL
    fetcher={fetcher}
    defaultTabs={tabs.length ? tabs : undefined}
    // Left to itself GraphiQL shows the first tab's query without its variables.
    initialQuery={active?.query ?? undefined}
    initialVariables={active?.variables ?? undefined}
    storage={makeStorage()}
    plugins={plugins}
    visiblePlugin={DOC_EXPLORER_PLUGIN}
    inputValueDeprecation
    schemaDescription
  >
    <GraphiQL.Logo>
      <span className="graphiql-logo-link">{title}</span>
    </GraphiQL.Logo>
  </GraphiQL>,
);
