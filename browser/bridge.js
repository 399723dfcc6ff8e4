// The page's end of the bridge link: navigator.credentials answered by Go.
//
// It runs first in every document. Requests leave through a binding that the
// browser installed under the name `binding`; answers come back as calls of the
// function that then takes that name. Only requests with a publicKey member are
// ours, all others stay with the browser. The shape of the arguments is checked
// by the browser itself: its own method is called with a signal that is already
// aborted, so that it converts and checks everything and then stops.
//
// Nothing here is a secret from the page. It runs in the page's own world, and
// by tampering with it a page could only deceive itself.
function install(config) {
  "use strict";

  const { binding, platform, maxRequest } = config;
  const send = globalThis[binding];
  delete globalThis[binding];
  if (typeof send !== "function" || !globalThis.PublicKeyCredential) return; // not a secure context

  const tell = (message) => send(JSON.stringify(message));

  // ---- values on their way to Go and back

  const encode = (bytes) => bytes.toBase64({ alphabet: "base64url", omitPadding: true });
  const decode = (text) => Uint8Array.fromBase64(text, { alphabet: "base64url" }).buffer;
  const isBuffer = (value) => Object.prototype.toString.call(value) === "[object ArrayBuffer]";

  /** A copy that JSON can carry: buffers become base64url. */
  function plain(value) {
    if (ArrayBuffer.isView(value)) return encode(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    if (isBuffer(value)) return encode(new Uint8Array(value));
    if (typeof value !== "object" || value === null) return value;
    if (Symbol.iterator in value) return Array.from(value, plain);
    const copy = {};
    for (const name in value) copy[name] = plain(value[name]);
    return copy;
  }

  const members = {
    create: ["rp", "user", "challenge", "pubKeyCredParams", "timeout", "excludeCredentials",
      "authenticatorSelection", "hints", "attestation", "attestationFormats", "extensions"],
    get: ["challenge", "timeout", "rpId", "allowCredentials", "userVerification", "hints", "extensions"],
  };

  function optionsJSON(kind, publicKey) {
    const chosen = {};
    for (const name of members[kind]) {
      if (publicKey[name] !== undefined) chosen[name] = plain(publicKey[name]);
    }
    return chosen;
  }

  /** Extension outputs as the page sees them: binary ones are buffers. */
  function extensionResults(json) {
    const results = structuredClone(json ?? {});
    for (const name of ["first", "second"]) {
      const output = results.prf?.results;
      if (output?.[name] !== undefined) output[name] = decode(output[name]);
    }
    if (results.largeBlob?.blob !== undefined) results.largeBlob.blob = decode(results.largeBlob.blob);
    return results;
  }

  // ---- credential objects
  //
  // A credential is an empty object with the browser's own prototype. The
  // prototype's members look its values up here, and leave objects that the
  // browser made to the browser.

  const facts = new WeakMap();

  function make(prototype, values) {
    const object = Object.create(prototype);
    facts.set(object, values);
    return object;
  }

  function takeOver(prototype, name) {
    const property = Object.getOwnPropertyDescriptor(prototype, name);
    if (!property) return; // this browser is older than the member
    const native = property.get ?? property.value;
    const ours = property.get
      ? { get [name]() { return facts.has(this) ? facts.get(this)[name] : native.call(this); } }
      : { [name]() { return facts.has(this) ? facts.get(this)[name]() : native.call(this); } };
    const { get, value } = Object.getOwnPropertyDescriptor(ours, name);
    Object.defineProperty(prototype, name, { ...property, ...(get ? { get } : { value }) });
  }

  const natively = [
    [Credential, ["id", "type"]],
    [PublicKeyCredential, ["rawId", "response", "authenticatorAttachment", "getClientExtensionResults", "toJSON"]],
    [AuthenticatorResponse, ["clientDataJSON"]],
    [AuthenticatorAttestationResponse, ["attestationObject", "getAuthenticatorData", "getPublicKey",
      "getPublicKeyAlgorithm", "getTransports"]],
    [AuthenticatorAssertionResponse, ["authenticatorData", "signature", "userHandle"]],
  ];
  for (const [type, names] of natively) {
    for (const name of names) takeOver(type.prototype, name);
  }

  function attestationResponse(json) {
    const publicKey = json.publicKey == null ? null : decode(json.publicKey);
    const authenticatorData = decode(json.authenticatorData);
    return make(AuthenticatorAttestationResponse.prototype, {
      clientDataJSON: decode(json.clientDataJSON),
      attestationObject: decode(json.attestationObject),
      getAuthenticatorData: () => authenticatorData,
      getPublicKey: () => publicKey,
      getPublicKeyAlgorithm: () => json.publicKeyAlgorithm,
      getTransports: () => [...(json.transports ?? [])],
    });
  }

  function assertionResponse(json) {
    return make(AuthenticatorAssertionResponse.prototype, {
      clientDataJSON: decode(json.clientDataJSON),
      authenticatorData: decode(json.authenticatorData),
      signature: decode(json.signature),
      userHandle: json.userHandle == null ? null : decode(json.userHandle),
    });
  }

  function credential(kind, json) {
    const results = extensionResults(json.clientExtensionResults);
    const rawId = decode(json.rawId);
    if (json.type !== "public-key" || json.id !== encode(new Uint8Array(rawId))) throw new TypeError("id and rawId differ");
    return make(PublicKeyCredential.prototype, {
      id: json.id,
      type: json.type,
      rawId,
      response: kind === "create" ? attestationResponse(json.response) : assertionResponse(json.response),
      authenticatorAttachment: json.authenticatorAttachment ?? null,
      getClientExtensionResults: () => results,
      toJSON: () => structuredClone(json),
    });
  }

  // ---- requests

  const pending = new Map(); // request number → {kind, resolve, reject, signal, abort}
  let last = 0;

  const notAllowed = () =>
    new DOMException("The operation either timed out or was not allowed. See: https://www.w3.org/TR/webauthn-3/#sctn-privacy-considerations-client.", "NotAllowedError");

  function exception({ name, message }) {
    return name === "TypeError" ? new TypeError(message) : new DOMException(message, name);
  }

  /** Takes a request off the list; undefined if it has gone already. */
  function finish(id) {
    const request = pending.get(id);
    pending.delete(id);
    request?.signal?.removeEventListener("abort", request.abort);
    return request;
  }

  /** Called by Go with {response} or {error}. A malformed response is an error, too. */
  function settle(id, { response, error }) {
    const request = finish(id);
    if (!request) return;
    try {
      if (error) request.reject(exception(error));
      else request.resolve(request.kind === "signal" ? undefined : credential(request.kind, response));
    } catch (malformed) {
      request.reject(notAllowed());
      tell({ kind: "malformed", id, error: String(malformed) });
    }
  }
  Object.defineProperty(globalThis, binding, { value: settle, enumerable: false, configurable: true });

  function ask(kind, message, signal) {
    return new Promise((resolve, reject) => {
      const id = ++last;
      const text = JSON.stringify({ ...message, kind, id });
      if (text.length > maxRequest) return reject(notAllowed());
      const abort = () => {
        finish(id);
        tell({ kind: "cancel", id });
        reject(signal.reason);
      };
      pending.set(id, { kind, resolve, reject, signal, abort });
      signal?.addEventListener("abort", abort);
      send(text);
    });
  }

  const isAborted = Object.getOwnPropertyDescriptor(AbortSignal.prototype, "aborted").get;

  /** Has the browser check the arguments; throws what it threw. */
  async function check(native, container, options) {
    const checked = {}; // the reason by which our own abort is known again
    try {
      await native.call(container, { ...options, signal: AbortSignal.abort(checked) });
    } catch (error) {
      if (error !== checked) throw error;
    }
  }

  async function ceremony(kind, native, container, { publicKey, mediation, signal }) {
    await check(native, container, { publicKey, mediation });
    if (signal !== undefined && isAborted.call(signal)) throw signal.reason;
    for (const request of pending.values()) {
      if (request.kind !== "signal") throw new DOMException("A request is already pending.", "OperationError");
    }
    return ask(kind, { mediation: mediation ?? "", options: optionsJSON(kind, publicKey) }, signal);
  }

  function replace(owner, name, ours) {
    const property = Object.getOwnPropertyDescriptor(owner, name);
    if (property) Object.defineProperty(owner, name, { ...property, value: ours(property.value)[name] });
  }

  const container = CredentialsContainer.prototype;
  replace(container, "create", (native) => ({
    create() {
      const [options] = arguments;
      return options?.publicKey === undefined ? native.apply(this, arguments) : ceremony("create", native, this, options);
    },
  }));
  replace(container, "get", (native) => ({
    get() {
      const [options] = arguments;
      return options?.publicKey === undefined ? native.apply(this, arguments) : ceremony("get", native, this, options);
    },
  }));

  // ---- what the browser says it can do, and the Signal API

  const signals = ["signalUnknownCredential", "signalAllAcceptedCredentials", "signalCurrentUserDetails"];
  for (const name of signals) {
    replace(PublicKeyCredential, name, (native) => ({
      async [name](options) {
        await native.call(this, options); // the browser's checks; it knows no passkeys of ours
        await ask("signal", { signal: name, options: plain(options) });
      },
    }));
  }
  replace(PublicKeyCredential, "isConditionalMediationAvailable", () => ({
    async isConditionalMediationAvailable() { return true; },
  }));
  replace(PublicKeyCredential, "isUserVerifyingPlatformAuthenticatorAvailable", () => ({
    async isUserVerifyingPlatformAuthenticatorAvailable() { return platform; },
  }));
  replace(PublicKeyCredential, "getClientCapabilities", (native) => ({
    async getClientCapabilities() {
      const ours = { conditionalGet: true, userVerifyingPlatformAuthenticator: platform, passkeyPlatformAuthenticator: platform };
      for (const name of signals) ours[name] = name in PublicKeyCredential;
      return { ...(await native.call(this)), ...ours };
    },
  }));
}
