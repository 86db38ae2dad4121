//! What is fetched by its address, against a server that lies, stalls and leads astray. Where a redirect may lead at all is
//! tested beside the rule (src/engine/fetch/link.rs).

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::server::{Answer, Closed, Gate, Reaction, Server};
use crate::support::{Rig, TIMEOUT};
use hoist::engine::fetch::{Fetch, FetchError, FetchHandle, Fetched, Landed, Link};
use hoist::store::folders::Folders;
use hoist::store::imports::ImportFolder;
use hoist::store::settings::Proxy;
use url::Url;

/// Long enough for every test that is not about it.
const MAX_BYTES: u64 = 1024 * 1024;

/// An engine, and a folder for what it fetches.
struct Desk {
    rig: Rig,
    home: tempfile::TempDir,
}

impl Desk {
    fn new() -> Desk {
        Desk::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut hoist::engine::EngineConfig)) -> Desk {
        let rig = Rig::with("http://127.0.0.1:1", change);
        Desk { rig, home: tempfile::tempdir().unwrap() }
    }

    fn folder(&self) -> PathBuf {
        self.home.path().join("data/brought")
    }

    /// What is in the folder, finished or not.
    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder()).into_iter().flatten();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    fn begin(&self, link: Link, max_bytes: u64) -> FetchHandle {
        let into = ImportFolder::new(&Folders::inside(self.home.path()));
        self.rig.engine.fetch(Fetch { ticket: 7, link, max_bytes, into })
    }

    fn next(&mut self) -> Fetched {
        let end = Instant::now() + TIMEOUT;
        loop {
            if let Some(fetched) = self.rig.engine.try_fetched() {
                return fetched;
            }
            assert!(Instant::now() < end, "nothing is told");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn end(&mut self) -> Result<Landed, FetchError> {
        loop {
            if let Fetched::Ended { ticket, outcome } = self.next() {
                assert_eq!(ticket, 7);
                return outcome;
            }
        }
    }

    fn fetch_link(&mut self, link: Link) -> Result<Landed, FetchError> {
        let _fetching = self.begin(link, MAX_BYTES);
        self.end()
    }

    fn fetch(&mut self, url: &str) -> Result<Landed, FetchError> {
        self.fetch_link(link(url))
    }

    /// The same where a file comes of it.
    fn file(&mut self, url: &str) -> PathBuf {
        match self.fetch(url) {
            Ok(Landed::File(file)) => file,
            other => panic!("{other:?}"),
        }
    }

    /// The same where nothing does, and nothing of it is left.
    fn problem(&mut self, url: &str) -> FetchError {
        let problem = self.fetch(url).unwrap_err();
        assert_eq!(self.files(), [""; 0]);
        problem
    }
}

fn link(url: &str) -> Link {
    Link::new(Url::parse(url).unwrap())
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name)).unwrap()
}

/// What the server calls itself where errors name it.
fn host(server: &Server) -> String {
    server.origin().trim_start_matches("http://").to_owned()
}

fn redirect(to: impl Into<String>) -> Reaction {
    Reaction::Answer(Answer::new(302, "").header("location", to))
}

#[test]
fn a_picture_comes_byte_for_byte_and_nothing_goes_along() {
    let server = Server::always(Reaction::Answer(Answer::new(200, sample("photo.jpg"))));
    let mut desk = Desk::new();
    let file = desk.file(&format!("{}/a/my%20photo.jpg?size=large#top", server.origin()));
    assert_eq!(file, desk.folder().join("my photo.jpg"));
    assert_eq!(std::fs::read(&file).unwrap(), sample("photo.jpg"));
    assert_eq!(desk.files(), ["my photo.jpg"]);
    let request = server.request();
    assert_eq!((&*request.method, &*request.target), ("GET", "/a/my%20photo.jpg?size=large"));
    let mut names: Vec<_> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "host", "user-agent"]);
    assert_eq!(request.body_len, 0);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::metadata(desk.folder()).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn the_name_is_the_hosts_and_never_a_path() {
    let server = Server::start(|request, _| {
        let answer = Answer::new(200, sample("cover.png"));
        Reaction::Answer(match &*request.target {
            "/1" => answer.header("content-disposition", "attachment; filename=\"../../.bashrc\""),
            "/2" => answer.header("content-disposition", "inline; filename*=UTF-8''%2Fetc%2Fpassw%64.exe"),
            "/3" => answer.header("content-disposition", "inline; filename=\"..\""),
            _ => answer,
        })
    });
    let mut desk = Desk::new();
    let mut name = |path: &str| {
        let file = desk.file(&format!("{}{path}", server.origin()));
        assert_eq!(file.parent().unwrap(), desk.folder());
        file.file_name().unwrap().to_str().unwrap().to_owned()
    };
    assert_eq!(name("/1"), "bashrc.png");
    assert_eq!(name("/2"), "passwd.png");
    assert_eq!(name("/2"), "passwd (2).png");
    assert_eq!(name("/3"), "3.png");
    assert_eq!(name("/a%2f..%2f..%2fb.php"), "b.png");
    let dated = name("/");
    let (stem, extension) = dated.rsplit_once('.').unwrap();
    assert!(stem.starts_with("Fetched 2") && extension == "png", "{dated}");
}

