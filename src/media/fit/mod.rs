//! Copies that fit: what a destination does not accept is converted, made smaller, cut or stripped, and the file itself
//! stays as it is.
//!
//! [`plan`] decides, purely; [`make`] does it, on a worker, within bounds of memory and time.

mod audio;
mod carry;
mod changes;
mod control;
mod encode;
mod error;
mod image;
mod make;
mod plan;
mod search;
mod strip;
mod video;
mod worker;

pub use control::Control;
pub use error::{FitError, NoCopy};
pub use make::{Made, make};
pub use plan::{Tools, can_strip, plan};
pub use worker::{FitOrder, FitResult, FitWorker};
