//! Every provider × every type × everything that can be wrong with a file: there is a plan, after which the provider's
//! own table finds nothing wrong any more, or a sentence that says why there is none.

use std::time::Duration;

use hoist::media::fit::{Tools, plan};
use hoist::model::destination::Destination;
use hoist::model::fit::FitWishes;
use hoist::model::item::{FindingKind, Severity};
use hoist::model::media::{AudioFacts, DetectedType, FileFacts, Kind, LocationPresence, Media, VideoFacts};
use hoist::provider;
use hoist::provider::check::findings;
use hoist::provider::spec::ProviderSpec;
use hoist::session::fit_remedies as remedies;

use crate::{WITH_FFMPEG, limits};

/// A file of a type that nothing is wrong with by itself.
fn file(media: Media) -> FileFacts {
    let mut facts = FileFacts {
        path: format!("a.{}", media.extensions()[0]).into(),
        size: 300_000,
        recognised: DetectedType::Known(media),
        ..FileFacts::default()
    };
    let audio =
        AudioFacts { codec: Some(media.label().into()), rate: Some(44_100), channels: Some(2), bits: None };
    match media.kind() {
        Kind::Image => facts.pixels = Some((1200, 900)),
        Kind::Audio => {
            facts.duration = Some(Duration::from_secs(10));
            facts.audio = Some(audio);
        }
        Kind::Video => {
            facts.pixels = Some((1280, 720));
            facts.duration = Some(Duration::from_secs(8));
            facts.audio = Some(AudioFacts { codec: Some("AAC".into()), ..audio });
            let codec = Some("H.264".into());
            facts.video = Some(VideoFacts { codec, fps: Some(30.0), ..VideoFacts::default() });
        }
        Kind::Captions => {}
    }
    facts
}

/// The same with something wrong, by the limits of the row it belongs to, or of any.
fn cases(facts: &ProviderSpec, media: Media) -> Vec<(String, FileFacts)> {
    let plain = file(media);
    let mut all = vec![("as it is".to_owned(), plain.clone())];
    let rows = facts.accepts.iter().filter(|row| row.types.iter().any(|m| m.kind() == media.kind()));
    for row in rows {
        if let Some(max) = row.max_bytes {
            for times in [2, 40] {
                all.push((
                    format!("{times} × {max} bytes"),
                    FileFacts { size: max * times, ..plain.clone() },
                ));
            }
        }
        for (what, length) in
            [("too long", row.max_duration.map(|l| l * 3)), ("too short", row.min_duration.map(|l| l / 2))]
        {
            if let Some(length) =
                length.filter(|l| matches!(media.kind(), Kind::Audio | Kind::Video) && !l.is_zero())
            {
                all.push((what.to_owned(), FileFacts { duration: Some(length), ..plain.clone() }));
            }
        }
        if let Some((min, max)) = row.pixels {
            for (what, pixels) in [
                ("too large", (max * 2, max + 10)),
                ("too small", (min / 2, min * 2)),
                ("too narrow", (max * 4, min + 1)),
            ] {
                all.push((what.to_owned(), FileFacts { pixels: Some(pixels), ..plain.clone() }));
            }
        }
    }
    if media.kind() == Kind::Image {
        all.push(("transparent".to_owned(), FileFacts { transparent: true, ..plain.clone() }));
        all.push(("animated".to_owned(), FileFacts { animated: true, ..plain.clone() }));
        all.push(("200 megapixels".to_owned(), FileFacts { pixels: Some((20_000, 10_000)), ..plain }));
    }
    all
}

/// What stops a file names the copy that answers it, or why there is none, in the words that every face shows.
fn names_its_remedy(facts: &ProviderSpec, file: &FileFacts, destination: &Destination, case: &str) {
    let wanted = plan(file, &facts.limits(), &FitWishes::default(), Tools { ffmpeg: true, ffprobe: false });
    for finding in remedies::findings(facts, file, destination) {
        let is_of_file = !matches!(finding.kind, FindingKind::Destination | FindingKind::Damage);
        if finding.severity != Severity::Error || !is_of_file {
            assert_eq!(finding.remedy, None, "{case}: {finding:?}");
            continue;
        }
        match &wanted {
            Ok(plan) => {
                assert_eq!(finding.remedy, *plan, "{case}");
                let label = plan.as_ref().unwrap().label();
                assert!(finding.hint.contains(&label), "{case}: {finding:?}");
            }
            Err(why) => {
                let says_why = finding.hint.contains(&why.to_string());
                assert!(finding.remedy.is_none() && says_why == why.is_news(), "{case}: {finding:?}");
            }
        }
    }
}

#[test]
fn a_button_names_the_type_where_it_is_known_before_the_pixels_are() {
    let label = |transparent, types: &[Media]| {
        let file = FileFacts { transparent, ..file(Media::Gif) };
        plan(&file, &[limits(types)], &FitWishes::default(), WITH_FFMPEG).unwrap().unwrap().label()
    };
    assert_eq!(label(true, &[Media::Png]), "Convert to PNG");
    assert_eq!(label(false, &[Media::Jpeg, Media::Png]), "Convert to JPEG");
    assert_eq!(label(true, &[Media::Jpeg, Media::Png]), "Convert", "whether a pixel is transparent decides");
}

