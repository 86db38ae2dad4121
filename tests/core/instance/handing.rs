//! What is handed over, to whom, and what becomes of it where nobody takes it.

use super::*;

#[test]
fn a_second_start_hands_its_files_over_to_a_window_however_busy_that_is() {
    let home = tempfile::tempdir().unwrap();
    let (_listening, received) = busy_window(&run(&home));
    let not_text = OsStr::from_bytes(b"caf\xe9 \xff.png");
    let folder = tempfile::tempdir().unwrap();
    // What is named without its folder must be there, or it is taken for a mistyped command.
    for name in [OsStr::new("a.png"), not_text] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    let mut command =
        second(home.path(), &[OsStr::new("a.png"), not_text, OsStr::new("/whole/../b \n\"c.mp3")]);
    command.current_dir(folder.path()).env("DESKTOP_STARTUP_ID", "hoist-1_TIME42");
    handed_over(&command.output().unwrap());
    let there = fs::canonicalize(folder.path()).unwrap();
    let expected = vec![there.join("a.png"), there.join(not_text), "/whole/../b \n\"c.mp3".into()];
    let message = received.recv_timeout(TIMEOUT).unwrap();
    assert_eq!(message, Message { files: expected, token: Some("hoist-1_TIME42".into()) });

    // Without files it only wants the window in front.
    let mut command = second(home.path(), &[]);
    command.env("XDG_ACTIVATION_TOKEN", "wayland-7").env("DESKTOP_STARTUP_ID", "x11");
    handed_over(&command.output().unwrap());
    let message = received.recv_timeout(TIMEOUT).unwrap();
    assert_eq!(message, Message { files: vec![], token: Some("wayland-7".into()) });

    // What is no token is not handed over.
    for bad in ["a\u{7}b", "", "é", &"x".repeat(4000)] {
        handed_over(&second(home.path(), &[]).env("XDG_ACTIVATION_TOKEN", bad).output().unwrap());
        assert_eq!(received.recv_timeout(TIMEOUT).unwrap(), Message::default(), "{bad:?}");
    }
}

#[test]
fn other_homes_the_sandbox_and_windows_on_purpose_are_apart() {
    let home = tempfile::tempdir().unwrap();
    let (_listening, received) = busy_window(&run(&home));
    let file = OsStr::new("/a.png");
    let other = tempfile::tempdir().unwrap();
    went_its_own_way(&second(other.path(), &[file]).output().unwrap(), &[]);
    let (left, why) = apart(start(&run(&other), files(&["/a.png"]), None, false));
    assert_eq!((left, why.as_str()), (files(&["/a.png"]), ""), "without a display nobody becomes the first");
    for option in ["--sandbox", "--new-window"] {
        went_its_own_way(&second(home.path(), &[OsStr::new(option), file]).output().unwrap(), &[]);
    }
    assert!(received.try_recv().is_err(), "it came to the wrong window");
    assert!(run(&other).exists() && !run(&other).join("socket").exists(), "without a display nobody listens");

    // Two sandboxes are one.
    let (_listening, received) = busy_window(&run(&home).join("sandbox"));
    handed_over(&second(home.path(), &[OsStr::new("--sandbox"), file]).output().unwrap());
    assert_eq!(received.recv_timeout(TIMEOUT).unwrap().files, files(&["/a.png"]));
}

#[test]
fn without_a_home_of_its_own_it_is_in_the_users_folder_for_what_runs() {
    let (home, runtime) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let start = |home: &Path| {
        let mut command = second(home, &[OsStr::new("/a.png")]);
        command.env_remove("HOIST_HOME").env("XDG_RUNTIME_DIR", runtime.path());
        command.output().unwrap()
    };
    went_its_own_way(&start(home.path()), &[]);
    let all = |folder: &Path| fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect::<Vec<_>>();
    let [folder] = &all(&runtime.path().join("hoist"))[..] else { panic!("one folder for one home") };
    let (_listening, received) = busy_window(folder);
    handed_over(&start(home.path()));
    assert_eq!(received.recv_timeout(TIMEOUT).unwrap().files, files(&["/a.png"]));

    // The data are elsewhere: so is the window.
    let other = tempfile::tempdir().unwrap();
    went_its_own_way(&start(other.path()), &[]);
    assert!(received.try_recv().is_err(), "it came to the wrong window");
}

