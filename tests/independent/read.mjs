// Reads our documents with packages that are not ours. A task as JSON comes in on standard input, an answer as
// JSON goes out; what a package refuses is answered as {"refused": its words}. Nothing is fetched: every document
// that a package asks for is in the task.

import { createPublicKey, verify as rawVerify } from "node:crypto";
import { gunzipSync, inflateSync } from "node:zlib";
import { digest } from "@sd-jwt/crypto-nodejs";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import { compactVerify, importJWK, jwtVerify } from "jose";
import * as pako from "pako";

const b64url = (bytes) => Buffer.from(bytes).toString("base64url");

// The digits of a QR, as docs/formats.md tells it.
function unpack({ digits, dictionary }) {
  let hex = BigInt(digits).toString(16);
  if (hex.length % 2) hex = `0${hex}`;
  const packed = Buffer.from(hex, "hex");
  const inflater = new pako.Inflate({ raw: true, dictionary: Buffer.from(dictionary, "base64") });
  inflater.push(packed.subarray(2, -64), true);
  if (inflater.err) throw new Error(inflater.msg || `pako ${inflater.err}`);
  if (!inflater.ended || inflater.strm.avail_in) throw new Error("cut, or bytes after the end");
  const text = Buffer.from(inflater.result);
  const cut = text.indexOf(0);
  if (cut < 0) throw new Error("no header and payload");
  return [text.subarray(0, cut), text.subarray(cut + 1), packed.subarray(-64)].map(b64url).join(".");
}

const verifier = (jwk) => (data, signature) => {
  const key = { key: createPublicKey({ key: jwk, format: "jwk" }), dsaEncoding: "ieee-p1363" };
  const algorithm = jwk.kty === "EC" ? "sha256" : null;
  return rawVerify(algorithm, Buffer.from(data), key, Buffer.from(signature, "base64url"));
};

// `@sd-jwt/sd-jwt-vc`: the token, its status list and the metadata of its type.
async function sdJwtVc({ token, jwk, statusJwk, documents, at }) {
  const fetched = async (uri) => {
    if (!(uri in documents)) throw new Error(`not published: ${uri}`);
    return documents[uri];
  };
  const instance = new SDJwtVcInstance({
    hasher: digest,
    hashAlg: "sha-256",
    verifier: verifier(jwk),
    statusVerifier: verifier(statusJwk),
    statusListFetcher: fetched,
    vctFetcher: async (uri) => JSON.parse(await fetched(uri)),
    loadTypeMetadataFormat: true,
  });
  const { payload, typeMetadata } = await instance.verify(token, { currentDate: at });
  return { payload, typeMetadata };
}

// `jose`: a JWT of any form by its key.
async function jwt({ token, jwk, typ, at }) {
  const options = { currentDate: new Date(at * 1000), ...(typ ? { typ } : {}) };
  const { payload, protectedHeader } = await jwtVerify(token, await importJWK(jwk), options);
  return { payload, protectedHeader };
}

// `jose`: one signature of a trust document, as the compact JWS that it is.
async function jws({ token, jwk }) {
  const { payload, protectedHeader } = await compactVerify(token, await importJWK(jwk));
  return { payload: JSON.parse(Buffer.from(payload).toString("utf8")), protectedHeader };
}

// Node's own zlib over the two encodings of a status list.
const inflate = ({ data }) => ({ bytes: inflateSync(Buffer.from(data, "base64url")).toString("base64") });
const gunzip = ({ data }) => ({ bytes: gunzipSync(Buffer.from(data, "base64url")).toString("base64") });

const TASKS = { unpack: (task) => ({ token: unpack(task) }), sdJwtVc, jwt, jws, inflate, gunzip };

let text = "";
for await (const part of process.stdin) text += part;
const answers = [];
for (const task of JSON.parse(text)) {
  try {
    answers.push(await TASKS[task.do](task));
  } catch (error) {
    answers.push({ refused: String(error.message || error) });
  }
}
process.stdout.write(JSON.stringify(answers));