#[test]
fn a_location_is_worth_knowing_and_names_what_removes_it_unless_the_provider_does() {
    for provider in provider::all() {
        let facts = provider.facts();
        let Some(media) = facts.types().find(|m| m.kind() == Kind::Image) else { continue };
        let mut destination = Destination {
            name: "d".into(),
            provider: facts.id.into(),
            key: "k".into(),
            account: facts.account.is_required.then(|| "US:a@b.c".to_owned()),
            options: std::collections::BTreeMap::new(),
            fit: hoist::model::fit::FitRules::default(),
        };
        let file = FileFacts { location: LocationPresence::Present, ..file(media) };
        let of = |destination: &Destination| {
            let mut all = remedies::findings(facts, &file, destination).into_iter();
            all.find(|finding| finding.kind == FindingKind::Location)
        };
        if let Some(option) = facts.strip_option() {
            assert_eq!(of(&destination), None, "{}: it takes it out by itself", facts.id);
            destination.options.insert(option.key.to_owned(), "false".to_owned());
        }
        let found = of(&destination).unwrap_or_else(|| panic!("{} · {}", facts.id, media.label()));
        assert_eq!((found.severity, found.message.as_str()), (Severity::Warning, "Contains location"));
        // What only may be one is not said to be one.
        let possible = FileFacts { location: LocationPresence::Possible, ..file.clone() };
        let all = remedies::findings(facts, &possible, &destination);
        assert!(all.iter().any(|finding| finding.message == "May contain location"), "{}", facts.id);
        let plan = found.remedy.expect("a plan");
        assert!(plan.strip && plan.label() == "Remove location", "{}: {plan:?}", facts.id);
        assert!(found.hint.starts_with("Remove location"), "{}", found.hint);
    }
}

#[test]
fn every_finding_of_every_provider_has_a_plan_that_passes_or_a_sentence_why_not() {
    let (mut plans, mut sentences) = (0, 0);
    for provider in provider::all() {
        let facts = provider.facts();
        let limits = facts.limits();
        let destination = Destination {
            name: "d".into(),
            provider: facts.id.into(),
            key: "k".into(),
            account: facts.account.is_required.then(|| "US:a@b.c".to_owned()),
            options: std::collections::BTreeMap::new(),
            fit: hoist::model::fit::FitRules::default(),
        };
        let stops = |file: &FileFacts| {
            let all = findings(facts, file, &destination).into_iter();
            // What is wrong with the destination is not the file's fault.
            all.filter(|f| f.severity == Severity::Error && !f.hint.contains("destination")).count()
        };
        for media in Media::ALL {
            for (what, file) in cases(facts, media) {
                for tools in [Tools { ffmpeg: true, ffprobe: false }, Tools { ffmpeg: false, ffprobe: false }]
                {
                    let case = format!("{} · {} · {what} · {tools:?}", facts.id, media.label());
                    if tools.ffmpeg {
                        names_its_remedy(facts, &file, &destination, &case);
                    }
                    match plan(&file, &limits, &FitWishes::default(), tools) {
                        Ok(None) => assert_eq!(stops(&file), 0, "{case}: no plan, and it is stopped"),
                        Ok(Some(plan)) => {
                            plans += 1;
                            assert!(
                                stops(&file) > 0,
                                "{case}: a plan for what nothing is wrong with: {plan:?}"
                            );
                            assert_eq!(stops(&plan.expected(&file)), 0, "{case}: {plan:?}");
                            assert!(!plan.label().is_empty());
                            if !tools.ffmpeg {
                                assert_ne!(plan.output.kind(), Kind::Video, "{case}: {plan:?}");
                                assert!(!matches!(plan.output, Media::M4a | Media::Mp3), "{case}: {plan:?}");
                            }
                        }
                        Err(why) => {
                            sentences += 1;
                            assert!(stops(&file) > 0, "{case}: {why}");
                            let words = why.to_string();
                            assert!(words.len() > 10 && !words.ends_with('.'), "{case}: {words}");
                        }
                    }
                }
            }
        }
    }
    assert!(plans > 2000 && sentences > 500, "{plans} plans, {sentences} sentences");
}

#[test]
fn what_people_bring_most_has_a_plan_wherever_its_kind_is_accepted() {
    let with = Tools { ffmpeg: true, ffprobe: false };
    for provider in provider::all() {
        let facts = provider.facts();
        for media in [
            Media::Heic,
            Media::Avif,
            Media::Bmp,
            Media::Tiff,
            Media::Flac,
            Media::Ogg,
            Media::Aiff,
            Media::Mov,
            Media::Mkv,
            Media::Webm,
        ] {
            // A service that takes GIF alone, or captions, is none for photographs.
            let writable = |m: Media| {
                matches!(
                    m,
                    Media::Png
                        | Media::Jpeg
                        | Media::Webp
                        | Media::Wav
                        | Media::M4a
                        | Media::Mp3
                        | Media::Mp4
                        | Media::Mov
                )
            };
            if !facts.types().any(|m| m.kind() == media.kind() && writable(m)) {
                continue;
            }
            let plan = plan(&file(media), &facts.limits(), &FitWishes::default(), with);
            let is_planned = match &plan {
                Ok(plan) => plan.is_some() || facts.accepts(media).is_some(),
                Err(_) => false,
            };
            assert!(is_planned, "{} · {}: {plan:?}", facts.id, media.label());
        }
    }
}
