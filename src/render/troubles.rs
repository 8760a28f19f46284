//! What went wrong and what helps: told once, with all whom it concerns.

use crate::report::check::together;

/// Something that went wrong: whom it concerns, what it is, and what helps.
pub(super) struct Trouble {
    /// Whom.
    pub whom: String,
    /// What.
    pub what: String,
    /// What helps, as something to paste.
    pub hint: String,
}

/// The same trouble of several.
pub(super) struct Shared {
    /// All of them, each once.
    pub whom: Vec<String>,
    /// What.
    pub what: String,
    /// What helps; empty where nothing is known to.
    pub hint: String,
}

/// Troubles that are alike in all but whom they concern, in the order of the first of each.
pub(super) fn shared(troubles: impl Iterator<Item = Trouble>) -> Vec<Shared> {
    let alike = together(troubles, |trouble| (trouble.what.clone(), trouble.hint.clone()));
    let told = |((what, hint), members): ((String, String), Vec<Trouble>)| {
        let names = together(members, |member| member.whom.clone());
        Shared { whom: names.into_iter().map(|(name, _)| name).collect(), what, hint }
    };
    alike.into_iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_told_once_with_each_name_once() {
        let trouble = |whom: &str, what: &str| Trouble {
            whom: whom.to_owned(),
            what: what.to_owned(),
            hint: "h".to_owned(),
        };
        let troubles = [("a", "x"), ("b", "x"), ("c", "y"), ("a", "x")];
        let found = shared(troubles.map(|(whom, what)| trouble(whom, what)).into_iter());
        let found: Vec<_> = found.iter().map(|t| (t.whom.join(" "), t.what.as_str())).collect();
        assert_eq!(found, [("a b".to_owned(), "x"), ("c".to_owned(), "y")]);
    }
}
