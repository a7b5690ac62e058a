import { mkdirSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BenchProcess, startBench } from "../support/bench-process.ts";
import { findChromium } from "../support/tools.ts";

const executablePath = findChromium();

/** `BENCH_PICTURE=docs/bench.png npm test -- test/e2e/bench-page` draws the picture of the README. */
const picture = process.env.BENCH_PICTURE;

describe.skipIf(executablePath === null)("the bench page in a real browser (needs chromium)", () => {
  let bench: BenchProcess;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    bench = await startBench();
    browser = await chromium.launch({
      ...(executablePath === null ? {} : { executablePath }),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    await page.goto(bench.url);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await bench?.stop();
  });

  /** Presses keys of the computer's keyboard long enough for a real switch. */
  const press = async (...keys: readonly string[]) => {
    for (const key of keys) await page.keyboard.press(key, { delay: 40 });
  };
  /** What the canvas shows, as the page tells it to a screen reader: read from the modelled chip, not from the frame. */
  const glass = () => page.locator("#glass-text").textContent();
  const glassShows = (text: string) => expect.poll(glass).toContain(text);
  const screen = (name: string) => bench.screen((shown) => shown.screen === name);

  it("activates the box, sets a static address with the keys, and says what is wrong without a cable", async () => {
    await screen("activation");
    await glassShows("ACTIVATION CODE");

    await page.getByLabel("Activated").check();
    await screen("home");
    await glassShows("10.77.0.100");

    await press("Enter", "Enter", "ArrowDown", "ArrowDown");
    await glassShows("IP ON LAN");
    await press("Enter", "Enter");
    await glassShows("010.077.000.100");
    // 100 becomes 020.
    for (let digit = 0; digit < 9; digit++) await press("ArrowRight");
    await press("ArrowDown", "ArrowRight", "ArrowUp", "ArrowUp", "Enter");
    await screen("lan-static/netmask");
    await press("Enter");
    for (const field of ["gateway", "dns1", "dns2", "wins1", "wins2", "domain"]) {
      await screen(`lan-static/${field}`);
      await press("Enter");
    }
    await screen("confirm/static-lan");
    await press("Enter");
    await screen("home");
    await glassShows("10.77.0.20");

    // The picture: on line, with a scan running and the console open.
    await page.getByRole("button", { name: "Scan", exact: true }).click();
    await bench.patch({ clock: { advanceSeconds: 240 } });
    await page.locator("#terminal").click();
    await page.keyboard.press("Enter");
    await expect.poll(() => page.locator("#terminal").textContent()).toContain("MAC address");
    if (picture !== undefined) {
      mkdirSync("docs", { recursive: true });
      await page.screenshot({ path: picture, fullPage: true });
    }

    const cable = page.getByRole("switch", { name: "Cable plugged in" }).first();
    await cable.uncheck();
    await bench.patch({ clock: { advanceSeconds: 400 } });
    await glassShows("COMMUNICATION");
    await press("ArrowRight");
    await screen("network-error/detail");
    await glassShows("no CARRIER");

    await cable.check();
    await screen("home");
    expect(complaints).toEqual([]);
  }, 120_000);
});
