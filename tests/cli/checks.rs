//! `hoist keys check`, and what is asked before a key is saved.

use serde_json::Value;

use crate::machine::Machine;
use crate::servers::SandboxProcess;
use crate::support::server::{Answer, Reaction, Server};

const KEY: &str = "user:1000-sandboxSandboxSandbox";

#[test]
fn keys_of_the_environment_are_checked_and_their_accounts_shown() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let run = machine.run(&args!["keys", "check"]);
    assert_eq!(run.status, 0, "{}", run.err);
    for line in [
        "useapi · useapi.net · the key works",
        "    Google Flow · healthy",
        "piapi · PiAPI · the key works (creator plan)",
        "    Indream · healthy",
    ] {
        assert!(run.lines().contains(&line), "{line}: {}", run.out);
    }
    assert!(run.err.contains(
        "Google Flow: jane@example.com, jane+team@example.com, broken@example.com (needs reconnecting)"
    ));
    assert!(run.err.contains("(Spring campaign)"), "{}", run.err);
    let run = machine.run(&args!["keys", "check", "useapi", "--json"]);
    let all: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&all[0]["name"], &all[0]["works"]), (&"useapi".into(), &true.into()));
    assert_eq!(all[0]["destinations"][0]["health"], "healthy");
    let accounts = all[0]["accounts"].as_array().unwrap();
    assert!(
        accounts
            .iter()
            .any(|a| a["account"] == "broken@example.com" && a["problem"] == "refresh token rejected")
    );
    for text in [&run.out, &run.err] {
        assert!(!text.contains("sandboxSandbox"), "{text}");
    }
}

#[test]
fn a_wrong_key_a_small_plan_and_a_vendor_out_of_reach_are_told_apart() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox).with("HOIST_USEAPI_TOKEN", "user:7-revoked");
    let run = machine.run(&args!["keys", "check", "useapi"]);
    assert_eq!(run.status, 1);
    assert!(
        run.out.contains(
            "useapi.net rejected the API key. The reply says: “Unauthorized”. Copy the whole key again"
        ),
        "{}",
        run.out
    );
    assert!(run.out.contains("    Flow Music · wrong key · “Unauthorized”"), "{}", run.out);
    let machine = machine.with("HOIST_PIAPI_KEY", "piapi-sandbox-key-free");
    let run = machine.run(&args!["keys", "check", "piapi"]);
    assert_eq!(run.status, 1);
    assert!(run.out.contains("(free plan), but the plan does not allow uploads"), "{}", run.out);
    let run = Machine::new().with("HOIST_USEAPI_TOKEN", KEY).run(&args!["keys", "check", "--json"]);
    assert_eq!(run.status, 1);
    let all: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(all[0]["error"]["kind"], "unreachable");
    assert_eq!(all[0]["destinations"][0]["health"], Value::Null, "nothing is known of it");
    Machine::new().run(&args!["keys", "check", "nobody"]).is_bad_usage(&["no key named nobody"]);
    let none = Machine::new().run(&args!["keys", "check"]);
    assert!(none.status == 0 && none.err.contains("No keys yet"), "{}", none.err);
}

#[test]
fn a_wrong_key_is_not_saved_and_one_that_cannot_be_checked_is_said() {
    let sandbox = SandboxProcess::start();
    let machine = sandbox.exports.iter().filter(|(name, _)| name.ends_with("_URL"));
    let machine = machine.fold(Machine::new(), |machine, (name, value)| machine.with(name, value));
    let run = machine.run_with_stdin(&args!["keys", "add", "useapi"], "user:7-revoked\n");
    run.is_bad_usage(&[
        "rejected the API key. The reply says: “Unauthorized”. Nothing was saved",
        "--no-check",
    ]);
    // Here is no keyring: how far it came is seen by what it complains of.
    let run = machine.run_with_stdin(&args!["keys", "add", "useapi"], &format!("{KEY}\n"));
    run.is_bad_usage(&["Flow Music: jane@example.com", "could not be saved", "HOIST_USEAPI_TOKEN"]);
    let run = machine.run_with_stdin(&args!["keys", "add", "useapi", "--no-check"], "user:7-revoked\n");
    run.is_bad_usage(&["could not be saved"]);
    let run = machine.run_with_stdin(&args!["keys", "add", "indream"], &format!("{KEY}\n"));
    run.is_bad_usage(&["This looks like a key of useapi.net", "rejected the API key"]);
    let run = Machine::new().run_with_stdin(&args!["keys", "add", "useapi"], &format!("{KEY}\n"));
    run.is_bad_usage(&["refused the connection", "saved unchecked", "could not be saved"]);
    machine.holds_nowhere("sandboxSandbox");
    machine.holds_nowhere("user:7-revoked");
}

#[test]
fn a_key_is_not_asked_of_another_vendor() {
    let server = Server::always(Reaction::Answer(Answer::new(200, "{}")));
    let machine = Machine::new().with("HOIST_INDREAM_URL", &server.origin());
    let settings = "[[key]]\nname = \"work\"\nservice = \"useapi\"\nadded = \"2026-09-03\"\n\n\
                    [[destination]]\nname = \"Mine\"\nprovider = \"indream\"\nkey = \"work\"\n";
    let folder = machine.home().join("settings");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("settings.toml"), settings).unwrap();
    let file = crate::machine::sample("cover.png");
    let run = machine.run(&args!["upload", file, "--to", "Mine"]);
    assert_ne!(run.status, 0);
    assert!(run.err.contains("belongs to another vendor"), "{}", run.err);
    assert!(server.requests().is_empty(), "nothing was sent");
}
