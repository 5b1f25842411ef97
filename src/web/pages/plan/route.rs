//! A leg of the journey as a line: from, border point, to. Its state is told by the line's kind and a sign on it, and
//! beside it in words. Places stand as text in the page, so that they are read, wrapped and turned as text is.

use crate::web::shown::Html;
use std::fmt::Write;

/// The drawing of one leg. Lengths are parts of the width that the page gives it.
pub(super) fn route(state: &str, has_border: bool) -> Html {
    let state = match state {
        "ready" | "under_way" | "done" | "cancelled" => state,
        _ => "planned",
    };
    let mut svg = format!(
        "<svg class=\"track track-{state}\" width=\"100%\" height=\"28\" aria-hidden=\"true\" focusable=\"false\">"
    );
    let line = |svg: &mut String, class: &str, from: &str, to: &str| {
        // Writing to a String cannot fail.
        let _ = write!(svg, "<line class=\"{class}\" x1=\"{from}\" y1=\"14\" x2=\"{to}\" y2=\"14\"/>");
    };
    match state {
        "done" => line(&mut svg, "track-line", "0", "100%"),
        "under_way" => {
            line(&mut svg, "track-line", "0", "27%");
            line(&mut svg, "track-line track-ahead", "27%", "100%");
        }
        _ => line(&mut svg, "track-line track-ahead", "0", "100%"),
    }
    let start = if matches!(state, "done" | "under_way" | "ready") { "track-full" } else { "track-open" };
    let end = if state == "done" { "track-full" } else { "track-open" };
    let _ = write!(svg, "<circle class=\"{start}\" cx=\"0\" cy=\"14\" r=\"6\"/>");
    if has_border {
        svg.push_str(
            "<svg x=\"50%\" y=\"14\" overflow=\"visible\"><path class=\"track-border\" d=\"M0-8 8 0 0 8-8 0Z\"/></svg>",
        );
    }
    // A house for where the leg leads.
    let _ = write!(
        svg,
        "<svg x=\"100%\" y=\"14\" overflow=\"visible\"><path class=\"{end}\" d=\"M-7 7V-1L0-8 7-1V7Z\"/></svg>"
    );
    let sign = match state {
        "done" => Some("M-6 0-2 5 7-6"),
        "under_way" => Some("M-5-7 7 0-5 7Z"),
        "cancelled" => Some("M-6-6 6 6M6-6-6 6"),
        "ready" => Some("M-5 0H5M1-4 5 0 1 4"),
        _ => None,
    };
    if let Some(path) = sign {
        let _ = write!(
            svg,
            "<svg x=\"27%\" y=\"14\" overflow=\"visible\"><circle class=\"track-ground\" r=\"11\"/>\
             <path class=\"track-sign\" d=\"{path}\"/></svg>"
        );
    }
    svg.push_str("</svg>");
    Html::made(svg)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_differ_by_shape_and_what_is_unknown_is_a_plan() {
        let states = ["planned", "ready", "under_way", "done", "cancelled"];
        let drawn: std::collections::BTreeSet<String> =
            states.iter().map(|state| route(state, true).to_string().replace(state, "")).collect();
        assert_eq!(drawn.len(), states.len(), "without their names they still differ");
        assert_eq!(route("\"><script>", true).to_string(), route("planned", true).to_string());
        assert!(!route("done", false).to_string().contains("track-border"));
    }
}
