//! The programs that files come from.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use super::compositor::{By, Compositor, Screen};
use super::desktop::{TIMEOUT, end, in_time, start};
use super::picture::{Colour, Picture};

/// Where the first icon of a file manager is moved to: there the window is beside Hoist's.
const ICON: (i32, i32) = (330, 260);

/// On the screen, where nothing is: what is under the pointer may be lit.
pub(crate) const AWAY: (i32, i32) = (8, 880);

/// A window without the icons it should have is opened anew so often.
const TRIES: u32 = 3;

/// Hoist's window is not left of this.
const BESIDE: i32 = 960;

/// A program that files come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Pcmanfm,
    Thunar,
    Nautilus,
    Dolphin,
    /// A page with a picture.
    Chromium,
}

impl Source {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Source::Pcmanfm => "pcmanfm",
            Source::Thunar => "thunar",
            Source::Nautilus => "nautilus",
            Source::Dolphin => "dolphin",
            Source::Chromium => "chromium",
        }
    }

    /// Those of a desktop, the one that does everything first.
    pub(crate) fn of(compositor: Compositor) -> &'static [Source] {
        match compositor {
            Compositor::X11 => &[Source::Pcmanfm, Source::Thunar, Source::Chromium],
            Compositor::XWayland => &[Source::Thunar, Source::Pcmanfm, Source::Chromium],
            Compositor::Weston => &[Source::Thunar, Source::Chromium],
            Compositor::Mutter => &[Source::Nautilus, Source::Thunar, Source::Chromium],
            Compositor::Kwin => &[Source::Dolphin, Source::Thunar, Source::Chromium],
        }
    }

    fn command(self, screen: &Screen, what: &str) -> Command {
        // pcmanfm knows X only. What Chromium drags by Wayland, Mutter hands to no window of X.
        let by = match (self, screen.compositor) {
            (Source::Pcmanfm, _) | (Source::Chromium, Compositor::XWayland) => By::X11,
            _ => screen.others(),
        };
        let mut command = screen.command(self.name(), by);
        match self {
            Source::Pcmanfm => command.args(["--no-desktop", what]),
            Source::Thunar | Source::Nautilus => command.arg(what),
            Source::Dolphin => command.args(["--new-window", what]).env("XDG_CURRENT_DESKTOP", "KDE"),
            Source::Chromium => {
                let home = screen.outside.home.path().join("chromium");
                command.args(["--no-sandbox", "--test-type", "--disable-gpu", "--no-first-run"]);
                command.args(["--disable-background-networking", "--disable-component-update"]);
                command.args(["--disable-sync", "--password-store=basic", "--window-size=700,500"]);
                command.arg(format!("--user-data-dir={}", home.display()));
                command.arg(format!("--ozone-platform={}", if by == By::X11 { "x11" } else { "wayland" }));
                command.arg(format!("--app={what}"))
            }
        };
        command
    }

    /// Writes what the programs are to find: icons, large enough to be seen.
    pub(crate) fn set_up(screen: &Screen) {
        let write = |name: &str, text: &str| {
            let path = screen.outside.home.path().join("config").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let pcmanfm = "[ui]\nview_mode=icon\nsplitter_pos=150\nwin_width=640\nwin_height=480\nmaximized=0\n";
        write("pcmanfm/default/pcmanfm.conf", pcmanfm);
        // Its mark for selecting would lie over a small icon.
        let dolphin = "[General]\nVersion=202\nShowSelectionToggle=false\n[IconsMode]\nIconSize=32\nPreviewSize=32\nMaximumTextLines=1\n\
                       [PreviewSettings]\nPlugins=imagethumbnail\n";
        write("dolphinrc", dolphin);
        write("kdeglobals", "[KDE]\nSingleClick=false\n");
    }
}

/// An open window of a source, beside Hoist's.
pub(crate) struct Opened {
    child: Child,
    start: Command,
    /// Where the icon of each colour was when the window opened; one that is selected may look otherwise.
    pub(crate) places: HashMap<Colour, (i32, i32)>,
}

