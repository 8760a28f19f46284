//! The n-th smallest of very many values that are never stored: all that is asked is how many of them
//! are at most some limit.

/// The value of that rank, counted from 1, between two bounds that hold it. It is exact, not merely
/// close, because bisecting the bits of a float visits neighbouring floats at the end.
pub(super) fn nth(rank: u64, (low, high): (f64, f64), at_most: impl Fn(f64) -> u64) -> f64 {
    let (mut low, mut high) = (ordered_bits(low), ordered_bits(high));
    while low < high {
        let middle = low + (high - low) / 2;
        if at_most(from_ordered_bits(middle)) >= rank {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    from_ordered_bits(low)
}

/// The median of `count` such values, given how to find one by its rank.
pub(super) fn middle(count: u64, nth: impl Fn(u64) -> f64) -> f64 {
    let lower = nth(count.div_ceil(2));
    if count % 2 == 1 { lower } else { f64::midpoint(lower, nth(count / 2 + 1)) }
}

const SIGN: u64 = 1 << 63;

/// Bits that compare as whole numbers the way that the floats compare.
const fn ordered_bits(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

const fn from_ordered_bits(bits: u64) -> f64 {
    f64::from_bits(if bits & SIGN == 0 { !bits } else { bits & !SIGN })
}
