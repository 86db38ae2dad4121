//! X11 to the letter: drops that no file manager makes (names that are no files here, contents, programs that fall silent),
//! and text in fields.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::HOIST;
use super::desktop::{Desktop, TIMEOUT, end, in_time};
use super::server::Server;
use super::xdnd::{Dragging, Ended};

/// As it stands in a list: everything but letters, digits and slashes encoded.
pub(crate) fn address(path: &Path) -> String {
    let encoded = path.as_os_str().as_bytes().iter().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' => char::from(*byte).to_string(),
        other => format!("%{other:02X}"),
    });
    format!("file://{}", encoded.collect::<String>())
}

pub(crate) fn history(desktop: &Desktop) -> Vec<Value> {
    let told = desktop.stdout_of(HOIST, &["history", "list", "--json"]);
    told.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// The desktop's portal for documents, as far as files are handed over by it.
struct Portal(Vec<String>);

#[zbus::interface(name = "org.freedesktop.portal.FileTransfer")]
impl Portal {
    fn retrieve_files(
        &self,
        key: &str,
        options: HashMap<String, zbus::zvariant::OwnedValue>,
    ) -> zbus::fdo::Result<Vec<String>> {
        drop(options);
        match key {
            "4711" => Ok(self.0.clone()),
            _ => Err(zbus::fdo::Error::InvalidArgs("no such transfer".to_owned())),
        }
    }
}

#[test]
fn files_of_a_program_in_a_sandbox_come_by_the_portal() {
    let mut desktop = Desktop::start((1400, 800));
    let (mut hoist, server, window) = window(&mut desktop);
    let file = desktop.home.path().join("true.png");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/cover.png"), &file).unwrap();
    let bus = desktop.variables["DBUS_SESSION_BUS_ADDRESS"].as_str();
    let portal = zbus::blocking::connection::Builder::address(bus).unwrap();
    let portal = portal.name("org.freedesktop.portal.Documents").unwrap();
    let files = Portal(vec![file.to_string_lossy().into_owned()]);
    let portal = portal.serve_at("/org/freedesktop/portal/documents", files).unwrap().build().unwrap();
    let source = Dragging::on(&desktop);
    let list: &[u8] = b"file:///app/inside/the/sandbox.png\r\n";
    let offered: [(&str, Option<&[u8]>); 2] =
        [("text/uri-list", Some(list)), ("application/vnd.portal.filetransfer", Some(b"4711\0"))];
    assert_eq!(source.drop_on(window, &offered), Ended::Dropped { taken: true });
    assert!(in_time(TIMEOUT, || server.uploads() == 1));
    assert_eq!(history(&desktop)[0]["file"].as_str(), file.to_str());
    drop(portal);
    end(&mut hoist);
}

/// A window of Hoist's on a desktop of X11 with nothing else.
pub(crate) fn window(desktop: &mut Desktop) -> (Child, Server, u32) {
    desktop.start_window_manager();
    let server = Server::start(desktop);
    let settings = desktop.home.path().join("hoist/settings");
    std::fs::create_dir_all(&settings).unwrap();
    std::fs::write(settings.join("settings.toml"), "upload_on_drop = true\nnotify = false\n").unwrap();
    for name in ["HOIST_USEAPI_URL", "HOIST_USEAPI_TOKEN"] {
        desktop.variables.insert(name.to_owned(), server.exports[name].clone());
    }
    let hoist = desktop.spawn(HOIST, &[], Stdio::null());
    let window = desktop.window("--name", "^Hoist$").parse().unwrap();
    (hoist, server, window)
}

#[test]
fn text_is_pasted_into_a_field_and_cut_out_of_it() {
    let mut desktop = Desktop::start((1400, 800));
    let (mut hoist, _server, window) = window(&mut desktop);
    desktop.xdotool(&["windowactivate", "--sync", &window.to_string()]);
    // Into the field that searches the history; what is pasted comes a moment after the key.
    let cut = in_time(TIMEOUT, || {
        let mut copies = desktop.command("xclip");
        copies.args(["-selection", "clipboard", "-i"]).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut copies = copies.spawn().unwrap();
        copies.stdin.take().unwrap().write_all("Grüße".as_bytes()).unwrap();
        copies.wait().unwrap(); // one of its own stays behind
        desktop.key("ctrl+f");
        desktop.key("ctrl+a");
        desktop.key("ctrl+v");
        std::thread::sleep(Duration::from_millis(500));
        desktop.xdotool(&["type", "!"]);
        desktop.key("ctrl+a");
        desktop.key("ctrl+x");
        std::thread::sleep(Duration::from_millis(300));
        desktop.clipboard() == "Grüße!"
    });
    assert!(cut, "{}", desktop.clipboard());
    end(&mut hoist);
}

#[test]
fn no_drop_vanishes_because_of_one_of_its_names() {
    let mut desktop = Desktop::start((1400, 800));
    let (mut hoist, server, window) = window(&mut desktop);
    let source = Dragging::on(&desktop);

    let folder = desktop.home.path().join("files");
    std::fs::create_dir(&folder).unwrap();
    let names: [&[u8]; 6] =
        [b"good 1.png", b"100%41.png", "封面.png".as_bytes(), b"two\nlines.png", b"caf\xe9.png", b"#?&;.png"];
    let mut files: Vec<PathBuf> = names.iter().map(|name| folder.join(OsStr::from_bytes(name))).collect();
    // Each with a content of its own: what is the same goes once by itself.
    let write = |file: &Path, shade: usize| {
        image::RgbImage::from_pixel(8, 8, image::Rgb([shade as u8 * 30; 3]))
            .save_with_format(file, image::ImageFormat::Png)
            .unwrap();
    };
    for (n, file) in files.iter().enumerate() {
        write(file, n);
    }
    let link = folder.join("link.png");
    let linked = folder.join("linked");
    write(&linked, 7);
    std::os::unix::fs::symlink(&linked, &link).unwrap();
    files.push(link);

    let missing = address(&folder.join("gone.png"));
    let mut lines = vec!["# a comment".to_owned(), missing, "file://elsewhere.example/a.png".to_owned()];
    lines.extend(files.iter().map(|file| address(file)));
    lines.extend(["smb://host/b.png".to_owned(), "nonsense".to_owned()]);
    let list = lines.join("\r\n") + "\r\n";
    let files_offered: [(&str, Option<&[u8]>); 4] = [
        ("application/x-something", None),
        ("text/plain", None),
        ("UTF8_STRING", None),
        ("text/uri-list", Some(list.as_bytes())), // the fourth: it stands in the list of formats only
    ];
    assert_eq!(source.drop_on(window, &files_offered), Ended::Dropped { taken: true });
    assert!(in_time(TIMEOUT, || server.uploads() >= files.len()), "{} came", server.uploads());
    let came = || {
        let all = history(&desktop);
        all.iter().filter_map(|line| line["file"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let mut wanted: Vec<_> = files.iter().map(|file| file.to_string_lossy().into_owned()).collect();
    wanted.sort();
    let all_there = in_time(TIMEOUT, || {
        let mut came = came();
        came.sort();
        came == wanted
    });
    assert!(all_there, "{:?}", came());

    // What nobody can use is not taken; and what is promised and not given ends, and harms nothing.
    assert_eq!(source.drop_on(window, &[("application/x-color", Some(b"red"))]), Ended::Unwanted);
    assert_eq!(source.drop_on(window, &[("text/uri-list", None)]), Ended::Dropped { taken: true });

    // The content of a picture is a file, however many pieces it comes in; its address is not needed.
    let noise: Vec<u8> = (0..250_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let mut large = vec![];
    image::ImageEncoder::write_image(
        image::codecs::png::PngEncoder::new(&mut large),
        &noise,
        500,
        500,
        image::ExtendedColorType::L8,
    )
    .unwrap();
    assert!(large.len() > 100_000, "{} bytes go in one piece", large.len());
    let before = server.uploads();
    let picture: [(&str, Option<&[u8]>); 2] = [
        ("text/uri-list", Some(b"http://127.0.0.1:9/a.png")),
        ("application/octet-stream;name=\"from a page.png\"", Some(&large)),
    ];
    assert_eq!(source.drop_on(window, &picture), Ended::Dropped { taken: true });
    assert!(in_time(TIMEOUT, || server.uploads() == before + 1), "{} came", server.uploads() - before);
    assert!(server.sizes().contains(&(large.len() as u64)), "byte for byte");
    let last = history(&desktop).remove(0);
    assert!(last["file"].as_str().unwrap().ends_with("/from a page.png"), "{last}");
    end(&mut hoist);
}
