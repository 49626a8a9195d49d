// What people do in the browser, step by step. `node scenarios.mjs NAME` exits with 0 when it went as it should.
import { check, LIVE, Session } from "./session.mjs";

const NAMESPACE = `company.browser${process.pid}`;
const log = (id, message) => `  - id: ${id}\n    type: io.kestra.plugin.core.log.Log\n    message: "${message}"\n`;
const flow = (id, rest) => `id: ${id}\nnamespace: ${NAMESPACE}\n${rest}`;
const GREET = flow("greet", `inputs:\n  - id: who\n    type: STRING\n  - id: times\n    type: INT\n    defaults: 1\n    max: 5\ntasks:\n${log("hello", "Hello {{ inputs.who }} from the browser")}  - id: give\n    type: io.kestra.plugin.core.debug.Return\n    format: "{{ inputs.who }}!"\n`);
const SLEEP = flow("sleep", "tasks:\n  - id: nap\n    type: io.kestra.plugin.scripts.shell.Commands\n    taskRunner:\n      type: io.kestra.plugin.core.runner.Process\n    commands:\n      - sleep 60\n");
const ASK = flow("ask", `tasks:\n  - id: gate\n    type: io.kestra.plugin.core.flow.Pause\n    onResume:\n      - id: reason\n        type: STRING\n${log("after", "Because {{ outputs.gate.onResume.reason }}")}`);
const FAIL = flow("broken", "tasks:\n  - id: stop\n    type: io.kestra.plugin.core.execution.Fail\n    errorMessage: The tank is empty\n");

async function execute(session, id) {
  await session.goto(`/main/flows/edit/${NAMESPACE}/${id}`);
  await session.page.click("main header button:has-text('Execute')");
  await session.page.click(".el-dialog footer button:has-text('Execute')");
  await session.page.waitForURL(/\/executions\/.*\/gantt$/);
}

