//! How fast Hoist is beside its peers, in one run: curl for uploads, an empty egui window for the window. Prints ratios of
//! medians; nothing fails by them. `cargo bench` runs all; `cargo bench -- upload` or `-- window` one part.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use eframe::egui;

const HOIST: &str = env!("CARGO_BIN_EXE_hoist");
const MB: usize = 1_000_000;

/// What this program is started with to be the peer of the window.
const EMPTY_WINDOW: &str = "--empty-window";

fn main() {
    if std::env::args().any(|argument| argument == EMPTY_WINDOW) {
        return show_empty_window();
    }
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let wants = |part: &str| wanted.is_empty() || wanted.iter().any(|w| w == part);
    if wants("upload") {
        uploads();
    }
    if wants("window") {
        window();
    }
}

/// A server that only counts: takes any body, and answers as Indream does.
struct Sink {
    origin: String,
    bytes: Arc<AtomicU64>,
}

impl Sink {
    fn start() -> Sink {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let bytes = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&bytes);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let count = Arc::clone(&count);
                std::thread::spawn(move || serve(stream, &count));
            }
        });
        Sink { origin, bytes }
    }
}

fn serve(mut stream: TcpStream, count: &AtomicU64) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::with_capacity(256 * 1024, stream.try_clone().unwrap());
    loop {
        let mut left = 0u64;
        let mut line = String::new();
        loop {
            line.clear();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            let lower = line.to_ascii_lowercase();
            if let Some(value) = lower.strip_prefix("content-length:") {
                left = value.trim().parse().unwrap();
            }
            if lower.starts_with("expect:") {
                let _ = stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n");
            }
            if line == "\r\n" {
                break;
            }
        }
        while left > 0 {
            let n = reader.fill_buf().map_or(0, <[u8]>::len).min(left as usize);
            if n == 0 {
                return;
            }
            reader.consume(n);
            left -= n as u64;
            count.fetch_add(n as u64, Ordering::Relaxed);
        }
        let body = r#"{"data":{"assetId":"9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8"},"meta":{}}"#;
        let head = format!("HTTP/1.1 201 Created\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        if stream.write_all(head.as_bytes()).is_err() {
            return;
        }
    }
}

/// Wall time and peak memory of a whole command.
fn time(mut command: Command) -> (Duration, u64) {
    let began = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut peak = 0;
    loop {
        peak = peak.max(memory(&child, "VmHWM:"));
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{command:?} failed");
            return (began.elapsed(), peak);
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}

/// In kilobytes, from `/proc`.
fn memory(child: &Child, field: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix(field));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Runs two commands in turn and prints the ratio of their medians.
fn compare(what: &str, goal: &str, runs: usize, ours: impl Fn() -> Command, theirs: impl Fn() -> Command) {
    time(ours());
    time(theirs());
    let (mut a, mut b, mut peak) = (vec![], vec![], 0);
    for _ in 0..runs {
        let (wall, memory) = time(ours());
        peak = peak.max(memory);
        a.push(wall.as_secs_f64() * 1000.0);
        b.push(time(theirs()).0.as_secs_f64() * 1000.0);
    }
    let (a, b) = (median(a), median(b));
    println!(
        "{what}: {a:.1} ms against {b:.1} ms = {:.2} ({goal}) · peak memory {:.1} MB",
        a / b,
        peak as f64 / 1000.0
    );
}

/// A whole PNG of about 100 kB: noise, since that cannot be compressed.
fn picture(path: &Path, seed: u32) {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut noise = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_be_bytes()[0]
    };
    image::RgbImage::from_fn(180, 184, |_, _| image::Rgb([noise(), noise(), noise()])).save(path).unwrap();
}

/// A file that is an MP4 by its first bytes.
fn file(path: &Path, size: usize, head: &[u8]) {
    let mut data = vec![0u8; size.min(MB)];
    for (n, byte) in data.iter_mut().enumerate() {
        *byte = (n * 31 % 251) as u8;
    }
    data[..head.len()].copy_from_slice(head);
    let mut file = fs::File::create(path).unwrap();
    let mut left = size;
    while left > 0 {
        let n = left.min(data.len());
        file.write_all(&data[..n]).unwrap();
        left -= n;
    }
}

fn hoist(home: &Path, sink: &Sink, files: &[PathBuf]) -> Command {
    // Files never sent before: else each would be read twice, to know it again.
    if let Ok(history) = rusqlite::Connection::open(home.join("data/history.db")) {
        let _ = history.execute_batch("UPDATE upload SET hash = NULL");
    }
    let mut command = Command::new(HOIST);
    command
        .env("HOIST_HOME", home)
        .env("HOIST_INDREAM_URL", &sink.origin)
        .env("HOIST_INDREAM_KEY", "sk_indream_bench000");
    command.args(["upload", "--to", "indream"]).args(files);
    command
}

/// curl as one would use it for the same call.
fn curl(sink: &Sink, files: &[PathBuf]) -> Command {
    let mut command = Command::new("curl");
    command.args(["-sS", "--fail", "-H", "Authorization: Bearer sk_indream_bench000", "-X", "POST"]);
    if files.len() > 1 {
        command.args(["--parallel", "--parallel-max", "2"]);
    }
    for file in files {
        command.arg("-T").arg(file).arg(format!("{}/v1/uploads", sink.origin)).args(["-o", "/dev/null"]);
    }
    command
}

