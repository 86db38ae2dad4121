//! What is in the way on purpose: messages, links, processes and folders of other users.

use super::*;

#[test]
fn hostile_messages_are_refused_and_the_next_good_one_is_heard() {
    let home = tempfile::tempdir().unwrap();
    let folder = run(&home);
    let (_listening, received) = busy_window(&folder);
    let with = |name: &str, value: Value| {
        let mut message = message(&["/a.png"]);
        message[name] = value;
        framed(&message)
    };
    let raw = |json: &[u8]| [&(json.len() as u32).to_be_bytes()[..], json].concat();
    let good = framed(&message(&["/a.png"]));
    assert_eq!(answer(&folder, &good), b"rs");
    assert_eq!(received.recv_timeout(TIMEOUT).unwrap().files, files(&["/a.png"]));
    let padded = |length: usize| {
        let json = message(&["/a.png"]).to_string();
        raw((json.clone() + &" ".repeat(length - json.len())).as_bytes())
    };
    assert_eq!(answer(&folder, &padded(MAX_BYTES)), b"rs");
    assert_eq!(received.recv_timeout(TIMEOUT).unwrap().files, files(&["/a.png"]));
    let many: Vec<_> = (0..=MAX_FILES).map(|_| STANDARD.encode("/a")).collect();
    let cases = [
        ("nothing", vec![]),
        ("half a length", vec![0, 0]),
        ("half a message", good[..good.len() - 5].to_vec()),
        ("no JSON", raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")),
        ("an empty message", raw(b"")),
        ("not text", raw(&[0xff; 100])),
        ("deep", raw("[".repeat(200_000).as_bytes())),
        ("longer than may be", [&u32::MAX.to_be_bytes()[..], &[b' '; 1000]].concat()),
        ("a byte too long", padded(MAX_BYTES + 1)),
        ("another version", with("version", json!(2))),
        ("no version", with("version", json!(null))),
        ("more than is known", with("command", json!("rm"))),
        ("a path that is not whole", framed(&message(&["/a.png", "b.png"]))),
        ("no path", framed(&message(&[""]))),
        ("a zero in a path", framed(&message(&["/a\0.png"]))),
        ("no base64", with("files", json!(["/a.png!"]))),
        ("too many files", with("files", json!(many))),
        ("an empty token", with("token", json!(""))),
        ("a token with a line's end", with("token", json!("a\nb"))),
        ("a token that is not ASCII", with("token", json!("é"))),
        ("a token that is too long", with("token", json!("x".repeat(1025)))),
    ];
    for (name, bytes) in cases {
        let answer = answer(&folder, &bytes);
        assert!(answer.is_empty() || answer == b"x", "{name} was taken: {answer:?}");
        assert!(received.try_recv().is_err(), "{name} came to the window");
    }
    // Without *go* nothing is taken: the other side may have staged the files itself.
    let mut stream = UnixStream::connect(folder.join("socket")).unwrap();
    stream.write_all(&good).unwrap();
    stream.read_exact(&mut [0]).unwrap();
    drop(stream);
    assert_eq!(answer(&folder, &framed(&message(&["/last.png"]))), b"rs");
    assert_eq!(received.recv_timeout(TIMEOUT).unwrap().files, files(&["/last.png"]));
}

#[test]
fn those_who_connect_and_say_nothing_do_not_keep_others_from_being_heard() {
    let home = tempfile::tempdir().unwrap();
    let (_listening, received) = busy_window(&run(&home));
    let silent: Vec<_> = (0..50).map(|_| UnixStream::connect(run(&home).join("socket")).unwrap()).collect();
    handed_over(&second(home.path(), &[OsStr::new("/a.png")]).output().unwrap());
    assert_eq!(received.recv_timeout(TIMEOUT).unwrap().files, files(&["/a.png"]));
    drop(silent);
}

#[test]
fn of_too_many_who_say_nothing_the_one_that_came_first_is_hung_up_on() {
    /// As many as are listened to at once.
    const MAX_CLIENTS: usize = 32;
    let home = tempfile::tempdir().unwrap();
    let folder = run(&home);
    let (_listening, received) = busy_window(&folder);
    let connect = || UnixStream::connect(folder.join("socket")).unwrap();
    let heard = |mut stream: UnixStream, file: &str| {
        let mut answer = [0; 2];
        stream.write_all(&framed(&message(&[file]))).and_then(|()| stream.write_all(b"g")).is_ok()
            && stream.read_exact(&mut answer).is_ok()
            && &answer == b"rs"
            && received.recv_timeout(TIMEOUT).is_ok_and(|message| message.files == files(&[file]))
    };
    // Who says nothing for three seconds is not listened to, either: on a machine that stood still this shows nothing.
    for _ in 0..10 {
        let began = Instant::now();
        let mut silent: Vec<_> = (0..MAX_CLIENTS).map(|_| connect()).collect();
        assert!(heard(connect(), "/one-more.png"), "one more is listened to");
        let mut first = silent.remove(0);
        let last = silent.pop().unwrap();
        first.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
        let hung_up = first.read(&mut [0]).is_ok_and(|bytes| bytes == 0);
        let last_was_heard = heard(last, "/last.png");
        if began.elapsed() < Duration::from_secs(2) {
            assert!(hung_up, "the first to come had the most time");
            assert!(last_was_heard, "the last to come had hardly begun");
            return;
        }
    }
    panic!("this machine is too slow to show it");
}

#[test]
fn folder_lock_and_socket_are_the_users_alone() {
    let home = tempfile::tempdir().unwrap();
    let folder = run(&home);
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    let _owner = first(&folder);
    let mode = |path: &Path| fs::symlink_metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("socket")), 0o600);
    assert_eq!(mode(&folder.join("lock")), 0o600);
}

