//! One suite that every provider must pass, over real sockets: what goes out, what each reply means, what is refused.
//! The documents' own examples are in `fixtures/`.

mod checks;
mod connecting;
mod errors;
mod going_out;
mod refusals;
mod replies;
mod successes;
