//! Copies that fit: what a destination does not accept is converted, made smaller, cut or stripped, and the file itself
//! stays as it is.
//!
//! [`plan`] decides, purely; [`make`] does it, on a worker, within bounds of memory and time.

mod audio;
mod audio_plan;
mod carry;
mod changes;
mod control;
mod encode;
mod error;
mod film_plan;
mod image;
mod leftovers;
mod make;
mod mixer;
mod plan;
mod planner;
mod search;
mod spare;
mod strip;
mod tone_map;
mod tools;
mod video;
mod video_plan;
mod worker;

pub use control::Control;
pub use error::{FitError, NoCopy};
pub use film_plan::plan_at_once;
pub use leftovers::remove_leftovers;
pub use make::{Made, make};
pub use plan::plan;
pub use planner::can_strip;
pub use tools::Tools;
pub use worker::{FitOrder, FitResult, FitWorker};