#[test]
fn what_stands_in_the_place_of_folder_lock_or_socket_is_refused_and_left_alone() {
    let there = tempfile::tempdir().unwrap();
    let target = there.path().join("target");
    fs::write(&target, "mine").unwrap();
    for (name, is_link) in [("socket", true), ("socket", false), ("lock", true)] {
        let home = tempfile::tempdir().unwrap();
        let folder = run(&home);
        fs::create_dir(&folder).unwrap();
        match is_link {
            true => symlink(&target, folder.join(name)).unwrap(),
            false => fs::write(folder.join(name), "mine").unwrap(),
        }
        let (left, why) = apart(start(&folder, files(&["/a.png"]), None, true));
        assert_eq!((left, why.is_empty()), (files(&["/a.png"]), false), "{name}");
        assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), "mine", "{name}");
    }
    // A link in the folder's place, and in that of the socket of a window that is open.
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(there.path().join("elsewhere")).unwrap();
    symlink(there.path().join("elsewhere"), run(&home)).unwrap();
    assert!(!apart(start(&run(&home), vec![], None, true)).1.is_empty());
    assert_eq!(fs::read_dir(there.path().join("elsewhere")).unwrap().count(), 0);
    let home = tempfile::tempdir().unwrap();
    let (_lock, listener) = impostor(&run(&home));
    fs::rename(run(&home).join("socket"), there.path().join("socket")).unwrap();
    symlink(there.path().join("socket"), run(&home).join("socket")).unwrap();
    let (left, why) = apart(start(&run(&home), files(&["/a.png"]), None, true));
    assert_eq!((left, why.is_empty()), (files(&["/a.png"]), false));
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "it was connected to");
}

#[test]
fn another_users_folder_is_refused() {
    if is_root() {
        let home = tempfile::tempdir().unwrap();
        let folder = run(&home);
        fs::create_dir(&folder).unwrap();
        chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
        let below = folder.join("below");
        for dir in [&folder, &below] {
            let (left, why) = apart(start(dir, files(&["/a.png"]), None, true));
            assert_eq!(left, files(&["/a.png"]));
            assert!(why.contains("belongs to another user"), "{why}");
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "nothing was made in it");
        // The real program says so, too.
        let output = second(home.path(), &[OsStr::new("/a.png")]).output().unwrap();
        went_its_own_way(&output, &["belongs to another user"]);
        // So are a lock and a socket of theirs in a folder of ours.
        for name in ["lock", "socket"] {
            let home = tempfile::tempdir().unwrap();
            drop(first(&run(&home)));
            drop(UnixListener::bind(run(&home).join("socket")).unwrap());
            chown(run(&home).join(name), Some(NOBODY), Some(NOBODY)).unwrap();
            let why = apart(start(&run(&home), vec![], None, true)).1;
            assert!(why.contains("belongs to another user"), "{name}: {why}");
        }
    } else {
        // Nobody's files cannot be made without being root; root's are there.
        let why = apart(start(Path::new("/usr"), vec![], None, true)).1;
        assert!(why.contains("belongs to another user"), "{why}");
    }
}

#[test]
fn another_users_process_is_not_listened_to_though_it_gets_through_to_the_socket() {
    if !is_root() {
        println!("not shown: only root can start a process of another user");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let folder = run(&home);
    let (_listening, received) = busy_window(&folder);
    let program = home.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    for (path, mode) in
        [(home.path(), 0o755), (&program, 0o755), (&folder, 0o755), (&folder.join("socket"), 0o666)]
    {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
    let other = Process::start(&program, "say", &folder, Some(NOBODY));
    assert_eq!(other.says(), "answered \"\"", "it was listened to");
    assert!(received.try_recv().is_err());
    let same = Process::start(&program, "say", &folder, None);
    assert_eq!(same.says(), "answered \"rs\"", "the test shows who is refused, not that everybody is");
}

#[test]
fn nothing_is_said_to_another_users_process_in_the_place_of_the_window() {
    if !is_root() {
        println!("not shown: only root can start a process of another user");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let folder = run(&home);
    let (_lock, listener) = impostor(&folder);
    drop(listener);
    fs::remove_file(folder.join("socket")).unwrap();
    let program = home.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    for (path, mode) in [(home.path(), 0o755), (&program, 0o755), (&folder, 0o777)] {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
    let other = Process::start(&program, "listen", &folder, Some(NOBODY));
    assert_eq!(other.says(), "listening");
    chown(folder.join("socket"), Some(0), Some(0)).unwrap(); // as if it were the user's
    let (left, why) = apart(start(&folder, files(&["/a.png"]), None, true));
    assert_eq!(left, files(&["/a.png"]));
    assert!(why.contains("belongs to another user"), "{why}");
}
