// What is asked of a page: async functions of a loaded page (playwright's Page) to a list of faults, each a line of words.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** Nothing beyond what browser.mjs finds by itself: errors on the console, and requests. */
export async function loads() {
  return [];
}

/** axe-core's rules, with everything unfolded that a reader can unfold. */
export async function axe(page) {
  await unfold(page);
  await page.evaluate(await readFile(AXE, "utf-8")); // through the debugger: the page's own policy admits no script but its own
  const { violations, passes } = await page.evaluate(
    (tags) => globalThis.axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"] }),
    RULES,
  );
  const faults = violations.map(
    (each) => `${each.id}: ${each.help}: ${each.nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" | ")}`,
  );
  return passes.length > 10 ? faults : [...faults, `only ${passes.length} rules found anything to look at`];
}

/** The page is as wide as its window; wide tables and figures scroll within themselves, and a keyboard can reach them. */
export async function fits(page) {
  await unfold(page);
  return page.evaluate(() => {
    const wide = document.documentElement.scrollWidth;
    const room = document.documentElement.clientWidth;
    const faults = wide > room ? [`the page is ${wide} px wide in a window of ${room}`] : [];
    for (const each of document.querySelectorAll(".scroll, pre"))
      if (each.scrollWidth > each.clientWidth && each.tabIndex < 0) faults.push(`scrolls, but no keyboard gets there: ${each.id}`);
    // Beyond the right edge without a way to scroll there: cut off.
    for (const each of document.querySelectorAll("main *, header *")) {
      const box = each.getBoundingClientRect();
      if (box.width > 0 && box.right > room + 1 && !each.closest(".scroll, pre, svg"))
        faults.push(`cut off at ${Math.round(box.right)} px: ${each.outerHTML.slice(0, 120)}`);
    }
    return faults.slice(0, 5);
  });
}

/** Words of figures neither overlap nor leave their drawing. */
export async function figures(page) {
  await unfold(page);
  return page.evaluate(() => {
    const faults = [];
    for (const drawing of document.querySelectorAll("svg.plot")) {
      const frame = drawing.getBoundingClientRect();
      const texts = Array.from(drawing.querySelectorAll("text"), (text) => ({
        words: text.textContent.trim(),
        box: text.getBoundingClientRect(),
      })).filter(({ words, box }) => words && box.width > 0);
      const name = (drawing.getAttribute("aria-label") ?? "").slice(0, 60);
      for (const { words, box } of texts)
        if (box.left < frame.left - 2 || box.right > frame.right + 2 || box.top < frame.top - 2 || box.bottom > frame.bottom + 2)
          faults.push(`“${words}” leaves the drawing “${name}”`);
      // A text's box is a line high, letters are lower: only what overlaps by more than a third of a line is unreadable.
      texts.forEach((one, index) => {
        for (const other of texts.slice(index + 1)) {
          const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
          const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
          if (across > 1 && down > Math.min(one.box.height, other.box.height) / 3)
            faults.push(`“${one.words}” and “${other.words}” overlap in “${name}”`);
        }
      });
    }
    return faults.slice(0, 10);
  });
}

