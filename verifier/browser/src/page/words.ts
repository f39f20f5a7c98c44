// Words for people: texts by key, filled strictly, and how a date and a time are said (passport/pages/catalogue.py).
// The texts come from the same catalogue as the server's, as one file a language. Left to others: which text is said.

import type { Lang } from "./settings.ts";

type Values = Readonly<Record<string, string | number>>;

export interface State {
  readonly severity: "ok" | "attention" | "stop" | "unknown";
  readonly icon: string;
  readonly title: string;
  readonly lead: string;
  readonly next: string;
  readonly optional: readonly {
    readonly needs: readonly string[];
    readonly when?: string;
    readonly text: string;
  }[];
}

/** One language as served. `texts`: dotted key → text or lines. */
export interface Texts {
  readonly texts: Readonly<Record<string, string | readonly string[]>>;
  readonly states: Readonly<Record<string, State>>;
  readonly severities: Readonly<Record<string, string>>;
  readonly ticks: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const MONTHS: Readonly<Record<Lang, string>> = {
  fr: "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
  en: "January February March April May June July August September October November December",
};
const PLACEHOLDER = /\{([a-z_]+)\}/g;
const TOWN = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Europe/Paris",
  calendar: "gregory",
  numberingSystem: "latn",
  era: "short",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
  minute: "numeric",
  hourCycle: "h23",
});

/** A day of the calendar, and a time of that day where there is one. */
export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Put values into the {name} places; values are never looked at again. Throws unless the names are the text's. */
export function fill(template: string, values: Values): string {
  const wanted = new Set([...template.matchAll(PLACEHOLDER)].map(match => match[1]!));
  const given = Object.keys(values);
  if (given.length !== wanted.size || !given.every(name => wanted.has(name))) {
    throw new Error(`the text wants ${[...wanted].join()}, got ${given.join()}`);
  }
  return template.replace(PLACEHOLDER, (_, name: string) => String(values[name]));
}

/** The texts of one language. */
export class Words {
  readonly lang: Lang;
  readonly data: Texts;

  constructor(lang: Lang, data: Texts) {
    this.lang = lang;
    this.data = data;
  }

  text(key: string, values: Values = {}): string {
    const found = this.data.texts[key];
    if (typeof found !== "string") throw new Error(`no text ${key}`);
    return fill(found, values);
  }

  lines(key: string): readonly string[] {
    const found = this.data.texts[key];
    if (typeof found !== "object") throw new Error(`no lines ${key}`);
    return found;
  }

  date({ year, month, day }: Day): string {
    const number = this.lang === "fr" && day === 1 ? "1er" : String(day);
    return `${number} ${MONTHS[this.lang].split(" ")[month - 1]!} ${year}`;
  }

  /** Date and time of an instant in the town's zone; dashes when it has none. */
  moment(seconds: number | null): [date: string, time: string] {
    const told = townTime(seconds);
    if (!told) return ["—", "—"];
    const minute = String(told.minute).padStart(2, "0");
    const hour = String(told.hour).padStart(2, "0");
    return [this.date(told), this.lang === "fr" ? `${told.hour}\u00a0h\u00a0${minute}` : `${hour}:${minute}`];
  }
}

/** The day and time of an instant where the papers are read, null for none or one beyond the calendar. */
export function townTime(seconds: number | null): (Day & { hour: number; minute: number }) | null {
  if (seconds === null || Math.abs(seconds) > 1e12) return null;
  const parts = new Map(TOWN.formatToParts(seconds * 1000).map(({ type, value }) => [type, value]));
  const read = (name: Intl.DateTimeFormatPartTypes): number => Number(parts.get(name));
  if (parts.get("era")?.startsWith("B") || read("year") > 9999) return null;
  return {
    year: read("year"),
    month: read("month"),
    day: read("day"),
    hour: read("hour"),
    minute: read("minute"),
  };
}

/** The day that a text `YYYY-MM-DD` names. */
export function dayIn(text: string): Day {
  const [year, month, day] = text.split("-").map(Number);
  return { year: year!, month: month!, day: day! };
}

/** Days since 1970: to count how long ago a day was. */
export function dayNumber({ year, month, day }: Day): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return Math.round(date.getTime() / 86_400_000);
}