fn uploads() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let sink = Sink::start();
    let small: Vec<_> = (0..100)
        .map(|n| {
            let path = folder.path().join(format!("{n}.png"));
            picture(&path, n);
            path
        })
        .collect();
    compare(
        "one file of 100 kB",
        "goal 3",
        21,
        || hoist(&home, &sink, &small[..1]),
        || curl(&sink, &small[..1]),
    );
    compare("100 files of 100 kB", "goal 3", 11, || hoist(&home, &sink, &small), || curl(&sink, &small));
    let large = vec![folder.path().join("large.mp4")];
    file(&large[0], 800 * MB, b"\0\0\0\x18ftypisom\0\0\x02\0");
    compare("800 MB", "goal 1.1 and 40 MB", 5, || hoist(&home, &sink, &large), || curl(&sink, &large));
    println!("the sink counted {:.1} GB", sink.bytes.load(Ordering::Relaxed) as f64 / 1e9);
}

/// The empty window that Hoist's own is compared with: says on stdout when its first frame is drawn, and stays.
struct EmptyWindow {
    began: Instant,
    is_drawn: bool,
}

impl eframe::App for EmptyWindow {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        egui::CentralPanel::default().show(ui, |_| {});
        if !std::mem::replace(&mut self.is_drawn, true) {
            println!("{}", self.began.elapsed().as_millis());
        }
    }
}

fn show_empty_window() {
    let began = Instant::now();
    let native = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default().with_inner_size([1160.0, 740.0]),
        renderer: eframe::Renderer::Glow,
        ..eframe::NativeOptions::default()
    };
    let app = EmptyWindow { began, is_drawn: false };
    eframe::run_native("empty", native, Box::new(move |_| Ok(Box::new(app)))).unwrap();
}

/// A window's first frame in milliseconds and its memory in kilobytes, and what it costs to leave it alone.
struct Look {
    first_frame: f64,
    resident: f64,
    idle_ticks: u64,
}

fn ticks(child: &Child) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
    let fields: Vec<_> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

fn observe(display: &str, program: &Path, home: &Path, idle: Duration) -> Look {
    let _ = fs::remove_dir_all(home);
    let mut command = Command::new(program);
    command.env("DISPLAY", display).env("HOIST_HOME", home).env_remove("WAYLAND_DISPLAY");
    let own = program == Path::new(HOIST);
    command.arg(if own { "--sandbox" } else { EMPTY_WINDOW });
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let first_frame = if own {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(n) = logged(home) {
                break n;
            }
            assert!(Instant::now() < until, "no first frame");
            std::thread::sleep(Duration::from_millis(5));
        }
    } else {
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        line.trim().parse().unwrap()
    };
    std::thread::sleep(Duration::from_secs(2));
    let resident = memory(&child, "VmRSS:") as f64;
    let before = ticks(&child);
    std::thread::sleep(idle);
    let idle_ticks = ticks(&child) - before;
    let _ = child.kill();
    let _ = child.wait();
    Look { first_frame, resident, idle_ticks }
}

fn logged(home: &Path) -> Option<f64> {
    let folder = home.join("data/sandbox/logs");
    let file = fs::read_dir(folder).ok()?.flatten().next()?;
    let mut text = String::new();
    fs::File::open(file.path()).ok()?.read_to_string(&mut text).ok()?;
    let at = text.find("milliseconds=")?;
    text[at + 13..].lines().next()?.trim().parse().ok()
}

fn window() {
    let empty = std::env::current_exe().unwrap();
    let mut x = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1400x900x24"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("Xvfb: run scripts/setup test");
    let mut number = String::new();
    BufReader::new(x.stdout.take().unwrap()).read_line(&mut number).unwrap();
    let display = format!(":{}", number.trim());
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let (mut ours, mut theirs) = (vec![], vec![]);
    observe(&display, Path::new(HOIST), &home, Duration::ZERO);
    observe(&display, &empty, &home, Duration::ZERO);
    for run in 0..7 {
        let idle = Duration::from_secs(if run == 0 { 10 } else { 0 });
        ours.push(observe(&display, Path::new(HOIST), &home, idle));
        theirs.push(observe(&display, &empty, &home, Duration::ZERO));
    }
    let _ = x.kill();
    let _ = x.wait();
    let of = |all: &[Look], f: fn(&Look) -> f64| median(all.iter().map(f).collect());
    let (a, b) = (of(&ours, |l| l.first_frame), of(&theirs, |l| l.first_frame));
    println!("first frame: {a:.0} ms against {b:.0} ms of an empty window = {:.2} (goal 1.3)", a / b);
    let (a, b) = (of(&ours, |l| l.resident), of(&theirs, |l| l.resident));
    println!("memory: {:.1} MB against {:.1} MB = {:.2} (goal 1.3)", a / 1000.0, b / 1000.0, a / b);
    println!("10 idle seconds: {} hundredths of a second of processor time (goal 0)", ours[0].idle_ticks);
}
