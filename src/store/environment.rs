//! What the environment says, read once at the start.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::proxy::Proxies;
use crate::model::secret::Key;
use crate::provider;

/// Keys, addresses, proxies and folder given by environment variables.
#[derive(Clone, Default)]
pub struct Environment {
    /// Keys by vendor id. For these vendors the keyring is not asked.
    pub keys: HashMap<&'static str, Key>,
    /// Other addresses, by the variable that names them.
    pub bases: HashMap<&'static str, String>,
    /// The proxies they name.
    pub proxies: Proxies,
    /// What is wrong with a key, in a sentence for each; its vendor is as without one.
    pub problems: Vec<String>,
    /// `HOIST_HOME`.
    pub home: Option<PathBuf>,
}

impl Environment {
    /// Reads the variables of this process.
    pub fn read() -> Environment {
        Environment::from_os(|name| std::env::var_os(name))
    }

    /// Reads variables as the system has them: an empty one is as none.
    fn from_os(get: impl Fn(&str) -> Option<OsString>) -> Environment {
        let set = |name: &str| get(name).filter(|value| !value.is_empty());
        // What is no text is no key and no address either, and is said to be none; a folder may have any name.
        let mut environment = Environment::from(|name| Some(set(name)?.to_string_lossy().into_owned()));
        environment.home = set("HOIST_HOME").map(PathBuf::from);
        environment
    }

    /// Reads variables from `get`.
    pub fn from(get: impl Fn(&str) -> Option<String>) -> Environment {
        let mut environment = Environment {
            home: get("HOIST_HOME").map(PathBuf::from),
            proxies: Proxies::from(&get),
            ..Environment::default()
        };
        for vendor in provider::vendors() {
            if let Some(text) = get(vendor.env) {
                match Key::new(text) {
                    Ok(key) => {
                        environment.keys.insert(vendor.id, key);
                    }
                    Err(e) => environment.problems.push(format!("{} is not an API key: {e}", vendor.env)),
                }
            }
        }
        for base in bases() {
            if let Some(url) = get(base) {
                environment.bases.insert(base, url);
            }
        }
        environment
    }

    /// Returns the names of all variables that may hold a key: never handed on to another program.
    pub fn key_variables() -> Vec<&'static str> {
        provider::vendors().into_iter().map(|s| s.env).collect()
    }
}

/// Returns the names of all variables that replace an address.
fn bases() -> Vec<&'static str> {
    let all: Vec<_> = provider::vendors().into_iter().flat_map(|s| s.endpoints).map(|e| e.env).collect();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_is_as_none() {
        let read = |value: &'static str| Environment::from_os(move |_| Some(OsString::from(value)));
        let empty = read("");
        assert_eq!((empty.home, empty.keys.len(), empty.bases.len(), empty.problems.len()), (None, 0, 0, 0));
        let set = read("0123456789abcdef0123456789abcdef");
        assert!(set.home.is_some() && set.keys.len() == provider::vendors().len() && !set.bases.is_empty());
    }
}
