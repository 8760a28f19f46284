//! What is told together: things that are alike in what matters, in the order of the first of each.

/// Things with the same key together; no group is empty.
pub(crate) fn together<T, K: PartialEq>(
    things: impl IntoIterator<Item = T>,
    key: impl Fn(&T) -> K,
) -> Vec<(K, Vec<T>)> {
    let mut groups: Vec<(K, Vec<T>)> = Vec::new();
    for thing in things {
        let own = key(&thing);
        match groups.iter_mut().find(|(known, _)| *known == own) {
            Some((_, members)) => members.push(thing),
            None => groups.push((own, vec![thing])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stand_in_the_order_of_their_first() {
        let groups = together(["bee", "ant", "bat", "cow"], |word| word.chars().next());
        let expected =
            [(Some('b'), vec!["bee", "bat"]), (Some('a'), vec!["ant"]), (Some('c'), vec!["cow"])];
        assert_eq!(groups, expected);
    }
}
