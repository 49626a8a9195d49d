const DEFAULT_NAMESPACE = "company.team";

/** What the editor of a new flow begins with: small, and it runs as it is. */
export function firstSource(namespace: string): string {
  return `id: hello_world
namespace: ${namespace || DEFAULT_NAMESPACE}
description: Says hello.

inputs:
  - id: name
    type: STRING
    defaults: World

tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "Hello {{ inputs.name }}!"
`;
}
