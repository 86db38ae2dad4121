//! Forms as a server reads them.

/// One part of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) filename: Option<String>,
    pub(crate) mime: Option<String>,
    pub(crate) content: Vec<u8>,
}

/// Reads a form strictly: nothing before the first boundary, nothing after the last.
pub(crate) fn read(content_type: &str, body: &[u8]) -> Vec<Part> {
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").expect(content_type);
    let mark = format!("--{boundary}");
    let mut rest = body.strip_prefix(mark.as_bytes()).expect("it begins with its boundary");
    let mut parts = vec![];
    loop {
        if rest == b"--\r\n" {
            return parts;
        }
        rest = rest.strip_prefix(b"\r\n").expect("a line ends behind the boundary");
        let end = find(rest, b"\r\n\r\n");
        let head = std::str::from_utf8(&rest[..end]).unwrap();
        rest = &rest[end + 4..];
        let end = find(rest, format!("\r\n{mark}").as_bytes());
        let content = rest[..end].to_vec();
        rest = &rest[end + 2 + mark.len()..];
        let line = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(ToOwned::to_owned);
        let disposition = line("Content-Disposition: form-data; ").expect(head);
        let quoted = |name: &str| {
            let begin = disposition.find(&format!("{name}=\""))? + name.len() + 2;
            Some(disposition[begin..].split('"').next()?.to_owned())
        };
        let name = quoted("name").unwrap();
        parts.push(Part { name, filename: quoted("filename"), mime: line("Content-Type: "), content });
    }
}

fn find(hay: &[u8], needle: &[u8]) -> usize {
    hay.windows(needle.len()).position(|window| window == needle).expect("the form breaks off")
}
