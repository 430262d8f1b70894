package dev.loupe.service.database;

import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.classloader.ClassPathUtils;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.flywaydb.core.Flyway;
import org.jboss.logging.Logger;
import org.postgresql.jdbc.PgConnection;

/**
 * Migrates the service's database schema with Flyway, under a lock. A single query first checks whether any migration
 * is pending, because Flyway alone takes 7 % of the processor time of a start for that check; for the same reason the
 * Quarkus extension, which runs Flyway at each start, is not used. A migration that was edited after it ran is not
 * detected.
 */
@ApplicationScoped
public class Schema {
    private static final Logger LOG = Logger.getLogger(Schema.class);
    /** Name of a Flyway migration: V1_2__what_it_does.sql. */
    private static final Pattern MIGRATION = Pattern.compile("V(\\d+(?:[._]\\d+)*)__.*\\.sql");

    private final DataSource dataSource;
    private final String name;
    private final List<String> locations;
    private final int connectRetries;
    private final boolean atStart;

    Schema(
            DataSource dataSource,
            @ConfigProperty(name = "quarkus.flyway.default-schema") String name,
            @ConfigProperty(name = "quarkus.flyway.locations") List<String> locations,
            @ConfigProperty(name = "quarkus.flyway.connect-retries", defaultValue = "0") int connectRetries,
            @ConfigProperty(name = "quarkus.flyway.migrate-at-start") boolean atStart) {
        this.dataSource = dataSource;
        this.name = name;
        this.locations = locations;
        this.connectRetries = connectRetries;
        this.atStart = atStart;
    }

    void start(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent event) {
        if (atStart) {
            migrate();
        }
    }

    /**
     * Applies pending migrations, if there are any.
     *
     * @throws org.flywaydb.core.api.FlywayException if the database is unavailable or a migration fails
     */
    public void migrate() {
        Set<String> known = known();
        if (!known.isEmpty() && applied().containsAll(known)) {
            return;
        }
        Flyway.configure()
                .dataSource(dataSource)
                .locations(locations.toArray(String[]::new))
                .defaultSchema(name)
                .schemas(name)
                .createSchemas(true)
                .connectRetries(connectRetries)
                // After a rollback, a service starts on the schema of a later version.
                .ignoreMigrationPatterns("*:future")
                .load()
                .migrate();
    }

    /**
     * The applied migrations. Uses plain JDBC instead of Jdbi and the pool's wrappers: for its first statement Jdbi
     * registers an event with the flight recorder, and the pool generates classes. Either takes longer than the query.
     */
    private Set<String> applied() {
        String history = "select version from " + name + ".flyway_schema_history where success and version is not null";
        Set<String> versions = new HashSet<>();
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.unwrap(PgConnection.class).createStatement();
                ResultSet rows = statement.executeQuery(history)) {
            while (rows.next()) {
                versions.add(rows.getString(1));
            }
        } catch (SQLException e) {
            LOG.debug("no history of migrations yet", e);
        }
        return versions;
    }

    private Set<String> known() {
        Set<String> versions = new HashSet<>();
        try {
            for (String location : locations) {
                ClassPathUtils.consumeAsPaths(location, folder -> versions.addAll(versions(folder)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return versions;
    }

    private static Set<String> versions(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            Set<String> versions = new HashSet<>();
            for (Path file : files.toList()) {
                Matcher migration = MIGRATION.matcher(file.getFileName().toString());
                if (migration.matches()) {
                    versions.add(migration.group(1).replace('_', '.'));
                }
            }
            return versions;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
