//! A history that cannot be written: the window asks once for the batch before anything is sent.
#![cfg(unix)]

use std::fs;
use std::process::Command;

use crate::window::Window;

#[test]
fn files_are_sent_without_a_history_where_that_is_said_and_the_question_comes_once() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "photo.jpg"]);
    window.wait_for("Upload 2 files to Flow Music");
    let path = window.home.path().join("data/history.db");
    let pipe = window.home.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::rename(pipe, path).unwrap();

    window.click("Upload 2 files to Flow Music");
    window.wait_for("Send 2 files without it");
    assert!(window.has("a pipe or a device is in its place"), "{}", window.tree());
    window.click("Keep in the queue");
    window.wait_until_gone("Keep in the queue");
    let items = |window: &Window| window.harness.state().session().uploads.queue().items().to_vec();
    assert!(items(&window).iter().all(|item| item.state.receipt().is_none()));

    window.harness.state_mut().session_mut().uploads.retry_failed();
    window.wait_for("Send 2 files without it");
    window.click("Send 2 files without it");
    window.wait("both are sent", |window| items(window).iter().all(|item| item.state.receipt().is_some()));
    assert!(!window.has("Keep in the queue"), "it is asked once");
}
