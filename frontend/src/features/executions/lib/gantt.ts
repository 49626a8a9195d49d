/** Geometry of the Gantt chart: state histories become segments, the time span becomes ticks. */
import type { State, StateName, TaskRun } from "@/api/types";
import { isTerminal, isWaiting, lookOf, type StateTone } from "@/shared/lib/states";
import { durationText } from "@/shared/lib/time";

export interface Segment {
  state: StateName;
  tone: StateTone;
  isWaiting: boolean;
  isOpen: boolean;
  from: number;
  to: number;
}

export interface Span {
  start: number;
  end: number;
}

/** One segment per step of the history; a finished run wears the colour of its end, a waiting phase never does. */
export function segmentsOf(state: State, now: number): Segment[] {
  const steps = state.histories;
  const finalTone = lookOf(state.current).tone;
  return steps.flatMap((step, index): Segment[] => {
    if (isTerminal(step.state) && index === steps.length - 1) return [];
    const next = steps[index + 1];
    const from = Date.parse(step.date);
    const isRunning = step.state === "RUNNING";
    const tone = isRunning && isTerminal(state.current) ? finalTone : lookOf(step.state).tone;
    return [{ state: step.state, tone, isWaiting: isWaiting(step.state), isOpen: !next, from, to: Math.max(from, next ? Date.parse(next.date) : now) }];
  });
}

export function waitedFor(segments: Segment[]): number {
  return segments.filter((segment) => segment.isWaiting).reduce((sum, segment) => sum + segment.to - segment.from, 0);
}

/** From the start of the execution to its last moment, with a little room at the right for the durations. */
export function spanOf(execution: State, runs: TaskRun[], now: number): Span {
  const start = Date.parse(execution.startDate);
  const ends = runs.map((run) => (run.state.endDate ? Date.parse(run.state.endDate) : now));
  const own = execution.endDate ? Date.parse(execution.endDate) : now;
  return { start, end: Math.max(start + 100, own, ...ends) };
}

export interface Tick {
  at: number;
  label: string;
}

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5, 72e5, 216e5, 432e5, 864e5];

/** Round steps that give four to nine ticks, counted from the start, so that no two labels are the same. */
export function ticksOf(span: Span): Tick[] {
  const length = span.end - span.start;
  const step = STEPS.find((candidate) => length / candidate <= 8) ?? Math.ceil(length / 8 / 864e5) * 864e5;
  const count = Math.floor(length / step);
  return Array.from({ length: count + 1 }, (_, index) => ({ at: (index * step) / length, label: tickText(index * step) }));
}

function tickText(milliseconds: number): string {
  if (milliseconds === 0) return "0";
  if (milliseconds < 1000) return `${milliseconds} ms`;
  if (milliseconds < 60_000) return `${milliseconds / 1000} s`;
  return durationText(milliseconds).replace(/ 00 \w+$/, "");
}
