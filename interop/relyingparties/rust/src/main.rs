//! A relying party that has nothing but webauthn-rs.
//!
//! Usage: webauthn-rs-server [ROOTS]; ROOTS is a folder with FORMAT.pem
//!
//! Passkeys are registered as such where no attestation is asked for, else as security keys of
//! the makers in ROOTS: that is where the library takes trust anchors for every format. It serves
//! the FIDO server conformance interface and does what the library leaves to its callers: sessions
//! of one ceremony each, accounts, that no credential is registered twice, and that a user handle
//! is the user's. What is in an answer it leaves to the library.

mod http;

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use webauthn_rs::prelude::*;

type Refusal = Box<dyn Error>;

#[derive(Default)]
struct User {
    id: Uuid,
    handle: String, // the id, as options have it
    passkeys: Vec<Passkey>,
    keys: Vec<SecurityKey>,
}

impl User {
    fn ids(&self) -> Vec<CredentialID> {
        let passkeys = self.passkeys.iter().map(|p| p.cred_id().clone());
        passkeys.chain(self.keys.iter().map(|k| k.cred_id().clone())).collect()
    }
}

/// What the library wants back with the answer.
enum State {
    MakePasskey(PasskeyRegistration),
    MakeKey(SecurityKeyRegistration),
    UsePasskey(PasskeyAuthentication),
    UseKey(SecurityKeyAuthentication),
}

struct Site {
    library: Webauthn,
    roots: Option<AttestationCaList>,
    users: HashMap<String, User>,
    sessions: HashMap<String, (String, State)>,
    registered: HashSet<Vec<u8>>,
}

impl Site {
    fn options(&mut self, kind: &str, asked: &Value) -> Result<(Value, String), Refusal> {
        let name = text(asked, "username")?;
        let (mut options, state) = if kind == "attestation" { self.to_register(name, asked)? } else { self.to_login(name)? };
        let mut given = options["publicKey"].take();
        if let Some(extensions) = asked.get("extensions") {
            given["extensions"] = extensions.clone(); // of which the library knows only some
        }
        let cookie = Uuid::new_v4().to_string();
        self.sessions.insert(cookie.clone(), (name.to_string(), state));
        Ok((given, cookie))
    }

    fn to_register(&mut self, name: &str, asked: &Value) -> Result<(Value, State), Refusal> {
        let shown = text(asked, "displayName")?;
        let user = self.users.entry(name.to_string()).or_insert_with(|| User { id: Uuid::new_v4(), ..User::default() });
        let known = Some(user.ids());
        let (options, state) = if asked["attestation"] == "direct" && self.roots.is_some() {
            let (options, state) =
                self.library.start_securitykey_registration(user.id, name, shown, known, self.roots.clone(), None)?;
            (serde_json::to_value(options)?, State::MakeKey(state))
        } else {
            let (options, state) = self.library.start_passkey_registration(user.id, name, shown, known)?;
            (serde_json::to_value(options)?, State::MakePasskey(state))
        };
        user.handle = options["publicKey"]["user"]["id"].as_str().ok_or("no user.id")?.to_string();
        Ok((options, state))
    }

    fn to_login(&self, name: &str) -> Result<(Value, State), Refusal> {
        let user = self.users.get(name).filter(|u| !u.ids().is_empty()).ok_or("no such user")?;
        if user.passkeys.is_empty() {
            let (options, state) = self.library.start_securitykey_authentication(&user.keys)?;
            return Ok((serde_json::to_value(options)?, State::UseKey(state)));
        }
        let (options, state) = self.library.start_passkey_authentication(&user.passkeys)?;
        Ok((serde_json::to_value(options)?, State::UsePasskey(state)))
    }

