//! What a person does with many files at once: pausing, ordering, sending again and elsewhere, taking out and back; and
//! how the accounts they go to stand.

mod asked;
mod changed;
mod desk;
mod fetched;
mod health;
mod order;
mod pictures;
mod recorded;
mod retry;
mod set;
mod undo;
