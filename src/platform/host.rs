//! What this computer calls itself, and where its user is at home.

use std::sync::OnceLock;

use crate::model::drop_data::Here;

/// It does not change while the program runs.
pub fn here() -> &'static Here {
    static HERE: OnceLock<Here> = OnceLock::new();
    HERE.get_or_init(|| Here {
        host: gethostname::gethostname().to_string_lossy().into_owned(),
        home: directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned()),
    })
}