#[test]
fn what_says_that_it_is_too_large_is_not_taken() {
    let server = Server::always(Reaction::EndlessBody(1 << 40));
    let mut desk = Desk::new();
    assert_eq!(desk.problem(&server.origin()), FetchError::TooLarge(1 << 40, MAX_BYTES));
}

#[test]
fn what_does_not_say_how_large_it_is_is_stopped_at_the_limit() {
    let head = b"HTTP/1.1 200 X\r\nconnection: close\r\n\r\n";
    let sized = |size: usize| {
        let mut picture = sample("cover.png");
        picture.resize(size, 0);
        Server::always(Reaction::Noise([&head[..], &picture].concat()))
    };
    let mut desk = Desk::new();
    let server = sized(MAX_BYTES as usize + 1);
    assert_eq!(desk.problem(&server.origin()), FetchError::Endless(MAX_BYTES));
    let server = sized(MAX_BYTES as usize);
    let file = desk.file(&server.origin());
    assert_eq!(std::fs::metadata(file).unwrap().len(), MAX_BYTES);
}

#[test]
fn only_media_are_taken_whatever_they_call_themselves() {
    let server = Server::start(|request, _| {
        let answer = |body: &[u8]| Reaction::Answer(Answer::new(200, body));
        match &*request.target {
            "/page.png" => answer(b"<!DOCTYPE html><html><body>Sign in</body></html>"),
            "/plain.png" => Reaction::Noise(
                b"HTTP/1.1 200 X\r\ncontent-type: Text/HTML; charset=x\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello"
                    .to_vec(),
            ),
            "/words.srt" => answer(b"<html><!-- --> 1\n00:00:01,000 --> 00:00:02,000\n"),
            "/paper.png" => answer(b"%PDF-1.7 ..."),
            "/empty.png" => answer(b""),
            "/text.png" => answer(b"hello"),
            _ => Reaction::Noise(
                [&b"HTTP/1.1 200 X\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n"[..], &sample("tone.mp3")].concat(),
            ),
        }
    });
    let mut desk = Desk::new();
    let mut problem = |path: &str| desk.problem(&format!("{}{path}", server.origin()));
    assert_eq!(problem("/page.png"), FetchError::WebPage);
    assert_eq!(problem("/plain.png"), FetchError::WebPage);
    assert_eq!(problem("/words.srt"), FetchError::WebPage);
    assert_eq!(problem("/paper.png"), FetchError::OtherType("PDF"));
    assert_eq!(problem("/empty.png"), FetchError::Empty);
    assert_eq!(problem("/text.png"), FetchError::NoMedia);
    let file = desk.file(&format!("{}/sound.html", server.origin()));
    assert_eq!(file.file_name().unwrap(), "sound.mp3");
}

#[test]
fn a_page_is_left_before_all_of_it_has_come() {
    // The server holds the connection: who waits for the end waits in vain.
    let page = format!("<!DOCTYPE html><html>{}", " ".repeat(64 * 1024));
    let server = Server::always(Reaction::UnendingAnswer(Answer::new(200, page)));
    assert_eq!(Desk::new().problem(&server.origin()), FetchError::WebPage);
}

#[test]
fn who_falls_silent_is_left() {
    let impatient = || Desk::with(|config| config.limits.stall = Duration::from_millis(300));
    let picture = Answer::new(200, sample("cover.png"));
    for reaction in [Reaction::StallBefore, Reaction::UnendingAnswer(picture)] {
        let server = Server::always(reaction);
        assert_eq!(impatient().problem(&server.origin()), FetchError::Stalled(host(&server), 0));
    }
}

