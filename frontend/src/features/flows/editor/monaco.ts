/** The code editor: Monaco's core with YAML only, its workers from our own bundle. Loaded when an editor opens. */
import * as monaco from "monaco-editor/esm/vs/editor/edcore.main";
import { conf, language } from "monaco-editor/esm/vs/basic-languages/yaml/yaml";
import EditorWorker from "monaco-editor/esm/vs/editor/editor.worker?worker";
import { configureMonacoYaml, type MonacoYaml } from "monaco-yaml";
import YamlWorker from "./yaml.worker?worker";

export { monaco };

const SCHEMA_URI = "https://penstock.invalid/flow.json";
const LONGEST_MARKER = 280;
const FLOW_FILES = ["**/*.flow.yaml"];

self.MonacoEnvironment = {
  getWorker: (_moduleId: string, label: string) => (label === "yaml" ? new YamlWorker() : new EditorWorker()),
};

monaco.languages.register({ id: "yaml", extensions: [".yaml", ".yml"], aliases: ["YAML"] });
monaco.languages.setMonarchTokensProvider("yaml", language);
monaco.languages.setLanguageConfiguration("yaml", {
  ...conf,
  onEnterRules: [
    { beforeText: /:\s*[|>]?[+-]?\s*$/, action: { indentAction: monaco.languages.IndentAction.Indent } },
    // The next property of a list item stands under its first, not under the dash.
    { beforeText: /^\s*-\s+[^\s:]+:\s.*$/, action: { indentAction: monaco.languages.IndentAction.None, appendText: "  " } },
  ],
});

monaco.editor.defineTheme("penstock-light", {
  base: "vs",
  inherit: true,
  rules: [
    { token: "type.yaml", foreground: "0a5d80" },
    { token: "string.yaml", foreground: "1c5f45" },
    { token: "number.yaml", foreground: "8a4b00" },
    { token: "keyword.yaml", foreground: "6a3fb5" },
    { token: "comment.yaml", foreground: "5c7079" },
  ],
  colors: { "editor.background": "#ffffff", "editorLineNumber.foreground": "#566973", "editor.lineHighlightBackground": "#f3f7f9" },
});
monaco.editor.defineTheme("penstock-dark", {
  base: "vs-dark",
  inherit: true,
  rules: [
    { token: "type.yaml", foreground: "62c6e8" },
    { token: "string.yaml", foreground: "8fd6b4" },
    { token: "number.yaml", foreground: "f0b94a" },
    { token: "keyword.yaml", foreground: "bc9bf5" },
    { token: "comment.yaml", foreground: "8b9da7" },
  ],
  colors: {
    "editor.background": "#142027",
    "editorLineNumber.foreground": "#8b9da7",
    "editor.lineHighlightBackground": "#1a2931",
    "editorWidget.background": "#1a2931",
    "editorWidget.border": "#3b505b",
    "editorSuggestWidget.background": "#1a2931",
    "editorSuggestWidget.border": "#3b505b",
    "editorSuggestWidget.selectedBackground": "#143847",
    "editorHoverWidget.background": "#1a2931",
  },
});

let yaml: MonacoYaml | null = null;

/** Completion, hover and structural checks come from the server's schema; nothing is fetched from elsewhere. */
export function useFlowSchema(schema: Record<string, unknown> | null): void {
  const options = {
    enableSchemaRequest: false,
    completion: true,
    hover: true,
    validate: true,
    format: { enable: true },
    schemas: schema ? [{ uri: SCHEMA_URI, fileMatch: FLOW_FILES, schema }] : [],
  };
  if (yaml) void yaml.update(options);
  else yaml = configureMonacoYaml(monaco, options);
}

let nextModel = 0;

export function createFlowModel(source: string): monaco.editor.ITextModel {
  nextModel += 1;
  return monaco.editor.createModel(source, "yaml", monaco.Uri.parse(`file:///${nextModel}.flow.yaml`));
}

/** An unknown type among hundreds makes a marker of kilometres: people need its first words. */
monaco.editor.onDidChangeMarkers((resources) => {
  for (const resource of resources) {
    const markers = monaco.editor.getModelMarkers({ resource, owner: "yaml" });
    const model = monaco.editor.getModel(resource);
    if (!model || markers.every((marker) => marker.message.length <= LONGEST_MARKER)) continue;
    monaco.editor.setModelMarkers(model, "yaml", markers.map((marker) => ({ ...marker, message: shorten(marker.message) })));
  }
});

function shorten(message: string): string {
  return message.length <= LONGEST_MARKER ? message : `${message.slice(0, LONGEST_MARKER - 1)}…`;
}

export const EDITOR_OPTIONS: monaco.editor.IStandaloneEditorConstructionOptions = {
  automaticLayout: true,
  fontFamily: '"JetBrains Mono Variable", ui-monospace, monospace',
  fontSize: 13,
  lineHeight: 20,
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  tabSize: 2,
  insertSpaces: true,
  wordWrap: "on",
  wordBasedSuggestions: "off",
  quickSuggestions: { other: true, comments: false, strings: true },
  fixedOverflowWidgets: true,
  renderLineHighlight: "line",
  padding: { top: 8, bottom: 8 },
  stickyScroll: { enabled: false },
  unicodeHighlight: { ambiguousCharacters: false },
};
