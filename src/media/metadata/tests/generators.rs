//! Which machine something was made by.

use super::files::*;
use crate::model::media::{Media, Metadata};

#[test]
fn a_manifest_alone_is_content_credentials_and_a_machine_only_where_it_says_so() {
    let credentials = |by: Option<&str>| Metadata::ContentCredentials(by.map(str::to_owned));
    let camera = manifest(&[
        ("claim_generator", "Leica M11-P/2.0.1"),
        ("digitalSourceType", "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"),
    ]);
    let wanted = [credentials(Some("Leica M11-P/2.0.1"))];
    assert_eq!(read(&photograph(&app11(&camera, 1)), Media::Jpeg), wanted, "a camera signs its photographs");
    assert_eq!(read(&picture(&[chunk(*b"caBX", &camera)]), Media::Png), wanted);
    assert_eq!(read(&riff(b"WAVE", &[(b"C2PA", camera.clone())]), Media::Wav), wanted);
    let uuid =
        b"\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81\0\0\0\0manifest\0\0\0\0\0\0\0\0\0";
    let video = [atom(b"uuid", &[uuid, &camera[..]].concat()), movie_with(&[])].concat();
    assert_eq!(read(&video, Media::Mp4), wanted);
    // What a text only mentions is not said.
    let mentions = manifest(&[("dc:title", "trainedAlgorithmicMedia.jpg"), ("softwareAgent", "Photoshop")]);
    assert_eq!(read(&photograph(&app11(&mentions, 1)), Media::Jpeg), [credentials(None)]);
    // Other things stand in such segments, too.
    let other = segment(0xeb, b"JP\0\x01\0\0\0\x01\0\0\0\x20jumb\0\0\0\x10jumdjson");
    assert_eq!(read(&photograph(&[other]), Media::Jpeg), []);

    let machine = |by: Option<&str>| Metadata::AiProvenance(by.map(str::to_owned));
    let composite = TRAINED.replace("trained", "compositeWithTrained");
    for (says, wanted) in [
        (vec![("digitalSourceType", TRAINED)], vec![machine(None), credentials(None)]),
        (vec![("digitalSourceType", &composite)], vec![machine(None), credentials(None)]),
        (
            vec![("claim_generator", "Adobe_Firefly"), ("digitalSourceType", TRAINED)],
            vec![machine(Some("Adobe Firefly")), credentials(Some("Adobe Firefly"))],
        ),
        (
            vec![("claim_generator", "Adobe_Photoshop/25"), ("softwareAgent", "Adobe Firefly")],
            vec![machine(Some("Adobe Firefly")), credentials(Some("Adobe Photoshop/25"))],
        ),
    ] {
        let manifest = manifest(&says);
        assert_eq!(read(&picture(&[chunk(*b"caBX", &manifest)]), Media::Png), wanted, "{says:?}");
        for pieces in [1, 3, 5] {
            let all = read(&photograph(&app11(&manifest, pieces)), Media::Jpeg);
            assert_eq!(all, wanted, "{says:?} in {pieces} segments");
        }
    }
    let elsewhere = "<x dcterms:provenance=\"https://example.com/manifest.c2pa\"/>";
    let xmp = segment(0xe1, format!("http://ns.adobe.com/xap/1.0/\0{elsewhere}").as_bytes());
    assert_eq!(read(&photograph(&[xmp]), Media::Jpeg), [credentials(None)]);
}

fn made_by(name: &str, parameters: &str) -> Vec<Metadata> {
    vec![Metadata::AiProvenance(Some(name.into())), Metadata::AiParameters(parameters.into())]
}