#[test]
fn a_broken_connection_leaves_nothing() {
    let picture = Answer::new(200, sample("cover.png"));
    for reaction in
        [Reaction::PartialAnswer(picture), Reaction::CloseBeforeReading, Reaction::Noise(b"hello".to_vec())]
    {
        let server = Server::always(reaction);
        assert_eq!(Desk::new().problem(&server.origin()), FetchError::Cut(host(&server)));
    }
    let closed = Closed::new();
    let problem = Desk::new().problem(&closed.origin());
    assert!(
        matches!(&problem, FetchError::Unconnected(why) if why == "127.0.0.1 refused the connection"),
        "{problem:?}"
    );
    let problem = Desk::with(|config| config.proxy = Proxy::Direct).problem("https://nobody.invalid/a.png");
    assert!(
        matches!(&problem, FetchError::Unconnected(why) if why == "The name nobody.invalid was not found"),
        "{problem:?}"
    );
}

#[test]
fn what_the_host_refuses_is_told_apart() {
    for (status, expected) in [
        (404, FetchError::NotFound as fn(String) -> FetchError),
        (403, |host| FetchError::Denied(host, 403)),
        (503, |host| FetchError::Busy(host, 503)),
        (204, |host| FetchError::Status(host, 204)),
        (206, |host| FetchError::Status(host, 206)),
        (304, |host| FetchError::Status(host, 304)),
    ] {
        let server = Server::always(Reaction::Answer(Answer::new(status, sample("cover.png"))));
        assert_eq!(Desk::new().problem(&server.origin()), expected(host(&server)), "{status}");
    }
}

#[test]
fn a_redirect_within_a_host_is_followed_but_not_for_ever() {
    let server = Server::start(|request, _| match &*request.target {
        "/1" => redirect("/x/2"),
        "/x/2" => redirect("3.png"),
        "/x/3.png" => Reaction::Answer(Answer::new(200, sample("cover.png"))),
        _ => redirect("/again"),
    });
    let mut desk = Desk::new();
    assert_eq!(desk.file(&format!("{}/1", server.origin())).file_name().unwrap(), "3.png");
    assert_eq!(server.requests().len(), 3);
    desk = Desk::new();
    assert_eq!(desk.problem(&format!("{}/again", server.origin())), FetchError::TooManyRedirects);
    assert_eq!(server.requests().len(), 3 + 6);
}

#[test]
fn another_host_is_not_asked_before_somebody_agrees() {
    let other = Server::always(Reaction::Answer(Answer::new(200, sample("cover.png"))));
    let elsewhere = format!("{}/b.png", other.origin());
    let to = elsewhere.clone();
    let server = Server::start(move |_, _| redirect(to.clone()));
    let mut desk = Desk::new();
    let Ok(Landed::RedirectedTo(link)) = desk.fetch(&server.origin()) else { panic!("it was not passed on") };
    assert_eq!(link.url.as_str(), elsewhere);
    assert_eq!(link.passed_on_by, Some(host(&server)));
    assert_eq!((other.connections(), desk.files()), (0, vec![]));
    assert!(matches!(desk.fetch_link(link), Ok(Landed::File(_))));
    assert_eq!(other.requests().len(), 1);
}

#[test]
fn no_name_leads_inside_and_an_address_does() {
    let server = Server::always(Reaction::Answer(Answer::new(200, sample("cover.png"))));
    let port = server.origin().rsplit_once(':').unwrap().1.to_owned();
    for name in
        ["localhost", "LocalHost.", "hoist.localhost", "nas", "nas.lan", "printer.local", "db.internal"]
    {
        let url = format!("http://{name}:{port}/a.png");
        let host = link(&url).host();
        for proxy in [Proxy::System, Proxy::Direct, Proxy::Url("http://127.0.0.1:1".into())] {
            let mut desk = Desk::with(|config| config.proxy = proxy);
            assert_eq!(desk.problem(&url), FetchError::Inside(host.clone()), "{name}");
        }
    }
    assert_eq!(server.connections(), 0);
    let mut desk = Desk::new();
    desk.file(&format!("{}/a.png", server.origin()));
    // Who asked for an address inside is not led on to a name.
    let name = format!("http://localhost:{port}/b.png");
    let server = Server::start(move |_, _| redirect(name.clone()));
    let Ok(Landed::RedirectedTo(next)) = desk.fetch(&server.origin()) else { panic!("it was not passed on") };
    assert_eq!(desk.fetch_link(next), Err(FetchError::Inward(host(&server))));
}

