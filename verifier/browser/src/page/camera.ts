// The camera, and photos: from pixels to the text of a QR code, on this device. Pictures never leave it.
// Decided here: who reads (the browser's own BarcodeDetector, else our decoder in a worker), how large a picture may be,
// and what is said when there is no camera, it is refused, or nothing is read. Left to others: checking the text.

/** What the counter hands over for it: the addresses of the worker and of its program. */
export interface CameraSettings {
  readonly decoder: string;
  readonly wasm: string;
}

interface Policy {
  createScriptURL(address: string): string;
}

interface Detector {
  detect(source: ImageBitmapSource): Promise<readonly { readonly rawValue: string }[]>;
}

declare const BarcodeDetector:
  | ((new (options: { formats: string[] }) => Detector) & { getSupportedFormats(): Promise<string[]> })
  | undefined;

type Read = (source: HTMLVideoElement | ImageBitmap, hard: boolean) => Promise<readonly string[]>;

const PHOTO_SIDE = 3_200;
const VIDEO_SIDE = 1_280;
const PAUSE_MS = 80;
const SLOW_MS = 12_000;
const DECODER_MS = 20_000;
// Credentials baked into a PNG (Open Badges): the server compares them with the picture's QR.
const BAKED = "openbadgecredential";
const LOOKED_AT = 4_000_000;

/** Tell whether a QR's text can be an attestation: its address with digits, digits, or a token. */
export const isOurs = (text: string): boolean => /(?:^|#)(?:[0-9]{150,}|eyJ[A-Za-z0-9_.~-]+)$/.test(text);

let reading: Promise<Read> | null = null;

const reader = (settings: CameraSettings, policy: Policy): Promise<Read> =>
  (reading ??= browserReader().then(own => own ?? workerReader(settings, policy)));

async function browserReader(): Promise<Read | null> {
  try {
    if (typeof BarcodeDetector === "undefined") return null;
    if (!(await BarcodeDetector.getSupportedFormats()).includes("qr_code")) return null;
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async source => (await detector.detect(source)).map(({ rawValue }) => rawValue);
  } catch {
    return null; // named, but not there
  }
}

function workerReader({ decoder, wasm }: CameraSettings, policy: Policy): Read {
  const worker = new Worker(policy.createScriptURL(decoder));
  let last = 0;
  return async (source, hard) => {
    const pixels = pixelsOf(source, hard ? PHOTO_SIDE : VIDEO_SIDE);
    const id = ++last;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => done(() => reject(new Error("the decoder does not answer"))), DECODER_MS);
      const heard = ({ data }: MessageEvent<{ id: number; texts?: string[]; fault?: string }>): void => {
        if (data.id !== id) return;
        done(() => (data.texts ? resolve(data.texts) : reject(new Error(data.fault))));
      };
      const failed = (): void => done(() => reject(new Error("the decoder cannot be had")));
      const done = (end: () => void): void => {
        clearTimeout(late);
        worker.removeEventListener("message", heard);
        worker.removeEventListener("error", failed);
        end();
      };
      worker.addEventListener("message", heard);
      worker.addEventListener("error", failed);
      worker.postMessage({ id, pixels, wasm, hard }, [pixels.data.buffer]);
    });
  };
}

function pixelsOf(source: HTMLVideoElement | ImageBitmap, side: number): ImageData {
  const [wide, high] =
    source instanceof HTMLVideoElement
      ? [source.videoWidth, source.videoHeight]
      : [source.width, source.height];
  const scale = Math.min(1, side / Math.max(wide, high));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(wide * scale));
  canvas.height = Math.max(1, Math.round(high * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** Return the attestations whose QR this device reads in a photo; none when it cannot, or the server must look. */
export async function readPhoto(file: File, settings: CameraSettings, policy: Policy): Promise<string[]> {
  const start = new TextDecoder("latin1").decode(await file.slice(0, LOOKED_AT).arrayBuffer());
  if (file.size > LOOKED_AT && file.type === "image/png") return []; // a photo is none; it may be baked further on
  if (start.includes(BAKED)) return [];
  const read = await reader(settings, policy);
  const picture = await createImageBitmap(file);
  try {
    return [...new Set((await read(picture, true)).filter(isOurs))];
  } finally {
    picture.close();
  }
}

/** What the page shows of the camera: where it says something, and its parts. */
export interface View {
  readonly section: HTMLElement;
  readonly video: HTMLVideoElement;
  /** Say the text of that name. */
  say(name: string): void;
  /** Check what was read. */
  found(text: string): void;
}

/** Open the camera and look for an attestation until one is found or it is closed; return how to close it. */
export async function openCamera(view: View, settings: CameraSettings, policy: Policy): Promise<() => void> {
  let stream: MediaStream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } },
    });
  } catch (error) {
    const isRefused = error instanceof DOMException && /NotAllowed|Security/.test(error.name);
    view.say(isRefused ? "refused" : "none");
    return () => undefined;
  }
  let open = true;
  const close = (): void => {
    open = false;
    stream.getTracks().forEach(track => track.stop());
    view.video.srcObject = null;
    removeEventListener("pagehide", close);
  };
  addEventListener("pagehide", close);
  view.video.srcObject = stream;
  view.say("looking");
  void look(view, { settings, policy, isOpen: () => open }).then(text => {
    if (!open) return;
    close();
    if (text === null) view.say("none");
    else view.found(text);
  });
  return close;
}

/** Return the text of the first attestation seen; null when nothing can be read here at all. */
async function look(
  view: View,
  { settings, policy, isOpen }: { settings: CameraSettings; policy: Policy; isOpen: () => boolean },
): Promise<string | null> {
  const since = performance.now();
  let slow = false;
  try {
    await view.video.play();
    const read = await reader(settings, policy);
    while (isOpen()) {
      const texts = view.video.videoWidth ? await read(view.video, false) : [];
      if (!isOpen()) break; // closed while it was looking
      const ours = texts.find(isOurs);
      if (ours) return ours;
      if (texts.length) view.say("other");
      else if (!slow && performance.now() - since > SLOW_MS) {
        slow = true;
        view.say("slow");
      }
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
    }
  } catch {
    reading = null; // the next attempt begins anew
  }
  return null;
}
