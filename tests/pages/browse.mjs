// Opens pages in Chromium at two widths, light and dark; says what is wrong with each and keeps what it looks like.
//
// Usage: browse.mjs MODULES CHROMIUM SCREENSHOTS, with the pages by name as JSON on stdin. Prints a line of JSON for each.

import { createRequire } from "node:module";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [modules, chromium, screenshots] = process.argv.slice(2);
const require = createRequire(join(modules, "x.js"));
const puppeteer = (await import(require.resolve("puppeteer-core"))).default;
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const pages = JSON.parse(readFileSync(0, "utf8"));
const profile = mkdtempSync(join(tmpdir(), "release-links-chromium-"));
const browser = await puppeteer.launch({
  executablePath: chromium,
  userDataDir: profile,
  args: [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  for (const [name, address] of Object.entries(pages)) {
    for (const width of [390, 1280]) {
      for (const scheme of ["light", "dark"]) {
        const faults = await look(address, width, scheme, join(screenshots, `${name}-${width}-${scheme}.png`));
        console.log(JSON.stringify({ name: `${name}, ${width} px, ${scheme}`, faults }));
      }
    }
  }
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}

async function look(address, width, scheme, screenshot) {
  const page = await browser.newPage();
  const faults = [];
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== new URL(address).origin) faults.push(`asks another host for ${request.url()}`);
  });
  page.on("dialog", (dialog) => faults.push(`shows a dialog: ${dialog.message()}`));
  page.on("pageerror", (error) => faults.push(`runs a script: ${error}`));
  try {
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.goto(address, { waitUntil: "networkidle0" });
    if ((await page.title()) === "owned") faults.push("runs a script of somebody else's");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (wide > 0) faults.push(`is ${wide} px too wide`);
    await page.screenshot({ path: screenshot, fullPage: true });
    faults.push(...(await keyboard(page)));
    // What is folded away is checked as well.
    await page.evaluate(() => document.querySelectorAll("details").forEach((folded) => (folded.open = true)));
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
    for (const { id, nodes } of violations) faults.push(`axe: ${id}: ${nodes[0].html.slice(0, 200)}: ${nodes[0].failureSummary}`);
  } finally {
    await page.close();
  }
  return faults;
}

// Goes through the page with the Tab key: everything in its order, and one sees where one is.
async function keyboard(page) {
  const reached = await page.evaluate(() => {
    const all = [...document.querySelectorAll("a[href], summary, input, button")];
    const shown = all.filter((element) => element.checkVisibility());
    window.reachable = shown;
    return shown.length;
  });
  const faults = [];
  for (let at = 0; at < Math.min(reached, 40); at += 1) {
    await page.keyboard.press("Tab");
    const seen = await page.evaluate((at) => {
      const focused = document.activeElement;
      if (focused !== window.reachable[at]) return `Tab number ${at + 1} goes to ${focused.outerHTML.slice(0, 100)}`;
      const { outlineStyle, outlineWidth } = getComputedStyle(focused);
      return outlineStyle === "none" || outlineWidth === "0px" ? `no outline around ${focused.outerHTML.slice(0, 100)}` : null;
    }, at);
    if (seen) return [...faults, seen];
  }
  return faults;
}