#[test]
fn the_parameters_of_stable_diffusion_are_found_wherever_they_are_written() {
    let wide = |to: fn(u16) -> [u8; 2]| INFOTEXT.encode_utf16().flat_map(to).collect::<Vec<u8>>();
    let wanted = made_by("Stable Diffusion", INFOTEXT);
    for block in [
        comment(b"UNICODE\0", &wide(u16::to_be_bytes)),
        comment(b"UNICODE\0", &wide(u16::to_le_bytes)),
        comment(b"ASCII\0\0\0", INFOTEXT.as_bytes()),
        comment(b"\0\0\0\0\0\0\0\0", INFOTEXT.as_bytes()),
    ] {
        assert_eq!(read(&in_jpeg(&block), Media::Jpeg), wanted);
        assert_eq!(read(&webp_with_exif(block.clone()), Media::Webp), wanted);
        assert_eq!(read(&heif(b"Exif\0", &[&[0; 4], &block[..]].concat(), false), Media::Avif), wanted);
    }
    assert_eq!(read(&text("parameters", INFOTEXT), Media::Png), wanted);
    let zipped = [b"parameters\0\0".as_slice(), &packed(INFOTEXT.as_bytes())].concat();
    assert_eq!(read(&picture(&[chunk(*b"zTXt", &zipped)]), Media::Png), wanted);
    for (flag, text) in [(0, INFOTEXT.as_bytes().to_vec()), (1, packed(INFOTEXT.as_bytes()))] {
        let international = [b"parameters\0", &[flag, 0][..], b"en\0\0", &text].concat();
        assert_eq!(read(&picture(&[chunk(*b"iTXt", &international)]), Media::Png), wanted);
    }
    assert_eq!(read(&text("Parameters", INFOTEXT), Media::Png), wanted, "in any case");
    assert_eq!(read(&photograph(&[segment(0xfe, INFOTEXT.as_bytes())]), Media::Jpeg), wanted, "a comment");
    let chinese = "一只鸭子的照片\nSteps: 20, Sampler: Euler";
    let wide: Vec<u8> = chinese.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let all = read(&in_jpeg(&comment(b"UNICODE\0", &wide)), Media::Jpeg);
    assert_eq!(all, made_by("Stable Diffusion", chinese));
    // A workflow of a megabyte is shown as its beginning.
    let long = format!("{INFOTEXT}, {}", "x".repeat(500_000));
    let all = read(&text("parameters", &long), Media::Png);
    let [_, Metadata::AiParameters(shown)] = &all[..] else { panic!("{all:?}") };
    assert!(shown.len() <= 4000 && shown.starts_with(INFOTEXT));
}

