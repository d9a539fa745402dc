//! gridwire on driver.
