//! What a person does with files at one program's window and Hoist's, one thing after the other.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::desktop::{TIMEOUT, end, in_time};
use super::picture::Colour;
use super::scene::{NO_DOUBLE_CLICK, Scene, text};
use super::sources::{AWAY, Opened, Source, serve_page, write_picture};

/// Something a person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    OneFile,
    Name,
    Leaves,
    OnDestination,
    DuringUpload,
    PasteFiles,
    FiveFiles,
    Folder,
    CopyOut,
    PastePicture,
    WebPicture,
}

impl Case {
    /// With the program that does everything.
    pub(crate) const ALL: [Case; 10] = [
        Case::OneFile,
        Case::Name,
        Case::Leaves,
        Case::OnDestination,
        Case::DuringUpload,
        Case::PasteFiles,
        Case::FiveFiles,
        Case::Folder,
        Case::CopyOut,
        Case::PastePicture,
    ];

    /// With the others.
    pub(crate) const SOME: [Case; 3] = [Case::OneFile, Case::PasteFiles, Case::FiveFiles];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Case::OneFile => "one file dropped",
            Case::Name => "a Chinese name with spaces",
            Case::Leaves => "a drag that leaves again",
            Case::OnDestination => "a drop on a destination",
            Case::DuringUpload => "a drop during an upload",
            Case::PasteFiles => "copied files pasted",
            Case::FiveFiles => "five files dropped",
            Case::Folder => "a folder dropped",
            Case::CopyOut => "an ID copied out",
            Case::PastePicture => "a copied picture pasted",
            Case::WebPicture => "a picture out of a page",
        }
    }
}

/// The files of one folder, and the colours of their icons.
const FILES: [(&str, Colour); 8] = [
    ("one.png", [255, 0, 255]),
    ("封面 cover 1.png", [0, 255, 255]),
    ("leaves.png", [255, 255, 0]),
    ("stays.png", [128, 255, 0]),
    ("first.png", [255, 0, 0]),
    ("second.png", [0, 255, 0]),
    ("paste 1.png", [0, 0, 255]),
    ("paste 2.png", [128, 0, 255]),
];

const MAGENTA: Colour = FILES[0].1;
const GREY: Colour = [96, 96, 96];

/// One program that files come from, and its window.
pub(crate) struct Desk {
    source: Source,
    /// Its one window.
    opened: Option<Opened>,
    /// The paths of `FILES`, while the window shows them.
    files: Vec<PathBuf>,
}

impl Desk {
    pub(crate) fn new(source: Source) -> Desk {
        Desk { source, opened: None, files: vec![] }
    }

    pub(crate) fn play(&mut self, scene: &mut Scene, case: Case) -> Result<(), String> {
        scene.nothing_else()?;
        match case {
            Case::OneFile => self.drop_file(scene, 0),
            Case::Name => self.drop_file(scene, 1),
            Case::Leaves => {
                let (at, _) = self.file(scene, 2)?;
                scene.hold_over(at)?;
                scene.leave_to(at)?;
                // What is dropped next is all that comes.
                self.drop_file(scene, 3)
            }
            Case::OnDestination => self.on_destination(scene),
            Case::DuringUpload => self.during_upload(scene),
            Case::PasteFiles => self.paste_files(scene),
            Case::FiveFiles => self.five_files(scene),
            Case::Folder => self.folder(scene),
            Case::CopyOut => copy_out(scene),
            Case::PastePicture => self.paste_picture(scene),
            Case::WebPicture => self.web_picture(scene),
        }
    }

    /// Writes a picture that no other has the content of.
    fn write(&self, folder: &Path, name: &str, colour: Colour) -> PathBuf {
        let path = folder.join(name);
        // Its source and its name make its content its own.
        let own = name.bytes().fold(self.source as u32, |sum, b| (sum * 31 + u32::from(b)) % 10_007);
        write_picture(&path, colour, 200 + self.source as u32, own);
        path
    }

