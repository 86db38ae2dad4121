//! What agents may do: which files they may send, and where to. Nothing, until the person allows a folder.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::destination::Destination;
use crate::model::record::name_of;
use crate::model::text::sanitize;
pub use crate::store::agent_rights::AgentFolder;
use crate::store::agent_rights::AgentRightsFile;
use crate::store::folders::Folders;

/// Why an agent may not send a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgentDenial {
    /// There is no such file, or it cannot be read.
    #[error("{0} cannot be read: check the path")]
    Missing(String),
    /// A folder was named.
    #[error("{0} is a folder: name the files in it")]
    Folder(String),
    /// Its name, or a folder on the way to it, is hidden.
    #[error("{0} is hidden, and agents send no hidden files")]
    Hidden(String),
    /// No right covers it.
    #[error("{} is not in a folder from which agents may send to {to}. The person can allow that in a terminal: {}", shown(.file), allowing(.folder, .to, *.sandbox))]
    NotAllowed {
        /// The one that the agent named.
        file: PathBuf,
        /// The folder that would have to be allowed.
        folder: PathBuf,
        /// The destination.
        to: String,
        /// It was asked for in a sandbox, which has rights of its own.
        sandbox: bool,
    },
    /// The rights cannot be read.
    #[error("The folders from which agents may send cannot be read ({0})")]
    Unreadable(String),
}

/// Why a right was not given or taken back.
#[derive(Debug, thiserror::Error)]
pub enum AgentRightsError {
    /// There is no such folder.
    #[error("{0} is not a folder")]
    NotAFolder(String),
    /// Its path is no text, and the file of rights is one.
    #[error("{0} has a name that is not text")]
    NotText(String),
    /// It was not allowed.
    #[error("{0} is not among the folders from which agents may send")]
    NotAllowed(String),
    /// The file of rights.
    #[error("The folders from which agents may send cannot be changed: {0}")]
    Disk(#[from] io::Error),
}

/// The rights of agents, as they stand whenever they are asked for: what is taken back counts at once.
#[derive(Clone, Debug)]
pub struct AgentRights {
    file: AgentRightsFile,
    sandbox: bool,
}

impl AgentRights {
    /// Returns those of these folders, which may be a sandbox's.
    pub fn new(folders: &Folders, sandbox: bool) -> AgentRights {
        AgentRights { file: AgentRightsFile::new(folders), sandbox }
    }

    /// Lists the folders from which agents may send.
    pub fn folders(&self) -> io::Result<Vec<AgentFolder>> {
        self.file.load()
    }

    /// Lets agents send from a folder to these destinations, or to every one. What was said of the folder before is
    /// replaced.
    pub fn allow(&self, folder: &Path, destinations: &[String]) -> Result<AgentFolder, AgentRightsError> {
        let path = text_path(&resolved(folder)?)?;
        let allowed = AgentFolder { path, destinations: destinations.to_vec() };
        self.file.update(|all| {
            all.retain(|other| other.path != allowed.path);
            all.push(allowed.clone());
        })?;
        Ok(allowed)
    }

    /// Lets agents send from a folder to one more destination.
    pub fn allow_also(&self, folder: &Path, destination: &str) -> Result<(), AgentRightsError> {
        let path = text_path(&resolved(folder)?)?;
        self.file.update(|all| match all.iter_mut().find(|other| other.path == path) {
            Some(there) if there.destinations.is_empty() => {}
            Some(there) => there.destinations.push(destination.to_owned()),
            None => all.push(AgentFolder { path, destinations: vec![destination.to_owned()] }),
        })?;
        Ok(())
    }

    /// Takes that back. The folder may be gone by now.
    pub fn forbid(&self, folder: &Path) -> Result<PathBuf, AgentRightsError> {
        let path = std::fs::canonicalize(folder)
            .or_else(|_| std::path::absolute(folder))
            .unwrap_or_else(|_| folder.to_owned());
        let mut had = false;
        self.file.update(|all| {
            let before = all.len();
            all.retain(|other| other.path != path);
            had = all.len() < before;
        })?;
        if had { Ok(path) } else { Err(AgentRightsError::NotAllowed(shown(&path))) }
    }

