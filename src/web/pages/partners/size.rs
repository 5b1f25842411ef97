//! Lengths as people read them, in their language.

use crate::web::texts::Texts;

const UNITS: [&str; 4] = ["partners-bytes", "partners-kib", "partners-mib", "partners-gib"];

/// `512 bytes`, `1.5 KiB`, `24 MiB`: one place behind the point below ten.
pub(super) fn size(t: &Texts, bytes: u64) -> String {
    let (tenths, unit) = tenths(bytes);
    match unit {
        0 => t.n("partners-bytes", bytes),
        _ => {
            let number = match tenths < 100 && !tenths.is_multiple_of(10) {
                true => t.ss("partners-tenths", t.number(tenths / 10), t.number(tenths % 10)),
                false => t.number(tenths / 10),
            };
            t.s(UNITS.get(unit).copied().unwrap_or("partners-gib"), number)
        }
    }
}

/// Tenths of a unit, and which unit it is.
fn tenths(bytes: u64) -> (u64, usize) {
    let (mut tenths, mut unit) = (bytes.saturating_mul(10), 0);
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        (tenths, unit) = (tenths / 1024, unit + 1);
    }
    (tenths, unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::texts::Language;

    #[test]
    fn sizes_follow_the_language() {
        let said = |language, bytes| size(Texts::of(language), bytes).replace(['\u{2068}', '\u{2069}'], "");
        assert_eq!(said(Language::English, 1), "1 byte");
        assert_eq!(said(Language::English, 512), "512 bytes");
        assert_eq!(said(Language::English, 1536), "1.5 KiB");
        assert_eq!(said(Language::English, 24 * 1024 * 1024), "24 MiB");
        assert_eq!(said(Language::English, u64::MAX), "1,717,986,918 GiB");
        assert_eq!(said(Language::Ukrainian, 1536), "1,5 КіБ");
        assert_eq!(said(Language::Russian, 2), "2 байта");
        assert!(said(Language::Arabic, 1536).starts_with("١٫٥"));
    }
}
