//! Why a disk did not do what it was asked.

use std::io::{Error, ErrorKind};

/// Windows' words for a file, or a part of it, that another program keeps to itself.
const IN_USE: [i32; 2] = [32, 33];

/// Returns whether another program has the file open and shares it with none, as only Windows lets it.
pub fn is_in_use(e: &Error) -> bool {
    cfg!(windows) && e.raw_os_error().is_some_and(|number| IN_USE.contains(&number))
}

/// Returns why a file cannot be read, for the end of a sentence.
pub fn reason(e: &Error) -> String {
    match e.kind() {
        _ if is_in_use(e) => "another program has it open and does not share it: close it there".into(),
        ErrorKind::PermissionDenied => "permission denied".into(),
        ErrorKind::InvalidFilename => "no file can have this name".into(),
        _ => e.to_string(),
    }
}
