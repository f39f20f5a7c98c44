// Builds dist/: passport-verify.js, the core as a library; device.js, the core with the page around it, which the
// checking counter serves; worker.js, for use without a network; camera.js and, for browsers that read no QR code by
// themselves, decoder.js and decoder.wasm; LICENCES.txt, the licence of everything in them.
// `node build.mjs vocabulary` writes only the generated module, for the type check.
//
// What is compiled in from schemas/: which competences and levels a framework has, in their frozen order, and the
// dictionaries of the QR, each held against its hash. Nothing is fetched. Each file appears whole or not at all.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const SCHEMAS = join(HERE, "..", "..", "schemas");
const VOCABULARY = join(HERE, "src", "generated", "vocabulary.ts");
const DIST = join(HERE, "dist");
const OUTPUTS = {
  "passport-verify.js": ["src/index.ts", "esm"],
  "device.js": ["src/page/device.ts", "esm"],
  "worker.js": ["src/page/worker.ts", "iife"],
  "camera.js": ["src/page/camera.ts", "esm"],
  "decoder.js": ["src/page/decoder.ts", "iife"],
};
const PROGRAM = ["zxing-wasm", "dist", "reader", "zxing_reader.wasm"];
// Who is bundled, and under what: a package that is not named here stops the build.
const BUNDLED = new Map([["zxing-wasm", "MIT"]]);
const BANNER = "/*! Digital skills passport, EUPL-1.2; parts by others: see LICENCES.txt */";

const json = (...path) => JSON.parse(readFileSync(join(...path), "utf8"));

function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  const part = `${path}.${process.pid}.part`;
  writeFileSync(part, text);
  renameSync(part, path);
}

function frameworks() {
  const folder = join(SCHEMAS, "frameworks");
  const names = readdirSync(folder).filter(name => name.endsWith(".json")).sort(); // prettier-ignore
  return names.map(name => {
    const { id, scale, competences } = json(folder, name);
    return [id, scale.steps.map(({ step }) => step).join(" "), competences.map(one => one.id).join(" ")];
  });
}

function dictionaries() {
  const folder = join(SCHEMAS, "dictionaries");
  return Object.entries(json(folder, "index.json").versions).map(([version, name]) => {
    const data = readFileSync(join(folder, `${name}.bin`));
    const found = createHash("sha256").update(data).digest("hex");
    if (found !== name) throw new Error(`${name}.bin was changed: dictionaries are frozen`);
    return [Number(version), data.toString("base64url")];
  });
}

function writeVocabulary() {
  const lines = [
    "// Made by build.mjs from schemas/: do not edit. Competences in the packing order of credentials.",
    'import { unb64url } from "../bytes.ts";',
    'import type { Framework } from "../framework.ts";',
    "",
    `const KNOWN: [string, string, string][] = ${JSON.stringify(frameworks())};`,
    `const PACKED: [number, string][] = ${JSON.stringify(dictionaries())};`,
    "",
    "export const FRAMEWORKS: ReadonlyMap<string, Framework> = new Map(",
    "  KNOWN.map(([id, levels, competences]) => [",
    '    id, { levels: levels.split(" ").map(Number), competences: competences.split(" ") },',
    "  ]),",
    ");",
    "export const DICTIONARIES: ReadonlyMap<number, Uint8Array> = new Map(",
    "  PACKED.map(([version, text]) => [version, unb64url(text)]),",
    ");",
    "",
  ];
  write(VOCABULARY, lines.join("\n"));
}

function licences(inputs) {
  const packages = new Set(
    Object.keys(inputs)
      .map(path => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
      .filter(Boolean),
  );
  if ([...packages].sort().join() !== [...BUNDLED.keys()].sort().join()) {
    throw new Error(
      `bundled: ${[...packages].join(", ")}; expected exactly ${[...BUNDLED.keys()].join(", ")}`,
    );
  }
  const texts = [...packages].sort().map(name => {
    const folder = join(HERE, "node_modules", name);
    const { version, license } = json(folder, "package.json");
    if (license !== BUNDLED.get(name)) throw new Error(`the licence of ${name} is now ${license}`);
    return `${name} ${version}, ${license}\n\n${readFileSync(join(folder, "LICENSE"), "utf8").trim()}\n`;
  });
  // What zxing-wasm is compiled from is named in its documentation, and its licence is not in its package.
  const compiled = readFileSync(join(HERE, "licences", "Apache-2.0.txt"), "utf8").trim();
  texts.push(`decoder.wasm, from zxing-wasm, is compiled from ZXing-C++, Apache-2.0\n\n${compiled}\n`);
  const names = Object.keys(OUTPUTS).join(", ");
  const own = `${names} are part of the digital skills passport, EUPL-1.2 (see LICENSE of the project).`;
  return [`${own}\nThey contain the following, by others.\n`, ...texts].join("\n---\n\n");
}

/** zxing-wasm knows a server to fetch its program from, when nobody says where it is: it is said here, always. */
const withoutStrangers = text => text.replace(/https:\/\/[a-z.]+\.jsdelivr\.net\/npm\//g, "/");

async function bundle(name, [entry, format]) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: HERE,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format,
    target: ["chrome84", "firefox90", "safari15"],
    charset: "utf8",
    legalComments: "none",
    banner: { js: BANNER },
    metafile: true,
    write: false,
    outfile: `dist/${name}`,
  });
  write(join(DIST, name), withoutStrangers(outputFiles[0].text));
  return metafile.inputs;
}

async function bundles() {
  const inputs = await Promise.all(Object.entries(OUTPUTS).map(([name, entry]) => bundle(name, entry)));
  write(join(DIST, "decoder.wasm"), readFileSync(join(HERE, "node_modules", ...PROGRAM)));
  write(join(DIST, "LICENCES.txt"), licences(Object.assign({}, ...inputs)));
}

writeVocabulary();
if (process.argv[2] !== "vocabulary") await bundles();
