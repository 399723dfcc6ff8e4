// Serves the FIDO server conformance interface for a library of relying parties.
//
// It does what libraries leave to their callers: sessions of one ceremony each, accounts,
// whose credential it is, that no credential is registered twice, and that a user handle
// is the user's; and what the interface demands beside WebAuthn: an id that is base64url, and
// a type. What else is in an answer it leaves to the library.

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";

export const rp = { id: "rp.example", name: "Judged" };
export const origin = "https://rp.example";

const mostBytes = 1 << 20;

const users = new Map(); // by name: {id, name, displayName, credentials}
const sessions = new Map(); // by cookie: {kind, user, challenge, userVerification}
const registered = new Set(); // credential IDs

// types are those of members that requests for options have.
const types = {
  displayName: "string", attestation: "string", userVerification: "string", authenticatorSelection: "object", extensions: "object",
};

async function options(kind, asked, library) {
  for (const [name, type] of Object.entries(types)) {
    if (name in asked && typeof asked[name] !== type) throw new Error(`${name} is no ${type}`);
  }
  const name = asked.username;
  if (typeof name !== "string" || name === "") throw new Error("no username");
  let user = users.get(name);
  if (kind === "assertion" && !user?.credentials.length) throw new Error("no such user");
  if (kind === "attestation") {
    if (!("displayName" in asked)) throw new Error("no displayName");
    user ??= { id: randomBytes(32), name, credentials: [] };
    user.displayName = asked.displayName;
  }
  const given = await (kind === "attestation" ? library.creationOptions(user, asked) : library.requestOptions(user, asked));
  if (kind === "attestation") users.set(name, user);
  const cookie = randomBytes(16).toString("hex");
  const userVerification = given.userVerification ?? given.authenticatorSelection?.userVerification ?? "preferred";
  sessions.set(cookie, { kind, user, challenge: given.challenge, userVerification });
  return { given, cookie };
}

// rawIdOf is what the interface, which has id alone, leaves out.
function rawIdOf(id) {
  if (typeof id !== "string" || !/^[\w-]+$/.test(id)) throw new Error("id is not base64url");
  return Buffer.from(id, "base64url").toString("base64url");
}

async function result(kind, answer, cookie, library) {
  const session = sessions.get(cookie);
  sessions.delete(cookie);
  if (session?.kind !== kind) throw new Error("nothing was asked");
  if (answer === null || typeof answer !== "object") throw new Error("no object");
  if (answer.type !== "public-key") throw new Error("type is another");
  answer.rawId ??= rawIdOf(answer.id);
  answer.clientExtensionResults ??= answer.getClientExtensionResults;
  const { user } = session;
  if (kind === "attestation") {
    const made = await library.register(answer, session);
    if (registered.has(made.id)) throw new Error("that credential is registered already");
    registered.add(made.id);
    user.credentials.push(made);
    return;
  }
  const used = user.credentials.find((c) => c.id === answer.id);
  if (!used) throw new Error("that credential is not the user's");
  const handle = answer.response?.userHandle ?? "";
  if (handle !== "" && handle !== user.id.toString("base64url")) throw new Error("the user handle is not the user's");
  Object.assign(used, await library.login(answer, session, used));
}

async function answerTo(request, library) {
  const [, kind, step] = request.url.split("/");
  if (request.method !== "POST" || !["attestation", "assertion"].includes(kind)) throw new Error("no such route");
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    if ((length += chunk.length) > mostBytes) throw new Error("too long");
    chunks.push(chunk);
  }
  const asked = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)));
  if (step === "options") return await options(kind, asked, library);
  if (step !== "result") throw new Error("no such route");
  await result(kind, asked, /(?:^|; )session=(\w+)/.exec(request.headers.cookie ?? "")?.[1], library);
  return { given: {} };
}

// serve listens on a free port of the loopback interface, and prints its address. A
// library has creationOptions, register, requestOptions and login.
export function serve(library) {
  const server = createServer(async (request, response) => {
    let status = 200;
    let body;
    try {
      const { given, cookie } = await answerTo(request, library);
      if (cookie) response.setHeader("Set-Cookie", `session=${cookie}; Path=/; HttpOnly`);
      body = { ...given, status: "ok", errorMessage: "" };
    } catch (refusal) { // whatever a library throws is how it refuses
      status = 400;
      body = { status: "failed", errorMessage: `${refusal?.name ?? "Error"}: ${refusal?.message || "refused"}` };
    }
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
}
