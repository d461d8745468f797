import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { Html, html } from './html.js';

const style = `
:root{color-scheme:light dark;--ground:#f6f6f9;--card:#fff;--ink:#1b1a22;--soft:#5d5b6b;--line:#d9d8e2;--accent:#5b3fd6;--accent-ink:#fff;--bad:#a3142b;--bad-ground:#fdecef;--good:#0f6b3d;--good-ground:#e7f6ee}
@media (prefers-color-scheme:dark){:root{--ground:#131218;--card:#1d1c25;--ink:#eceaf4;--soft:#a6a3b6;--line:#383645;--accent:#a792ff;--accent-ink:#17122e;--bad:#ff9fac;--bad-ground:#3a1820;--good:#8be0b1;--good-ground:#12301f}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:28rem;background:var(--card);border:1px solid var(--line);border-radius:14px;padding:2rem}
.wide main{max-width:44rem}
h1{margin:0 0 .5rem;font-size:1.4rem;line-height:1.25}
p{margin:.5rem 0 1rem}
.soft{color:var(--soft)}
label,legend{display:block;font-weight:600;margin:1rem 0 .35rem;padding:0}
input[type=text],input[type=email],input[type=password]{width:100%;font:inherit;color:inherit;background:var(--ground);border:1px solid var(--line);border-radius:8px;padding:.6rem .75rem}
fieldset{border:0;margin:0;padding:0}
.choice{display:flex;gap:.65rem;align-items:flex-start;border:1px solid var(--line);border-radius:8px;padding:.6rem .75rem;margin:.4rem 0;font-weight:400;cursor:pointer}
.choice:has(:checked){border-color:var(--accent);box-shadow:inset 0 0 0 1px var(--accent)}
.choice input{margin:.3rem 0 0;accent-color:var(--accent)}
.choice small{display:block;color:var(--soft)}
button{font:inherit;font-weight:600;border:1px solid transparent;border-radius:8px;padding:.65rem 1.1rem;background:var(--accent);color:var(--accent-ink);cursor:pointer}
button.quiet{background:transparent;color:var(--ink);border-color:var(--line)}
.actions{display:flex;flex-wrap:wrap;gap:.6rem;margin-top:1.5rem}
.code{font:600 1.6rem/1.2 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;letter-spacing:.12em;text-align:center;border:1px dashed var(--line);border-radius:8px;padding:.7rem;margin:1rem 0}
dl{display:grid;grid-template-columns:auto 1fr;gap:.2rem 1rem;margin:1rem 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.note{border-radius:8px;padding:.65rem .8rem;margin:0 0 1rem}
.bad{background:var(--bad-ground);color:var(--bad)}.good{background:var(--good-ground);color:var(--good)}
footer{margin-top:1.75rem;padding-top:1rem;border-top:1px solid var(--line);font-size:.875rem;color:var(--soft);display:flex;justify-content:space-between;gap:1rem;align-items:center;flex-wrap:wrap}
footer button{padding:.3rem .7rem;font-size:.875rem;font-weight:400}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
`;

const styleHash = `'sha256-${createHash('sha256').update(style).digest('base64')}'`;
/** Pages have one style sheet and no script; nothing is loaded from anywhere, and they cannot be framed. */
const policy = `default-src 'none'; style-src ${styleHash}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;

export type Page = { title: string; body: Html; status?: number; isWide?: boolean };

/** Sends a page. They hold codes and forms of one person, so nothing may keep them. */
export function sendPage(reply: FastifyReply, { title, body, status = 200, isWide = false }: Page): string {
  void reply.status(status).headers({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'x-frame-options': 'DENY',
    // The query holds a code; it stays on this site, and forms keep their Origin.
    'referrer-policy': 'same-origin',
  });
  return html`<!doctype html>
<html lang="en"${isWide && new Html(' class="wide"')}>
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${new Html(style)}</style></head>
<body><main>${body}</main></body>
</html>`.text;
}

/** After a form: the browser fetches the next page itself, so reloading it sends nothing again. */
export function seeOther(reply: FastifyReply, path: string): string {
  void reply.status(303).headers({ location: path, 'content-type': 'text/plain; charset=utf-8' });
  return '';
}

/** A path of this site to go on to, or the start page: a link from elsewhere must not lead anywhere else. */
export function safeNext(next: string | null | undefined): string {
  return next && /^\/(?![/\\])[\x21-\x7e]*$/.test(next) && !next.includes('\\') ? next : '/';
}

export function failure(text: string | null): Html | null {
  return text ? html`<p class="note bad" role="alert">${text}</p>` : null;
}
