package dev.loupe.service.tenant;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.loupe.testing.DevstackTestResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A service whose account owns its schema and may not create roles. */
@QuarkusTest
@QuarkusTestResource(
        value = DevstackTestResource.class,
        initArgs = @ResourceArg(name = "schema", value = "service_library"))
class TenantRoleIT {
    private static final String SCHEMA = "limited";

    @Inject
    Flyway flyway;

    @Inject
    Jdbi administrator;

    @ConfigProperty(name = "quarkus.datasource.jdbc.url")
    String url;

    private final String account = "account_" + UUID.randomUUID().toString().replace("-", "");
    private final String role = account + "_tenant";
    private Jdbi service;

    @BeforeEach
    void createTheAccount() {
        as("create role " + account + " login password 'secret'");
        as("do $$ begin execute format('grant create on database %I to " + account + "', current_database()); end $$");
        service = Jdbi.create(url.replace("service_library", SCHEMA), account, "secret");
    }

    @AfterEach
    void drop() {
        as("drop schema if exists " + SCHEMA + " cascade");
        as("drop owned by " + account + " cascade");
        as("drop role if exists " + role);
        as("drop role " + account);
    }

    private void as(String statement) {
        administrator.useHandle(handle -> handle.execute(statement));
    }

    private boolean ask(String query) {
        return administrator.withHandle(
                handle -> handle.createQuery(query).mapTo(Boolean.class).one());
    }

    private void migrate() {
        new Flyway(new FluentConfiguration()
                        .configuration(flyway.getConfiguration())
                        .dataSource(url, account, "secret")
                        .defaultSchema(SCHEMA)
                        .schemas(SCHEMA))
                .migrate();
    }

    private Optional<String> usable() throws SQLException {
        TenantRole found = new TenantRole(Duration.ZERO);
        return service.withHandle(handle -> found.name(handle.getConnection()));
    }

    @Test
    void aServiceWithoutTheRoleStarts() throws SQLException {
        migrate();

        assertFalse(ask("select exists (select from pg_roles where rolname = '" + role + "')"));
        assertEquals(Optional.empty(), usable());
    }

    @Test
    void theRoleOfAnAdministratorIsUsedAfterTheNextStart() throws SQLException {
        migrate();
        as("create role " + role + " nologin");
        as("grant " + role + " to " + account);
        assertEquals(Optional.empty(), usable());

        migrate();

        assertEquals(Optional.of(role), usable());
        assertTrue(ask("select has_table_privilege('" + role + "', 'limited.item', 'insert')"));
        assertFalse(ask("select has_table_privilege('" + role + "', 'limited.flyway_schema_history', 'select')"));
        service.useHandle(handle -> {
            handle.execute("insert into item (name, tenant) values ('a', 'acme'), ('b', 'birch')");
            assertEquals(List.of("a", "b"), names(handle));
            handle.execute("select set_config('role', ?, false), set_config('loupe.tenant', 'acme', false)", role);
            assertEquals(List.of("a"), names(handle));
            handle.execute("select set_config('role', null, false), set_config('loupe.tenant', '', false)");
            assertEquals(List.of("a", "b"), names(handle));
        });
    }

    private static List<String> names(Handle handle) {
        return handle.createQuery("select name from item order by name")
                .mapTo(String.class)
                .list();
    }

    @Test
    void aRoleThatPoliciesDoNotApplyToIsNotUsed() throws SQLException {
        as("create role " + role + " nologin bypassrls");
        as("grant " + role + " to " + account);
        migrate();
        assertEquals(Optional.empty(), usable());

        as("alter role " + role + " nobypassrls");
        assertEquals(Optional.of(role), usable());
    }

    @Test
    void aRoleThatTheAccountCanNotBecomeIsNotUsed() throws SQLException {
        as("create role " + role + " nologin");
        migrate();

        assertEquals(Optional.empty(), usable());
    }
}
