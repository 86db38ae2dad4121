//! What programs hand over, as they do and as they should not.

#[cfg(unix)]
use std::path::PathBuf;

#[cfg(unix)]
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use proptest::prelude::*;
use url::Url;

use super::*;
use crate::model::drop_data::name;
use crate::model::media::Media;
use crate::model::text;

fn host_info() -> HostInfo {
    HostInfo { host: "studio.example.net".into(), home: Some("/home/j".into()) }
}

fn list(text: &str) -> DroppedData {
    DroppedData::of_uri_list(text.as_bytes(), &host_info())
}

fn files(handed: &DroppedData) -> Vec<&str> {
    handed.files.iter().map(|file| file.to_str().unwrap()).collect()
}

fn links(handed: &DroppedData) -> Vec<&str> {
    handed.links.iter().map(Url::as_str).collect()
}

#[cfg(unix)]
#[test]
fn a_typed_address_of_a_file_is_a_path_and_of_another_computer_none() {
    let path = |typed: &str| super::text::file_url(typed, &host_info());
    for typed in ["file:///home/j/a%20b.png", "FILE:/home/j/a%20b.png", "file://localhost/home/j/a%20b.png"] {
        assert_eq!(path(typed), Some(PathBuf::from("/home/j/a b.png")), "{typed}");
    }
    for typed in ["file://other/a.png", "https://example.com/a.png", "/home/j/a.png", "file", ""] {
        assert_eq!(path(typed), None, "{typed}");
    }
}

#[cfg(unix)]
#[test]
fn every_way_to_name_a_file_of_this_computer_is_read() {
    let text = "# a comment\r\nfile:///home/j/a%20b.png\r\nfile:/home/j/c.png\nFILE://localhost/d.png\r\n\
                file://studio.example.net/e.png\nfile://STUDIO/f.png\n/home/j/g.png\nfile:///100%.png\n\
                file:///a%23b#c?d\\e.png\nfile:///new%0Aline.png\nfile:///caf\u{e9}.png\n\0";
    let handed = list(text);
    let expected = [
        "/home/j/a b.png",
        "/home/j/c.png",
        "/d.png",
        "/e.png",
        "/f.png",
        "/home/j/g.png",
        "/100%.png",
        "/a#b#c?d\\e.png",
        "/new\nline.png",
        "/café.png",
    ];
    assert_eq!(files(&handed), expected);
    assert_eq!(handed.problems, [""; 0]);
}

