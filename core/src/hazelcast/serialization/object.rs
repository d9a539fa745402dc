//! [`Object`]: a value of a registered type, where any value may be.

use alloc::sync::Arc;
use core::any::Any;
use core::fmt::Debug;

use super::Write;

/// A value whose type is known when the program runs. Every type that can be written is one.
pub trait Object: Write + Any + Debug + Send + Sync {
    /// Whether both are of one type, and equal.
    fn equals(&self, other: &dyn Object) -> bool;

    /// The value as [`Any`].
    fn as_any(&self) -> &dyn Any;

    /// The value as [`Any`], owned.
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<T: Write + PartialEq + Any + Debug + Send + Sync> Object for T {
    fn equals(&self, other: &dyn Object) -> bool {
        other.as_any().downcast_ref::<T>().is_some_and(|other| self == other)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl dyn Object {
    /// The value, if it is a `T`.
    pub fn downcast_ref<T: Any>(&self) -> Option<&T> {
        self.as_any().downcast_ref()
    }

    /// The value, if it is a `T`.
    pub fn downcast<T: Any + Send + Sync>(self: Arc<Self>) -> Option<Arc<T>> {
        self.into_any().downcast().ok()
    }
}

impl PartialEq for dyn Object {
    fn eq(&self, other: &Self) -> bool {
        self.equals(other)
    }
}