#[test]
fn a_redirect_to_what_is_no_address_of_the_web_leads_nowhere() {
    for to in ["file:///etc/passwd", "http://user:pass@127.0.0.1/", "data:image/png;base64,aGk="] {
        let server = Server::start(move |_, _| redirect(to));
        assert_eq!(Desk::new().problem(&server.origin()), FetchError::BadRedirect(host(&server)), "{to}");
    }
}

/// A proxy stands in for the internet: it answers for every host.
#[test]
fn it_goes_through_the_proxy_that_is_set_and_does_not_come_back_inside() {
    let proxy = Server::start(|request, _| match &*request.target {
        "http://a.example/inside" => redirect("http://127.0.0.1:1/"),
        "http://a.example/name" => redirect("http://localhost/"),
        "http://a.example/next" => redirect("http://b.example/b.png"),
        _ => Reaction::Answer(Answer::new(200, sample("cover.png"))),
    });
    let origin = proxy.origin();
    let mut desk = Desk::with(|config| config.proxy = Proxy::Url(origin));
    for path in ["inside", "name"] {
        assert_eq!(desk.problem(&format!("http://a.example/{path}")), FetchError::Inward("a.example".into()));
    }
    let Ok(Landed::RedirectedTo(link)) = desk.fetch("http://a.example/next") else {
        panic!("it was not passed on")
    };
    assert!(matches!(desk.fetch_link(link), Ok(Landed::File(_))));
    let targets: Vec<_> = proxy.requests().into_iter().map(|r| r.target).collect();
    assert_eq!(targets[2..], ["http://a.example/next", "http://b.example/b.png"]);
}

