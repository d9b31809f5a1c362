//! The releases port.