#[test]
fn what_is_said_is_files_and_token_and_nothing_of_the_environment() {
    let home = tempfile::tempdir().unwrap();
    let (_lock, listener) = impostor(&run(&home));
    let mut command = second(home.path(), &[OsStr::new("/a.png")]);
    let secrets = ["user:1-SecretOfUseapi", "secret-of-piapi", "sk_indream_secret"];
    for (name, secret) in ["HOIST_USEAPI_TOKEN", "HOIST_PIAPI_KEY", "HOIST_INDREAM_KEY"].iter().zip(secrets) {
        command.env(name, secret);
    }
    let child = command.spawn().unwrap();
    let mut stream = accept(&listener);
    let said = read_message(&mut stream);
    for secret in secrets {
        assert!(!String::from_utf8_lossy(&said).contains(secret), "a key was said");
    }
    assert_eq!(serde_json::from_slice::<Value>(&said).unwrap(), message(&["/a.png"]));

    // Nothing more is said before the other side has answered, nor after *go*.
    stream.set_nonblocking(true).unwrap();
    assert!(stream.read(&mut [0]).is_err(), "it was said too early");
    stream.set_nonblocking(false).unwrap();
    stream.write_all(b"r").unwrap();
    let mut go = [0];
    stream.read_exact(&mut go).unwrap();
    assert_eq!(&go, b"g");
    stream.write_all(b"s").unwrap();
    let mut rest = vec![];
    stream.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty(), "{rest:?}");
    handed_over(&child.wait_with_output().unwrap());
}

#[test]
fn where_the_other_window_does_not_take_them_the_files_are_in_a_window_of_their_own_which_says_why() {
    let home = tempfile::tempdir().unwrap();
    let folder = run(&home);
    let (_lock, listener) = impostor(&folder);
    // What it answers to the message and to *go*, what becomes of the file, and what is said.
    let cases: [(&[u8], bool, &str); 3] = [
        (b"x", true, "may be another version"),
        (b"?", true, "may be another version"),
        (b"r", false, "may have the files"), // and then it hangs up
    ];
    for (first, keeps, words) in cases {
        let seconds = || {
            let folder = folder.clone();
            thread::spawn(move || start(&folder, files(&["/a.png"]), None, true))
        };
        let talk = |mut stream: UnixStream| {
            read_message(&mut stream);
            stream.write_all(first).unwrap();
            let _ = stream.read(&mut [0]);
        };
        let library = seconds();
        talk(accept(&listener));
        let (left, why) = apart(library.join().unwrap());
        assert_eq!(left, if keeps { files(&["/a.png"]) } else { vec![] }, "{why}");
        assert!(why.contains(words), "{why}");
        let child = second(home.path(), &[OsStr::new("/a.png")]).spawn().unwrap();
        talk(accept(&listener));
        went_its_own_way(&child.wait_with_output().unwrap(), &[words]);
    }
    // A lock, and nobody who answers.
    drop(listener);
    went_its_own_way(&second(home.path(), &[OsStr::new("/a.png")]).output().unwrap(), &["cannot be reached"]);
    // A path that is not whole stays here.
    let (left, why) = apart(start(&folder, files(&["a.png"]), None, true));
    assert_eq!((left, why.contains("absolute paths")), (files(&["a.png"]), true), "{why}");
}

#[test]
fn a_window_that_was_killed_is_replaced() {
    let home = tempfile::tempdir().unwrap();
    let mut window = Process::of_this_user("window", &run(&home));
    assert_eq!(window.says(), "first");
    handed_over(&second(home.path(), &[OsStr::new("/a.png")]).output().unwrap());
    assert_eq!(window.says(), "/a.png");
    window.child.kill().unwrap();
    window.child.wait().unwrap();
    assert!(run(&home).join("socket").exists(), "it had no time to remove it");
    let (_listening, received) = busy_window(&run(&home));
    handed_over(&second(home.path(), &[OsStr::new("/b.png")]).output().unwrap());
    assert_eq!(received.recv_timeout(TIMEOUT).unwrap().files, files(&["/b.png"]));
}

#[test]
fn a_window_that_was_stopped_is_not_waited_for_and_does_not_take_the_files_when_it_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let window = Process::of_this_user("window", &run(&home));
    assert_eq!(window.says(), "first");
    window.stop();
    let output = second(home.path(), &[OsStr::new("/a.png")]).output().unwrap();
    went_its_own_way(&output, &["does not answer"]);
    window.signal("-CONT");
    handed_over(&second(home.path(), &[OsStr::new("/b.png")]).output().unwrap());
    assert_eq!(window.says(), "/b.png", "what another window has by now is not staged here");
}

