import dayjs from "dayjs";
import relativeTime from "dayjs/plugin/relativeTime";
import type { State } from "@/api/types";

dayjs.extend(relativeTime);

export function agoText(date: string, now: number): string {
  const seconds = (now - Date.parse(date)) / 1000;
  if (seconds >= -2 && seconds < 5) return "just now";
  if (seconds >= 5 && seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds >= 60 && seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return dayjs(date).from(now);
}

/** Exact time with the reader's zone, for tooltips. */
export function exactText(date: string): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return `${dayjs(date).format("YYYY-MM-DD HH:mm:ss.SSS")} (${zone})`;
}

export function clockText(date: string): string {
  return dayjs(date).format("HH:mm:ss.SSS");
}

export function durationText(milliseconds: number): string {
  if (milliseconds < 0) return "0 s";
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${pad(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${pad(minutes % 60)} min`;
  return `${Math.floor(hours / 24)} d ${pad(hours % 24)} h`;
}

function pad(value: number): string {
  return String(Math.floor(value)).padStart(2, "0");
}

/** From the first entry of the history to the end, or to now while it runs. */
export function stateDuration(state: State, now: number): number {
  const end = state.endDate ? Date.parse(state.endDate) : now;
  return Math.max(0, end - Date.parse(state.startDate));
}
