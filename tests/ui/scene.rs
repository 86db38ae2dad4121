//! The window in the middle of a day's work: a queue with a file of each kind, several destinations, a long history.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use eframe::egui::{Rect, Role, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use hoist::model::secret::Key;
use hoist::provider;
use hoist::session::Start;
use hoist::store::environment::Environment;
use hoist::store::folders::Folders;
use hoist::store::keys::Keys;

use crate::seeds::{Seed, plant};
use crate::window::{Window, sample};

/// What the settings of somebody with several accounts look like.
const SETTINGS: &str = r#"
notify = false
uploads_at_once = 8
uploads_per_account = 8
chosen = "Google Flow · jane@studio.com"

[[key]]
name = "useapi"
service = "useapi"
added = "2026-09-03"

[[key]]
name = "piapi"
service = "piapi"
added = "2026-09-03"

[[key]]
name = "indream"
service = "indream"
added = "2026-10-12"

[[destination]]
name = "Flow Music · jane@studio.com"
provider = "flow-music"
key = "useapi"
account = "jane@studio.com"

[[destination]]
name = "Google Flow · jane@studio.com"
provider = "google-flow"
key = "useapi"
account = "jane@studio.com"

[[destination]]
name = "Google Flow · team@studio.com"
provider = "google-flow"
key = "useapi"
account = "team@studio.com"

[[destination]]
name = "Riffusion · main"
provider = "riffusion"
key = "useapi"
account = "main"

[[destination]]
name = "PiAPI"
provider = "piapi"
key = "piapi"

[[destination]]
name = "Spring campaign"
provider = "indream"
key = "indream"
"#;

/// Answers as the service does, by what it is sent: a PNG is taken, a WebP never answered, a JPEG throttled, and of a
/// video no more is read than fits into what lies between.
fn serve(stream: &TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    loop {
        let (mut length, mut kind, mut asked) = (0, String::new(), None);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            let line = line.trim().to_ascii_lowercase();
            if let Some(rest) = line.strip_prefix("get ") {
                asked = rest.split(' ').next().map(ToOwned::to_owned);
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if let Some(value) = line.strip_prefix("content-type:") {
                value.trim().clone_into(&mut kind);
            }
            if line.is_empty() {
                break;
            }
        }
        if let Some(path) = asked {
            answer(stream, "200 OK", "", known(&path))?;
            continue;
        }
        if kind == "video/mp4" {
            std::thread::sleep(std::time::Duration::from_mins(10));
        }
        std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink())?;
        let (status, more, body) = match kind.as_str() {
            "image/webp" => {
                std::thread::sleep(std::time::Duration::from_mins(10));
                return Ok(());
            }
            "image/jpeg" => (
                "429 Too Many Requests",
                "retry-after: 1800\r\n",
                r#"{"error":{"code":429,"message":"Resource has been exhausted (e.g. check quota).","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"PUBLIC_ERROR_USER_REQUESTS_THROTTLED"}]}}"#,
            ),
            _ => (
                "200 OK",
                "",
                r#"{"mediaGenerationId":{"mediaGenerationId":"user:12345-email:6a6f686e406578616d706c652e636f6d-image:ff9aa51c-7e42-4f0b-9d35-8c1b2a3d4e5f"},"width":512,"height":512,"email":"jo***@gmail.com","media":{"name":"ff9aa51c-7e42-4f0b-9d35-8c1b2a3d4e5f","projectId":"5c37e988-2b0d-4b2f-8e3a-7f5d1c9a6b40"}}"#,
            ),
        };
        answer(stream, status, more, body)?;
    }
}

fn answer(mut stream: &TcpStream, status: &str, more: &str, body: &str) -> std::io::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{more}content-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}

/// What it says of keys and accounts.
fn known(path: &str) -> &'static str {
    match path {
        "/v1/flowmusic/accounts" | "/v1/google-flow/accounts" => {
            r#"{"jane@studio.com":{"health":"OK"},"team@studio.com":{"health":"OK"}}"#
        }
        "/v1/flowmusic/accounts/jane%40studio.com" => r#"{"credits_remaining":1240}"#,
        "/v1/riffusion/accounts" => r#"{"main":{"error":"pending error"}}"#,
        "/account/info" => r#"{"data":{"plan":"creator"}}"#,
        _ => "{}",
    }
}

