//! What the environment says, read once at the start.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::model::secret::Key;
use crate::provider;

/// Keys, addresses and folder given by environment variables.
#[derive(Clone, Default)]
pub struct Environment {
    /// Keys by service id. For these services the keyring is not asked.
    pub keys: HashMap<&'static str, Key>,
    /// Other addresses, by the variable that names them.
    pub bases: HashMap<&'static str, String>,
    /// `HOIST_HOME`.
    pub home: Option<PathBuf>,
}

impl Environment {
    /// Reads the variables of this process; says what is wrong with one.
    pub fn read() -> Result<Environment, String> {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        // What is no text is no key and no address either, and is said to be none; a folder may have any name.
        let mut environment = Environment::from(|name| Some(set(name)?.to_string_lossy().into_owned()))?;
        environment.home = set("HOIST_HOME").map(PathBuf::from);
        Ok(environment)
    }

    /// Reads variables from `get`.
    pub fn from(get: impl Fn(&str) -> Option<String>) -> Result<Environment, String> {
        let mut environment =
            Environment { home: get("HOIST_HOME").map(PathBuf::from), ..Environment::default() };
        for service in provider::services() {
            if let Some(text) = get(service.env) {
                let key = Key::new(text).map_err(|e| format!("{}: {e}", service.env))?;
                environment.keys.insert(service.id, key);
            }
        }
        for base in bases() {
            if let Some(url) = get(base) {
                environment.bases.insert(base, url);
            }
        }
        Ok(environment)
    }

    /// The names of all variables that may hold a key: never handed on to another program.
    pub fn key_variables() -> Vec<&'static str> {
        provider::services().iter().map(|s| s.env).collect()
    }
}

/// The names of all variables that replace an address.
fn bases() -> Vec<&'static str> {
    let mut all: Vec<_> = provider::services().iter().map(|s| s.base.env).collect();
    all.extend(provider::services().iter().filter_map(|s| s.account_base).map(|b| b.env));
    all
}
