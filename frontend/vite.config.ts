/// <reference types="vitest/config" />
import { fileURLToPath, URL } from "node:url";
import vue from "@vitejs/plugin-vue";
import components from "unplugin-vue-components/vite";
import { ElementPlusResolver } from "unplugin-vue-components/resolvers";
import { defineConfig, type PluginOption } from "vite";
import { compress } from "./dev/compress.ts";

// PENSTOCK_DEV_API=fake serves recorded-like answers from dev/; otherwise calls go to a running server.
const useFakeApi = process.env.PENSTOCK_DEV_API === "fake";
const apiTarget = process.env.PENSTOCK_DEV_API ?? "http://127.0.0.1:8080";

async function fakeApi(): Promise<PluginOption> {
  if (!useFakeApi) return null;
  return (await import("./dev/fake-api.ts")).fakeApi();
}

export default defineConfig(async ({ mode }) => ({
  base: "/ui/",
  plugins: [
    vue(),
    components({
      dirs: [],
      dts: mode === "test" ? false : "src/components.d.ts",
      resolvers: mode === "test" ? [] : [ElementPlusResolver({ importStyle: "css" })],
    }),
    compress(),
    await fakeApi(),
  ],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  worker: { format: "es" as const },
  build: { target: "es2022", chunkSizeWarningLimit: 4000, sourcemap: false },
  server: useFakeApi ? {} : { proxy: { "/api": { target: apiTarget } } },
  test: { environment: "happy-dom", include: ["src/**/*.spec.ts"] },
}));
