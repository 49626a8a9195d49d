import { createRouter, createWebHistory, type Router } from "vue-router";
import { whenSignedOut } from "@/api/client";
import { useSession } from "@/shared/composables/useSession";
import { ROUTE, routes } from "./routes";

export function makeRouter(): Router {
  const router = createRouter({ history: createWebHistory("/ui/"), routes, scrollBehavior: (_to, _from, saved) => saved ?? {} });

  router.beforeEach(async (to) => {
    const session = useSession();
    await session.load().catch(() => undefined);
    if (to.meta.isPublic) return true;
    if (!session.me) return { name: ROUTE.login, query: to.name === "home" ? {} : { next: to.fullPath } };
    if (to.name === "home") return { name: ROUTE.flows, params: { tenant: session.homeTenant } };
    return true;
  });

  whenSignedOut(() => {
    const current = router.currentRoute.value;
    useSession().forget();
    if (!current.meta.isPublic) void router.push({ name: ROUTE.login, query: { next: current.fullPath } });
  });

  return router;
}
