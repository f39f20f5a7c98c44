// How to reach the scheme, as far as its contact says so (verifier/web/frame.py); "" for what it does not say.

const EMAIL = /[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+/;
const PHONE = /(?:\+[0-9]{1,3}|0)(?:[ .\u00a0-]?[0-9]){8,12}/;

export interface Reach {
  readonly telephone: string;
  readonly number: string;
  readonly address: string;
}

export function reachOf(contact: string): Reach {
  const number = PHONE.exec(contact)?.[0] ?? "";
  return { number, telephone: number.replace(/[^0-9+]/g, ""), address: EMAIL.exec(contact)?.[0] ?? "" };
}