    /// Returns the file that each path leads to, where agents may send it to this destination. It waits for the disk.
    pub fn permit(&self, paths: &[PathBuf], to: &Destination) -> Vec<Result<PathBuf, AgentDenial>> {
        let folders = self.folders().map_err(|e| AgentDenial::Unreadable(e.kind().to_string()));
        paths.iter().map(|path| self.permit_one(path, to, folders.as_deref())).collect()
    }

    fn permit_one(
        &self,
        path: &Path,
        to: &Destination,
        folders: Result<&[AgentFolder], &AgentDenial>,
    ) -> Result<PathBuf, AgentDenial> {
        let file = std::fs::canonicalize(path).map_err(|_| AgentDenial::Missing(shown(path)))?;
        if file.is_dir() {
            return Err(AgentDenial::Folder(shown(path)));
        }
        let all = folders.map_err(AgentDenial::clone)?;
        let folder = file.parent().unwrap_or(&file).to_owned();
        let around: Vec<_> = all.iter().filter(|folder| file.starts_with(&folder.path)).collect();
        let below = |folder: &Path| file.strip_prefix(folder).is_ok_and(has_hidden_part);
        let is_hidden = match around.as_slice() {
            [] => below(&folder),
            around => around.iter().all(|allowed| below(&allowed.path)),
        };
        if is_hidden {
            return Err(AgentDenial::Hidden(shown(path)));
        }
        let permits = |allowed: &&&AgentFolder| !below(&allowed.path) && allowed.takes(to);
        match around.iter().find(permits) {
            Some(_) => Ok(file),
            None => Err(AgentDenial::NotAllowed { file, folder, to: to.name.clone(), sandbox: self.sandbox }),
        }
    }
}

/// Returns whether a path has a part that systems hide.
fn has_hidden_part(path: &Path) -> bool {
    path.iter().any(|part| part.to_string_lossy().starts_with('.'))
}

fn resolved(folder: &Path) -> Result<PathBuf, AgentRightsError> {
    let path = std::fs::canonicalize(folder).ok().filter(|path| path.is_dir());
    path.ok_or_else(|| AgentRightsError::NotAFolder(shown(folder)))
}

fn text_path(path: &Path) -> Result<PathBuf, AgentRightsError> {
    if path.to_str().is_some() { Ok(path.to_owned()) } else { Err(AgentRightsError::NotText(shown(path))) }
}

/// Returns the command that allows a folder, as a shell reads it.
pub fn allowing(folder: &Path, to: &str, sandbox: bool) -> String {
    let folder = folder.to_string_lossy();
    let mut words = vec!["hoist", "mcp", "allow", &*folder, "--to", to];
    words.extend(sandbox.then_some("--sandbox"));
    let quoted = words
        .into_iter()
        .map(|word| shlex::try_quote(word).map_or_else(|_| name_of(Path::new(word)), Into::into));
    sanitize(&quoted.collect::<Vec<String>>().join(" "))
}

fn shown(path: &Path) -> String {
    sanitize(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider;
    use crate::session::auto;

    struct Home {
        folders: tempfile::TempDir,
        rights: AgentRights,
    }

    impl Home {
        fn new() -> Home {
            let folders = tempfile::tempdir().unwrap();
            let rights = AgentRights::new(&Folders::inside(&folders.path().join("home")), false);
            Home { folders, rights }
        }

        fn file(&self, name: &str) -> PathBuf {
            let path = self.folders.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
            path
        }

        fn may(&self, path: &Path, provider: &str) -> Result<PathBuf, AgentDenial> {
            let to = auto(provider::by_id(provider).unwrap().facts(), "k");
            self.rights.permit(&[path.to_owned()], &to).remove(0)
        }
    }

    #[test]
    fn nothing_may_be_sent_until_its_folder_is_allowed_and_nothing_after_that_is_taken_back() {
        let home = Home::new();
        let file = home.file("renders/deep/a.png");
        let beside = home.file("renders-2/a.png");
        let not_allowed =
            |path: &Path| matches!(home.may(path, "piapi"), Err(AgentDenial::NotAllowed { .. }));
        assert!(not_allowed(&file));
        let folder = home.folders.path().join("renders");
        home.rights.allow(&folder, &[]).unwrap();
        assert_eq!(home.may(&file, "piapi").unwrap(), std::fs::canonicalize(&file).unwrap());
        assert!(not_allowed(&beside), "another folder whose name begins so");
        home.rights.allow(&folder, &["flow-music".to_owned()]).unwrap();
        assert!(not_allowed(&file), "another destination");
        assert!(home.may(&file, "flow-music").is_ok());
        home.rights.allow_also(&folder, "piapi").unwrap();
        assert!(home.may(&file, "piapi").is_ok() && home.may(&file, "flow-music").is_ok());
        home.rights.forbid(&folder).unwrap();
        assert!(not_allowed(&file) && home.rights.forbid(&folder).is_err());
    }

    #[test]
    fn links_are_followed_first_and_hidden_files_stay() {
        let home = Home::new();
        let folder = home.folders.path().join("renders");
        let (hidden, deep) = (home.file("renders/.a.png"), home.file("renders/.git/a.png"));
        let outside = home.file("outside/a.png");
        assert!(matches!(home.may(&outside, "piapi"), Err(AgentDenial::NotAllowed { .. })));
        home.rights.allow(&folder, &[]).unwrap();
        for path in [&hidden, &deep, &home.file("other/.secret.png")] {
            assert!(matches!(home.may(path, "piapi"), Err(AgentDenial::Hidden(_))), "{}", path.display());
        }
        assert!(matches!(home.may(&folder, "piapi"), Err(AgentDenial::Folder(_))));
        assert!(matches!(home.may(&folder.join("gone.png"), "piapi"), Err(AgentDenial::Missing(_))));
        #[cfg(unix)]
        for (target, name) in [(&outside, "link.png"), (&hidden, "seen.png")] {
            let link = folder.join(name);
            std::os::unix::fs::symlink(target, &link).unwrap();
            assert!(home.may(&link, "piapi").is_err(), "{name}");
        }
        let up = folder.join("../outside/a.png");
        assert!(matches!(home.may(&up, "piapi"), Err(AgentDenial::NotAllowed { .. })));
        // A folder that is itself hidden may be allowed by name.
        let cache = home.file(".cache/renders/a.png");
        home.rights.allow(cache.parent().unwrap(), &[]).unwrap();
        assert!(home.may(&cache, "piapi").is_ok());
    }

    #[test]
    fn the_command_that_allows_a_folder_is_as_a_shell_reads_it() {
        let command = allowing(Path::new("/home/jane/my renders"), "Flow Music · Auto", false);
        let words = shlex::split(&command).unwrap();
        assert_eq!(words, ["hoist", "mcp", "allow", "/home/jane/my renders", "--to", "Flow Music · Auto"]);
        assert_eq!(allowing(Path::new("/a"), "piapi", true), "hoist mcp allow /a --to piapi --sandbox");
    }

    #[test]
    fn rights_that_cannot_be_read_grant_nothing() {
        let home = Home::new();
        let file = home.file("renders/a.png");
        home.rights.allow(file.parent().unwrap(), &[]).unwrap();
        std::fs::write(home.folders.path().join("home/settings/agents.toml"), "folder = 3").unwrap();
        assert!(matches!(home.may(&file, "piapi"), Err(AgentDenial::Unreadable(_))));
        assert!(home.rights.allow(file.parent().unwrap(), &[]).is_err(), "and are not overwritten");
    }
}
