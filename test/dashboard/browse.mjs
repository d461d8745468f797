// Signs in to a workspace's dashboard in headless Chromium, approves a device, and walks through pages:
//
//   node test/dashboard/browse.mjs <chromium> <url> <user> <password> [path …]
//
// Prints one line of JSON: what each page showed, and what went wrong on the way.
import { chromium } from 'playwright-core';

const [executablePath, url, user, password, ...paths] = process.argv.slice(2);
// Without a graphics card the sign-in page's animation takes all of the machine; it can do without.
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-3d-apis'] });
try {
  const page = await browser.newPage();
  const failures = [];
  const origin = new URL(url).origin;
  // Pictures of other sites cannot be had everywhere this runs, and are not ours.
  await page.route('**/*', (route) =>
    route.request().url().startsWith(origin) || !route.request().url().startsWith('http') ? route.continue() : route.abort(),
  );
  page.on(
    'response',
    (answer) =>
      answer.status() >= 400 &&
      answer.status() !== 401 &&
      failures.push(`${answer.status()} ${answer.request().method()} ${answer.url().slice(origin.length)}`),
  );
  page.on(
    'console',
    (message) => /Content Security Policy/.test(message.text()) && !/about:blank/.test(message.text()) && failures.push(message.text().slice(0, 200)),
  );
  page.on('pageerror', (error) => !/WebGL/.test(error.message) && failures.push(error.message.slice(0, 200)));

  await page.goto(url, { waitUntil: 'load' });
  await page.fill('input[name=username]', user);
  await page.fill('input[name=password]', password);
  await page.click('button[type=submit]');
  await page.waitForURL((at) => !at.pathname.startsWith('/login'), { timeout: 20_000 });

  const pages = {};
  for (const path of paths) {
    const [address, awaited] = path.split('#');
    await page.goto(url + address, { waitUntil: 'load' });
    await page
      .getByText(awaited)
      .first()
      .waitFor({ timeout: 15_000 })
      .catch(() => failures.push(`${address} never showed "${awaited}": ${page.url()}`));
    pages[address] = (await page.locator('body').innerText()).replace(/\s+/g, ' ').slice(0, 2_000);
  }
  console.log(JSON.stringify({ pages, failures }));
} finally {
  await browser.close();
}
