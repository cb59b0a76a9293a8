// Opens each page that is named in a real Chromium, by day, by night and on a phone, and says as JSON what axe finds, what
// the page asked the network for, whether it is wider than the screen, and whether Tab leads to a first link to be seen.
const { chromium } = require('playwright-core');
const { source } = require('axe-core');

const LOOKS = [
  ['day', { colorScheme: 'light', viewport: { width: 1100, height: 900 } }],
  ['night', { colorScheme: 'dark', viewport: { width: 1100, height: 900 } }],
  ['phone', { colorScheme: 'light', viewport: { width: 390, height: 800 } }],
];

async function look(browser, file, name, screen) {
  const context = await browser.newContext(screen);
  const page = await context.newPage();
  const asked = [];
  page.on('request', (request) => request.url().startsWith('file://') || asked.push(request.url()));
  await page.goto(`file://${file}`);
  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => {
    const box = document.activeElement.getBoundingClientRect();
    return { tag: document.activeElement.tagName, seen: box.left >= 0 && box.width > 0 && box.height > 0 };
  });
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  await page.evaluate(() => document.querySelectorAll('details').forEach((one) => { one.open = true; }));
  await page.evaluate(source);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  await context.close();
  const violations = found.violations.map((one) => ({
    id: one.id, impact: one.impact, where: one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)),
  }));
  return { file, name, asked, first, wider, violations };
}

(async () => {
  const [, , program, ...files] = process.argv;
  // Chromium's own walls need a user that is not root.
  const args = process.getuid() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath: program, args });
  const found = [];
  for (const file of files) for (const [name, screen] of LOOKS) found.push(await look(browser, file, name, screen));
  await browser.close();
  console.log(JSON.stringify(found));
})();