    /// Where a file's icon is, and its path.
    fn file(&mut self, scene: &Scene, n: usize) -> Result<((i32, i32), PathBuf), String> {
        if self.files.is_empty() {
            let folder = scene.folder(&format!("{}-files", self.source.name()));
            let paths = FILES.map(|(name, colour)| self.write(&folder, name, colour));
            self.open(scene, &text(&folder), &FILES.map(|f| f.1))?;
            self.files = paths.into();
        }
        Ok((self.position_of(FILES[n].1), self.files[n].clone()))
    }

    /// Opens its window anew.
    fn open(&mut self, scene: &Scene, what: &str, colours: &[Colour]) -> Result<(), String> {
        self.files.clear();
        self.opened = None;
        self.opened = Some(Opened::open(self.source, &scene.screen, what, colours)?);
        Ok(())
    }

    /// Where a colour was when the window was opened.
    fn position_of(&self, colour: Colour) -> (i32, i32) {
        self.opened.as_ref().unwrap().places[&colour]
    }

    fn drop_file(&mut self, scene: &mut Scene, n: usize) -> Result<(), String> {
        let (at, path) = self.file(scene, n)?;
        scene.drop_from(at)?;
        scene.uploaded(&[path])
    }

    /// It goes to the destination of the list at the left that it is dropped on, and not to the chosen one.
    fn on_destination(&mut self, scene: &mut Scene) -> Result<(), String> {
        let (at, path) = self.file(scene, 3)?; // it was sent to the chosen one before
        scene.hold_over(at)?;
        scene.glide_to_destination();
        scene.screen.outside.release();
        scene.uploaded(&[path])?;
        match scene.history().first().and_then(|line| line["provider"].as_str()) {
            Some("google-flow") => Ok(()),
            other => Err(format!("it went to {other:?}, not to the destination under the pointer")),
        }
    }

    fn during_upload(&mut self, scene: &mut Scene) -> Result<(), String> {
        let (first, second) = (self.file(scene, 4)?, self.file(scene, 5)?);
        let waiting = |scene: &Scene, n| in_time(TIMEOUT / 2, || scene.gate.waiting() >= n);
        scene.gate.shut();
        scene.drop_from(first.0)?;
        if !waiting(scene, 1) {
            return Err("the first upload did not begin".into());
        }
        scene.drop_from(second.0)?;
        if !waiting(scene, 2) {
            return Err("the second upload did not begin beside the first".into());
        }
        scene.nothing_else()?;
        scene.gate.open();
        scene.uploaded(&[first.1, second.1])
    }

    fn paste_files(&mut self, scene: &mut Scene) -> Result<(), String> {
        let (first, second) = (self.file(scene, 6)?, self.file(scene, 7)?);
        let desktop = &scene.screen.outside;
        desktop.click(first.0);
        std::thread::sleep(NO_DOUBLE_CLICK);
        desktop.xdotool(&["keydown", "ctrl"]);
        desktop.click(second.0);
        desktop.xdotool(&["keyup", "ctrl"]);
        std::thread::sleep(Duration::from_millis(300));
        desktop.key("ctrl+c");
        std::thread::sleep(Duration::from_millis(500));
        if !in_time(TIMEOUT / 2, || scene.screen.offered().contains("text/uri-list")) {
            return Err(format!("{} has copied nothing", self.source.name()));
        }
        scene.keys(&["ctrl+v"]);
        scene.uploaded(&[first.1, second.1])
    }

    fn five_files(&mut self, scene: &mut Scene) -> Result<(), String> {
        let folder = scene.folder(&format!("{}-five", self.source.name()));
        let names = ["1.png", "2.png", "3.png", "4.png", "5.png"];
        let colours = [MAGENTA, GREY, GREY, GREY, GREY];
        let paths: Vec<_> = names.iter().zip(colours).map(|(n, c)| self.write(&folder, n, c)).collect();
        self.open(scene, &text(&folder), &[MAGENTA])?;
        let first = self.position_of(MAGENTA);
        scene.screen.outside.click(first);
        std::thread::sleep(NO_DOUBLE_CLICK);
        scene.screen.outside.key("ctrl+a");
        std::thread::sleep(Duration::from_millis(300));
        scene.drop_from(first)?;
        scene.uploaded(&paths)
    }

