//! Makes a vendor of its table.

use regex_lite::RegexBuilder;

use super::section::{BuildResult, FileSection};
use super::values::{
    check_header, check_id, check_name, check_page, check_text, json_of, leak, leak_all, leak_texts, pointers,
};
use crate::provider::file::{AuthFile, VendorFile};
use crate::provider::hosts::{self, Host};
use crate::provider::spec::{Auth, Endpoint, KeyCheck, OtherKey, ProviderSource, SandboxKeys, Vendor};

pub(super) fn vendor(
    top: FileSection<'_>,
    file: &VendorFile,
    source: &ProviderSource,
) -> BuildResult<&'static Vendor> {
    let section = top.of("[vendor]", 0);
    check_id(section, "id", &file.id)?;
    check_text(section, "name", &file.name, 40)?;
    let is_built_in = *source == ProviderSource::BuiltIn;
    if !is_built_in && file.key_env.is_some() {
        return Err(section.error("key_env", "is for built-in vendors: leave it out"));
    }
    if !is_built_in && !file.url_env.is_empty() {
        return Err(section.error("url_env", "is for built-in vendors: leave it out"));
    }
    if file.hosts.is_empty() || file.hosts.len() > 8 {
        return Err(section.error("hosts", "must name one to eight hosts"));
    }
    let upper = file.id.to_ascii_uppercase().replace('-', "_");
    let endpoints = file.hosts.iter().enumerate().map(|(i, host)| {
        let host = Host::parse(host, file.lan)
            .map_err(|problem| section.error("hosts", format_args!("{host:?} {problem}")))?;
        let number = if i == 0 { String::new() } else { format!("_{}", i + 1) };
        let env = file.url_env.get(i).cloned().unwrap_or_else(|| format!("HOIST_{upper}{number}_URL"));
        Ok(Endpoint { env: leak(env), url: leak(host.origin()) })
    });
    let endpoints = leak_all(endpoints.collect::<BuildResult<Vec<_>>>()?);
    for (field, page) in [("keys_page", &file.keys_page), ("plan_page", &file.plan_page)] {
        if let Some(page) = page {
            check_page(section, field, page)?;
        }
    }
    let auth = auth(section, "auth", &file.auth)?;
    if auth != Auth::None && file.keys_page.is_none() {
        return Err(section.error(
            "keys_page",
            "is missing: where do people find their keys? (auth = \"none\" where there are none)",
        ));
    }
    let key_format = match &file.key_format {
        None => None,
        Some(format) => {
            Some(RegexBuilder::new(format).size_limit(64 * 1024).nest_limit(16).build().map_err(|e| {
                section.error("key_format", format_args!("is no regular expression that Hoist reads: {e}"))
            })?)
        }
    };
    if let Some(form) = &file.key_form {
        check_text(section, "key_form", form, 60)?;
    }
    let check_section = top.of("[vendor.check]", 0);
    let check = match &file.check {
        None => None,
        Some(check) => {
            let (base, path) =
                hosts::split(&check.url, endpoints, file.lan).map_err(|p| check_section.error("url", p))?;
            Some(KeyCheck {
                base,
                path: leak(path),
                plan: pointers(check_section, "plan", &check.plan.0)?,
                small_plans: leak_texts(&check.plans_without_upload),
                example: json_of(check_section, "example", check.example.as_ref())?,
            })
        }
    };
    let made_up = format!("{}-sandbox-key-0000", file.id);
    let sandbox = file.sandbox.as_ref();
    let others = sandbox.map(|s| &*s.other).unwrap_or_default().iter().map(|other| {
        Ok(OtherKey {
            key: leak(other.key.as_str()),
            auth: match &other.auth {
                Some(auth) => self::auth(section, "auth", auth)?,
                None => auth,
            },
            accounts: other.accounts,
            plan: other.plan.clone().map(leak),
        })
    });
    let keys_page = leak(file.keys_page.clone().unwrap_or_default());
    Ok(Box::leak(Box::new(Vendor {
        id: leak(file.id.as_str()),
        name: leak(file.name.as_str()),
        env: leak(file.key_env.clone().unwrap_or_else(|| format!("HOIST_{upper}_KEY"))),
        endpoints,
        auth,
        other_auth: file
            .auth_alternative
            .as_ref()
            .map(|auth| self::auth(section, "auth_alternative", auth))
            .transpose()?,
        check,
        key_format,
        keys_page,
        plan_page: file.plan_page.clone().map_or(keys_page, leak),
        key_form: leak(file.key_form.clone().unwrap_or_default()),
        is_local: file.lan,
        sandbox: SandboxKeys {
            key: leak(sandbox.and_then(|s| s.key.clone()).unwrap_or(made_up)),
            plan: sandbox.and_then(|s| s.plan.clone()).map(leak),
            others: leak_all(others.collect::<BuildResult<_>>()?),
        },
    })))
}

pub(super) fn auth(section: FileSection<'_>, field: &str, file: &AuthFile) -> BuildResult<Auth> {
    Ok(match file {
        AuthFile::Bearer => Auth::Bearer,
        AuthFile::Basic => Auth::Basic,
        AuthFile::None => Auth::None,
        AuthFile::Header(name, prefix) => {
            check_header(section, field, name, true)?;
            if !prefix.bytes().all(|b| (0x20..0x7f).contains(&b)) || prefix.len() > 40 {
                return Err(section.error(field, "must have a prefix of at most 40 ASCII characters"));
            }
            Auth::Header { name: leak(name.as_str()), prefix: leak(prefix.as_str()) }
        }
        AuthFile::Query(name) => {
            check_name(section, field, name)?;
            Auth::Query(leak(name.as_str()))
        }
        AuthFile::Field(name) => {
            check_name(section, field, name)?;
            Auth::Field(leak(name.as_str()))
        }
    })
}
