// One Chromium for a scenario: signs in, collects what a person would never see (errors, foreign requests), checks accessibility.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(fileURLToPath(new URL("../../../frontend/package.json", import.meta.url)));
const { chromium } = require("playwright-core");
const { AxeBuilder } = require("@axe-core/playwright");

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
export const LIVE = 30_000;

export class Session {
  constructor(options) {
    Object.assign(this, options);
    this.complaints = [];
  }

  static async open({ url, username, password, dark = false }) {
    const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: dark ? "dark" : "light", reducedMotion: "reduce" });
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const session = new Session({ url, username, password, browser, context, page });
    session.watch();
    return session;
  }

  watch() {
    this.page.on("pageerror", (error) => this.complaints.push(`page error: ${error.message}`));
    this.page.on("console", (message) => {
      const isRefusal = /Failed to load resource/.test(message.text());
      if (message.type() === "error" && !isRefusal) this.complaints.push(`console: ${message.text()}`);
    });
    this.page.on("request", (request) => {
      const address = new URL(request.url());
      if (["http:", "https:"].includes(address.protocol) && address.origin !== new URL(this.url).origin) this.complaints.push(`foreign host: ${address.origin}`);
    });
    this.page.on("response", (response) => {
      if (response.status() >= 500) this.complaints.push(`${response.status()} ${response.url()}`);
    });
  }

  goto(path) {
    return this.page.goto(`${this.url}/ui${path}`);
  }

  async signIn(next = "") {
    await this.goto(next || "/");
    await this.page.fill("input[name=username]", this.username);
    await this.page.fill("input[name=password]", this.password);
    await this.page.click("button[type=submit]");
    await this.page.waitForSelector("nav[aria-label='Main menu']");
  }

  /** Calls the API with the session of the page, as its own scripts do. */
  async api(method, path, body, contentType = "application/x-yaml") {
    const token = (await this.context.cookies()).find((cookie) => cookie.name === "csrftoken")?.value ?? "";
    const headers = { "X-CSRFToken": token, ...(body ? { "Content-Type": contentType } : {}) };
    const response = await this.context.request.fetch(`${this.url}/api/v1/main${path}`, { method, data: body, headers });
    const text = await response.text();
    if (!response.ok()) throw new Error(`${method} ${path}: ${response.status()} ${text.slice(0, 400)}`);
    return text ? JSON.parse(text) : null;
  }

  /** Types into the code editor in place of all its text; pasted, so that no completion interferes. */
  async writeSource(source) {
    await this.page.waitForSelector(".monaco-editor .view-line");
    await this.page.click(".monaco-editor .view-lines");
    await this.page.keyboard.press("Control+a");
    await this.page.evaluate((text) => {
      const data = new DataTransfer();
      data.setData("text/plain", text);
      document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }, source);
  }

  /** Colours that are on their way from one state to the next belong to neither. */
  settle() {
    return this.page.evaluate(() => {
      const passing = document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity);
      return Promise.all(passing.map((one) => one.finished.catch(() => undefined)));
    });
  }

  async accessible(name) {
    await this.settle();
    const { violations } = await new AxeBuilder({ page: this.page }).exclude(".monaco-editor").analyze();
    for (const violation of violations) {
      const places = violation.nodes.slice(0, 3).map((node) => `${node.target.join(" ")} (${node.any[0]?.message ?? node.failureSummary})`);
      this.complaints.push(`axe on ${name}: ${violation.id} (${violation.impact}) at ${places.join(", ")}`);
    }
  }

  state() {
    return this.page.getAttribute("main header .badge", "data-state");
  }

  waitForState(state) {
    return this.page.waitForSelector(`main header .badge[data-state=${state}]`, { timeout: LIVE });
  }

  async close() {
    await this.browser.close();
  }
}

export function check(condition, message) {
  if (!condition) throw new Error(message);
}
