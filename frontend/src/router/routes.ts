import type { RouteRecordRaw } from "vue-router";

/** Every page of the product, once. Names are the only thing other files know. */
export const ROUTE = {
  login: "login",
  setup: "setup",
  flows: "flows",
  flowNew: "flow-new",
  flow: "flow",
  executions: "executions",
  execution: "execution",
  logs: "logs",
  notFound: "not-found",
} as const;

export const FLOW_TABS = ["overview", "edit", "revisions", "executions"] as const;
export const EXECUTION_TABS = ["overview", "gantt", "logs", "outputs"] as const;

const TENANT = "/:tenant";

const accounts: RouteRecordRaw[] = [
  { path: "/login", name: ROUTE.login, component: () => import("@/features/accounts/pages/LoginPage.vue"), meta: { isPublic: true } },
  { path: "/setup", name: ROUTE.setup, component: () => import("@/features/accounts/pages/SetupPage.vue"), meta: { isPublic: true } },
];

const flows: RouteRecordRaw[] = [
  { path: `${TENANT}/flows`, name: ROUTE.flows, component: () => import("@/features/flows/pages/FlowListPage.vue") },
  { path: `${TENANT}/flows/new`, name: ROUTE.flowNew, component: () => import("@/features/flows/pages/FlowCreatePage.vue") },
  {
    path: `${TENANT}/flows/edit/:namespace/:id`,
    component: () => import("@/features/flows/pages/FlowPage.vue"),
    children: [
      { path: "", name: ROUTE.flow, redirect: (to) => ({ name: "flow-overview", params: to.params, query: to.query }) },
      {
        path: "overview",
        name: "flow-overview",
        components: {
          default: () => import("@/features/flows/pages/FlowOverviewTab.vue"),
          recent: () => import("@/features/executions/pages/RecentExecutions.vue"),
        },
      },
      { path: "edit", name: "flow-edit", alias: "editor", component: () => import("@/features/flows/pages/FlowEditTab.vue") },
      { path: "revisions", name: "flow-revisions", component: () => import("@/features/flows/pages/FlowRevisionsTab.vue") },
      { path: "executions", name: "flow-executions", component: () => import("@/features/executions/pages/FlowExecutionsTab.vue") },
    ],
  },
];

const executions: RouteRecordRaw[] = [
  { path: `${TENANT}/executions`, name: ROUTE.executions, component: () => import("@/features/executions/pages/ExecutionListPage.vue") },
  {
    path: `${TENANT}/executions/:namespace/:flowId/:id`,
    component: () => import("@/features/executions/pages/ExecutionPage.vue"),
    children: [
      { path: "", name: ROUTE.execution, redirect: (to) => ({ name: "execution-overview", params: to.params, query: to.query }) },
      { path: "overview", name: "execution-overview", component: () => import("@/features/executions/pages/ExecutionOverviewTab.vue") },
      { path: "gantt", name: "execution-gantt", component: () => import("@/features/executions/pages/ExecutionGanttTab.vue") },
      { path: "logs", name: "execution-logs", component: () => import("@/features/logs/pages/ExecutionLogsTab.vue") },
      { path: "outputs", name: "execution-outputs", component: () => import("@/features/executions/pages/ExecutionOutputsTab.vue") },
    ],
  },
];

const logs: RouteRecordRaw[] = [
  { path: `${TENANT}/logs`, name: ROUTE.logs, component: () => import("@/features/logs/pages/LogListPage.vue") },
];

/** Links copied from Kestra carry no tenant: they mean the tenant `main`. */
const withoutTenant: RouteRecordRaw = {
  path: "/:page(flows|executions|logs)/:rest(.*)*",
  redirect: (to) => ({ path: `/main${to.path}`, query: to.query, hash: to.hash }),
};

export const routes: RouteRecordRaw[] = [
  ...accounts,
  ...flows,
  ...executions,
  ...logs,
  withoutTenant,
  { path: "/", name: "home", component: { render: () => null } },
  { path: TENANT, redirect: (to) => ({ name: ROUTE.flows, params: to.params }) },
  { path: "/:path(.*)*", name: ROUTE.notFound, component: () => import("@/shared/ui/NotFoundPage.vue") },
];
