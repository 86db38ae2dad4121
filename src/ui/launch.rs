//! The start of the window: it is opened here, or its files go to the one that is open.

use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use eframe::egui;

use super::app::App;
use super::gallery::Gallery;
use super::screen;
use crate::platform::{display, environment, identity, instance};
use crate::session::api::{Keys, WindowView};
use crate::session::{self, Session, Start};

/// What the window is opened with.
#[derive(Clone, Debug, Default)]
pub struct WindowOptions {
    /// Files to stage.
    pub files: Vec<PathBuf>,
    /// Everything against an embedded sandbox.
    pub sandbox: bool,
    /// A window of its own, though another one may be open.
    pub new_window: bool,
    /// Every widget in every state instead of the app.
    pub gallery: bool,
}

/// Opens the window and stays until it is closed.
pub fn open(options: WindowOptions) -> anyhow::Result<()> {
    let began = Instant::now();
    let display = display::is_there();
    if options.gallery && display {
        return run(Arc::default(), &WindowView::default(), |cc| Box::new(Gallery::new(&cc.egui_ctx)));
    }
    let environment = environment::given();
    let token = environment::launch_token();
    let folders = session::folders(&environment, options.sandbox)?;
    let files = options.files.into_iter().map(|f| std::path::absolute(&f).unwrap_or(f)).collect();
    let start = match options.new_window || options.gallery {
        true => instance::StartOutcome::Standalone { files, why: None },
        false => instance::start(&folders.run, files, token.as_deref(), display),
    };
    let (files, owner, why) = match start {
        instance::StartOutcome::HandedOver => return Ok(()),
        instance::StartOutcome::First { files, owner } => (files, Some(owner), None),
        instance::StartOutcome::Standalone { files, why } => (files, None, why),
    };
    if !display {
        let why = why.map(|why| why + ". ").unwrap_or_default();
        anyhow::bail!("{why}{}", display::missing(None));
    }
    session::log::start(&folders);
    let window: Arc<OnceLock<egui::Context>> = Arc::default();
    let woken = Arc::clone(&window);
    let wake = Arc::new(move || {
        if let Some(ctx) = woken.get() {
            // Files looked into and news together: ten frames a second, however many there are.
            ctx.request_repaint_after(Duration::from_millis(100));
        }
    });
    let kept_in = folders.clone();
    let own = session::folders(&environment, false)?;
    let of_sandbox = session::folders(&environment, true)?;
    let trial_wake = Arc::clone(&wake);
    let start = Start {
        environment,
        sandbox: options.sandbox,
        provider_folders: Some(own.clone()),
        ..Start::new(folders, Keys::in_keyring())
    };
    let session = Session::start(start, wake)?;
    let view = session.window.view().clone();
    run(window, &view, move |cc| {
        let app = App::began_at(began, &cc.egui_ctx, session, files).kept_in(kept_in);
        let in_sandbox = of_sandbox.clone();
        // Nothing of the environment: no key is there, and no address.
        let app = app.trying(of_sandbox, move || {
            let start = Start {
                sandbox: true,
                provider_folders: Some(own.clone()),
                ..Start::new(in_sandbox.clone(), Keys::in_memory())
            };
            Session::start(start, trial_wake.clone())
        });
        Box::new(app.in_window(cc).listening(owner, why))
    })
}

/// Returns why there is no window. What the library says where OpenGL is missing is a list of all that was asked for.
fn reason(error: &eframe::Error) -> String {
    match error {
        eframe::Error::OpenGL(_) | eframe::Error::Glutin(_) | eframe::Error::NoGlutinConfigs(..) => {
            tracing::error!("no OpenGL: {error}");
            "this computer offers no OpenGL that a window can be drawn with".to_owned()
        }
        other => other.to_string(),
    }
}

/// Opens the window that `make` fills, as large as it was; `window` is known from then on.
fn run(
    window: Arc<OnceLock<egui::Context>>,
    view: &WindowView,
    make: impl FnOnce(&eframe::CreationContext<'_>) -> Box<dyn eframe::App>,
) -> anyhow::Result<()> {
    let icon = eframe::icon_data::from_png_bytes(include_bytes!("../../assets/icon/hoist-256.png"))
        .unwrap_or_default();
    let native = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_app_id("hoist")
            .with_title("Hoist")
            .with_icon(icon)
            .with_inner_size(view.size.unwrap_or(screen::USUAL))
            .with_min_inner_size(screen::LEAST)
            .with_drag_and_drop(true),
        renderer: eframe::Renderer::Glow,
        clipboard_shortcuts: false, // the clipboard is our own
        ..eframe::NativeOptions::default()
    };
    identity::declare();
    // A missing X library is a panic inside the window system's library, not an error: until the window is up, a panic
    // means that it cannot be opened.
    let opened = Arc::new(AtomicBool::new(false));
    let (is_open, opening) = (Arc::clone(&opened), Arc::clone(&opened));
    let usual = Arc::new(panic::take_hook());
    let quiet = Arc::clone(&usual);
    panic::set_hook(Box::new(move |info| {
        if is_open.load(Ordering::SeqCst) || std::thread::current().name() != Some("main") {
            quiet(info);
        }
    }));
    let result = catch_unwind(AssertUnwindSafe(|| {
        eframe::run_native(
            "hoist",
            native,
            Box::new(move |cc| {
                opening.store(true, Ordering::SeqCst);
                let _ = window.set(cc.egui_ctx.clone());
                Ok(make(cc))
            }),
        )
    }));
    panic::set_hook(Box::new(move |info| usual(info)));
    match result {
        Ok(Ok(())) => Ok(()),
        Ok(Err(e)) if opened.load(Ordering::SeqCst) => {
            anyhow::bail!("The window is gone: {e}. The queue comes back at the next start")
        }
        Ok(Err(e)) => anyhow::bail!("{}", display::missing(Some(&reason(&e)))),
        Err(panic) if opened.load(Ordering::SeqCst) => panic::resume_unwind(panic),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let why =
                text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("the window system failed");
            anyhow::bail!("{}", display::missing(Some(why)))
        }
    }
}
