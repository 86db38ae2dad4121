//! The clipboard as a terminal command reads it: by the rules of a paste into the window.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;

use serde_json::Value;

use super::HOIST;
use super::desktop::Desktop;

impl Desktop {
    /// Has another program copy what this command prints, in a format.
    fn copy_as(&self, format: &str, printing: &str) {
        // It goes on in the background, and must hold no pipe of ours.
        let line = format!("{printing} | xclip -selection clipboard -t {format} >/dev/null 2>&1");
        assert!(self.run("sh", &["-c", &line]).status.success());
    }

    /// Uploads what is in the clipboard. Gives back the status, the file of the one upload, and what is said.
    fn upload_clipboard(&self, more: &[&str]) -> (Option<i32>, Option<String>, String) {
        let mut arguments = vec!["--sandbox", "upload", "--clipboard", "--to", "flow-music", "--json"];
        arguments.extend(more);
        let run = self.run(HOIST, &arguments);
        let object: Option<Value> = serde_json::from_slice(&run.stdout).ok();
        let file = object.and_then(|object| {
            assert_eq!(object["state"], "done", "{object}");
            object["file"].as_str().map(ToOwned::to_owned)
        });
        (run.status.code(), file, String::from_utf8_lossy(&run.stderr).into_owned())
    }
}

/// Answers one request with a file. Gives back its address.
fn file_server(file: &str) -> std::net::SocketAddr {
    let content = std::fs::read(file).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut head = BufReader::new(client.try_clone().unwrap()).lines();
        while head.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        let reply = "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\nconnection: close\r\ncontent-length";
        write!(client, "{reply}: {}\r\n\r\n", content.len()).unwrap();
        client.write_all(&content).unwrap();
    });
    address
}

#[test]
fn the_terminal_uploads_files_pictures_and_links_of_the_clipboard() {
    let desktop = Desktop::start((640, 480));
    let cover = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/cover.png");
    let cover = cover.to_string_lossy();
    desktop.copy_as("text/uri-list", &format!("printf 'file://{cover}\\r\\n'"));
    assert_eq!(desktop.upload_clipboard(&[]).1.as_deref(), Some(&*cover));
    desktop.copy_as("image/png", &format!("cat '{cover}'"));
    let (status, file, said) = desktop.upload_clipboard(&[]);
    let name = Path::new(&file.unwrap()).file_name().unwrap().to_string_lossy().into_owned();
    assert!(status == Some(0) && name.starts_with("Pasted ") && name.contains(".png"), "{name}: {said}");
    desktop.copy_as("text/plain", "printf https://images.example.com/a.png");
    let (status, file, said) = desktop.upload_clipboard(&[]);
    let is_asked = said.contains("Fetch 1 file from images.example.com?") && said.contains("--yes");
    assert!(status == Some(2) && file.is_none() && is_asked, "{said}");
    // Whoever agrees has it fetched and sent.
    let server = file_server(&cover);
    desktop.copy_as("text/plain", &format!("printf http://{server}/plate.png"));
    let (status, file, said) = desktop.upload_clipboard(&["--yes"]);
    let name = file.map(|file| Path::new(&file).file_name().unwrap().to_string_lossy().into_owned());
    assert!(status == Some(0) && name.is_some_and(|name| name.contains("plate")), "{said}");
    desktop.copy_as("text/plain", "printf 'only words'");
    let (status, _, said) = desktop.upload_clipboard(&[]);
    assert!(status == Some(2) && said.contains("Nothing was sent"), "{said}");
}