/// A SOCKS 5 proxy that leads everybody to one server, and what it was asked for.
struct Socks {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Socks {
    fn leading_to(server: &Server) -> Socks {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (to, asked) = (host(server), Arc::<Mutex<Vec<String>>>::default());
        let list = Arc::clone(&asked);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (to, list) = (to.clone(), Arc::clone(&list));
                std::thread::spawn(move || Socks::serve(client, &to, &list));
            }
        });
        Socks { address, asked }
    }

    fn serve(mut client: TcpStream, to: &str, asked: &Mutex<Vec<String>>) -> io::Result<()> {
        let mut read = |n: usize| {
            let mut bytes = vec![0; n];
            client.read_exact(&mut bytes).map(|()| bytes)
        };
        let methods = read(2)?[1];
        read(methods.into())?;
        client.write_all(&[5, 0])?;
        let mut read = |n: usize| {
            let mut bytes = vec![0; n];
            client.read_exact(&mut bytes).map(|()| bytes)
        };
        let host = match read(4)?[3] {
            1 => std::net::Ipv4Addr::from(<[u8; 4]>::try_from(read(4)?).unwrap()).to_string(),
            4 => std::net::Ipv6Addr::from(<[u8; 16]>::try_from(read(16)?).unwrap()).to_string(),
            _ => {
                let length = read(1)?[0];
                String::from_utf8(read(length.into())?).unwrap()
            }
        };
        read(2)?;
        asked.lock().unwrap().push(host);
        let mut server = TcpStream::connect(to)?;
        client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
        let (mut from, mut back) = (client.try_clone()?, server.try_clone()?);
        std::thread::spawn(move || io::copy(&mut from, &mut back));
        io::copy(&mut server, &mut client).map(|_| ())
    }

    fn through(&self, scheme: &str) -> Desk {
        let proxy = Proxy::Url(format!("{scheme}://{}", self.address));
        Desk::with(|config| {
            config.proxy = proxy;
            config.lookup = |name| Box::pin(async move { Ok(vec![look_up(&name)]) });
        })
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

/// An address of the internet, and one of a network around this computer.
const OUTSIDE: &str = "93.184.216.34";
const INSIDE: &str = "192.168.1.20";

/// What names stand for in these tests. One leads outside at first, and inside from then on.
fn look_up(name: &str) -> SocketAddr {
    static REBOUND: AtomicUsize = AtomicUsize::new(0);
    let ip = match name {
        "inside.example" => INSIDE,
        "rebound.example" if REBOUND.fetch_add(1, Ordering::SeqCst) > 0 => INSIDE,
        _ => OUTSIDE,
    };
    SocketAddr::new(ip.parse().unwrap(), 0)
}

#[test]
fn no_name_leads_inside_through_a_proxy_that_is_given_addresses() {
    let server = Server::start(|request, _| match &*request.target {
        "/away" => redirect("http://inside.example/a.png"),
        "/again" => redirect("/a.png"),
        _ => Reaction::Answer(Answer::new(200, sample("cover.png"))),
    });
    let socks = Socks::leading_to(&server);
    let mut desk = socks.through("socks5");
    for url in ["http://inside.example/a.png", "https://inside.example:8443/a.png"] {
        assert_eq!(desk.problem(url), FetchError::Inside(link(url).host()));
    }
    assert_eq!(socks.asked(), [""; 0]);
    assert!(matches!(desk.fetch("http://outside.example/a.png"), Ok(Landed::File(_))));
    assert_eq!(socks.asked(), [OUTSIDE], "the address that was checked, and no name");
    let Ok(Landed::RedirectedTo(next)) = desk.fetch("http://outside.example/away") else {
        panic!("it was not passed on")
    };
    assert_eq!(desk.fetch_link(next), Err(FetchError::Inward("outside.example".into())));
    assert_eq!(socks.asked(), [OUTSIDE]);
    let again = desk.fetch("http://rebound.example/again");
    assert_eq!(
        again,
        Err(FetchError::Inside("rebound.example".into())),
        "it stands for another address by then"
    );
    assert_eq!(socks.asked(), [OUTSIDE]);
}

#[test]
fn a_proxy_that_looks_names_up_itself_is_given_names() {
    let server = Server::always(Reaction::Answer(Answer::new(200, sample("cover.png"))));
    let socks = Socks::leading_to(&server);
    let mut desk = socks.through("socks5h");
    assert!(matches!(desk.fetch("http://inside.example/a.png"), Ok(Landed::File(_))));
    assert_eq!(socks.asked(), ["inside.example"]);
    // A name that says so itself goes to no proxy at all.
    assert_eq!(desk.fetch("http://nas.local/a.png"), Err(FetchError::Inside("nas.local".into())));
    assert_eq!(socks.asked(), [""; 0]);
}

#[test]
fn what_is_stopped_leaves_nothing_and_tells_nothing_more() {
    let gate = Gate::default();
    let picture = Answer::new(200, sample("photo.jpg"));
    let server = {
        let gate = gate.clone();
        Server::start(move |request, _| match &*request.target {
            "/slow" => Reaction::UnendingAnswer(picture.clone()),
            _ => Reaction::AnswerAfter(gate.clone(), picture.clone()),
        })
    };
    // Nothing else ends it while the test runs.
    let mut desk = Desk::with(|config| config.limits.stall = Duration::from_hours(1));
    let fetching = desk.begin(link(&format!("{}/slow", server.origin())), MAX_BYTES);
    let Fetched::Progress { received, total, .. } = desk.next() else { panic!("it has ended") };
    assert!(received > 0 && total == Some(sample("photo.jpg").len() as u64 + 10));
    assert_eq!(desk.files().len(), 1);
    drop(fetching);
    let end = Instant::now() + TIMEOUT;
    while !desk.files().is_empty() {
        assert!(Instant::now() < end, "a part is left: {:?}", desk.files());
        std::thread::sleep(Duration::from_millis(1));
    }
    // What comes next is the next one's.
    gate.open();
    while let Some(fetched) = desk.rig.engine.try_fetched() {
        assert!(matches!(fetched, Fetched::Progress { .. }), "{fetched:?}");
    }
    desk.file(&format!("{}/next.jpg", server.origin()));
}

#[test]
fn a_disk_that_does_not_take_it_is_said() {
    let server = Server::always(Reaction::Answer(Answer::new(200, sample("cover.png"))));
    let mut desk = Desk::new();
    std::fs::create_dir(desk.home.path().join("data")).unwrap();
    std::fs::write(desk.folder(), "in the way").unwrap();
    let problem = desk.fetch(&server.origin()).unwrap_err();
    assert!(matches!(problem, FetchError::Disk(_)), "{problem:?}");
}
