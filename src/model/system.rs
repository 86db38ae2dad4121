//! What sentences say of this computer's system: one table, so that no sentence gives the advice of another one.

/// The names and the advice of one system.
pub struct SystemNames {
    /// What its keyring is called.
    pub keyring: &'static str,
    /// The same with examples, where there are several.
    pub keyrings: &'static str,
    /// Where the certificates are that it trusts.
    pub certificates: &'static str,
    /// How ffmpeg is installed.
    pub install_ffmpeg: &'static str,
    /// What brings file dialogs.
    pub dialogs: &'static str,
    /// What a window needs.
    pub window: &'static str,
}

/// Those of the system that this is built for.
pub const SYSTEM: SystemNames = if cfg!(windows) {
    SystemNames {
        keyring: "Credential Manager",
        keyrings: "the Credential Manager",
        certificates: "Windows' trusted certificates",
        install_ffmpeg: "install it with \"winget install ffmpeg\"",
        dialogs: "Windows' own dialog does not open",
        window: "The window needs OpenGL 2 or newer, which the graphics card's driver brings: update the driver. \
                 Remote Desktop and virtual machines may have none",
    }
} else if cfg!(target_os = "macos") {
    SystemNames {
        keyring: "Keychain",
        keyrings: "the Keychain",
        certificates: "the certificates of the Keychain",
        install_ffmpeg: "install it with \"brew install ffmpeg\"",
        dialogs: "macOS' own dialog does not open",
        window: "The window needs OpenGL, which virtual machines may not have",
    }
} else {
    SystemNames {
        keyring: "Secret Service",
        keyrings: "a Secret Service such as gnome-keyring or KWallet",
        certificates: "the system's CA certificates (package ca-certificates)",
        install_ffmpeg: "install it with your package manager, on Debian and Ubuntu \"sudo apt install ffmpeg\"",
        dialogs: "Package xdg-desktop-portal or zenity brings the dialog",
        window: "The window needs a display that answers and these packages: libx11-6 libx11-xcb1 libxcursor1 libxi6 \
                 libxkbcommon0 libxkbcommon-x11-0 libegl1 libgl1 libgl1-mesa-dri libwayland-egl1",
    }
};
