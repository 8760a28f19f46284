//! How pictures look: a colour for each family, a dash for each type, in light and in dark. Variables
//! of CSS would be shorter, but not every program that shows SVG knows them.

use crate::report::Report;
use crate::transport::{Family, Kind, Transport};
use std::fmt::Write as _;

/// Letters of labels and sentences.
pub(super) const LARGE: f64 = 12.5;
/// Letters of axes and notes.
pub(super) const SMALL: f64 = 11.0;

/// About how wide words are. No font is known here, so this is on the safe side of most.
pub(super) fn width_of(words: &str, size: f64) -> f64 {
    super::labels::real(words.chars().count()) * size * 0.62
}

/// The colours of a theme. Those of the families are the hues of Okabe and Ito, which people tell apart
/// who see fewer colours, in shades that stand out from the ground as words must.
pub(super) struct Theme {
    pub(super) ground: &'static str,
    pub(super) ink: &'static str,
    pub(super) muted: &'static str,
    pub(super) grid: &'static str,
    families: fn(Family) -> &'static str,
}

pub(super) const LIGHT: Theme = Theme {
    ground: "#ffffff",
    ink: "#1b1f24",
    muted: "#57606a",
    grid: "#e3e6ea",
    families: |family| match family {
        Family::Ipv4 => "#0068a6",
        Family::Ipv6 => "#b84a00",
        Family::Dual => "#9c4a7c",
        Family::Unix => "#007a59",
        Family::Vsock => "#5f5f5f",
    },
};

pub(super) const DARK: Theme = Theme {
    ground: "#14171a",
    ink: "#e8eaed",
    muted: "#a3abb5",
    grid: "#2c3238",
    families: |family| match family {
        Family::Ipv4 => "#56b4e9",
        Family::Ipv6 => "#e69f00",
        Family::Dual => "#dc8fbb",
        Family::Unix => "#2fc79c",
        Family::Vsock => "#c4c8cc",
    },
};

const FAMILIES: [Family; 5] =
    [Family::Ipv4, Family::Ipv6, Family::Dual, Family::Unix, Family::Vsock];

/// The dash of a type.
const fn dash(kind: Kind) -> &'static str {
    match kind {
        Kind::Stream => "none",
        Kind::Datagram => "6 3",
        Kind::SeqPacket => "1.5 2.5",
        Kind::Raw => "9 3 2 3",
    }
}

const KINDS: [Kind; 4] = [Kind::Stream, Kind::Datagram, Kind::SeqPacket, Kind::Raw];

/// The classes of what belongs to a transport.
pub(super) fn class_of(transport: &Transport) -> String {
    format!("{} {}", transport.family.word(), transport.kind.word())
}

/// What colours and dashes mean, as far as these transports have them; None where nothing is drawn.
pub(super) fn key(report: &Report) -> Option<String> {
    let drawn = || report.rows.iter().filter(|row| row.round_trips.is_some());
    let here = |kind: &Kind| drawn().any(|row| row.case.transport.kind == *kind);
    let words = |kind| match kind {
        Kind::Stream => "solid lines are streams",
        Kind::Datagram => "dashed ones datagrams",
        Kind::SeqPacket => "dotted ones seqpacket",
        Kind::Raw => "dashed and dotted ones raw",
    };
    let words: Vec<_> = KINDS.into_iter().filter(here).map(words).collect();
    (!words.is_empty()).then(|| format!("Colours are families; {}.", words.join(", ")))
}

/// The rules, for a picture or for a page that has pictures.
pub(crate) fn rules() -> String {
    let mut rules = format!(
        "svg text{{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;\
         font-size:{SMALL}px;stroke:none}}\n\
         svg .label{{font-size:{LARGE}px}}svg .heading{{font-size:{LARGE}px;font-weight:600}}\n\
         svg .title{{font-size:16px;font-weight:600}}svg .said{{font-size:{LARGE}px}}\n\
         svg path{{fill:none;stroke-linejoin:round}}svg .curve{{stroke-width:1.8}}\n\
         svg .thin{{stroke-width:.8;stroke-opacity:.45;stroke-dasharray:none}}\n\
         svg .dot{{stroke-width:2.6;stroke-linecap:round;stroke-dasharray:none}}\n\
         svg .spot{{stroke-width:4.4;stroke-linecap:round;stroke-dasharray:none}}\n\
         svg .cross{{stroke-width:1.8;stroke-dasharray:none}}svg .area{{stroke:none;fill-opacity:.16}}\n\
         svg .bar{{stroke-width:5;stroke-opacity:.2}}svg .grid{{stroke-width:1}}svg .mark{{stroke-width:1;stroke-dasharray:2 2}}\n\
         svg .whisker{{stroke-width:1.8;stroke-linecap:round}}svg .whisker+.spot{{stroke-width:7}}\n\
         svg g:hover>.curve{{stroke-width:3}}\n"
    );
    for kind in KINDS.into_iter().filter(|kind| dash(*kind) != "none") {
        let _ = writeln!(rules, "svg .{} .curve{{stroke-dasharray:{}}}", kind.word(), dash(kind));
    }
    colours(&mut rules, &LIGHT);
    // Paper is light, whatever the screen is.
    rules.push_str("@media screen and (prefers-color-scheme:dark){\n");
    colours(&mut rules, &DARK);
    rules.push_str("}\n");
    rules
}

fn colours(rules: &mut String, theme: &Theme) {
    let Theme { ground, ink, muted, grid, families } = theme;
    // Writing to a String cannot fail.
    let _ = writeln!(
        rules,
        "svg .ground{{fill:{ground}}}svg text{{fill:{ink}}}svg text.muted{{fill:{muted}}}\n\
         svg .grid{{stroke:{grid}}}svg .mark{{stroke:{muted}}}\n\
         svg .band{{fill:{grid};fill-opacity:.55}}svg .plain path{{stroke:{ink}}}"
    );
    for family in FAMILIES {
        let (word, colour) = (family.word(), families(family));
        let _ = writeln!(
            rules,
            "svg .{word} path{{stroke:{colour}}}svg .{word} .area{{fill:{colour};stroke:none}}\
             svg .{word} text{{fill:{colour}}}"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contrast of two colours as WCAG 2 counts it.
    fn contrast(one: &str, other: &str) -> f64 {
        let channel = |colour: &str, at: usize| {
            let value = u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour");
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let light = |colour: &str| {
            0.2126 * channel(colour, 1) + 0.7152 * channel(colour, 3) + 0.0722 * channel(colour, 5)
        };
        let (one, other) = (light(one), light(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn every_colour_of_words_stands_out_from_its_ground() {
        for theme in [&LIGHT, &DARK] {
            let families = FAMILIES.map(theme.families);
            for colour in [theme.ink, theme.muted].into_iter().chain(families) {
                let found = contrast(colour, theme.ground);
                assert!(found >= 4.5, "{colour} on {}: {found}", theme.ground);
            }
        }
    }

    #[test]
    fn every_transport_has_a_colour_and_no_two_types_the_same_dash() {
        let rules = rules();
        for transport in crate::transport::ALL {
            assert!(rules.contains(&format!("svg .{} path{{", transport.family.word())));
            assert!(KINDS.contains(&transport.kind) && FAMILIES.contains(&transport.family));
        }
        for (at, kind) in KINDS.iter().enumerate() {
            assert!(KINDS[..at].iter().all(|other| dash(*other) != dash(*kind)));
        }
    }
}