    fn folder(&mut self, scene: &mut Scene) -> Result<(), String> {
        let outer = scene.folder(&format!("{}-outer", self.source.name()));
        let folder = outer.join("a");
        std::fs::create_dir(&folder).map_err(|e| e.to_string())?;
        let paths = ["x.png", "y.png"].map(|name| self.write(&folder, name, GREY));
        self.write(&outer, "z.png", MAGENTA);
        self.open(scene, &text(&outer), &[MAGENTA])?;
        scene.screen.outside.move_to(AWAY);
        let picture = scene.screen.at_rest();
        let at = picture.left_of(MAGENTA, self.position_of(MAGENTA)).ok_or("the folder is not seen")?;
        scene.drop_from(at)?;
        scene.uploaded(&paths)
    }

    fn paste_picture(&mut self, scene: &mut Scene) -> Result<(), String> {
        let file = self.write(&scene.folder("clipboard"), "clipboard.png", GREY);
        // Where a program needs the keyboard to copy, another one may have it just then.
        for _ in 0..3 {
            let mut holder = scene.screen.copy(&file, "image/png");
            std::thread::sleep(Duration::from_millis(500));
            let copied = in_time(TIMEOUT / 6, || scene.screen.offered().contains("image/png"));
            if copied {
                scene.keys(&["ctrl+v"]);
            }
            let result = copied.then(|| same_content(scene, &file));
            end(&mut holder);
            if let Some(result) = result {
                return result;
            }
        }
        Err("the picture is not in the clipboard".into())
    }

    fn web_picture(&mut self, scene: &mut Scene) -> Result<(), String> {
        let file = self.write(&scene.folder("page"), "cover.png", MAGENTA);
        let page = serve_page(std::fs::read(&file).unwrap());
        self.open(scene, &page, &[MAGENTA])?;
        scene.drop_from(self.position_of(MAGENTA))?;
        // Where the browser gives the picture's address only, Hoist asks before it asks anybody.
        let before = scene.server.uploads();
        in_time(TIMEOUT / 2, || {
            scene.keys_over(&["Return"]);
            in_time(Duration::from_secs(2), || scene.server.uploads() > before)
        });
        same_content(scene, &file)
    }
}

/// One more upload comes, and has this file's length.
fn same_content(scene: &mut Scene, file: &Path) -> Result<(), String> {
    scene.more(1)?;
    let (came, wanted) = (scene.server.sizes().pop(), std::fs::metadata(file).unwrap().len());
    if came == Some(wanted) { Ok(()) } else { Err(format!("{came:?} bytes came of {wanted}")) }
}

/// Copies the IDs of all rows, and reads them as another program pastes them.
fn copy_out(scene: &mut Scene) -> Result<(), String> {
    let ids: Vec<_> = scene.history().iter().filter_map(|l| l["id"].as_str().map(str::to_owned)).collect();
    let newest = ids.first().ok_or("nothing was uploaded whose ID could be copied")?;
    let mut text = String::new();
    let came = in_time(TIMEOUT / 2, || {
        scene.keys(&["ctrl+a", "ctrl+c"]);
        std::thread::sleep(Duration::from_millis(300));
        text = scene.screen.pasted();
        let mut lines = text.lines().map(str::trim);
        lines.clone().any(|line| line == newest) && lines.all(|line| ids.iter().any(|id| id == line))
    });
    scene.keys(&["Escape"]);
    if came {
        Ok(())
    } else {
        Err(format!("the clipboard holds {text:?}, which is not what {newest} is part of"))
    }
}
