//! What a frame of the window costs with 10,000 files in its queue or its history, and how many it asks for. Nothing fails by the figures.
//! `cargo bench --bench window`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use eframe::egui::{
    DroppedFile, DroppedFileHandle, Event, Modifiers, MouseWheelSource, MouseWheelUnit, TouchPhase, Vec2,
    pos2,
};
use egui_kittest::Harness;
use hoist::model::destination::Destination;
use hoist::model::secret::Key;
use hoist::model::upload::State;
use hoist::session::{Session, Start};
use hoist::store::environment::Environment;
use hoist::store::folders::Folders;
use hoist::store::keys::Keys;
use hoist::store::settings::HistoryStyle;
use hoist::ui::App;

const FILES: usize = 10_000;
/// As many as can move at a time.
const MOVING: usize = 16;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(n) = arguments.iter().position(|a| a == "--memory") {
        let mut window = Window::new(arguments[n + 1].parse().unwrap(), Server::None);
        window.settle();
        println!("{}", resident());
        return;
    }
    frames();
    conversions();
    history();
    memory();
    wanted();
}

/// Where files go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Server {
    None,
    /// Takes bytes one by one, so that uploads move and never end.
    Slow,
    /// Holds the account for half an hour.
    Throttled,
}

struct Window {
    harness: Harness<'static, App>,
    woken: Arc<AtomicBool>,
    home: tempfile::TempDir,
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("it is not read on the window's thread".into())
    }
}

fn serve(stream: &TcpStream, slow: bool) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    if slow {
        let mut some = vec![0; 64 * 1024];
        while reader.read(&mut some)? > 0 {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    let body = r#"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}"#;
    let head = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 1800\r\nconnection: close";
    let mut stream = stream;
    write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

impl Window {
    fn new(files: usize, server: Server) -> Window {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || serve(&stream, server == Server::Slow));
            }
        });
        let home = tempfile::tempdir().unwrap();
        let folders = Folders::inside(home.path());
        let mut environment = Environment::default();
        environment.keys.insert("useapi", Key::new("user:1-MadeUpKey".to_owned()).unwrap());
        environment.bases.insert("HOIST_USEAPI_URL", format!("http://{address}"));
        fs::create_dir_all(&folders.settings).unwrap();
        let settings =
            format!("uploads_at_once = {MOVING}\nuploads_per_account = {MOVING}\nnotify = false\n");
        fs::write(folders.settings.join("settings.toml"), settings).unwrap();
        let woken = Arc::new(AtomicBool::new(false));
        let wake = Arc::clone(&woken);
        let start = Start { environment, ..Start::new(folders, Keys::in_memory()) };
        let session = Session::start(start, Arc::new(move || wake.store(true, Ordering::SeqCst))).unwrap();
        let harness = Harness::builder()
            .with_size(Vec2::new(1160.0, 740.0))
            .with_render_cursor(false)
            .build_eframe(move |cc| App::new(&cc.egui_ctx, session, vec![]));
        let mut window = Window { harness, woken, home };
        let google =
            window.session().keys.destinations().iter().position(|d| d.provider == "google-flow").unwrap();
        window.harness.state_mut().session_mut().keys.choose(google);
        let names = window.pictures(files.saturating_sub(if server == Server::Slow { MOVING } else { 0 }));
        let large = if server == Server::Slow { window.films() } else { vec![] };
        let dropped = large.into_iter().chain(names).map(|path| Arc::new(Dropped(path)) as DroppedFileHandle);
        window.harness.input_mut().dropped_files = dropped.collect();
        // They are sorted on a thread before they are in the queue.
        while window.session().uploads.queue().items().len() < files {
            window.harness.step();
            std::thread::sleep(Duration::from_millis(1));
        }
        window
    }

    fn session(&self) -> &Session {
        self.harness.state().session()
    }

    /// So many small pictures, each a file of its own.
    fn pictures(&self, count: usize) -> Vec<PathBuf> {
        let folder = self.home.path().join("pictures");
        fs::create_dir(&folder).unwrap();
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/cover.png");
        let first = folder.join("first.png");
        fs::copy(sample, &first).unwrap();
        (0..count)
            .map(|n| {
                let path = folder.join(format!("picture of a day in the life of somebody {n:05}.png"));
                fs::hard_link(&first, &path).unwrap();
                path
            })
            .collect()
    }

    /// Files that take long to be sent.
    fn films(&self) -> Vec<PathBuf> {
        let folder = self.home.path().join("films");
        fs::create_dir(&folder).unwrap();
        let clip = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/clip.mp4")).unwrap();
        (0..MOVING)
            .map(|n| {
                let path = folder.join(format!("film {n:02}.mp4"));
                let mut bytes = clip.clone();
                bytes.extend((64u32 << 20).to_be_bytes());
                bytes.extend(b"free");
                fs::write(&path, &bytes).unwrap();
                fs::File::options()
                    .write(true)
                    .open(&path)
                    .unwrap()
                    .set_len(clip.len() as u64 + (64 << 20))
                    .unwrap();
                path
            })
            .collect()
    }

    /// Everything is looked into, and nothing is drawn any more.
    fn settle(&mut self) {
        let looking =
            |w: &Window| w.session().uploads.queue().items().iter().any(|item| item.facts().is_none());
        while looking(self) || self.harness.state().awaits_pictures() {
            std::thread::sleep(Duration::from_millis(5));
            self.harness.step();
        }
        for _ in 0..20 {
            self.harness.step();
        }
        // The last answers of the workers and of the history.
        while self.woken.swap(false, Ordering::SeqCst) {
            self.harness.step();
            std::thread::sleep(Duration::from_millis(500));
        }
    }

    /// Asks for the first `count` to be sent.
    fn send(&mut self, count: usize) {
        let ids: Vec<_> =
            self.session().uploads.queue().items().iter().take(count).map(|item| item.request.id).collect();
        for id in ids {
            self.harness.state_mut().session_mut().uploads.send_again(id);
        }
        let went =
            |state: &State| state.is_moving() || matches!(state, State::Waiting { until: Some(_), .. });
        while !self.session().uploads.queue().items().iter().any(|item| went(&item.state)) {
            std::thread::sleep(Duration::from_millis(5));
            self.harness.step();
        }
        std::thread::sleep(Duration::from_secs(2));
        for _ in 0..20 {
            self.harness.step();
        }
    }

    /// A frame with its triangles, in milliseconds.
    fn frame(&mut self) -> f64 {
        let before = Instant::now();
        self.harness.step();
        let shapes = self.harness.output().shapes.clone();
        let triangles = self.harness.ctx.tessellate(shapes, 1.0);
        assert!(!triangles.is_empty());
        before.elapsed().as_secs_f64() * 1000.0
    }

    fn scroll(&mut self, points: f32) {
        let input = self.harness.input_mut();
        input.events.push(Event::PointerMoved(pos2(600.0, 400.0)));
        input.events.push(Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: Vec2::new(0.0, -points),
            modifiers: Modifiers::NONE,
            phase: TouchPhase::Move,
            source: MouseWheelSource::Wheel,
        });
    }

    /// How many frames it asks for in this time, woken as the real window is: at most ten times a second.
    fn frames_wanted(&mut self, time: Duration) -> usize {
        let until = Instant::now() + time;
        let mut frames = 0;
        self.woken.store(false, Ordering::SeqCst);
        loop {
            let delay =
                self.harness.output().viewport_output.values().map(|v| v.repaint_delay).min().unwrap();
            let next = Instant::now().checked_add(delay).unwrap_or(until + Duration::from_secs(1));
            loop {
                if Instant::now() >= until {
                    return frames;
                }
                if self.woken.swap(false, Ordering::SeqCst) {
                    std::thread::sleep(
                        Duration::from_millis(100).min(until.saturating_duration_since(Instant::now())),
                    );
                    break;
                }
                if Instant::now() >= next {
                    break;
                }
                std::thread::sleep(Duration::from_millis(2));
            }
            self.harness.step();
            frames += 1;
        }
    }
}

