// The decoder: a worker that reads QR codes out of pixels, for browsers without a reader of their own. It is loaded only
// when it is needed; it alone may compile WebAssembly, by a policy of its own (verifier/web/device.py).
// Left to others: where pixels come from (`camera.ts`), what a text means.

import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

/** `wasm`: the address of the program, with the first message; `hard`: a still picture, worth more time. */
interface Asked {
  readonly id: number;
  readonly pixels: ImageData;
  readonly wasm: string;
  readonly hard: boolean;
}

let prepared = "";

addEventListener("message", async (event: MessageEvent<Asked>) => {
  const { id, pixels, wasm, hard } = event.data;
  try {
    if (!prepared) prepareZXingModule({ overrides: { locateFile: () => wasm } });
    prepared = wasm;
    const found = await readBarcodes(pixels, {
      formats: ["QRCode"],
      tryHarder: hard,
      tryRotate: true,
      tryInvert: false,
      maxNumberOfSymbols: 4,
    });
    const texts = found.filter(({ isValid }) => isValid).map(({ text }) => text);
    postMessage({ id, texts });
  } catch (error) {
    postMessage({ id, fault: String(error) });
  }
});
