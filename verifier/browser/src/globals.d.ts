// All that the core may ask of a browser: hashing, signatures, UTF-8. There is no fetch, no document and no clock
// among the types, so that a module that reached for one of them would not compile. Left to others: all the rest.

interface CryptoKey {
  readonly type: string;
}

declare var crypto:
  | {
      readonly subtle?: {
        digest(name: "SHA-256", data: Uint8Array): Promise<ArrayBuffer>;
        importKey(
          format: "raw",
          data: Uint8Array,
          algorithm: { name: string; namedCurve?: string },
          extractable: false,
          usages: ["verify"],
        ): Promise<CryptoKey>;
        verify(
          algorithm: { name: string; hash?: string },
          key: CryptoKey,
          signature: Uint8Array,
          data: Uint8Array,
        ): Promise<boolean>;
      };
    }
  | undefined;

declare class TextDecoder {
  constructor(label: "utf-8" | "latin1", options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(data: Uint8Array): string;
}

declare class TextEncoder {
  encode(text: string): Uint8Array;
}
