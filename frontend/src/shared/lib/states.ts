import type { StateName } from "@/api/types";

/** A state is told three times: by tone (colour), by icon and by word; never by colour alone. */
export type StateTone = "success" | "running" | "failed" | "warning" | "paused" | "waiting" | "stopped";
export type StateIconName = "check" | "spin" | "cross" | "alert" | "pause" | "clock" | "stop" | "skip" | "retry";

interface StateLook {
  tone: StateTone;
  icon: StateIconName;
  isTerminal: boolean;
}

const look = (tone: StateTone, icon: StateIconName, isTerminal = false): StateLook => ({ tone, icon, isTerminal });

const LOOKS: Record<StateName, StateLook> = {
  CREATED: look("waiting", "clock"),
  SUBMITTED: look("waiting", "clock"),
  RESUBMITTED: look("waiting", "retry"),
  QUEUED: look("waiting", "clock"),
  RESTARTED: look("waiting", "retry"),
  RUNNING: look("running", "spin"),
  RETRYING: look("warning", "retry"),
  KILLING: look("stopped", "spin"),
  PAUSED: look("paused", "pause"),
  BREAKPOINT: look("paused", "pause"),
  SUCCESS: look("success", "check", true),
  WARNING: look("warning", "alert", true),
  FAILED: look("failed", "cross", true),
  KILLED: look("stopped", "stop", true),
  CANCELLED: look("stopped", "stop", true),
  RETRIED: look("warning", "retry", true),
  SKIPPED: look("waiting", "skip", true),
};

export const ALL_STATES = Object.keys(LOOKS) as StateName[];

/** The states people filter executions by, in the order of a run's life. */
export const EXECUTION_STATES: StateName[] = [
  "CREATED", "QUEUED", "RUNNING", "PAUSED", "RESTARTED", "RETRYING", "KILLING", "SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED",
];

export function lookOf(state: StateName): StateLook {
  return LOOKS[state] ?? LOOKS.CREATED;
}

export function isTerminal(state: StateName): boolean {
  return lookOf(state).isTerminal;
}

export function isWaiting(state: StateName): boolean {
  return lookOf(state).tone === "waiting" && !isTerminal(state);
}
