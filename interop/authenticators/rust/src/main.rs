//! A device of passkey-rs on standard input and output: each frame is a CTAP2 request
//! after its length in four bytes, and is answered by one. A frame of no bytes asks for
//! a new device.

mod store;

use std::io::{self, Read, Write};

use ciborium::de;
use futures::executor::block_on;
use passkey_authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey_crypto::rust_crypto::RustCryptoBackend;
use passkey_types::{
    Passkey,
    ctap2::{Aaguid, Ctap2Error, StatusCode},
};
use serde::{Serialize, de::DeserializeOwned};

use store::Kept;

/// A user who agrees to everything, and is verified where that is asked for.
struct Willing;

#[async_trait::async_trait]
impl UserValidationMethod for Willing {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _hint: UiHint<'a, Passkey>,
        presence: bool,
        verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck {
            presence,
            verification,
        })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

type Device = Authenticator<Kept, Willing, RustCryptoBackend>;

fn device() -> Device {
    let mut device = Authenticator::new(
        Aaguid::from(*b"passkey-rs-judge"),
        Kept::default(),
        Willing,
        RustCryptoBackend,
    );
    device.set_make_credentials_with_signature_counter(true);
    device
}

/// The parameters of a request. The crate leaves the reading of bytes, and what status
/// answers those that cannot be read, to its users.
fn parameters<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StatusCode> {
    de::from_reader(bytes).map_err(|err| match err {
        de::Error::Semantic(_, text) if text.starts_with("missing field") => {
            Ctap2Error::MissingParameter.into()
        }
        de::Error::Semantic(..) => Ctap2Error::CborUnexpectedType.into(),
        _ => Ctap2Error::InvalidCbor.into(),
    })
}

fn succeeded(members: &impl Serialize) -> Vec<u8> {
    let mut out = vec![0];
    ciborium::ser::into_writer(members, &mut out).expect("memory takes all");
    out
}

fn answer(device: &mut Device, request: &[u8]) -> Result<Vec<u8>, StatusCode> {
    match request[0] {
        0x01 => Ok(succeeded(&block_on(
            device.make_credential(parameters(&request[1..])?),
        )?)),
        0x02 => Ok(succeeded(&block_on(
            device.get_assertion(parameters(&request[1..])?),
        )?)),
        0x04 => Ok(succeeded(&*block_on(device.get_info()))),
        // The crate announces one credential at most, so that none is ever left to follow.
        0x08 => Err(Ctap2Error::NotAllowed.into()),
        _ => Err(Ctap2Error::InvalidCommand.into()),
    }
}

fn main() -> io::Result<()> {
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let mut current = device();
    loop {
        let mut length = [0; 4];
        if input.read_exact(&mut length).is_err() {
            return Ok(());
        }
        let mut request = vec![0; u32::from_be_bytes(length) as usize];
        input.read_exact(&mut request)?;
        let response = if request.is_empty() {
            current = device();
            Vec::new()
        } else {
            answer(&mut current, &request).unwrap_or_else(|status| vec![status.into()])
        };
        output.write_all(&(response.len() as u32).to_be_bytes())?;
        output.write_all(&response)?;
        output.flush()?;
    }
}
