//! The schematic map: this office in the middle, the others to both sides, a line for each link.
//!
//! It shows what this node knows: its own links. Places stand in columns, so that any number of them stays legible;
//! what a line's style says stands in words too.

use crate::web::shown;

/// How a link stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Up,
    Down,
    Paused,
    /// There was none so far.
    Never,
}

impl Standing {
    /// Its style's class.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Paused => "paused",
            Self::Never => "never",
        }
    }

    /// The key of its word.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Up => "link-up",
            Self::Down => "link-down",
            Self::Paused => "link-paused",
            Self::Never => "partners-never",
        }
    }
}

/// Another office as it is to be drawn.
pub(super) struct Place {
    pub(super) name: String,
    pub(super) standing: Standing,
    /// It only carries in all circles that it shares with us.
    pub(super) carries: bool,
    /// Its state in words.
    pub(super) word: String,
}

/// The widest of the picture, in its own units.
const WIDTH: usize = 900;
/// A place.
const BOX_WIDTH: usize = 220;
const BOX_HEIGHT: usize = 58;
/// From one place to the next below it.
const STEP: usize = 78;
/// The own office in the middle.
const OWN_WIDTH: usize = 180;
const OWN_HEIGHT: usize = 64;
/// Around everything.
const MARGIN: usize = 12;
/// The longest name that fits into a place, in code points.
const NAME_POINTS: usize = 22;

/// The picture, to be written by a template.
pub(super) struct Map {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) own: Drawn,
    pub(super) places: Vec<Drawn>,
}

/// One place with its box and the line to it.
pub(super) struct Drawn {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
    /// The middle, for texts.
    pub(super) middle: usize,
    pub(super) name_y: usize,
    pub(super) word_y: usize,
    pub(super) name: String,
    pub(super) word: String,
    pub(super) class: &'static str,
    pub(super) carries: bool,
    pub(super) line: String,
}

/// Lays the map out: the first half on the right, the rest on the left, both from the top.
pub(super) fn map(own: &str, places: &[Place]) -> Map {
    let right = places.len().div_ceil(2);
    let rows = right.max(1);
    let height = (rows * STEP - (STEP - BOX_HEIGHT)).max(OWN_HEIGHT) + 2 * MARGIN;
    let middle = height / 2;
    let drawn = places.iter().enumerate().map(|(at, place)| {
        let (row, column, is_right) = match at.checked_sub(right) {
            None => (at, right, true),
            Some(row) => (row, places.len() - right, false),
        };
        let x = if is_right { WIDTH - MARGIN - BOX_WIDTH } else { MARGIN };
        let column_height = column * STEP - (STEP - BOX_HEIGHT);
        let y = middle - column_height / 2 + row * STEP;
        let to = y + BOX_HEIGHT / 2;
        let (from, end) = match is_right {
            true => ((WIDTH + OWN_WIDTH) / 2, x),
            false => ((WIDTH - OWN_WIDTH) / 2, x + BOX_WIDTH),
        };
        let bend = usize::midpoint(from, end);
        Drawn {
            x,
            y,
            width: BOX_WIDTH,
            height: BOX_HEIGHT,
            middle: x + BOX_WIDTH / 2,
            name_y: y + 25,
            word_y: y + 45,
            name: fitting(&place.name),
            word: place.word.clone(),
            class: place.standing.class(),
            carries: place.carries,
            line: format!("M{from} {middle}C{bend} {middle} {bend} {to} {end} {to}"),
        }
    });
    let y = middle - OWN_HEIGHT / 2;
    Map {
        width: WIDTH,
        height,
        own: Drawn {
            x: (WIDTH - OWN_WIDTH) / 2,
            y,
            width: OWN_WIDTH,
            height: OWN_HEIGHT,
            middle: WIDTH / 2,
            name_y: y + 28,
            word_y: y + 48,
            name: fitting(own),
            word: String::new(),
            class: "own",
            carries: false,
            line: String::new(),
        },
        places: drawn.collect(),
    }
}

/// A name that fits, with what steers or hides shown by its number.
fn fitting(name: &str) -> String {
    let name = shown::visible(name);
    match name.chars().count() <= NAME_POINTS {
        true => name,
        false => name.chars().take(NAME_POINTS - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(count: usize) -> Vec<Place> {
        let place = |at| Place {
            name: format!("office {at}"),
            standing: Standing::Up,
            carries: false,
            word: String::new(),
        };
        (0..count).map(place).collect()
    }

    #[test]
    fn places_never_lie_on_each_other() {
        for count in 0..40 {
            let map = map("kyiv", &places(count));
            let mut all: Vec<&Drawn> = map.places.iter().collect();
            all.push(&map.own);
            for (at, one) in all.iter().enumerate() {
                assert!(one.x + one.width <= map.width && one.y + one.height <= map.height, "{count}");
                for other in &all[at + 1..] {
                    let apart = one.x + one.width <= other.x
                        || other.x + other.width <= one.x
                        || one.y + one.height <= other.y
                        || other.y + other.height <= one.y;
                    assert!(apart, "{count}: {} and {}", one.name, other.name);
                }
            }
        }
    }

    #[test]
    fn a_name_fits_and_steers_nothing() {
        assert_eq!(fitting("Doha"), "Doha");
        assert_eq!(fitting(&"я".repeat(30)).chars().count(), NAME_POINTS);
        assert_eq!(fitting("do\u{202e}ha"), "doU+202Eha");
    }
}
