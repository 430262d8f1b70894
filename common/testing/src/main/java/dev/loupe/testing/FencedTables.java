package dev.loupe.testing;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.sql.DataSource;

/**
 * What row-level security lets the role for tenants do with the tables of a service's schema. Each question is asked in a
 * transaction of its own, which is rolled back. Thread-safe.
 */
public final class FencedTables {
    /** SQLSTATE of PostgreSQL: insufficient_privilege, also that of a row that a policy refuses. */
    private static final String REFUSED = "42501";

    private final DataSource database;

    /** Work with a connection. */
    @FunctionalInterface
    private interface Work<T> {
        T with(Connection connection) throws SQLException;
    }

    /** @param database connects as the owner of the tables, to their schema */
    public FencedTables(DataSource database) {
        this.database = database;
    }

    /** Tables without row-level security. */
    public Set<String> open() {
        return tables("not relrowsecurity");
    }

    /** Tables that have row-level security and no policy: closed to the role. */
    public Set<String> closed() {
        return tables("relrowsecurity and not exists (select from pg_policy where polrelid = c.oid)");
    }

    /** Tables that have a policy. */
    public Set<String> fenced() {
        return tables("exists (select from pg_policy where polrelid = c.oid)");
    }

    /** Tables that the role may use at all. */
    public Set<String> granted() {
        return tables(
                "has_table_privilege((select current_user || '_tenant'), c.oid, 'select, insert, update, delete')");
    }

    private Set<String> tables(String condition) {
        return asOwner(owner -> names(owner, """
                select relname from pg_class c
                where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and (%s)""".formatted(condition)));
    }

    /** Tables with rows that the role sees for a tenant. */
    public Set<String> seenBy(String tenant) {
        Set<String> seen = new TreeSet<>();
        for (String table : fenced()) {
            if (!rows(tenant, table).isEmpty()) {
                seen.add(table);
            }
        }
        return seen;
    }

    /** Tables with rows, whosever they are. */
    public Set<String> filled() {
        Set<String> filled = new TreeSet<>();
        for (String table : fenced()) {
            if (asOwner(owner -> !rows(owner, table).isEmpty())) {
                filled.add(table);
            }
        }
        return filled;
    }

    /**
     * What the role can do for a tenant with the rows of another one, in any table: see, change, delete or copy them.
     *
     * @param insertable tables that the role adds any rows to
     */
    public List<String> leaks(String tenant, String other, Set<String> insertable) {
        List<String> leaks = new ArrayList<>();
        for (String table : fenced()) {
            Set<String> own = rows(tenant, table);
            Set<String> hidden = rows(other, table);
            if (hidden.removeAll(own)) {
                leaks.add(table + ": rows that both see");
            }
            if (hidden.isEmpty()) {
                continue;
            }
            as(tenant, connection -> {
                if (execute(connection, "delete from %s where ctid = any(?::tid[])".formatted(table), hidden) != 0) {
                    leaks.add(table + ": deletes");
                }
                String column = columns(connection, table).getFirst();
                String update = "update %1$s set %2$s = %2$s where ctid = any(?::tid[])".formatted(table, column);
                if (execute(connection, update, hidden) != 0) {
                    leaks.add(table + ": updates");
                }
                return null;
            });
            if (!insertable.contains(table)) {
                copies(tenant, table, hidden.iterator().next()).forEach(leaks::add);
            }
        }
        return leaks;
    }

    /** Whether the database refuses the role a change for a tenant. */
    public boolean refuses(String tenant, String change) {
        return as(tenant, connection -> {
            try (PreparedStatement statement = connection.prepareStatement(change)) {
                statement.executeUpdate();
                return false;
            } catch (SQLException e) {
                return REFUSED.equals(e.getSQLState());
            }
        });
    }

    /** Inserts a row of another tenant as it is: the policy must refuse it before anything else does. */
    private List<String> copies(String tenant, String table, String row) {
        String json = asOwner(owner -> {
            try (PreparedStatement select =
                    owner.prepareStatement("select to_jsonb(t)::text from %s t where ctid = ?::tid".formatted(table))) {
                select.setString(1, row);
                ResultSet found = select.executeQuery();
                return found.next() ? found.getString(1) : null;
            }
        });
        return as(tenant, connection -> {
            String all = String.join(", ", columns(connection, table));
            try (PreparedStatement insert = connection.prepareStatement("""
                    insert into %1$s (%2$s) overriding system value
                    select %2$s from jsonb_populate_record(null::%1$s, ?::jsonb)""".formatted(table, all))) {
                insert.setString(1, json);
                insert.executeUpdate();
                return List.of(table + ": inserts");
            } catch (SQLException e) {
                return REFUSED.equals(e.getSQLState()) ? List.of() : List.of(table + ": " + e.getMessage());
            }
        });
    }

    private static List<String> columns(Connection connection, String table) throws SQLException {
        return List.copyOf(names(connection, """
                select attname from pg_attribute
                where attrelid = '%s'::regclass and attnum > 0 and not attisdropped and attgenerated = ''
                  and attidentity = ''""".formatted(table)));
    }

    private Set<String> rows(String tenant, String table) {
        return as(tenant, connection -> rows(connection, table));
    }

    private static Set<String> rows(Connection connection, String table) throws SQLException {
        return names(connection, "select ctid::text from " + table);
    }

    private static Set<String> names(Connection connection, String query) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(query);
                ResultSet found = select.executeQuery()) {
            Set<String> names = new TreeSet<>();
            while (found.next()) {
                names.add(found.getString(1));
            }
            return names;
        }
    }

    private static int execute(Connection connection, String change, Set<String> rows) throws SQLException {
        Array all = connection.createArrayOf("text", rows.toArray());
        try (PreparedStatement statement = connection.prepareStatement(change.replace("?", "?::text[]"))) {
            statement.setArray(1, all);
            return statement.executeUpdate();
        }
    }

    /** As the role, for a tenant; for none if it is empty. */
    private <T> T as(String tenant, Work<T> work) {
        return asOwner(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(
                    "select set_config('role', current_user || '_tenant', true), set_config('loupe.tenant', ?, true)")) {
                statement.setString(1, tenant);
                statement.execute();
            }
            return work.with(connection);
        });
    }

    private <T> T asOwner(Work<T> work) {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            try {
                return work.with(connection);
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