#[test]
fn of_many_starts_at_the_same_moment_one_has_the_window_and_the_others_hand_over() {
    const STARTS: usize = 8;
    for _ in 0..3 {
        let home = tempfile::tempdir().unwrap();
        let begin = |n: usize| Process::of_this_user(&format!("window-at-once /{n}.png"), &run(&home));
        let mut all: Vec<_> = (0..STARTS).map(begin).collect();
        for process in &all {
            assert_eq!(process.says(), "ready");
        }
        for process in &mut all {
            process.child.stdin.as_mut().unwrap().write_all(b"!").unwrap();
        }
        let became: Vec<_> = all.iter().map(Process::says).collect();
        let owner = became.iter().position(|said| said == "first").unwrap();
        let others: Vec<_> = (0..STARTS).filter(|n| *n != owner).collect();
        assert!(others.iter().all(|n| became[*n] == "handed over"), "{became:?}");
        let mut came: Vec<_> = others.iter().map(|_| all[owner].says()).collect();
        came.sort();
        let expected: Vec<_> = others.iter().map(|n| format!("/{n}.png")).collect();
        assert_eq!(came, expected);
    }
}

#[test]
fn who_comes_before_the_window_is_up_waits_for_it_and_takes_its_place_where_it_never_is() {
    let home = tempfile::tempdir().unwrap();
    let owner = first(&run(&home));
    let early = second(home.path(), &[OsStr::new("/a.png")]).spawn().unwrap();
    let (send, received) = mpsc::channel();
    let listening = owner.listen(move |message| send.send(message).is_ok()).unwrap();
    handed_over(&early.wait_with_output().unwrap());
    assert_eq!(received.recv_timeout(TIMEOUT).unwrap().files, files(&["/a.png"]));
    drop(listening);

    let owner = first(&run(&home));
    let folder = run(&home);
    let next = thread::spawn(move || start(&folder, files(&["/b.png"]), None, true));
    drop(owner);
    let StartOutcome::First { files: kept, .. } = next.join().unwrap() else { panic!("it is the only one") };
    assert_eq!(kept, files(&["/b.png"]));
}

#[test]
fn a_window_that_closes_leaves_no_socket_and_takes_nothing_more() {
    let home = tempfile::tempdir().unwrap();
    let (listening, received) = busy_window(&run(&home));
    let _silent = UnixStream::connect(run(&home).join("socket")).unwrap();
    drop(listening); // and whoever says nothing does not keep it
    assert!(!run(&home).join("socket").exists());
    assert!(received.recv().is_err(), "the window's end is gone");
    // A window that is closing says so, and the next start takes its place.
    let listening = first(&run(&home)).listen(|_| false).unwrap();
    let folder = run(&home);
    let next = thread::spawn(move || start(&folder, files(&["/b.png"]), None, true));
    thread::sleep(Duration::from_millis(50));
    drop(listening);
    assert!(
        matches!(next.join().unwrap(), StartOutcome::First { files: kept, .. } if kept == files(&["/b.png"]))
    );
}

#[test]
fn more_than_one_message_takes_goes_in_several() {
    let home = tempfile::tempdir().unwrap();
    let (_listening, received) = busy_window(&run(&home));
    let short: Vec<_> = (0..=2 * MAX_FILES).map(|n| PathBuf::from(format!("/{n}"))).collect();
    let long: Vec<_> = (0..600).map(|n| PathBuf::from(format!("/{n}{}", "long".repeat(1000)))).collect();
    for (all, messages) in [(short, 3), (long, 4)] {
        let length: usize = all.iter().map(|file| file.as_os_str().len().div_ceil(3) * 4 + 3).sum();
        let fewest = all.len().div_ceil(MAX_FILES).max(length.div_ceil(MAX_BYTES));
        assert_eq!(fewest, messages, "the test is what it says");
        assert!(matches!(start(&run(&home), all.clone(), None, false), StartOutcome::HandedOver));
        let came: Vec<_> =
            (0..messages).flat_map(|_| received.recv_timeout(TIMEOUT).unwrap().files).collect();
        assert!(came == all, "all of them, in their order");
        assert!(received.try_recv().is_err());
    }
}

#[test]
fn a_home_with_a_long_name_has_one_window_too() {
    let home = tempfile::tempdir().unwrap();
    let long = home.path().join("a long name ".repeat(15));
    let folder = long.join("run");
    assert!(folder.as_os_str().len() > 150);
    if !cfg!(target_os = "linux") {
        assert!(!apart(start(&folder, vec![], None, true)).1.is_empty(), "it says so");
        return;
    }
    let (listening, received) = busy_window(&folder);
    handed_over(&second(&long, &[OsStr::new("/a.png")]).output().unwrap());
    assert_eq!(received.recv_timeout(TIMEOUT).unwrap().files, files(&["/a.png"]));
    drop(listening);
    assert!(!folder.join("socket").exists());
}
