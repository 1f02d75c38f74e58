//! Where the entry of a number lives: in pages that double in size, so that no entry ever moves
//! and a growing timer never copies.

/// Numbers are below this.
pub(crate) const LIMIT: u32 = 1 << 30;

/// How many pages `LIMIT` entries take.
pub(crate) const PAGES: usize = (LIMIT.ilog2() - FIRST.ilog2() + 1) as usize;

/// How many entries the first page has.
const FIRST: u32 = if cfg!(tokio_loom) { 2 } else { 32 };

/// The page of an entry, and its place there.
#[inline]
pub(crate) fn place(index: u32) -> (usize, usize) {
    let n = index + FIRST;
    let page = n.ilog2() - FIRST.ilog2();
    (page as usize, (n - (FIRST << page)) as usize)
}

/// How many entries a page has.
pub(crate) fn page_len(page: usize) -> usize {
    (FIRST as usize) << page
}

#[cfg(all(test, not(tokio_loom)))]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_without_a_gap() {
        let mut expected = (0, 0);
        for index in 0..100_000 {
            assert_eq!(place(index), expected);
            expected.1 += 1;
            if expected.1 == page_len(expected.0) {
                expected = (expected.0 + 1, 0);
            }
        }
        assert_eq!(place(LIMIT - 1).0, PAGES - 1);
    }
}