#[cfg(unix)]
#[test]
fn names_need_not_be_text() {
    use std::os::unix::ffi::OsStrExt;
    let handed = DroppedData::of_uri_list(b"file:///a%FF.png\nfile:///b\xfe.png", &host_info());
    let names: Vec<_> = handed.files.iter().map(|file| file.as_os_str().as_bytes()).collect();
    assert_eq!(names, [&b"/a\xff.png"[..], b"/b\xfe.png"]);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_used_is_said_once_for_each_reason_and_the_rest_arrives() {
    let text = "file:///one.png\nsmb://nas/share/a.png\nsmb://nas/share/b.png\nmtp://phone/c.png\ntrash:///d.png\n\
                file://other/e.png\njavascript:alert(1)\nhttps://jane:secret@example.com/f.png\nhttps://\n\
                file:///g%00.png\nfile:///two.png\nhttp://example.com/h.png";
    let handed = list(text);
    assert_eq!(files(&handed), ["/one.png", "/two.png"]);
    assert_eq!(links(&handed), ["http://example.com/h.png"]);
    assert_eq!(
        handed.problems,
        [
            "2 files are on a server (smb): copy them to this computer first, then add them",
            "1 file is on a phone or a camera (mtp): copy it to this computer first, then add it",
            "1 file is in the trash: restore it first, then add it",
            "1 file is on another computer (other): copy it to this one first, then add it",
            "1 address begins with javascript: only files and https or http links can be added",
            "1 link holds a name or a password and is not fetched: save it with the browser, then add the file",
            "1 line names no file and no link",
            "1 name cannot be that of a file",
        ]
    );
    assert!(!handed.problems.concat().contains("secret"));
}

#[test]
fn a_computer_that_calls_itself_nothing_takes_no_file_of_another() {
    let handed = DroppedData::of_uri_list(b"file://nas/a.png\nfile://\nfile://nas", &HostInfo::default());
    assert_eq!(files(&handed), [""; 0]);
    assert_eq!(handed.problems.len(), 2, "{:?}", handed.problems);
}

#[test]
fn many_reasons_are_few_sentences_and_hostile_names_are_harmless() {
    let text = (0..1000).map(|n| format!("file://host{n}/a.png\n")).collect::<Vec<_>>().concat();
    let handed = list(&text);
    assert_eq!(handed.problems.len(), 9);
    assert_eq!(handed.problems[8], "992 more items cannot be used");
    let handed = list("file://%1b%5b2J%e2%80%ae/a.png");
    assert!(handed.problems[0].contains("(\\u{1b}[2J\\u{202e})"), "{:?}", handed.problems);
    let handed = list(&format!("file://{}/a.png", "x".repeat(9000)));
    assert!(handed.problems[0].len() < 200, "{:?}", handed.problems);
}

#[cfg(unix)]
#[test]
fn too_much_is_cut_off_and_said() {
    let text = (0..10_005).map(|n| format!("file:///{n}.png\n")).collect::<Vec<_>>().concat();
    let handed = list(&text);
    assert_eq!(handed.files.len(), 10_000);
    assert_eq!(handed.problems, ["Only the first 10,000 files were added: add the other 5 after these"]);
    let links = (0..1003).map(|n| format!("https://a.example/{n}.png\nhttps://a.example/0.png\n"));
    let text = links.collect::<Vec<_>>().concat();
    let handed = list(&text);
    assert_eq!(handed.links.len(), 1000);
    assert_eq!(handed.problems, ["Only the first 1,000 links were added: add the other 3 after these"]);
    let long = format!("file:///{}.png\nfile:///short.png", "x".repeat(20_000));
    let handed = list(&long);
    assert_eq!(files(&handed), ["/short.png"]);
    assert_eq!(handed.problems, ["1 line is too long for the name of a file"]);
    // A name that is cut off would be another file's.
    let mut huge = b"file:///first.png\n#".to_vec();
    huge.resize(MAX_BYTES - 12, b'x');
    huge.extend(b"\nfile:///cut-off.png");
    let handed = DroppedData::of_uri_list(&huge, &host_info());
    assert_eq!(files(&handed), ["/first.png"]);
    assert!(handed.problems[0].starts_with("Too much was added at once"), "{:?}", handed.problems);
}

#[cfg(unix)]
#[test]
fn what_file_managers_copy_or_cut_is_added() {
    for head in ["copy\n", "cut\n", "x-special/nautilus-clipboard\ncopy\n", ""] {
        let text = format!("{head}file:///a.png\nfile:///b.png");
        let handed = DroppedData::of_copied_files(text.as_bytes(), &host_info());
        assert_eq!(files(&handed), ["/a.png", "/b.png"], "{head}");
        assert_eq!(handed.problems, [""; 0]);
        assert_eq!(DroppedData::of_text(&text, &host_info()), handed);
    }
}

#[cfg(unix)]
#[test]
fn a_text_may_name_files_and_links_among_other_words() {
    let text = "Here they are:\n /home/j/a b.png \n'/home/j/it'\\''s.png'\n\"/c.png\"\n~/d.png\n'~/e.png'\n\
                file:///f.png\nhttps://example.com/g.png#top\nsee https://example.com/no.png\nnot/whole.png\n\
                // code\njavascript:alert(1)\nnote: this\n/\nsmb://nas/h.png\nhttps://example.com/ and more";
    let handed = DroppedData::of_text(text, &host_info());
    let expected =
        ["/home/j/a b.png", "/home/j/it's.png", "/c.png", "/home/j/d.png", "/home/j/e.png", "/f.png"];
    assert_eq!(files(&handed), expected);
    assert_eq!(links(&handed), ["https://example.com/g.png"]);
    assert_eq!(handed.problems, ["1 file is on a server (smb): copy it to this computer first, then add it"]);
    let nothing = "hello\nhttp is a protocol\nfile: see below\ndata: none\n~\n";
    assert!(DroppedData::of_text(nothing, &host_info()).is_empty());
    assert!(DroppedData::of_text(&"hello\n".repeat(4_000_000), &host_info()).is_empty());
    let homeless = HostInfo { home: None, ..host_info() };
    assert!(DroppedData::of_text("~/d.png", &homeless).is_empty());
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn a_link_of_a_browser_comes_without_its_title() {
    let text =
        "https://example.com/a.png\nA title: https://example.com/no\nhttps://example.com/b.png\nBild Ü";
    let expected = ["https://example.com/a.png", "https://example.com/b.png"];
    let marked = [&[0xff, 0xfe][..], &utf16(text)].concat();
    for bytes in [text.as_bytes().to_vec(), utf16(text), marked] {
        let handed = DroppedData::of_moz_url(&bytes, &host_info());
        assert_eq!(links(&handed), expected);
        assert_eq!(handed.problems, [""; 0]);
    }
}

#[test]
fn the_first_picture_of_a_page_is_a_link_or_content() {
    let page = |html: &str| DroppedData::of_html(html.as_bytes());
    let html = "<!-- <img src='https://no.example/'> --><IMGX src=x><p title='<im'>\
                <iMg alt=\"a > b\" data-src='https://no.example/' SRC = \"https://example.com/a.png?b=1&amp;c=%202&#x26;\">\
                <img src=https://example.com/second.png>";
    assert_eq!(links(&page(html)), ["https://example.com/a.png?b=1&c=%202&"]);
    assert_eq!(links(&DroppedData::of_html(&utf16(html))), ["https://example.com/a.png?b=1&c=%202&"]);
    assert_eq!(links(&page("<img/src=https://example.com/b.png/>")), ["https://example.com/b.png/"]);
    assert_eq!(page("<img src='data:image/png;base64,aGVsbG8\n'>").content.unwrap().bytes, b"hello");
    assert_eq!(page("<img src='data:image/png;base64,aGVs%62G8='>").content.unwrap().bytes, b"hello");
    for nothing in [
        "",
        "<img>",
        "<img src>",
        "<img src=",
        "<img src='a.png'>",
        "<img src='/etc/passwd'>",
        "<img",
        "<img alt='",
    ] {
        assert!(page(nothing).is_empty(), "{nothing}");
    }
    assert!(page("<img src='file:///etc/passwd'>").is_empty(), "a page names no file of this computer");
    for other in ["data:text/html,<p>", "data:text/html;base64,aGVsbG8=", "data:image/png,aGVsbG8="] {
        let handed = page(&format!("<img src='{other}'>"));
        assert!(handed.content.is_none() && handed.problems.len() == 1, "{other} is no picture");
    }
}

#[test]
fn names_of_others_become_names_of_files() {
    let name = |given: &str| name::of_media(given, Media::Png);
    assert_eq!(name("cover.png").unwrap(), "cover.png");
    assert_eq!(name("cover.PNG").unwrap(), "cover.png");
    assert_eq!(name("../../etc/cover.jpg").unwrap(), "cover.png");
    assert_eq!(name(r"C:\Users\j\cover.php").unwrap(), "cover.png");
    assert_eq!(name(".hidden").unwrap(), "hidden.png");
    assert_eq!(name("v1.2").unwrap(), "v1.2.png");
    assert_eq!(name("a\u{202e}gnp.\u{1b}exe").unwrap(), "agnp.png");
    assert_eq!(name("con.png").unwrap(), "_con.png");
    assert_eq!(name("what?*.png").unwrap(), "what__.png");
    assert_eq!(name("封面 😀.png").unwrap(), "封面 😀.png");
    assert!(name(&"ü".repeat(500)).unwrap().len() <= 124);
    for nothing in ["", "..", "/", "   ", "...", "\u{200e}"] {
        assert_eq!(name(nothing), None, "{nothing:?}");
    }
    let of = |url: &str| name::of_url(&Url::parse(url).unwrap());
    assert_eq!(of("https://a.example/b/c%20d.png?e=/f.png").unwrap(), "c d.png");
    assert_eq!(of("https://a.example/b/%2e%2e%2f%2e%2e%2fpasswd").unwrap(), "passwd");
    assert_eq!(of("https://a.example/b/").unwrap(), "b");
    assert_eq!(of("https://a.example/"), None);
    let of = name::of_disposition;
    assert_eq!(of("attachment; filename=\"a \\\"b\\\"; c.png\"").unwrap(), "a _b_; c.png");
    assert_eq!(
        of("attachment; filename=x.png; filename*=UTF-8''%e2%82%ac%20rates.png").unwrap(),
        "€ rates.png"
    );
    assert_eq!(of("inline;filename=../../a.png").unwrap(), "a.png");
    assert_eq!(of("inline"), None);
    assert_eq!(of("attachment; filename=\"unclosed").unwrap(), "unclosed");
}

proptest! {
    #[cfg(unix)]
    #[test]
    fn every_path_comes_through_a_list(paths in prop::collection::vec(prop::collection::vec(1..=255u8, 0..40), 0..20)) {
        use std::os::unix::ffi::OsStrExt;
        let paths: Vec<Vec<u8>> = paths.into_iter().map(|path| [&b"/"[..], &path].concat()).collect();
        let encoded = |path: &Vec<u8>| percent_encode(path, NON_ALPHANUMERIC).to_string().replace("%2F", "/");
        let uris = paths.iter().map(|path| format!("file://{}\r\n", encoded(path))).collect::<Vec<_>>().concat();
        let handed = DroppedData::of_uri_list(uris.as_bytes(), &host_info());
        let read: Vec<_> = handed.files.iter().map(|file| file.as_os_str().as_bytes().to_vec()).collect();
        prop_assert_eq!(read, paths);
        prop_assert_eq!(handed.problems.len(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_good_file_arrives_whatever_stands_around_it(before in any::<Vec<u8>>(), after in any::<Vec<u8>>(), end in "\r\n|\n|\0|\r") {
        let good = format!("{end}file:///good%20one.png{end}");
        let bytes = [&before[..], good.as_bytes(), &after].concat();
        let path = PathBuf::from("/good one.png");
        prop_assert!(DroppedData::of_uri_list(&bytes, &host_info()).files.contains(&path));
        prop_assert!(DroppedData::of_copied_files(&bytes, &host_info()).files.contains(&path));
        let text = String::from_utf8_lossy(&bytes);
        prop_assert!(DroppedData::of_text(&text, &host_info()).files.contains(&path));
    }

    #[test]
    fn no_bytes_are_a_panic(bytes in any::<Vec<u8>>(), html in "[<>!img src='\"=/&;#x-]{0,60}", text in any::<String>()) {
        for bytes in [&bytes[..], html.as_bytes(), text.as_bytes(), &utf16(&text)] {
            DroppedData::of_uri_list(bytes, &host_info());
            DroppedData::of_copied_files(bytes, &host_info());
            DroppedData::of_moz_url(bytes, &host_info());
            DroppedData::of_html(bytes);
            DroppedData::of_html(&[b"<img src=data:image/png;base64,", bytes].concat());
        }
        DroppedData::of_text(&text, &host_info());
        name::of_disposition(&text);
        name::of_disposition(&format!("a; filename{text}"));
    }

    #[test]
    fn every_name_is_one_of_a_file_in_a_folder(given in any::<String>(), begin in "(\\.|/|\\\\|%2f|con\\.|nul){0,3}") {
        if let Some(name) = name::of_media(&format!("{begin}{given}"), Media::Png) {
            let path = std::path::Path::new("folder").join(&name);
            prop_assert_eq!(path.parent().unwrap(), std::path::Path::new("folder"));
            prop_assert_eq!(path.file_name().unwrap().to_str().unwrap(), &name);
            prop_assert!(!name.starts_with('.') && name.len() <= 140);
            prop_assert_eq!(path.extension().unwrap(), "png");
            prop_assert!(!name.chars().any(text::is_unsafe_char));
        }
    }
}