impl Drop for Opened {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

impl Opened {
    /// Opens a folder or a page, waits for what has these colours, and moves the window to the left.
    pub(crate) fn open(
        source: Source,
        screen: &Screen,
        what: &str,
        colours: &[Colour],
    ) -> Result<Opened, String> {
        // Windows that were closed may take their time to fade; only Hoist's may show these colours, too.
        in_time(TIMEOUT, || {
            let now = screen.picture();
            colours.iter().all(|c| now.find(*c, None).is_none_or(|found| found.middle.0 >= BESIDE))
        });
        screen.outside.move_to(AWAY);
        let before = screen.at_rest();
        let mut again = source.command(screen, what);
        let mut opened = Opened { child: start(&mut again), start: again, places: HashMap::new() };
        let first = colours[0];
        // File managers show a small picture late, or not at all before they are opened anew.
        for _ in 0..TRIES {
            if opened.find_colours(screen, &before, colours).is_ok() {
                break;
            }
            end(&mut opened.child);
        }
        opened.find_colours(screen, &before, colours)?;
        let moved = in_time(TIMEOUT, || {
            let from = opened.places[&first];
            let near = |a: i32, b: i32| (a - b).abs() < 40;
            if near(from.0, ICON.0) && near(from.1, ICON.1) {
                return true;
            }
            screen.move_window(from, ICON);
            screen.outside.move_to(AWAY);
            std::thread::sleep(Duration::from_millis(300));
            opened.find_colours(screen, &before, colours).is_err()
        });
        if moved && opened.places.len() == colours.len() {
            Ok(opened)
        } else {
            let picture = screen.outside.keep_picture(&format!("{}-unmoved", source.name()));
            Err(format!("the window of {} cannot be moved (see {picture})", source.name()))
        }
    }

    /// Finds the colours, when they have come to rest.
    fn find_colours(&mut self, screen: &Screen, before: &Picture, colours: &[Colour]) -> Result<(), String> {
        let mut missing = String::new();
        let found = in_time(TIMEOUT / 4, || {
            // It may have handed the folder to the one before it, which was about to end.
            if self.child.try_wait().unwrap().is_some() {
                self.child = start(&mut self.start);
            }
            let picture = screen.picture();
            let found = |c: &Colour| Some((*c, picture.find(*c, Some(before))?.middle));
            let places: HashMap<_, _> = colours.iter().filter_map(found).collect();
            missing = format!("{} of {} icons are seen", places.len(), colours.len());
            let rest = places == self.places && places.len() == colours.len();
            self.places = places;
            rest
        });
        if found {
            return Ok(());
        }
        Err(format!("{missing} (see {})", screen.outside.keep_picture("icons")))
    }
}

/// A picture of one colour, all but a point, by which it is another one than others of that colour.
pub(crate) fn write_picture(file: &Path, colour: Colour, side: u32, own: u32) {
    let mut picture = image::RgbImage::from_pixel(side, side, image::Rgb(colour));
    picture.put_pixel(side - 1, side - 1, image::Rgb([own as u8, (own >> 8) as u8, (own >> 16) as u8]));
    picture.save(file).unwrap();
    // As if it had been there for long: what has just been written may still be, and gets no small picture.
    let long_ago = std::time::SystemTime::now() - Duration::from_hours(24);
    std::fs::File::options().write(true).open(file).unwrap().set_modified(long_ago).unwrap();
}

/// Serves a page with one picture on loopback, for as long as the program runs; gives the page's address.
pub(crate) fn serve_page(picture: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        // Browsers open connections before they have anything to ask.
        for client in listener.incoming().map_while(Result::ok) {
            let picture = picture.clone();
            std::thread::spawn(move || answer(client, &picture));
        }
    });
    address
}

fn answer(mut client: TcpStream, picture: &[u8]) {
    let mut request = [0; 8192];
    let n = client.read(&mut request).unwrap_or(0);
    let page =
        b"<!doctype html><title>page</title><body style=\"margin:60px\"><img width=200 src=/cover.png>";
    let (kind, body) = match request[..n].starts_with(b"GET /cover.png") {
        true => ("image/png", picture),
        false => ("text/html", page.as_slice()),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    let _ = client.write_all(head.as_bytes()).and_then(|()| client.write_all(body));
}