#[test]
fn every_generator_is_known_by_what_it_writes_itself() {
    let graph = r#"{"3": {"class_type": "KSampler", "inputs": {"seed": 1}}}"#;
    let in_camera = |make: &str, model: &str| {
        webp_with_exif(block(USUAL, &[(0x10f, ascii(make)), (0x110, ascii(model))]))
    };
    for file in [
        in_camera(r#"workflow:{"nodes": [], "links": []}"#, &format!("prompt:{graph}")),
        in_camera(&format!("Prompt: {graph}"), ""),
    ] {
        let all = read(&file, Media::Webp);
        assert_eq!(all[0], Metadata::AiProvenance(Some("ComfyUI".into())));
        assert!(
            matches!(&all[1..], [Metadata::AiParameters(text)] if text.contains(graph)),
            "no camera: {all:?}"
        );
    }
    let novel =
        r#"{"prompt": "a duck", "steps": 28, "sampler": "k_euler", "uc": "lowres", "signed_hash": "x"}"#;
    let invoke = r#"{"app_version": "3.4.0", "generation_mode": "txt2img", "positive_prompt": "a duck"}"#;
    let midjourney = "a duck --v 6.1 Job ID: 1b2c3d4e-0123-4567-89ab-0123456789ab";
    for (file, by, parameters) in [
        (text("prompt", graph), "ComfyUI", graph),
        (text("workflow", "{}"), "ComfyUI", "{}"),
        (text("invokeai_metadata", invoke), "InvokeAI", invoke),
        (text("sd-metadata", "{}"), "InvokeAI", "{}"),
        (text("Dream", "a duck -s 50"), "InvokeAI", "a duck -s 50"),
        (text("Comment", novel), "NovelAI", novel),
        (text("Description", midjourney), "Midjourney", midjourney),
    ] {
        assert_eq!(read(&file, Media::Png), made_by(by, parameters), "{by}");
    }
    let iptc = format!(
        "Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x4f\x1c\x02\x78\0{}{midjourney}",
        char::from(midjourney.len() as u8)
    );
    assert_eq!(
        read(&photograph(&[segment(0xed, iptc.as_bytes())]), Media::Jpeg),
        made_by("Midjourney", midjourney)
    );
    let xmp =
        |text: &str| photograph(&[segment(0xe1, format!("http://ns.adobe.com/xap/1.0/\0{text}").as_bytes())]);
    let described = format!(
        "<dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">{midjourney}</rdf:li></rdf:Alt></dc:description>"
    );
    assert_eq!(read(&xmp(&described), Media::Jpeg), made_by("Midjourney", midjourney));

    let some = |name: Option<&str>| vec![Metadata::AiProvenance(name.map(str::to_owned))];
    for (file, media, wanted) in [
        (xmp(&format!("Iptc4xmpExt:DigitalSourceType=\"{TRAINED}\"")), Media::Jpeg, some(None)),
        (xmp("<xmp:CreatorTool>Adobe Firefly</xmp:CreatorTool>"), Media::Jpeg, some(Some("Adobe Firefly"))),
        (xmp("<x photoshop:Credit=\"Made with Google AI\"/>"), Media::Jpeg, some(Some("Google AI"))),
        (text("Software", "Midjourney 7"), Media::Png, some(Some("Midjourney"))),
        (text("Software", "NovelAI"), Media::Png, some(Some("NovelAI"))),
        (in_jpeg(&block(USUAL, &[(0x131, ascii("Fooocus v2.5.0"))])), Media::Jpeg, some(Some("Fooocus"))),
        // What other people and programs write.
        (text("Software", "GIMP"), Media::Png, vec![]),
        (text("Software", "Influx.1 viewer"), Media::Png, vec![]),
        (text("Description", "A duck in Midjourney's Imagen gallery, by Leonardo"), Media::Png, vec![]),
        (text("parameters", "width=10 height=20"), Media::Png, vec![]),
        (text("Comment", "Job ID: 1234"), Media::Png, vec![]),
        (text("prompt", "Please insert coin"), Media::Png, vec![]),
        (xmp("<x>not trainedAlgorithmicMedia</x>"), Media::Jpeg, vec![]),
        (
            xmp(&format!("<x Iptc4xmpExt:DigitalSourceType=\"{}\"/>", TRAINED.replace("trainedA", "a"))),
            Media::Jpeg,
            vec![],
        ),
    ] {
        assert_eq!(read(&file, media), wanted);
    }
}

#[test]
fn a_png_may_hold_the_blocks_of_other_formats_in_digits() {
    let hex = |name: &str, bytes: &[u8]| {
        let digits: Vec<_> = bytes.iter().map(|b| format!("{b:02x}")).collect();
        let lines: Vec<_> = digits.chunks(36).map(|line| line.concat()).collect();
        format!("\n{name}\n{:8}\n{}\n", bytes.len(), lines.join("\n"))
    };
    let block = [b"Exif\0\0", &exif(USUAL, None)[..]].concat();
    for (kind, block) in [("exif", &block), ("APP1", &block)] {
        let plain = text(&format!("Raw profile type {kind}"), &hex(kind, block));
        assert_eq!(read(&plain, Media::Png), usual(), "{kind}");
        let zipped =
            [format!("Raw profile type {kind}\0\0").as_bytes(), &packed(hex(kind, block).as_bytes())]
                .concat();
        assert_eq!(read(&picture(&[chunk(*b"zTXt", &zipped)]), Media::Png), usual(), "{kind}, packed");
    }
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<dc:creator><rdf:Seq><rdf:li>Jane &amp; Joe</rdf:li></rdf:Seq></dc:creator>";
    let author = [Metadata::Author("Jane & Joe".into())];
    assert_eq!(read(&text("Raw profile type APP1", &hex("app1", xmp)), Media::Png), author);
    assert_eq!(read(&text("Raw profile type xmp", &hex("xmp", &xmp[29..])), Media::Png), author);
    let iptc = b"8BIM\x04\x04\0\0\0\0\0\x0f\x1c\x02\x50\0\x08Jane Doe";
    let author = [Metadata::Author("Jane Doe".into())];
    assert_eq!(read(&text("Raw profile type iptc", &hex("iptc", iptc)), Media::Png), author);
    let segment = segment(0xed, &[b"Photoshop 3.0\0", &iptc[..]].concat());
    assert_eq!(read(&photograph(&[segment]), Media::Jpeg), author);
}
