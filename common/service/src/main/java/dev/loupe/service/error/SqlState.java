package dev.loupe.service.error;

import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the SQLSTATE of a failure. */
public final class SqlState {
    private SqlState() {}

    /**
     * Returns the SQLSTATE of the first {@link SQLException} among the causes, the empty string if it has none; empty if
     * the failure is not one of the database.
     */
    public static Optional<String> of(Throwable e) {
        return causes(e)
                .filter(SQLException.class::isInstance)
                .map(cause -> Objects.requireNonNullElse(((SQLException) cause).getSQLState(), ""))
                .findFirst();
    }

    /** The failure and its causes. */
    static Stream<Throwable> causes(Throwable e) {
        return Stream.iterate(e, Objects::nonNull, Throwable::getCause);
    }
}
