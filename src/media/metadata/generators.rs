//! Programs that generate media: how they name themselves, and how they write their parameters.

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

/// Returns the generator that a program's name is that of.
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

/// Tells whose parameters a text is, by how they are written.
pub(super) fn of_text(text: &str) -> Option<&'static str> {
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

/// Returns whether a text begins with 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let groups = text.get(..36).map(|id| id.split('-').map(str::len).collect::<Vec<_>>());
    groups.is_some_and(|groups| groups == [8, 4, 4, 4, 12])
        && text.chars().take(36).all(|c| c == '-' || c.is_ascii_hexdigit())
}
