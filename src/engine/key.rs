//! Which key is used: one given by the environment or by the sandbox, or the saved one.

use super::Shared;
use crate::model::error::{Failure, FailureKind};
use crate::model::secret::Key;
use crate::provider::facts::Service;
use crate::store::keys::KeyringProblem;

/// The key of that name, or why it is not to be had. Waits for the keyring, where that is asked.
pub(super) async fn find(shared: &Shared, name: &str, service: &Service) -> Result<Key, Box<Failure>> {
    if let Some(key) = shared.given_keys.get(service.id) {
        return Ok(key.clone());
    }
    let (keys, name) = (shared.keys.clone(), name.to_owned());
    let id = service.id;
    let found = tokio::task::spawn_blocking(move || keys.get_of(&name, id)).await;
    found.unwrap_or(Err(KeyringProblem::Slow)).map_err(|problem| {
        Box::new(match problem {
            KeyringProblem::NoEntry => Failure::new(
                FailureKind::NoKey,
                format!("There is no key for {}", service.name),
                format!(
                    "Add it with + in the window or `hoist accounts add {}`, or set {}",
                    service.id, service.env
                ),
            ),
            problem @ KeyringProblem::OtherService => Failure::new(
                FailureKind::NoKey,
                format!("There is no {} key for this destination: {problem}", service.name),
                "Remove the destination, and add it with a key of its own service",
            ),
            problem => Failure::new(
                FailureKind::Keyring,
                format!("The {} key is not to be had: {problem}", service.name),
                format!("Unlock or start the keyring and try again, or set {}", service.env),
            ),
        })
    })
}
