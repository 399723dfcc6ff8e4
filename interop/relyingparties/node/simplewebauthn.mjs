// A relying party that has nothing but @simplewebauthn/server.
//
// Usage: node simplewebauthn.mjs [ROOTS]; ROOTS is a folder with FORMAT.pem

import { readFileSync } from "node:fs";
import {
  generateAuthenticationOptions, generateRegistrationOptions, SettingsService,
  verifyAuthenticationResponse, verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { origin, rp, serve } from "./serve.mjs";

const roots = process.argv[2];
for (const identifier of roots ? ["packed", "tpm", "android-key", "android-safetynet", "fido-u2f", "apple"] : []) {
  const certificates = readFileSync(`${roots}/${identifier}.pem`, "utf8").match(/-----BEGIN[^]*?-----END CERTIFICATE-----/g);
  SettingsService.setRootCertificates({ identifier, certificates });
}

function expected(response, { challenge, userVerification }) {
  return {
    response, expectedChallenge: challenge, expectedOrigin: origin, expectedRPID: rp.id,
    requireUserVerification: userVerification === "required",
  };
}

const named = ({ id, transports }) => ({ id, transports });

serve({
  creationOptions: (user, asked) => generateRegistrationOptions({
    rpName: rp.name, rpID: rp.id, userName: user.name, userID: user.id, userDisplayName: user.displayName,
    attestationType: asked.attestation, authenticatorSelection: asked.authenticatorSelection,
    excludeCredentials: user.credentials.map(named), extensions: asked.extensions,
  }),
  async register(answer, session) {
    const { verified, registrationInfo } = await verifyRegistrationResponse(expected(answer, session));
    if (!verified) throw new Error("not verified");
    return registrationInfo.credential;
  },
  requestOptions: (user, asked) => generateAuthenticationOptions({
    rpID: rp.id, userVerification: asked.userVerification, extensions: asked.extensions,
    allowCredentials: user.credentials.map(named),
  }),
  async login(answer, session, credential) {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({ ...expected(answer, session), credential });
    if (!verified) throw new Error("not verified");
    return { counter: authenticationInfo.newCounter };
  },
});