export const scenarios = {
  async login(session) {
    const { page } = session;
    await session.goto("/main/executions?state=FAILED");
    await page.waitForURL(/\/login\?next=/);
    await session.accessible("login");
    await page.fill("input[name=username]", session.username);
    await page.fill("input[name=password]", "not the password");
    await page.click("button[type=submit]");
    await page.waitForSelector("[role=alert]:has-text('wrong')");
    await page.fill("input[name=password]", session.password);
    await page.click("button[type=submit]");
    await page.waitForURL(/\/main\/executions\?state=FAILED$/);
    await page.click(".who");
    await page.click("li:has-text('Sign out')");
    await page.waitForURL(/\/login/);
    await session.goto("/main/flows");
    await page.waitForURL(/\/login\?next=/);
  },

  async journey(session) {
    const { page } = session;
    await session.signIn("/main/flows/new");
    await session.writeSource(GREET.replace("core.log.Log", "core.log.Logg"));
    const problem = page.locator("ul[aria-label=Problems] li").first();
    await problem.waitFor();
    check((await problem.innerText()).includes("Log"), `the problem says what is wrong: ${await problem.innerText()}`);
    check(/\b1[0-4]:\d+/.test(await problem.innerText()), `the problem has its line: ${await problem.innerText()}`);
    await page.waitForSelector(".monaco-editor .squiggly-error");
    await session.accessible("new flow with a problem");
    await page.click("button:has-text('Save')");
    await page.waitForTimeout(500);
    check(page.url().endsWith("/flows/new"), "a refused flow is not saved");

    await session.writeSource(GREET);
    await page.waitForSelector("[role=status][data-valid=true]");
    await page.keyboard.press("Control+s");
    await page.waitForURL(new RegExp(`/flows/edit/${NAMESPACE}/greet/edit$`));
    await page.waitForSelector("main header button:not(.is-disabled):has-text('Execute')");
    await session.accessible("edit flow");

    await page.click("main header button:has-text('Execute')");
    await page.waitForSelector("#input-who");
    await session.accessible("run dialog");
    await page.click(".el-dialog footer button:has-text('Execute')");
    await page.waitForSelector("[data-input=who] .problem");
    await page.fill("#input-times", "9");
    await page.waitForSelector("[data-input=times] .problem:has-text('at most 5')");
    await page.fill("#input-times", "2");
    await page.fill("#input-who", "Ada");
    await page.keyboard.press("Control+Enter");
    await page.waitForURL(/\/executions\/.*\/gantt$/);
    await session.waitForState("SUCCESS");
    await page.waitForSelector("[data-task=give][data-state=SUCCESS]");
    await session.accessible("gantt");

    await page.click("nav[aria-label='Parts of this page'] a:has-text('Logs')");
    await page.waitForSelector("[role=log] .message:has-text('Hello Ada from the browser')");
    await session.accessible("logs");
    await page.click("nav[aria-label='Parts of this page'] a:has-text('Outputs')");
    await page.click(".pick:has-text('Ada!')");
    await page.waitForSelector("code:has-text('{{ outputs.give.value }}')");
    await session.accessible("outputs");
    await page.click("nav[aria-label='Parts of this page'] a:has-text('Overview')");
    await page.waitForSelector("code:has-text('Ada')");
    await session.accessible("overview");
  },

  async liveExecution(session) {
    const { page } = session;
    await session.signIn();
    await session.api("POST", "/flows", SLEEP);
    await execute(session, "sleep");
    await page.waitForSelector("[data-task=nap][data-state=RUNNING]", { timeout: LIVE });
    await page.waitForSelector("header .live");
    const before = await page.innerText("[data-task=nap] .duration");
    await page.waitForTimeout(1500);
    check(before !== (await page.innerText("[data-task=nap] .duration")), "the duration grows while the task runs");
    await session.accessible("gantt, live");
    await page.click("header button:has-text('Kill')");
    await page.click(".el-message-box button:has-text('Kill')");
    await session.waitForState("KILLED");
  },

  async resume(session) {
    const { page } = session;
    await session.signIn();
    await session.api("POST", "/flows", ASK);
    await execute(session, "ask");
    await session.waitForState("PAUSED");
    await page.click("header button:has-text('Resume')");
    await page.fill("#input-reason", "it is fine");
    await session.accessible("resume dialog");
    await page.click(".el-dialog footer button:has-text('Resume')");
    await session.waitForState("SUCCESS");
    await page.click("nav[aria-label='Parts of this page'] a:has-text('Logs')");
    await page.waitForSelector("[role=log] .message:has-text('Because it is fine')");
  },

  async failure(session) {
    const { page } = session;
    await session.signIn();
    await session.api("POST", "/flows", FAIL);
    await execute(session, "broken");
    await session.waitForState("FAILED");
    await page.click("nav[aria-label='Parts of this page'] a:has-text('Overview')");
    await page.waitForSelector("h2:has-text('stop failed')");
    await page.waitForSelector("pre:has-text('The tank is empty')");
    await session.accessible("failed execution");
    const first = page.url();
    await page.click("header button:has-text('Replay')");
    await page.click(".el-dialog footer button:has-text('Replay')");
    await page.waitForURL((address) => address.href.endsWith("/gantt") && !first.startsWith(address.href.replace(/\/gantt$/, "")));
    await session.waitForState("FAILED");
  },

  async draft(session) {
    const { page } = session;
    await session.signIn();
    await session.api("POST", "/flows", flow("draft", `tasks:\n${log("a", "first")}`));
    await session.goto(`/main/flows/edit/${NAMESPACE}/draft/edit`);
    await session.writeSource(flow("draft", `tasks:\n${log("a", "second")}`));
    await page.waitForSelector("text=Unsaved changes");
    await page.click("nav[aria-label='Main menu'] a:has-text('Executions')");
    await page.click(".el-message-box button:has-text('Stay here')");
    check(page.url().endsWith("/draft/edit"), "staying stays");
    await page.click("nav[aria-label='Main menu'] a:has-text('Executions')");
    await page.click(".el-message-box button:has-text('Leave')");
    await page.waitForURL(/\/main\/executions$/);
    await session.goto(`/main/flows/edit/${NAMESPACE}/draft/edit`);
    await page.click("button:has-text('Restore the draft')");
    await page.waitForSelector("[role=status][data-valid=true]");
    await page.keyboard.press("Control+s");
    await page.waitForSelector(".el-message:has-text('revision 2')");
    await page.click("nav[aria-label='Parts of this page'] a:has-text('Revisions')");
    await page.waitForSelector("nav[aria-label=Revisions] button >> nth=1");
    await session.accessible("revisions");
  },

  async lists(session) {
    const { page } = session;
    await session.signIn();
    await session.api("POST", "/flows", GREET);
    await session.goto(`/flows?namespace=${NAMESPACE}`);
    await page.waitForURL(new RegExp(`/main/flows\\?namespace=${NAMESPACE}`));
    await page.waitForSelector("td a:has-text('greet')");
    await session.accessible("flows");
    await page.fill("input[placeholder^='Search by id']", "no such flow anywhere");
    await page.waitForURL(/q=no\+such|q=no%20such/);
    await page.waitForSelector("h2:has-text('Nothing matches')");
    await session.accessible("empty list");
    await page.click("main button:has-text('Clear filters') >> nth=0");
    await page.waitForSelector("td a");
    for (const name of ["executions", "logs"]) {
      await session.goto(`/main/${name}`);
      await page.waitForSelector("main h1");
      await page.waitForSelector("table[aria-busy=false], .empty");
      await session.accessible(name);
    }
    await page.keyboard.press("Control+k");
    await page.fill(".el-dialog input", "greet");
    await page.waitForSelector("#jump-targets a:has-text('greet')");
    await session.accessible("jump dialog");
  },
};

export async function run(name, options) {
  const session = await Session.open(options);
  try {
    await scenarios[name](session);
    check(!session.complaints.length, session.complaints.join("\n"));
  } catch (error) {
    const place = `${process.env.SCREENSHOTS}/${name}${options.dark ? "-dark" : ""}.png`;
    await session.page.screenshot({ path: place }).catch(() => undefined);
    throw new Error(`${error.message}\nseen at ${session.page.url()}, picture in ${place}\n${session.complaints.join("\n")}`);
  } finally {
    await session.close();
  }
}

const { PENSTOCK_URL: url, PENSTOCK_USERNAME: username, PENSTOCK_PASSWORD: password, DARK: dark } = process.env;
try {
  await run(process.argv[2], { url, username, password, dark: Boolean(dark) });
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
