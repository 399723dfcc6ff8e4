// A relying party that has nothing but fido2-lib.
//
// Usage: node fido2lib.mjs

import { coerceToArrayBuffer, Fido2Lib } from "fido2-lib";
import { origin, rp, serve } from "./serve.mjs";

const text = (bytes) => Buffer.from(bytes).toString("base64url");
const bytes = (value) => coerceToArrayBuffer(value, "value");

// Its options are those of the constructor.
function library({ attestation, authenticatorSelection: selection = {}, userVerification }) {
  return new Fido2Lib({
    rpId: rp.id, rpName: rp.name, attestation: attestation ?? "none",
    authenticatorAttachment: selection.authenticatorAttachment,
    authenticatorRequireResidentKey: selection.requireResidentKey,
    authenticatorUserVerification: userVerification ?? selection.userVerification,
  });
}

const listed = (user) => user.credentials.map(({ id }) => ({ type: "public-key", id }));

function expected({ challenge, userVerification }) {
  return { challenge, origin, rpId: rp.id, factor: userVerification === "required" ? "first" : "second" };
}

// It wants bytes where the JSON of answers has base64url.
function decoded(answer) {
  return { ...answer, id: bytes(answer.id), rawId: bytes(answer.rawId) };
}

serve({
  async creationOptions(user, asked) {
    const options = await library(asked).attestationOptions();
    return {
      ...options, challenge: text(options.challenge), excludeCredentials: listed(user), extensions: asked.extensions,
      user: { id: text(user.id), name: user.name, displayName: user.displayName },
    };
  },
  async register(answer, session) {
    const made = await library({}).attestationResult(decoded(answer), expected(session));
    return {
      id: text(made.authnrData.get("credId")), publicKey: made.authnrData.get("credentialPublicKeyPem"),
      counter: made.authnrData.get("counter"),
    };
  },
  async requestOptions(user, asked) {
    const options = await library(asked).assertionOptions();
    return { ...options, challenge: text(options.challenge), allowCredentials: listed(user), extensions: asked.extensions };
  },
  async login(answer, session, credential) {
    const used = await library({}).assertionResult(decoded(answer), {
      ...expected(session), publicKey: credential.publicKey, prevCounter: credential.counter,
      userHandle: text(session.user.id), allowCredentials: listed(session.user),
    });
    return { counter: used.authnrData.get("counter") };
  },
});
