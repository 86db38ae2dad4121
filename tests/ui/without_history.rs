//! A history that cannot be written: the window asks once for the batch before anything is sent.
#![cfg(unix)]

use std::fs;
use std::process::Command;

use crate::window::Window;

fn put_a_pipe_in_its_place(window: &Window) {
    let path = window.home.path().join("data/history.db");
    let pipe = window.home.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::rename(pipe, path).unwrap();
}

#[test]
fn files_are_sent_without_a_history_where_that_is_said_and_the_question_comes_once() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "photo.jpg"]);
    window.wait_for("Upload 2 files to Flow Music");
    put_a_pipe_in_its_place(&window);
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

#[test]
fn files_do_not_go_by_themselves_while_it_is_unknown_what_was_sent_before() {
    let mut window = Window::sandbox();
    window.harness.state_mut().session_mut().set(|settings| settings.upload_on_drop = true);
    window.drop_files(&["cover.png"]);
    window.wait_for("Copy ID: cover.png");
    put_a_pipe_in_its_place(&window);
    for file in ["photo.jpg", "poster.webp"] {
        window.drop_files(&[file]);
        window.wait(&format!("{file} is looked at"), |window| {
            let items = window.harness.state().session().uploads.queue().items();
            items.iter().any(|item| item.name == file && !item.inspection.is_pending())
        });
        window.harness.run_steps(5);
        assert!(!window.has("without it"), "nothing was to be sent: {}", window.tree());
    }
    assert_eq!(window.queue(), ["cover.png done", "photo.jpg ready", "poster.webp ready"]);
}
