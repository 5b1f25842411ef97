//! Case verbs that read.

use super::failure::internal;
use super::house::House;
use super::{Answer, Failure, Request};

pub(super) fn answer(_house: &House, _request: Request) -> Result<Answer, Failure> {
    Err(internal("not built"))
}
