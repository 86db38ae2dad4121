//! Where there are no Unix sockets: no window listens, so each start opens one of its own.

use std::io;

use super::message::Message;

/// The place that a window listens at: there is none.
#[derive(Debug)]
pub enum Owner {}

/// A window that takes what further starts hand over: there is none.
#[derive(Debug)]
pub enum Listening {}

impl Owner {
    /// Does not listen: there is no socket on this system.
    pub fn listen(self, _take: impl Fn(Message) -> bool + Send + Sync + 'static) -> io::Result<Listening> {
        match self {}
    }
}
