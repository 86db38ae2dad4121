//! The log file: what happened, without names, addresses or keys.

use std::sync::Mutex;

use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::store::folders::Folders;

/// Starts writing to a file a day, a week of them. Only Hoist's own lines: those of HTTP libraries may show headers.
/// Without a place to write to there is no log.
pub fn start(folders: &Folders) {
    if Folders::make(&folders.logs).is_err() {
        return;
    }
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("hoist")
        .filename_suffix("log")
        .max_log_files(7)
        .build(&folders.logs);
    if let Ok(file) = file {
        let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Mutex::new(file));
        let own = Targets::new().with_target("hoist", LevelFilter::INFO);
        let _ = tracing_subscriber::registry().with(own).with(layer).try_init();
    }
}
