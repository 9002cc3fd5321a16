// Answers requests about pages, one JSON object per line: {"check", "page", "scheme", "width", "scripts"} -> {"faults": [...]}.
// "check" names a function of checks.mjs. Each request has a fresh context of one chromium, Debian's. Every fault is a line of words;
// whatever the page asks of the network, and whatever its console complains of, is a fault in every check.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import * as checks from "./checks.mjs";

const browser = await chromium.launch({ executablePath: process.argv[2], args: ["--disable-gpu"] });

async function answer({ check, page: file, scheme = "light", width = 1280, scripts = true }) {
  const address = pathToFileURL(file).href;
  const context = await browser.newContext({
    colorScheme: scheme,
    javaScriptEnabled: scripts,
    viewport: { width, height: 900 },
  });
  const faults = [];
  try {
    await context.route("**", (route) => {
      if (route.request().url() === address) return route.continue();
      faults.push(`asks for ${route.request().url()}`);
      return route.abort();
    });
    const page = await context.newPage();
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) faults.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => faults.push(`uncaught: ${error.message}`));
    page.on("dialog", async (dialog) => {
      faults.push(`a script of a record ran: ${dialog.message()}`);
      await dialog.dismiss();
    });
    await page.goto(address, { waitUntil: "load" });
    faults.push(...(await checks[check](page)));
  } finally {
    await context.close();
  }
  return faults;
}

for await (const line of createInterface({ input: process.stdin })) {
  let reply;
  try {
    reply = { faults: await answer(JSON.parse(line)) };
  } catch (error) {
    reply = { error: String(error.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
await browser.close();
