// One table of sizes and counts, the same as passport/limits.py (a test holds them together). Every reader looks
// at the size before it computes anything.

export const LIMITS = {
  tokenChars: 32_768,
  qrDigits: 1_200,
  qrInflatedBytes: 4_096,
  headerBytes: 1_024,
  jsonDepth: 16,
  nameChars: 100,
  slugChars: 40,
  kidChars: 64,
  urlChars: 300,
  trustDocumentBytes: 4_194_304,
  trustSignatures: 32,
  statusTokenBytes: 2_097_152,
  statusListBytes: 1_048_576,
  statusMinEntries: 131_072,
  statusFreshSeconds: 86_400,
  clockLeewaySeconds: 300,
  nowMaxSeconds: 604_800,
  sealedSetBytes: 8_388_608,
} as const;

/** 9999-12-31T23:59:59Z: beyond it no calendar can show the day. */
export const LATEST_INSTANT = 253_402_300_799;
