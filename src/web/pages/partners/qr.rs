//! Text as a picture that a telephone reads.

use qrcode::{Color, EcLevel, QrCode};

/// The white border that readers need, in modules.
const QUIET: usize = 4;

/// A picture of dark squares on white.
pub(super) struct Qr {
    /// Its sides, in modules, with the border.
    pub(super) side: usize,
    /// The dark ones as a path.
    pub(super) path: String,
}

/// The text's picture; `None` if it is too long for one.
pub(super) fn qr(text: &str) -> Option<Qr> {
    // Printed and shown large: room for text counts for more than for damage.
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (row, colors) in code.to_colors().chunks(width).enumerate() {
        let mut column = 0;
        for run in colors.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                let (x, y, long) = (column + QUIET, row + QUIET, run.len());
                path.push_str(&format!("M{x} {y}h{long}v1h-{long}z"));
            }
            column += run.len();
        }
    }
    Some(Qr { side: width + 2 * QUIET, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_has_a_picture_and_a_book_has_none() {
        let card = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/keys/kyiv.card")).unwrap();
        let code = qr(&card).unwrap();
        assert!(code.side > 100);
        assert!(qr(&"x".repeat(3_000)).is_none());
    }

    /// Every module is drawn where the code has it: the path is painted again and compared.
    #[test]
    fn the_path_paints_the_code() {
        let text = "Homeward";
        let code = QrCode::with_error_correction_level(text, EcLevel::L).unwrap();
        let drawn = qr(text).unwrap();
        let mut painted = vec![vec![false; drawn.side]; drawn.side];
        for run in drawn.path.split('M').skip(1) {
            let numbers: Vec<usize> = run
                .split(|c: char| !c.is_ascii_digit())
                .filter(|part| !part.is_empty())
                .map(|part| part.parse().unwrap())
                .collect();
            (0..numbers[2]).for_each(|step| painted[numbers[1]][numbers[0] + step] = true);
        }
        for (y, row) in painted.iter().enumerate() {
            for (x, dark) in row.iter().enumerate() {
                let inside =
                    (QUIET..drawn.side - QUIET).contains(&x) && (QUIET..drawn.side - QUIET).contains(&y);
                let wanted = inside && code[(x - QUIET, y - QUIET)] == Color::Dark;
                assert_eq!(*dark, wanted, "{x} {y}");
            }
        }
    }
}
