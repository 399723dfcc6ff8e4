// Has @simplewebauthn/server verify the registrations in a file.
//
// Usage: node verify.mjs NODE_MODULES CASES
// Prints {"SimpleWebAuthn": {ID: why it was refused, or ""}}.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, file] = process.argv.slice(2);
const from = createRequire(`${modules}/`);
const { SettingsService, verifyRegistrationResponse } = await import(pathToFileURL(from.resolve("@simplewebauthn/server")).href);

const formats = ["packed", "tpm", "android-key", "android-safetynet", "fido-u2f", "apple"];

async function verdict(c) {
  const certificates = c.roots.map((r) => new Uint8Array(Buffer.from(r, "base64")));
  for (const identifier of formats) {
    SettingsService.setRootCertificates({ identifier, certificates });
  }
  Date.now = () => c.now; // statements may be a minute old and no more, however busy the machine is
  try {
    const { verified } = await verifyRegistrationResponse({
      response: c.response,
      expectedChallenge: c.challenge,
      expectedOrigin: c.origin,
      expectedRPID: c.rpId,
      requireUserVerification: false,
      attestationSafetyNetEnforceCTSCheck: true,
    });
    return verified ? "" : "not verified";
  } catch (refusal) {
    return `${refusal.name}: ${refusal.message}`;
  }
}

const verdicts = {};
for (const c of JSON.parse(readFileSync(file, "utf8"))) {
  verdicts[c.id] = await verdict(c);
}
process.stdout.write(JSON.stringify({ SimpleWebAuthn: verdicts }));