/// A copy of a sample under another name, made longer by so many bytes that change nothing of what it is.
fn file(folder: &Path, name: &str, of: &str, longer_by: usize) -> PathBuf {
    let mut bytes = std::fs::read(sample(of)).unwrap();
    if longer_by > 0 {
        // In an MP4 a box of nothing; a PNG is over before it.
        bytes.extend(u32::try_from(longer_by).unwrap().to_be_bytes());
        bytes.extend(b"free");
        bytes.resize(bytes.len() + longer_by - 8, 0);
    }
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The window with a file of each kind in its queue; the first is selected.
pub(crate) fn at_work(theme: Theme, size: [f32; 2], scale: f32) -> Window {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(&stream));
        }
    });
    let home = tempfile::tempdir().unwrap();
    let folders = Folders::inside(home.path());
    std::fs::create_dir_all(&folders.settings).unwrap();
    std::fs::write(folders.settings.join("settings.toml"), SETTINGS).unwrap();
    plant(
        home.path(),
        (0..1284).map(|n| Seed::done("a.png", jiff::Timestamp::from_second(1_000_000 + n).unwrap())),
    );
    let mut environment = Environment::default();
    for base in ["HOIST_USEAPI_URL", "HOIST_PIAPI_ACCOUNT_URL"] {
        environment.bases.insert(base, format!("http://{address}"));
    }
    let keys = Keys::in_memory();
    for vendor in provider::shown_vendors() {
        keys.put(vendor.id, Key::new("user:1-MadeUpKey".to_owned()).unwrap()).unwrap();
    }
    let files = home.path().join("files");
    std::fs::create_dir(&files).unwrap();
    let mut window = Window::scaled(home, theme, size, scale, |start| Start { environment, keys, ..start });
    window.wait_for("History, 1,284");
    for key in ["useapi", "piapi"] {
        window.harness.state_mut().session_mut().check_key(key).unwrap();
        window.wait("it is checked", |w| !w.harness.state().session().keys.is_checking(key));
    }
    for (name, of, longer_by, until) in [
        ("cover-final.png", "cover.png", 0, "Uploaded"),
        ("walk-cycle.mp4", "clip.mp4", 48 << 20, " of 48.0 MB"),
        ("poster.webp", "poster.webp", 0, "Sent. Waiting for Google Flow"),
        ("storyboard-07.jpg", "photo.jpg", 0, "Rate-limited"),
    ] {
        window.drop_paths([file(&files, name, of, longer_by)]);
        window.wait("it can be sent", |w| w.has("Upload 1 "));
        window
            .harness
            .get_by(|node| {
                node.role() == Role::Button && node.label().is_some_and(|l| l.starts_with("Upload 1 "))
            })
            .click();
        window.wait(until, |w| w.tree().to_lowercase().contains(&until.to_lowercase()));
    }
    window.drop_paths([
        file(&files, "background-plate.png", "cover.png", 31 << 20),
        file(&files, "voice-take-3.mp3", "tone.mp3", 0),
        file(&files, "still-to-go.webp", "poster.webp", 16),
    ]);
    window.wait_for("Google Flow doesn't accept audio");
    window.wait_for("Upload 1 more to Google Flow");
    window
}

/// Links of the sandbox begin so, and go on with a port of their own.
const SANDBOX_LINK: &str = "http://127.0.0.1:";

/// What counts seconds or bytes, or tells the time, by where it is.
pub(crate) fn what_counts(window: &Window) -> Vec<Rect> {
    let counts = |text: &str| {
        [
            " of 48.0 MB",
            "Sent. Waiting",
            "Rate-limited",
            "Uploading ",
            "Uploaded and",
            " s · ",
            "user:1000",
            SANDBOX_LINK,
            "Works · checked",
            "Added 3 Sep",
            "Added 12 Oct",
            ":00:00",
        ]
        .iter()
        .any(|part| text.contains(part))
    };
    let nodes = window.harness.query_all_by(|node| {
        node.role() == Role::ProgressIndicator
            || matches!(node.role(), Role::Label | Role::Status)
                && (node.label().is_some_and(|l| counts(&l)) || node.value().is_some_and(|v| counts(&v)))
    });
    // As wide as the widest words can be.
    let wide = |rect: Rect| rect.with_max_x(rect.min.x + 400.0_f32.min(rect.width().max(240.0)));
    nodes
        .map(|node| {
            let known = node.accesskit_node();
            let text = known.label().or_else(|| known.value()).unwrap_or_default();
            // An ID is made up anew each time, and always as long.
            if text.contains("user:1000") {
                return node.rect();
            }
            if text.contains(SANDBOX_LINK) {
                return wide(node.rect());
            }
            // Behind how many of how many: up to the buttons.
            if text.starts_with(" · ") {
                let rect = node.rect();
                let buttons = window.harness.query_all_by_role(Role::Button).map(|button| button.rect());
                let beside =
                    buttons.filter(|b| b.y_range().contains(rect.center().y) && b.min.x > rect.min.x);
                return rect.with_max_x(beside.map(|b| b.min.x - 10.0).fold(rect.min.x + 310.0, f32::min));
            }
            // Which day yesterday was, and in another year the day has its year.
            if text.starts_with("Added ") || text.ends_with(":00:00") {
                return node.rect().with_max_x(node.rect().min.x + 220.0);
            }
            // In a row nothing stands beside it.
            let is_health = text.starts_with("Rate-limited") && !text.contains("retries");
            // In a narrow card what is known of a key is the beginning of a line, in a wide one a tag at the right.
            let is_checked = text.starts_with("Works · checked");
            if is_checked && node.rect().min.x < 400.0 {
                return node.rect().with_max_x(node.rect().min.x + 190.0);
            }
            let (rect, is_tag) = (node.rect(), is_health || is_checked);
            match is_tag {
                // With it moves what stands beside it: to the right in the header, to the left in a card. How wide it is
                // itself depends on the time.
                true if rect.min.y < 70.0 => rect.with_max_x(rect.min.x + 520.0),
                true => rect.with_min_x(rect.max.x - 320.0),
                false => wide(rect),
            }
        })
        .collect()
}
