import { createHash } from 'node:crypto';

/**
 * Where a person approves a command line of a stand-alone workspace that has no dashboard: sign in, see which machine asks, approve. It calls the same API
 * as the dashboard does; addresses are relative, so it works under any path.
 */
const script = `
const query = new URLSearchParams(location.search);
const api = new URL('../api/v1/', location.href.split('?')[0]).href;
const device = query.get('device_id');
const code = query.get('user_code');
const show = (id) => document.querySelectorAll('main > *').forEach((one) => { one.hidden = one.id !== id; });
const say = (text) => { document.getElementById('problem').textContent = text; document.getElementById('problem').hidden = !text; };
const call = async (method, path, body, form) => {
  const answer = await fetch(api + path, {
    method,
    headers: body === undefined ? {} : { 'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json' },
    body: body === undefined ? undefined : form ? new URLSearchParams(body).toString() : JSON.stringify(body),
  });
  const reply = await answer.json().catch(() => null);
  if (answer.ok) return reply;
  const detail = reply && reply.detail;
  throw Object.assign(new Error(Array.isArray(detail) ? detail[1] : detail || 'The server did not answer as expected.'), { status: answer.status });
};
const ask = async () => {
  say('');
  try {
    const { body, metadata } = await call('GET', 'devices/' + encodeURIComponent(device) + '?hydrate=true&user_code=' + encodeURIComponent(code));
    if (body.status !== 'pending') throw new Error('This device is not waiting for an approval. Start the log-in on it again.');
    document.getElementById('host').textContent = [body.hostname || 'an unknown computer', body.os, body.ip_address, metadata.zenml_version && 'ZenML ' + metadata.zenml_version].filter(Boolean).join(', ');
    show('approve');
  } catch (error) {
    if (error.status === 401) return show('sign-in');
    show('');
    say(error.message);
  }
};
document.getElementById('sign-in').addEventListener('submit', async (event) => {
  event.preventDefault();
  say('');
  const { username, password } = event.target.elements;
  try {
    await call('POST', 'login', { username: username.value, password: password.value }, true);
    await ask();
  } catch (error) {
    say(error.message);
  }
});
document.getElementById('approve').addEventListener('submit', async (event) => {
  event.preventDefault();
  say('');
  try {
    await call('PUT', 'devices/' + encodeURIComponent(device) + '/verify', { user_code: code, trusted_device: event.target.elements.trusted.checked });
    show('done');
  } catch (error) {
    say(error.message);
  }
});
if (device && code) ask();
else { show(''); say('This link is incomplete. Open the one that the command line printed.'); }
`;

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { display: grid; min-height: 90vh; place-content: center; margin: 0; padding: 1rem; }
main { width: min(24rem, 100%); }
h1 { font-size: 1.25rem; }
form { display: grid; gap: .75rem; }
[hidden] { display: none; }
input:not([type=checkbox]) { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .4rem; }
button { font: inherit; padding: .5rem; cursor: pointer; }
#problem { color: #c33; }
`;

export const approvalPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Approve a device</title><style>${style}</style></head>
<body>
<p id="problem" role="alert" hidden></p>
<main>
<form id="sign-in" hidden><h1>Sign in</h1><label>User name <input name="username" autocomplete="username" required></label><label>Password <input name="password" type="password" autocomplete="current-password"></label><button>Sign in</button></form>
<form id="approve" hidden><h1>Approve this device?</h1><p>A command line on <strong id="host"></strong> wants to act in your name. Approve it only if you have just started a log-in there.</p><label><input name="trusted" type="checkbox"> This is my own device</label><button>Approve</button></form>
<p id="done" hidden>Done. You can close this page and go back to the command line.</p>
</main>
<script>${script}</script>
</body>
</html>
`;

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Only the page's own script and style run, and it is never shown inside another page, where a click could be stolen. */
export const approvalPolicy = `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
