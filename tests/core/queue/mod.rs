//! What a person does with many files at once: pausing, ordering, sending again and elsewhere, taking out and back; and
//! how the accounts they go to stand.

mod asked;
mod desk;
mod health;
mod order;
mod set;
mod undo;
