//! Keys that come faster than frames: each acts on what the one before it led to, as it would have at leisure.

use std::collections::VecDeque;

use eframe::egui::{Event, Key, RawInput};

/// The keys, and what else came after them, that wait for the next frame.
#[derive(Default)]
pub(super) struct KeyBacklog {
    events: VecDeque<Event>,
    /// A frame goes by before the next: what a key opens is shown, and has the keyboard, in the frame after its own.
    rests: bool,
    /// The key that is held down: what it repeats is not waited for, or the window would run after it.
    held: Option<Key>,
}

impl KeyBacklog {
    /// Leaves in a frame's input what came up to the first key that may give the keyboard to something else; true where more
    /// waits for the next frame.
    pub(super) fn take_turn(&mut self, input: &mut RawInput) -> bool {
        self.events.extend(input.events.drain(..));
        if std::mem::take(&mut self.rests) && !self.events.is_empty() {
            return true;
        }
        while let Some(event) = self.events.pop_front() {
            let ends = self.may_move_keyboard(&event);
            input.events.push(event);
            if ends {
                // The text of the key itself, and that it was let go.
                while let Some(event @ (Event::Text(_) | Event::Key { pressed: false, .. })) =
                    self.events.front()
                {
                    let event = event.clone();
                    self.may_move_keyboard(&event);
                    input.events.push(event);
                    self.events.pop_front();
                }
                self.rests = true;
                break;
            }
        }
        !self.events.is_empty()
    }

    fn may_move_keyboard(&mut self, event: &Event) -> bool {
        let Event::Key { key, pressed, modifiers, .. } = event else { return false };
        if !pressed {
            self.held = self.held.filter(|held| held != key);
            return false;
        }
        let is_repeated = self.held.replace(*key) == Some(*key);
        !is_repeated && (modifiers.command || modifiers.ctrl || modifiers.alt || !is_of_text(*key))
    }
}

/// Returns whether a key changes a text that is written, and nothing else: letters, digits, and what takes them back.
fn is_of_text(key: Key) -> bool {
    key == Key::Backspace || key.name().len() == 1
}

#[cfg(test)]
mod tests {
    use eframe::egui::Modifiers;

    use super::*;

    fn key(key: Key, pressed: bool) -> Event {
        Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE }
    }

    fn typed(letter: Key, text: &str) -> Vec<Event> {
        vec![key(letter, true), Event::Text(text.to_owned()), key(letter, false)]
    }

    /// What each frame has of events that came all at once, but for those that have none: one goes by between two.
    fn frames(events: &[Event]) -> Vec<Vec<Event>> {
        let (mut backlog, mut frames) = (KeyBacklog::default(), vec![]);
        let mut input = RawInput { events: events.to_vec(), ..RawInput::default() };
        loop {
            let more = backlog.take_turn(&mut input);
            let events = std::mem::take(&mut input.events);
            assert_eq!(events.is_empty(), frames.len() % 2 == 1, "{events:?}");
            frames.push(events);
            if !more {
                return frames.into_iter().step_by(2).collect();
            }
        }
    }

    #[test]
    fn what_is_typed_after_a_key_that_moves_the_keyboard_goes_where_that_led() {
        let tab = [key(Key::Tab, true), key(Key::Tab, false)];
        let enter = [key(Key::Enter, true), key(Key::Enter, false)];
        let all = [&typed(Key::A, "a"), &tab[..], &typed(Key::B, "b"), &typed(Key::C, "c"), &enter].concat();
        let expected = [
            [&typed(Key::A, "a"), &tab[..]].concat(),
            [&typed(Key::B, "b"), &typed(Key::C, "c"), &enter[..]].concat(),
        ];
        assert_eq!(frames(&all), expected);
        // A space is pressed as a button, or written, and its text is not written somewhere else.
        let space = typed(Key::Space, " ");
        assert_eq!(frames(&[&space[..], &typed(Key::A, "a")].concat()), [space, typed(Key::A, "a")]);
    }

    #[test]
    fn each_arrow_has_a_frame_and_one_that_is_held_down_has_no_queue() {
        let down = [key(Key::ArrowDown, true), key(Key::ArrowDown, false)];
        assert_eq!(frames(&[&down[..], &down, &down].concat()), [&down[..]; 3]);
        let held = vec![key(Key::ArrowDown, true); 30];
        let all = frames(&held);
        assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [1, 29]);
        // In the next frames, too.
        let mut backlog = KeyBacklog::default();
        let mut one = || {
            let mut input = RawInput { events: vec![key(Key::ArrowDown, true)], ..RawInput::default() };
            (backlog.take_turn(&mut input), input.events.len())
        };
        assert_eq!([one(), one(), one(), one()], [(false, 1), (true, 0), (false, 2), (false, 1)]);
    }

    #[test]
    fn writing_and_the_pointer_wait_for_nothing() {
        let written = [typed(Key::A, "a"), typed(Key::Backspace, ""), vec![Event::PointerGone]].concat();
        assert_eq!(frames(&written), [written]);
    }
}
