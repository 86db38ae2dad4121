//! How far uploads are, on the program's button in the taskbar of Windows.

use raw_window_handle::HasWindowHandle;

/// What the button shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TaskbarProgress {
    /// Nothing is being sent.
    #[default]
    Nothing,
    /// So many hundredths are sent.
    Sending(u8),
    /// The same, and nothing more is sent before a person goes on.
    Paused(u8),
}

impl TaskbarProgress {
    /// Returns the progress of a batch in bytes. Before there is a first hundredth, the button shows that something began.
    pub fn new(sent: u64, bytes: u64, is_paused: bool) -> TaskbarProgress {
        let hundredths = (u128::from(sent) * 100 / u128::from(bytes.max(1))).clamp(1, 100) as u8;
        if is_paused { TaskbarProgress::Paused(hundredths) } else { TaskbarProgress::Sending(hundredths) }
    }
}

/// A window's button. It is for the window's thread only.
pub struct Taskbar {
    shown: TaskbarProgress,
    #[cfg(windows)]
    window: Option<std::num::NonZeroIsize>,
    /// Nothing in it: the system has none.
    #[cfg(windows)]
    button: std::cell::OnceCell<Option<button::TaskbarButton>>,
}

impl Taskbar {
    /// Returns the button of a window.
    pub fn of(window: &impl HasWindowHandle) -> Taskbar {
        #[cfg(windows)]
        {
            let window = super::dialog_parent::windows::number_of(window);
            Taskbar { shown: TaskbarProgress::Nothing, window, button: std::cell::OnceCell::new() }
        }
        #[cfg(not(windows))]
        {
            let _ = window;
            Taskbar { shown: TaskbarProgress::Nothing }
        }
    }

    /// Shows the progress, where that is another one than before. The system is asked for the button when there is
    /// something to show for the first time.
    pub fn show(&mut self, progress: TaskbarProgress) {
        let is_another = std::mem::replace(&mut self.shown, progress) != progress;
        #[cfg(windows)]
        if is_another
            && let Some(button) = self.button.get_or_init(|| button::TaskbarButton::of(self.window?))
        {
            button.show(progress);
        }
        #[cfg(not(windows))]
        let _ = is_another;
    }
}

#[cfg(windows)]
#[allow(unsafe_code)]
mod button {
    use std::num::NonZeroIsize;

    use windows::Win32::Foundation::HWND;
    use windows::Win32::System::Com::{CLSCTX_INPROC_SERVER, CoCreateInstance};
    use windows::Win32::UI::Shell::{ITaskbarList3, TBPF_NOPROGRESS, TBPF_NORMAL, TBPF_PAUSED, TaskbarList};

    use super::TaskbarProgress;

    pub(super) struct TaskbarButton {
        list: ITaskbarList3,
        window: HWND,
    }

    impl TaskbarButton {
        pub(super) fn of(window: NonZeroIsize) -> Option<TaskbarButton> {
            // SAFETY: the window's library has started COM on this thread; where it has not, there is an error.
            let list: ITaskbarList3 =
                unsafe { CoCreateInstance(&TaskbarList, None, CLSCTX_INPROC_SERVER) }.ok()?;
            // SAFETY: the list is one, as COM gave it.
            unsafe { list.HrInit() }.ok()?;
            Some(TaskbarButton { list, window: HWND(window.get() as *mut _) })
        }

        /// Where the taskbar is gone the errors are of no use: it comes back without progress, and gets the next one.
        pub(super) fn show(&self, progress: TaskbarProgress) {
            let (state, hundredths) = match progress {
                TaskbarProgress::Nothing => (TBPF_NOPROGRESS, None),
                TaskbarProgress::Sending(hundredths) => (TBPF_NORMAL, Some(hundredths)),
                TaskbarProgress::Paused(hundredths) => (TBPF_PAUSED, Some(hundredths)),
            };
            // SAFETY: the window is a number, which the system looks up; that of a window which has gone is refused.
            unsafe {
                let _ = self.list.SetProgressState(self.window, state);
                if let Some(hundredths) = hundredths {
                    let _ = self.list.SetProgressValue(self.window, u64::from(hundredths), 100);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_shown_in_hundredths() {
        use TaskbarProgress::{Paused, Sending};
        for (sent, bytes, progress) in [
            (0, 0, Sending(1)),
            (0, 1000, Sending(1)),
            (509, 1000, Sending(50)),
            (1000, 1000, Sending(100)),
            (2000, 1000, Sending(100)),
            (u64::MAX, u64::MAX, Sending(100)),
        ] {
            assert_eq!(TaskbarProgress::new(sent, bytes, false), progress, "{sent} of {bytes}");
        }
        assert_eq!(TaskbarProgress::new(1, 2, true), Paused(50));
    }
}
