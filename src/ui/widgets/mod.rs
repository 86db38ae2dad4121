//! The few things everything is made of.

mod button;
mod card;
mod choice;
mod field;
mod focus;
mod layout;
mod link;
mod menu;
mod page;
mod scroll;
mod shapes;
mod sheet;
mod slider;
mod tag;
mod text;
mod tip;
mod toast;

pub(super) use button::{Button, COPIED, SAME_PLACE, SECOND_CLICK, Weight, presses_enter};
pub(super) use card::{card_row, form, form_block, form_row, list_card, rule, two_lines};
pub(super) use choice::{
    StepDirection, checkbox, icon_segments, radio, segments, select, stepper, steps, switch, tick_box,
};
pub(super) use field::field;
pub(super) use focus::{choice_ground, focus_ring, focus_to_replace, follow, is_shown, show_setting};
pub(super) use layout::{line, line_at, line_galley, named_part, text_width, wrapped};
pub(super) use link::link;
pub(super) use menu::{MenuItem, context_menu, menu};
pub(super) use page::{page_column, page_header};
pub(super) use scroll::in_gutter;
pub(super) use shapes::{big_icon, dashed, icon_mark, mark, middle, progress};
pub(super) use sheet::{Sheet, buttons, close_button, sheet};
pub(super) use slider::{Slider, cut_bar};
pub(super) use tag::{Tone, tag, tag_ending};
pub(super) use text::{Cut, DOT, centred, cut_line, fit_end, fit_middle, fit_parts};
pub(super) use tip::{WithTip, follow_typing};
pub(super) use toast::{Toast, ToastPress, draw as draw_toast, toasts};
