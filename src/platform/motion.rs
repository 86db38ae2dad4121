//! Whether the desktop asks programs for less motion.

/// Returns whether the desktop asks programs to move as little as possible. It waits for the desktop: never call it on
/// the window's thread.
#[cfg(target_os = "linux")]
pub fn is_reduced() -> bool {
    portal::is_reduced()
}

/// Returns whether *Animation effects* is off in the settings of Windows.
#[cfg(windows)]
pub fn is_reduced() -> bool {
    use windows_sys::Win32::UI::WindowsAndMessaging::{SPI_GETCLIENTAREAANIMATION, SystemParametersInfoW};

    let mut animates: i32 = 1;
    // SAFETY: this parameter is written as a BOOL, which is an i32, and nothing keeps the pointer.
    #[allow(unsafe_code)]
    let answered = unsafe {
        SystemParametersInfoW(SPI_GETCLIENTAREAANIMATION, 0, std::ptr::from_mut(&mut animates).cast(), 0)
    };
    answered != 0 && animates == 0
}

/// Returns whether *Reduce motion* is on in the settings of macOS.
#[cfg(target_os = "macos")]
pub fn is_reduced() -> bool {
    objc2_app_kit::NSWorkspace::sharedWorkspace().accessibilityDisplayShouldReduceMotion()
}

/// Returns false: no other system is asked.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
pub fn is_reduced() -> bool {
    false
}

#[cfg(target_os = "linux")]
mod portal {
    use std::time::Duration;

    use zbus::blocking::Connection;
    use zbus::blocking::connection::Builder;
    use zbus::zvariant::{OwnedValue, Value};

    /// The portal may have to be started.
    const TIMEOUT: Duration = Duration::from_secs(5);

    /// A setting by namespace and key, and whether a value of it asks for less motion.
    type PortalSetting = (&'static str, &'static str, fn(&Value<'_>) -> bool);

    /// The setting of all desktops, that of GNOME, and that of KDE.
    const SETTINGS: [PortalSetting; 3] = [
        ("org.freedesktop.appearance", "reduced-motion", |value| matches!(value, Value::U32(1))),
        ("org.gnome.desktop.interface", "enable-animations", |value| matches!(value, Value::Bool(false))),
        ("org.kde.kdeglobals.KDE", "AnimationDurationFactor", |value| match value {
            Value::Str(factor) => factor.trim().parse() == Ok(0.0),
            _ => false,
        }),
    ];

    pub(super) fn is_reduced() -> bool {
        let bus = Builder::session().and_then(|builder| builder.method_timeout(TIMEOUT).build());
        let Ok(bus) = bus else { return false };
        SETTINGS.iter().any(|(namespace, key, asks_for_less)| {
            read(&bus, namespace, key).is_some_and(|value| asks_for_less(innermost(&value)))
        })
    }

    /// Reads a setting; none where the portal or this desktop does not have it.
    fn read(bus: &Connection, namespace: &str, key: &str) -> Option<OwnedValue> {
        let reply = bus.call_method(
            Some("org.freedesktop.portal.Desktop"),
            "/org/freedesktop/portal/desktop",
            Some("org.freedesktop.portal.Settings"),
            "Read",
            &(namespace, key),
        );
        reply.ok()?.body().deserialize().ok()
    }

    /// Returns a value without its wrappings: `Read` puts one variant into another.
    fn innermost<'a>(value: &'a Value<'a>) -> &'a Value<'a> {
        match value {
            Value::Value(inner) => innermost(inner),
            value => value,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn each_desktop_asks_for_less_in_its_own_way() {
            let asks = |index: usize, value: Value<'_>| {
                let wrapped = Value::Value(Box::new(Value::Value(Box::new(value))));
                SETTINGS[index].2(innermost(&wrapped))
            };
            let any = [asks(0, Value::U32(1)), asks(1, Value::Bool(false)), asks(2, Value::from("0"))];
            assert_eq!(any, [true; 3]);
            let usual = [
                asks(0, Value::U32(0)),
                asks(1, Value::Bool(true)),
                asks(2, Value::from("1")),
                asks(2, Value::from("0.5")),
                asks(2, Value::from("")),
            ];
            assert_eq!(usual, [false; 5]);
        }
    }
}
