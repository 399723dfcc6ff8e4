//! Where the device keeps its passkeys. The crate leaves that to its users: the store
//! that it has for tests looks at neither RP IDs nor types, and finds nothing without a
//! list.

use passkey_authenticator::{CredentialStore, DiscoverabilitySupport, StoreInfo};
use passkey_types::{
    Passkey,
    ctap2::{
        Ctap2Error, StatusCode,
        make_credential::{Options, PublicKeyCredentialRpEntity, PublicKeyCredentialUserEntity},
    },
    webauthn::{PublicKeyCredentialDescriptor, PublicKeyCredentialType},
};

/// Passkeys in the order of their making. Those that have a user handle are discoverable.
#[derive(Default)]
pub struct Kept(Vec<Passkey>);

fn named(passkey: &Passkey, list: &[PublicKeyCredentialDescriptor]) -> bool {
    list.iter()
        .any(|d| d.ty == PublicKeyCredentialType::PublicKey && d.id == passkey.credential_id)
}

#[async_trait::async_trait]
impl CredentialStore for Kept {
    type PasskeyItem = Passkey;

    async fn find_credentials(
        &self,
        ids: Option<&[PublicKeyCredentialDescriptor]>,
        rp_id: &str,
        _user_handle: Option<&[u8]>,
    ) -> Result<Vec<Passkey>, StatusCode> {
        let found: Vec<Passkey> = self
            .0
            .iter()
            .rev() // the newest first
            .filter(|p| p.rp_id == rp_id)
            .filter(|p| ids.map_or(p.user_handle.is_some(), |list| named(p, list)))
            .cloned()
            .collect();
        if found.is_empty() {
            return Err(Ctap2Error::NoCredentials.into());
        }
        Ok(found)
    }

    /// Keeps a passkey, in place of a discoverable one of the same user at the same
    /// relying party where it is discoverable itself.
    async fn save_credential(
        &mut self,
        passkey: Passkey,
        _user: PublicKeyCredentialUserEntity,
        _rp: PublicKeyCredentialRpEntity,
        _options: Options,
    ) -> Result<(), StatusCode> {
        if passkey.user_handle.is_some() {
            self.0
                .retain(|p| p.rp_id != passkey.rp_id || p.user_handle != passkey.user_handle);
        }
        self.0.push(passkey);
        Ok(())
    }

    async fn update_credential(&mut self, passkey: &Passkey) -> Result<(), StatusCode> {
        let kept = self
            .0
            .iter_mut()
            .find(|p| p.credential_id == passkey.credential_id)
            .ok_or(Ctap2Error::NoCredentials)?;
        *kept = passkey.clone();
        Ok(())
    }

    async fn get_info(&self) -> StoreInfo {
        StoreInfo {
            discoverability: DiscoverabilitySupport::Full,
        }
    }
}
