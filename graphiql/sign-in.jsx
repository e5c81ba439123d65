/**
 * Signing in with the password of a q2a account, where the site itself issues tokens.
 *
 * The token goes into the headers of the open tab, where it can be seen, changed and removed. It is
 * kept nowhere else: GraphiQL forgets headers when the page is left.
 */
import { useGraphiQL } from "@graphiql/react";
import { useId, useState } from "react";
import "./sign-in.css";

/** The plugin that asks `url` for tokens. */
export function makeSignInPlugin(url) {
  return { title: "Sign in", icon: PersonIcon, content: () => <SignIn url={url} /> };
}

function PersonIcon(props) {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" {...props}>
      <circle cx="12" cy="8" r="4" />
      <path d="M4 21c0-4.5 3.5-7 8-7s8 2.5 8 7" strokeLinecap="round" />
    </svg>
  );
}

function SignIn({ url }) {
  const editor = useGraphiQL((state) => state.headerEditor);
  const [outcome, setOutcome] = useState({});
  const [isWaiting, setIsWaiting] = useState(false);

  async function submit(event) {
    event.preventDefault();
    const form = event.target;
    const { username, password } = Object.fromEntries(new FormData(form));
    setIsWaiting(true);
    try {
      const token = await fetchToken(url, username, password);
      writeAuthorization(editor, `Bearer ${token}`);
      setOutcome({ success: `Signed in as ${username}: the headers of this tab say so.` });
      form.reset();
    } catch (error) {
      setOutcome({ failure: error.message });
    } finally {
      setIsWaiting(false);
    }
  }

  function signOut() {
    try {
      writeAuthorization(editor, undefined);
      setOutcome({ success: "Signed out of this tab." });
    } catch (error) {
      setOutcome({ failure: error.message });
    }
  }

  return (
    <section className="waggle-sign-in" aria-label="Sign in">
      <h2>Sign in</h2>
      <form onSubmit={submit}>
        <Field name="username" label="Handle or e-mail address" autoComplete="username" autoFocus />
        <Field name="password" label="Password" type="password" autoComplete="current-password" />
        <button type="submit" className="graphiql-button" disabled={isWaiting}>
          Sign in
        </button>
        <button type="button" className="graphiql-button" onClick={signOut}>
          Sign out
        </button>
      </form>
      <p role="status">{outcome.success}</p>
      <p role="alert">{outcome.failure}</p>
    </section>
  );
}

function Field({ label, ...input }) {
  const id = useId();
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <input id={id} required {...input} />
    </>
  );
}

async function fetchToken(url, username, password) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ grant_type: "password", username, password }),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) {
    throw new Error(answer.error_description ?? `The site answers ${response.status}.`);
  }
  return answer.access_token;
}

/** Put the header into the editor, or take it out; other headers stay as they are. */
function writeAuthorization(editor, value) {
  const headers = { ...parseHeaders(editor.getValue()), Authorization: value };
  const isEmpty = Object.values(headers).every((entry) => entry === undefined);
  editor.setValue(isEmpty ? "" : JSON.stringify(headers, null, 2));
  document.querySelector(".graphiql-editor-tools [data-name='headers']")?.click();
}

function parseHeaders(text) {
  let headers;
  try {
    headers = JSON.parse(text.trim() || "{}");
  } catch {
    throw new Error("The headers of this tab are not valid JSON. Mend them first.");
  }
  // The same header in another case would be sent twice.
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization"),
  );
}
