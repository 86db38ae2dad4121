//! Which key is used: one given by the environment or by the sandbox, or the saved one.

use super::context::EngineContext;
use crate::model::error::Failure;
use crate::model::failures;
use crate::model::secret::Key;
use crate::provider::spec::Vendor;
use crate::store::keys::KeyringProblem;

/// Returns the key of that name, or why it cannot be read. Waits for the keyring, where that is asked.
pub(super) async fn find(shared: &EngineContext, name: &str, vendor: &Vendor) -> Result<Key, Box<Failure>> {
    if !vendor.needs_key() {
        return Ok(Key::none());
    }
    if let Some(key) = shared.given_keys.get(vendor.id) {
        return Ok(key.clone());
    }
    let (keys, name) = (shared.keys.clone(), name.to_owned());
    let id = vendor.id;
    let found = tokio::task::spawn_blocking(move || keys.get_of(&name, id)).await;
    found.unwrap_or(Err(KeyringProblem::Slow)).map_err(|problem| {
        Box::new(match problem {
            KeyringProblem::NoEntry => failures::no_key(vendor.name, vendor.keys_page),
            KeyringProblem::OtherVendor => failures::key_of_another(vendor.name),
            problem => failures::keyring(vendor.name, &problem.to_string()),
        })
    })
}