/** With the keyboard alone: a column is sorted up and down, a table is filtered, and what is left is counted aloud. */
export async function keyboard(page) {
  const faults = [];
  await unfold(page);
  const table = page.locator("table[data-rows]:has(thead button):has(tbody tr:nth-child(8))").first();
  const id = await table.getAttribute("id");
  const head = table.locator("thead button").first();
  const column = () => table.locator("tbody tr > :first-child").allTextContents();
  const before = await column();
  await head.focus();
  await page.keyboard.press("Enter");
  const up = await column();
  const order = new Intl.Collator("en", { numeric: true });
  const sorted = (list) => list.every((each, index) => index === 0 || order.compare(list[index - 1].trim(), each.trim()) <= 0);
  const state = () => table.locator("thead th").first().getAttribute("aria-sort");
  if (!sorted(up) || (await state()) !== "ascending") faults.push(`${id}: Enter on a column's head does not sort: ${up.slice(0, 4)}`);
  await page.keyboard.press("Space");
  const down = await column();
  if (!sorted([...down].reverse()) || (await state()) !== "descending") faults.push(`${id}: Space does not turn the order round`);
  if ([...before].sort().join() !== [...down].sort().join()) faults.push(`${id}: sorting lost rows`);

  const filter = page.locator("label.filter input[type=search]").first();
  await filter.focus();
  const word = await filter.evaluate((input) => {
    let next = input.closest("label");
    while (next && !next.querySelector("table")) next = next.nextElementSibling;
    const first = (next ?? document).querySelector("tbody tr").cells[0];
    return first.textContent.trim().split(/\s+/)[0];
  });
  await page.keyboard.type(word);
  const texts = await page.locator("[role=status]").evaluateAll((all) => all.map((each) => each.textContent).filter(Boolean));
  if (!texts.some((each) => /^[1-9]\d* of \d+ rows$/.test(each))) faults.push(`filtering for “${word}” says ${JSON.stringify(texts)}`);
  await page.keyboard.type("no such row anywhere");
  const none = await page.locator("[role=status]").evaluateAll((all) => all.map((each) => each.textContent).filter(Boolean));
  if (!none.some((each) => /^0 of \d+ rows$/.test(each))) faults.push(`a filter that nothing passes says ${JSON.stringify(none)}`);
  return faults;
}

/** The box "only ..." above a table leaves the rows that are chosen, by keyboard. */
export async function only(page) {
  await unfold(page);
  const table = page.locator("table[data-only]").first();
  const chosen = await table.locator("tbody tr[data-chosen]").count();
  const rows = await table.locator("tbody tr").count();
  const box = page.locator("label.filter input[type=checkbox]").first();
  await box.focus();
  await page.keyboard.press("Space");
  const left = await table.locator("tbody tr:visible").count();
  const faults = left === chosen ? [] : [`${left} rows are left of ${rows}, ${chosen} are chosen`];
  if (chosen === 0 || chosen === rows) faults.push(`the box changes nothing: ${chosen} of ${rows} rows are chosen`);
  return faults;
}

/** Without scripts: every section has words, every table its rows, every figure its drawing and its words. */
export async function readable(page) {
  return page.evaluate(() => {
    const faults = [];
    for (const section of document.querySelectorAll("main section"))
      if (section.innerText.trim().split(/\s+/).length < 5) faults.push(`section ${section.id} has no words`);
    for (const table of document.querySelectorAll("table")) if (table.tBodies[0].rows.length === 0) faults.push(`${table.id} is empty`);
    for (const figure of document.querySelectorAll("figure"))
      if (!figure.querySelector("svg text") || !figure.querySelector("figcaption")) faults.push(`${figure.id} shows nothing`);
    if (document.querySelector("button, input")) faults.push("there are controls, which do nothing without scripts");
    return faults;
  });
}

/** A record's words are text: no element came out of them. `HOSTILE` in test_pages.py says what they are. */
export async function harmless(page) {
  await unfold(page);
  return page.evaluate(() => {
    const faults = [];
    if (document.querySelectorAll("script").length !== 1) faults.push(`${document.querySelectorAll("script").length} scripts`);
    if (document.querySelector("img, iframe, object, base")) faults.push("an element came out of a record");
    if (!document.body.innerText.includes("<script>alert(1)</script>")) faults.push("the hostile name is not shown as it is");
    return faults;
  });
}

/** On paper: light, without controls, nothing cut off at the right edge. */
export async function prints(page) {
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  return page.evaluate(() => {
    const paper = getComputedStyle(document.body).backgroundColor;
    const [red, green, blue] = paper.match(/\d+/g).map(Number);
    const faults = Math.min(red, green, blue) < 240 ? [`the paper is ${paper}`] : [];
    for (const each of document.querySelectorAll("nav, label.filter")) if (each.offsetParent) faults.push(`printed: ${each.tagName}`);
    return faults;
  });
}

/** Milliseconds from the request to the first paint with content, as its only "fault": a measurement, not a check. */
export async function paint(page) {
  const time = await page.evaluate(
    () =>
      new Promise((resolve) => {
        new PerformanceObserver((list) => list.getEntriesByName("first-contentful-paint").forEach((entry) => resolve(entry.startTime))).observe({
          type: "paint",
          buffered: true,
        });
      }),
  );
  return [`${Math.round(time)}`];
}

async function unfold(page) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((each) => (each.open = true)));
}

