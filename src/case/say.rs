//! Who may say what.
//!
//! Reading is decided by circles, before anything gets here. Within a sheet: every member may claim, act, and edit
//! plan and note; what somebody said is taken back or replaced by an edit of the same partner alone. An edit that
//! names another partner's item does nothing to that item, on every node alike, and is listed.

use crate::id::PartnerId;

/// Whether an edit of one partner may withdraw or replace a claim, an act or a file of another.
pub fn may_withdraw(author: &PartnerId, item_author: &PartnerId) -> bool {
    author == item_author
}

/// Whether an edit of one partner may replace a plan value that another wrote: all members edit the plan together.
pub fn may_replace_plan(_author: &PartnerId, _value_author: &PartnerId) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_own_word_is_taken_back() {
        let (one, other) = (PartnerId([1; 32]), PartnerId([2; 32]));
        assert!(may_withdraw(&one, &one));
        assert!(!may_withdraw(&one, &other));
        assert!(may_replace_plan(&one, &other));
    }
}
