//! By which machine something was made: the marks that generators leave, and the parameters they write.

use super::{MetadataFound, c2pa, short};
use crate::model::media::Metadata;

/// Longer parameters are cut: a workflow may be a hundred thousand characters.
const MAX_CHARS: usize = 4000;
/// A property's name stands no further than this before its value.
const NEAR: usize = 160;

/// How generators name themselves, in small letters, where programs put their names; and how people know them.
const GENERATORS: [(&str, &str); 36] = [
    ("midjourney", "Midjourney"),
    ("dall·e", "DALL·E"),
    ("dall-e", "DALL·E"),
    ("chatgpt", "ChatGPT"),
    ("openai", "OpenAI"),
    ("adobe firefly", "Adobe Firefly"),
    ("firefly", "Firefly"),
    ("stable diffusion", "Stable Diffusion"),
    ("stable-diffusion", "Stable Diffusion"),
    ("stability ai", "Stability AI"),
    ("stability.ai", "Stability AI"),
    ("dreamstudio", "DreamStudio"),
    ("comfyui", "ComfyUI"),
    ("invokeai", "InvokeAI"),
    ("automatic1111", "AUTOMATIC1111"),
    ("novelai", "NovelAI"),
    ("fooocus", "Fooocus"),
    ("swarmui", "SwarmUI"),
    ("draw things", "Draw Things"),
    ("easy diffusion", "Easy Diffusion"),
    ("diffusionbee", "DiffusionBee"),
    ("google imagen", "Google Imagen"),
    ("imagen 3", "Google Imagen"),
    ("imagen 4", "Google Imagen"),
    ("made with google ai", "Google AI"),
    ("edited with google ai", "Google AI"),
    ("google ai", "Google AI"),
    ("bing image creator", "Bing Image Creator"),
    ("ideogram", "Ideogram"),
    ("leonardo.ai", "Leonardo.Ai"),
    ("leonardo ai", "Leonardo.Ai"),
    ("recraft", "Recraft"),
    ("black forest labs", "Black Forest Labs"),
    ("flux.1", "FLUX"),
    ("flux.2", "FLUX"),
    ("suno", "Suno"),
];

/// The generator that a program's name is that of.
pub(super) fn generator(program: &str) -> Option<String> {
    let program = program.to_lowercase();
    let known = GENERATORS.iter().find(|(name, _)| {
        program.match_indices(name).any(|(at, _)| {
            let before = program[..at].chars().next_back();
            let behind = program[at + name.len()..].chars().next();
            ![before, behind].into_iter().flatten().any(char::is_alphabetic)
        })
    });
    known.map(|(_, name)| (*name).to_owned())
}

/// Whether it is said by the term for it: IPTC's source types "trainedAlgorithmicMedia" and
/// "compositeWithTrainedAlgorithmicMedia", as the value of that property.
pub(super) fn says_so(bytes: &[u8]) -> bool {
    const TERM: &[u8] = b"rainedAlgorithmicMedia";
    c2pa::all(bytes, TERM).any(|end| {
        let before = &bytes[..end - TERM.len()];
        let before = before.strip_suffix(b"compositeWithT").or_else(|| before.strip_suffix(b"t"));
        let is_property = before.is_some_and(|before| {
            let near = before[before.len().saturating_sub(NEAR)..].to_ascii_lowercase();
            c2pa::all(&near, b"digitalsourcetype").next().is_some()
        });
        is_property && bytes.get(end).is_none_or(|b| !b.is_ascii_alphanumeric())
    })
}

/// A text under a name that says what it is: a PNG's, a comment's, a tag's.
pub(super) fn keyed(key: &str, text: &str, found: &mut MetadataFound) {
    let text = text.trim();
    let by = match key.to_ascii_lowercase().as_str() {
        _ if text.is_empty() => return,
        "prompt" | "workflow" if text.starts_with('{') => Some("ComfyUI"),
        "invokeai_metadata" | "invokeai_graph" | "invokeai_workflow" | "sd-metadata" | "dream" => {
            Some("InvokeAI")
        }
        "parameters" if text.contains("Steps: ") => Some("Stable Diffusion"),
        "fooocus_scheme" => Some("Fooocus"),
        "aigc" | "generation_data" => None,
        _ => return free_text(text, found),
    };
    let by = if key.eq_ignore_ascii_case("parameters") { of_text(text).or(by) } else { by };
    add(by, text, found);
}

/// A text that anything may stand in: a comment, a description.
pub(super) fn free_text(text: &str, found: &mut MetadataFound) {
    if let Some(by) = of_text(text) {
        add(Some(by), text, found);
    }
}

fn add(by: Option<&str>, text: &str, found: &mut MetadataFound) {
    found.add(Metadata::AiProvenance(by.map(str::to_owned)));
    found.add(Metadata::AiParameters(short(text, MAX_CHARS)));
}

/// Whose parameters a text is, by how they are written.
fn of_text(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let has = |parts: &[&str]| parts.iter().all(|part| text.contains(part));
    // "prompt:{…}", "Workflow: {…}"
    let json = match text.split_once(':') {
        Some((key, rest)) if key.eq_ignore_ascii_case("prompt") || key.eq_ignore_ascii_case("workflow") => {
            rest.trim_start().starts_with('{').then_some(rest)
        }
        _ => text.starts_with('{').then_some(text),
    };
    if json.is_some() {
        return [
            (&["\"class_type\""][..], "ComfyUI"),
            (&["\"nodes\"", "\"links\""], "ComfyUI"),
            (&["\"sui_image_params\""], "SwarmUI"),
            (&["\"invokeai"], "InvokeAI"),
            (&["\"generation_mode\"", "\"app_version\""], "InvokeAI"),
            (&["fooocus"], "Fooocus"),
            (&["Fooocus"], "Fooocus"),
            (&["\"sampler\"", "\"steps\"", "\"uc\""], "NovelAI"),
            (&["\"sampler\"", "\"steps\"", "\"signed_hash\""], "NovelAI"),
            (&["\"sampler\"", "\"steps\""], "Stable Diffusion"),
            (&["\"prompt\"", "\"seed\"", "\"steps\""], "Stable Diffusion"),
        ]
        .into_iter()
        .find(|(parts, _)| has(parts))
        .map(|(_, by)| by)
        .or(json.filter(|json| json.len() < text.len()).map(|_| "ComfyUI"));
    }
    if has(&["Steps: "])
        && ["Sampler: ", "CFG scale: ", "Model hash: "].iter().any(|part| text.contains(part))
    {
        return Some("Stable Diffusion");
    }
    if text.split("Job ID: ").skip(1).any(is_uuid) {
        return Some("Midjourney");
    }
    text.to_lowercase().contains("made with suno").then_some("Suno")
}

/// Whether a text begins with 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let groups = text.get(..36).map(|id| id.split('-').map(str::len).collect::<Vec<_>>());
    groups.is_some_and(|groups| groups == [8, 4, 4, 4, 12])
        && text.chars().take(36).all(|c| c == '-' || c.is_ascii_hexdigit())
}
