/// <reference types="vite/client" />
declare module "monaco-editor/esm/vs/editor/edcore.main" {
  export * from "monaco-editor";
}
