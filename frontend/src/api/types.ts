/** Shapes of the server's answers that the pages read; fields the UI never shows are left out. */

export type StateName =
  | "CREATED" | "SUBMITTED" | "RUNNING" | "PAUSED" | "RESTARTED" | "KILLING" | "SUCCESS" | "WARNING" | "FAILED"
  | "KILLED" | "CANCELLED" | "QUEUED" | "RETRYING" | "RETRIED" | "SKIPPED" | "BREAKPOINT" | "RESUBMITTED";

export type LogLevel = "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR";

export interface StateStep {
  state: StateName;
  date: string;
}

export interface State {
  current: StateName;
  histories: StateStep[];
  startDate: string;
  endDate?: string | null;
  duration?: string | number | null;
}

export interface Label {
  key: string;
  value: string;
}

export interface TaskRunAttempt {
  state: State;
}

export interface TaskRun {
  id: string;
  taskId: string;
  parentTaskRunId?: string | null;
  value?: string | null;
  iteration?: number | null;
  state: State;
  attempts?: TaskRunAttempt[] | null;
  outputs?: Record<string, unknown> | null;
}

export interface Execution {
  id: string;
  namespace: string;
  flowId: string;
  flowRevision: number;
  state: State;
  taskRunList?: TaskRun[] | null;
  inputs?: Record<string, unknown> | null;
  outputs?: Record<string, unknown> | null;
  variables?: Record<string, unknown> | null;
  labels?: Label[] | null;
  trigger?: { id: string; type: string; variables?: Record<string, unknown> | null } | null;
  parentId?: string | null;
  originalId?: string | null;
  scheduleDate?: string | null;
}

export type InputType =
  | "STRING" | "INT" | "FLOAT" | "BOOL" | "BOOLEAN" | "SELECT" | "ENUM" | "MULTISELECT" | "DATETIME" | "DATE" | "TIME" | "DURATION"
  | "FILE" | "JSON" | "YAML" | "URI" | "URL" | "SECRET" | "ARRAY" | "EMAIL";

export interface FlowInput {
  id: string;
  type: InputType;
  displayName?: string | null;
  description?: string | null;
  required?: boolean;
  defaults?: unknown;
  prefill?: unknown;
  values?: unknown[];
  expression?: string;
  allowCustomValue?: boolean;
  isRadio?: boolean;
  itemType?: InputType;
  validator?: string;
  min?: number | string;
  max?: number | string;
  after?: string;
  before?: string;
  extension?: string;
  allowedFileExtensions?: string[];
  dependsOn?: { inputs?: string[]; condition?: string } | null;
}

export interface FlowTask {
  id: string;
  type: string;
  onResume?: FlowInput[];
  [property: string]: unknown;
}

export interface FlowTrigger {
  id: string;
  type: string;
  disabled?: boolean;
  cron?: string;
}

export interface Flow {
  id: string;
  namespace: string;
  revision: number;
  description?: string | null;
  disabled?: boolean;
  deleted?: boolean;
  updated?: string;
  author?: string;
  labels?: Label[] | Record<string, string> | null;
  inputs?: FlowInput[];
  tasks?: FlowTask[];
  triggers?: FlowTrigger[];
  source?: string;
}

export interface Marker {
  message: string;
  path?: string | null;
  line: number;
  column: number;
  endLine?: number;
  endColumn?: number;
  severity?: "error" | "warning" | "info";
}

export interface FlowValidation {
  index: number;
  flow?: string;
  constraints?: string | null;
  deprecationPaths?: string[];
  warnings?: string[];
  infos?: string[];
  outdated?: boolean;
  markers?: Marker[];
}

export interface LogEntry {
  id?: string | number;
  timestamp: string;
  level: LogLevel;
  message: string;
  namespace: string;
  flowId: string;
  executionId?: string | null;
  taskId?: string | null;
  taskRunId?: string | null;
  attemptNumber?: number | null;
  triggerId?: string | null;
}

export interface Page<Row> {
  results: Row[];
  total: number;
}

export interface Tenant {
  id: string;
  name?: string;
}

export interface Me {
  id: string;
  username: string;
  email?: string | null;
  firstName?: string | null;
  lastName?: string | null;
  superAdmin?: boolean;
  tenants: Tenant[];
}

export interface FilePreview {
  content: unknown;
  extension: string;
  type: string;
  truncated?: boolean;
  maxLine?: number;
}
