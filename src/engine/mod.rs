//! The only user of bollard: transport, connection, observation, execution, logs. It knows no screen and decides nothing.