/// In megabytes.
fn resident() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1000.0
}

fn report(what: &str, mut all: Vec<f64>) {
    all.sort_by(f64::total_cmp);
    let at = |share: f64| all[((all.len() - 1) as f64 * share) as usize];
    println!(
        "{what}: median {:.2} ms, 99th percentile {:.2} ms, longest {:.2} ms (goals 4 and 8)",
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

fn frames() {
    let mut window = Window::new(FILES, Server::Slow);
    window.settle();
    report(&format!("{FILES} files, nothing moves"), (0..300).map(|_| window.frame()).collect());
    window.send(MOVING);
    let moving =
        window.session().uploads.queue().items().iter().filter(|item| item.state.is_moving()).count();
    let standing = (0..300)
        .map(|_| {
            std::thread::sleep(Duration::from_millis(10)); // so that there is news
            window.frame()
        })
        .collect();
    report(&format!("{FILES} files, {moving} move"), standing);
    let scrolling = (0..600)
        .map(|_| {
            window.scroll(65.0);
            window.frame()
        })
        .collect();
    report(
        &format!("{FILES} files, {moving} move, scrolling over some 500 rows whose pictures are being made"),
        scrolling,
    );
    window.harness.key_press_modifiers(Modifiers::COMMAND, eframe::egui::Key::A);
    window.harness.step();
    window.harness.state_mut().session_mut().uploads.upload_all();
    let asked = (0..300)
        .map(|_| {
            std::thread::sleep(Duration::from_millis(10));
            window.frame()
        })
        .collect();
    let waiting =
        window.session().uploads.queue().items().iter().filter(|item| item.state.is_active()).count();
    report(&format!("{FILES} files, all selected, {waiting} asked for"), asked);
}

/// A queue in which fifty copies are being made, two at a time.
fn conversions() {
    const COPIES: usize = 50;
    let mut window = Window::new(FILES, Server::None);
    window.settle();
    let scan = window.home.path().join("scan.bmp");
    image::RgbImage::from_fn(4000, 3000, |x, y| image::Rgb([(x / 16) as u8, (y / 12) as u8, (x ^ y) as u8]))
        .save(&scan)
        .unwrap();
    let scans = (0..COPIES).map(|n| {
        let path = window.home.path().join(format!("scan {n}.bmp"));
        fs::hard_link(&scan, &path).unwrap();
        path
    });
    let scans: Vec<_> = scans.collect();
    let to = Arc::clone(window.session().keys.chosen().unwrap());
    let ids = window.harness.state_mut().session_mut().add_files_to(scans, &to);
    window.settle();
    window.harness.key_press(eframe::egui::Key::End);
    window.harness.state_mut().session_mut().uploads.fit_as_offered(&ids);
    let pending = |w: &Window| {
        let queue = w.session().uploads.queue();
        ids.iter().filter(|id| queue.get(**id).is_some_and(|item| item.inspection.is_pending())).count()
    };
    let mut frames = vec![];
    while pending(&window) > 2 {
        std::thread::sleep(Duration::from_millis(10));
        frames.push(window.frame());
    }
    report(&format!("{FILES} files, {COPIES} copies are made ({} frames)", frames.len()), frames);
}

/// The page of the history with as many uploads, a hundred a day, as pictures and as a list.
fn history() {
    let mut window = Window::new(0, Server::None);
    // The window is there before its history is: that is opened by another thread.
    let db = loop {
        let db = rusqlite::Connection::open(window.home.path().join("data/history.db")).unwrap();
        if db.prepare("SELECT id FROM upload").is_ok() {
            break db;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let now = jiff::Timestamp::now().as_millisecond();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/cover.png");
    db.execute(
        "WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n + 1 < ?1)
        INSERT INTO upload (id, run, queued, added, behind, asked, path, size, media, provider, destination, key, options,
            state, asset, words)
        SELECT n + 1, 1, 0, ?2 - n * 864000, n + 1, ?2 - n * 864000, ?3, 1000, 'png', 'flow-music', 'd', 'useapi', '{}', 'done',
            'id-' || n, 'cover.png' FROM n",
        rusqlite::params![FILES as i64, now, sample.to_str().unwrap().as_bytes()],
    )
    .unwrap();
    while window.session().library.count() < FILES {
        std::thread::sleep(Duration::from_millis(50));
        window.harness.step();
    }
    window.harness.key_press_modifiers(Modifiers::COMMAND, eframe::egui::Key::Num2);
    for style in [HistoryStyle::Grid, HistoryStyle::List] {
        window.harness.state_mut().session_mut().set(move |settings| settings.history_style = style);
        window.settle();
        report(
            &format!("history of {FILES}, {style:?}, nothing moves"),
            (0..300).map(|_| window.frame()).collect(),
        );
        let scrolling = (0..600)
            .map(|_| {
                window.scroll(65.0);
                window.frame()
            })
            .collect();
        report(&format!("history of {FILES}, {style:?}, scrolling"), scrolling);
        window.harness.key_press_modifiers(Modifiers::COMMAND, eframe::egui::Key::A);
        window.settle();
        let selected = (0..300).map(|_| window.frame()).collect();
        report(&format!("history of {FILES}, {style:?}, all selected"), selected);
        println!(
            "history of {FILES}, {style:?}: {} frames wanted in 5 s",
            window.frames_wanted(Duration::from_secs(5))
        );
    }
}

fn memory() {
    let of = |files: usize| -> f64 {
        let program = std::env::current_exe().unwrap();
        let out = Command::new(program).args(["--memory", &files.to_string()]).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).trim().parse().unwrap()
    };
    let (empty, full) = (of(0), of(FILES));
    println!(
        "memory: {full:.1} MB with {FILES} files, {empty:.1} MB with none: {:.1} MB more (goal 150)",
        full - empty
    );
}

fn wanted() {
    let ten = Duration::from_secs(10);
    let mut window = Window::new(FILES, Server::Throttled);
    window.settle();
    println!("frames in 10 s with a full queue and nothing to do: {} (goal 0)", window.frames_wanted(ten));
    let first = window.session().uploads.queue().items()[0].request.id;
    let named = Destination {
        account: Some("a@example.com".into()),
        ..(**window.session().keys.chosen().unwrap()).clone()
    };
    window.harness.state_mut().session_mut().uploads.redirect_items(&[first], &Arc::new(named));
    window.settle();
    window.send(1);
    std::thread::sleep(Duration::from_secs(1));
    window.settle();
    println!("frames in 10 s with one countdown: {} (goal 11)", window.frames_wanted(ten));
    let mut window = Window::new(FILES, Server::Slow);
    window.settle();
    window.send(MOVING);
    println!("frames in 10 s while {MOVING} files move: {} (goal 120)", window.frames_wanted(ten));
}
