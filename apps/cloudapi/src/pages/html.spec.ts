import { html } from './html.js';

describe('html', () => {
  it('escapes whatever is not markup', () => {
    expect(html`<p title="${'"><script>'}">${"<b>&'"}</p>`.text).toBe('<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;&#39;</p>');
  });

  it('keeps nested markup and leaves out what is not there', () => {
    expect(html`<ul>${[html`<li>1</li>`, html`<li>2</li>`]}${null}${false}</ul>`.text).toBe('<ul><li>1</li><li>2</li></ul>');
  });
});
