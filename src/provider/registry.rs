//! Every provider there is: those built in, and those of the person's own files.

use std::path::Path;
use std::sync::LazyLock;

use include_dir::{Dir, File, include_dir};
use parking_lot::RwLock;

use super::build::{self, InvalidProvider};
use super::call::Provider;
use super::spec::{ProviderSource, ProviderSpec, Vendor};

/// The built-in files: a new provider is a file there, and nothing else.
static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/assets/providers");

static BUILT_IN: LazyLock<Vec<&'static Provider>> = LazyLock::new(|| {
    let shared: Vec<_> = texts("vendors").filter_map(|text| build::shared_vendor(text).ok()).collect();
    let mut all: Vec<_> =
        texts("").filter_map(|text| build::provider(text, &ProviderSource::BuiltIn, &shared).ok()).collect();
    all.sort_by_key(|provider| {
        let facts = provider.facts();
        (facts.position.unwrap_or(u32::MAX), facts.name.to_lowercase())
    });
    all
});

/// Returns the files of a folder of the built-in ones.
fn texts(folder: &str) -> impl Iterator<Item = &'static str> {
    let dir = if folder.is_empty() { Some(&FILES) } else { FILES.get_dir(folder) };
    dir.into_iter().flat_map(Dir::files).filter_map(File::contents_utf8)
}

/// Those of the person's own files.
static OWN: RwLock<Vec<&'static Provider>> = RwLock::new(vec![]);

/// Reads a file of the person's own. What is read stays for as long as the program runs, so a file that says what it
/// said before is not read again.
pub fn read(text: &str, path: &Path) -> Result<&'static Provider, InvalidProvider> {
    if let Some(known) = OWN.read().iter().find(|own| own.text() == text && own.file() == Some(path)) {
        return Ok(*known);
    }
    let mut vendors: Vec<&'static Vendor> = vec![];
    for provider in built_in() {
        let vendor = provider.facts().vendor;
        if !vendors.iter().any(|known| known.id == vendor.id) {
            vendors.push(vendor);
        }
    }
    let provider = build::provider(text, &ProviderSource::File(path.to_owned()), &vendors)?;
    let id = provider.facts().id;
    if built_in().iter().any(|taken| taken.facts().id == id) {
        return Err(InvalidProvider {
            line: None,
            problem: format!("id: {id} is built in: choose another ID"),
        });
    }
    Ok(provider)
}

/// Replaces the providers of the person's own files.
pub fn set_own(providers: Vec<&'static Provider>) {
    *OWN.write() = providers;
}

/// Returns the providers that are built in, in the order people see them.
pub fn built_in() -> &'static [&'static Provider] {
    &BUILT_IN
}

/// Returns the providers that lists show before anybody asks for more.
pub fn first() -> Vec<&'static Provider> {
    all().into_iter().filter(|provider| provider.facts().is_shown()).collect()
}

/// Returns the tables of the providers that lists show.
pub fn shown() -> impl Iterator<Item = &'static ProviderSpec> {
    first().into_iter().map(Provider::facts)
}

/// Returns the vendors of the providers that lists show.
pub fn shown_vendors() -> Vec<&'static Vendor> {
    vendors().into_iter().filter(|vendor| of_vendor(vendor).any(ProviderSpec::is_shown)).collect()
}

/// Returns every provider, in the order people see them.
pub fn all() -> Vec<&'static Provider> {
    BUILT_IN.iter().copied().chain(OWN.read().iter().copied()).collect()
}

/// Lists everything that any provider reads of its last reply, as JSON pointers.
pub fn pointers() -> Vec<&'static str> {
    all().iter().flat_map(|provider| provider.pointers()).collect()
}

/// Returns the provider of that ID.
pub fn by_id(id: &str) -> Option<&'static Provider> {
    let own = || OWN.read().iter().copied().find(|p| p.facts().id == id);
    BUILT_IN.iter().copied().find(|p| p.facts().id == id).or_else(own)
}

/// Returns the tables of a vendor's providers: those that its key is for.
pub fn of_vendor(vendor: &Vendor) -> impl Iterator<Item = &'static ProviderSpec> + use<> {
    let id = vendor.id;
    all().into_iter().map(Provider::facts).filter(move |facts| facts.vendor.id == id)
}

/// Returns the providers of a vendor that a new key of it is offered for: those that lists show, or all where they show
/// none.
pub fn offered_of(vendor: &Vendor) -> Vec<&'static ProviderSpec> {
    let all: Vec<_> = of_vendor(vendor).collect();
    let shown: Vec<_> = all.iter().copied().filter(|facts| facts.is_shown()).collect();
    if shown.is_empty() { all } else { shown }
}

/// Returns every vendor, in the order people see them.
pub fn vendors() -> Vec<&'static Vendor> {
    let mut found: Vec<&'static Vendor> = vec![];
    for provider in all() {
        let vendor = provider.facts().vendor;
        if !found.iter().any(|s| s.id == vendor.id) {
            found.push(vendor);
        }
    }
    found
}

/// Returns the vendor of that ID.
pub fn vendor(id: &str) -> Option<&'static Vendor> {
    vendors().into_iter().find(|s| s.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_file_can_be_read() {
        let shared: Vec<_> = texts("vendors").map(|text| build::shared_vendor(text).unwrap()).collect();
        let mut count = 0;
        for text in texts("") {
            let name = text.lines().find(|line| line.starts_with("id = ")).unwrap_or_default();
            match build::provider(text, &ProviderSource::BuiltIn, &shared) {
                Ok(provider) => assert_eq!(provider.missing_examples(), [], "{name} has no example"),
                Err(error) => panic!("{name}: {error}"),
            }
            count += 1;
        }
        assert_eq!(built_in().len(), count);
        let mut ids: Vec<_> = built_in().iter().map(|p| p.facts().id).collect();
        ids.dedup();
        assert_eq!(ids.len(), count, "{ids:?}");
        assert!(shown().count() >= 5 && shown().count() < count);
    }
}
