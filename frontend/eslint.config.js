import vue from "eslint-plugin-vue";
import tseslint from "typescript-eslint";

const features = ["accounts", "executions", "flows", "logs"];

// A feature may use shared/ and api/ only: what two features need moves to shared/.
const featureBorders = features.map((feature) => ({
  files: [`src/features/${feature}/**/*.{ts,vue}`],
  rules: {
    "no-restricted-imports": [
      "error",
      { patterns: features.filter((other) => other !== feature).map((other) => `@/features/${other}/**`) },
    ],
  },
}));

export default tseslint.config(
  { ignores: ["dist/**", "node_modules/**", "src/components.d.ts"] },
  ...tseslint.configs.recommended,
  ...vue.configs["flat/essential"],
  { files: ["**/*.vue"], languageOptions: { parserOptions: { parser: tseslint.parser } } },
  {
    rules: {
      "max-lines": ["error", 400],
      "vue/multi-word-component-names": "off",
      "no-undef": "off",
    },
  },
  { files: ["src/shared/**/*.{ts,vue}", "src/api/**/*.ts"], rules: { "no-restricted-imports": ["error", { patterns: ["@/features/**"] }] } },
  ...featureBorders,
);
