// HTML as a tree, never as text: what a token says can only ever become a text node or the value of an attribute.
// Decided here: the icons (passport/pages/templates/icons.html). Left to others: what is shown.

export type Child = Node | string | null | false | undefined | readonly Child[];
type Attributes = Readonly<Record<string, string | false | null | undefined>>;

const SVG = "http://www.w3.org/2000/svg";

const ICONS: Readonly<Record<string, string>> = {
  check: "M14 25l7 7 13-15",
  cross: "M16 16l16 16M32 16L16 32",
  clock: "M24 13v11l8 5",
  pause: "M19 16v16M29 16v16",
  question: "M18 19a6 6 0 1 1 8.5 5.5c-1.7.8-2.5 2-2.5 3.5M24 34.5v.1",
  camera: "M14 19h5l2-3h6l2 3h5v13H14zM24 28.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
};
const INFO = "M24 22v12M24 14.5v.1";
const TICKS: Readonly<Record<string, string>> = {
  passed: "M4 13l5 5L20 6",
  met: "M4 13l5 5L20 6",
  failed: "M5 5l14 14M19 5L5 19",
  partly: "M4 13.5c3-5 5-5 8-1.5s5 3.5 8-1.5",
  not_assessed: "M6 12h12",
};
const UNSURE = "M8 9a4 4 0 1 1 5.6 3.7c-1.1.5-1.6 1.3-1.6 2.3M12 19.5v.1";

/** Return an element; an attribute that is false or null is left out, "" is there without a value. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "string") element.setAttribute(key, value);
  }
  append(element, children);
  return element;
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) append(element, child);
    else if (child) element.append(child as Node | string);
  }
}

/** The large icon of a state. */
export function icon(name: string): SVGElement {
  const circle = svg("circle", { cx: "24", cy: "24", r: "20" });
  return drawing("icon", "0 0 48 48", "4", [circle, svg("path", { d: ICONS[name] ?? INFO })]);
}

/** The small one of a check or of an answer. */
export const tick = (outcome: string): SVGElement =>
  drawing("icon tick", "0 0 24 24", "3", [svg("path", { d: TICKS[outcome] ?? UNSURE })]);

function drawing(kind: string, viewBox: string, width: string, shapes: SVGElement[]): SVGElement {
  const group = svg("g", {
    fill: "none",
    stroke: "currentColor",
    "stroke-width": width,
    "stroke-linecap": "round",
    "stroke-linejoin": "round",
  });
  group.append(...shapes);
  const whole = svg("svg", { class: kind, viewBox, "aria-hidden": "true", focusable: "false" });
  whole.append(group);
  return whole;
}

function svg(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const element = document.createElementNS(SVG, name) as SVGElement;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
