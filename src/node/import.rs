//! Import of lists.

use super::failure::internal;
use super::running::Node;
use super::{Answer, Failure};
use crate::private::Private;

pub(super) fn answer(
    _node: &Node,
    _circle: &str,
    _csv: &[u8],
    _map: &str,
    _dry_run: bool,
    _operator: &Private<String>,
    _on: &mut dyn FnMut(Answer),
) -> Result<Answer, Failure> {
    Err(internal("not built"))
}