    fn result(&mut self, kind: &str, mut answer: Value, cookie: &str) -> Result<(), Refusal> {
        let (name, state) = self.sessions.remove(cookie).ok_or("nothing was asked")?;
        let user = self.users.get_mut(&name).ok_or("no such user")?;
        if text(&answer, "type")? != "public-key" {
            return Err("type is another".into());
        }
        if answer.get("rawId").is_none() {
            answer["rawId"] = json!(text(&answer, "id")?); // which the interface leaves out
        }
        if let Some(results) = answer.get_mut("getClientExtensionResults").map(Value::take) {
            answer["clientExtensionResults"] = results;
        }
        if kind == "attestation" {
            let id = match state {
                State::MakePasskey(state) => {
                    let made = self.library.finish_passkey_registration(&serde_json::from_value(answer)?, &state)?;
                    user.passkeys.push(made.clone());
                    made.cred_id().to_vec()
                }
                State::MakeKey(state) => {
                    let made = self.library.finish_securitykey_registration(&serde_json::from_value(answer)?, &state)?;
                    user.keys.push(made.clone());
                    made.cred_id().to_vec()
                }
                _ => return Err("nothing was asked".into()),
            };
            if self.registered.insert(id.clone()) {
                return Ok(());
            }
            user.passkeys.retain(|p| p.cred_id().as_slice() != id);
            user.keys.retain(|k| k.cred_id().as_slice() != id);
            return Err("that credential is registered already".into());
        }
        let handle = &answer["response"]["userHandle"];
        if !(handle.is_null() || handle == "" || handle == &json!(user.handle)) {
            return Err("the user handle is not the user's".into());
        }
        match state {
            State::UsePasskey(state) => {
                let used = self.library.finish_passkey_authentication(&serde_json::from_value(answer)?, &state)?;
                user.passkeys.iter_mut().for_each(|p| _ = p.update_credential(&used));
            }
            State::UseKey(state) => {
                let used = self.library.finish_securitykey_authentication(&serde_json::from_value(answer)?, &state)?;
                user.keys.iter_mut().for_each(|k| _ = k.update_credential(&used));
            }
            _ => return Err("nothing was asked".into()),
        }
        Ok(())
    }

    fn carry_out(&mut self, request: &http::Request) -> Result<(Value, Option<String>), Refusal> {
        let asked: Value = serde_json::from_slice(&request.body)?;
        if !asked.is_object() {
            return Err("no object".into());
        }
        match request.line.split([' ', '/']).collect::<Vec<_>>()[..] {
            ["POST", "", kind @ ("attestation" | "assertion"), "options", ..] => {
                let (given, cookie) = self.options(kind, &asked)?;
                Ok((given, Some(cookie)))
            }
            ["POST", "", kind @ ("attestation" | "assertion"), "result", ..] => {
                self.result(kind, asked, &request.session)?;
                Ok((json!({}), None))
            }
            _ => Err("no such route".into()),
        }
    }

    fn answer(&mut self, request: &http::Request) -> http::Response {
        let (status, body, session) = match self.carry_out(request) {
            Ok((mut given, session)) => {
                given["status"] = json!("ok");
                given["errorMessage"] = json!("");
                (200, given, session)
            }
            Err(refusal) => (400, json!({"status": "failed", "errorMessage": refusal.to_string()}), None),
        };
        http::Response { status, body: body.to_string(), session }
    }
}

fn text<'a>(asked: &'a Value, name: &str) -> Result<&'a str, Refusal> {
    asked[name].as_str().filter(|s| !s.is_empty()).ok_or_else(|| format!("no {name}").into())
}

/// The certificates of every file in a folder, each trusted for any model.
fn roots(folder: &str) -> Result<AttestationCaList, Refusal> {
    let mut all = AttestationCaList::default();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "pem") {
            for pem in std::fs::read_to_string(path)?.split_inclusive("-----END CERTIFICATE-----\n") {
                all.union(&AttestationCaList::try_from(pem.as_bytes()).map_err(|e| format!("{e:?}"))?);
            }
        }
    }
    Ok(all)
}

fn main() -> Result<(), Refusal> {
    let roots = std::env::args().nth(1).map(|folder| roots(&folder)).transpose()?;
    let origin = Url::parse("https://rp.example")?;
    let library = WebauthnBuilder::new("rp.example", &origin)?.rp_name("Judged").build()?;
    let site = Site { library, roots, users: HashMap::new(), sessions: HashMap::new(), registered: HashSet::new() };
    let site = Arc::new(Mutex::new(site));
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}", listener.local_addr()?);
    http::serve(listener, move |request| site.lock().unwrap_or_else(|e| e.into_inner()).answer(&request))
}
