package dev.loupe.devstack;

import static dev.loupe.devstack.PostgresServer.literal;

/**
 * An account that owns the schema with its own name, and has no access to other schemas. It can become the role {@code
 * NAME_tenant}, to which row-level security applies.
 */
final class SchemaAccount {

    /** If the schema exists with another owner, as in older data folders, its content is reassigned to the account. */
    private static final String CREATE = """
            DO $loupe$
            DECLARE change text;
            BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '%1$s') THEN
                    CREATE ROLE %1$s;
                END IF;
                ALTER ROLE %1$s LOGIN PASSWORD %2$s;
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '%1$s_tenant') THEN
                    CREATE ROLE %1$s_tenant;
                    GRANT %1$s_tenant TO %1$s;
                END IF;
                CREATE SCHEMA IF NOT EXISTS %1$s;
                ALTER SCHEMA %1$s OWNER TO %1$s;
                FOR change IN
                    SELECT format('ALTER TABLE %%I.%%I OWNER TO %1$s', n.nspname, c.relname)
                    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                    WHERE n.nspname = '%1$s' AND c.relowner <> '%1$s'::regrole
                      AND (c.relkind IN ('r', 'p', 'v', 'm') OR c.relkind = 'S' AND NOT EXISTS (
                          SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i')))
                    UNION ALL
                    SELECT format('ALTER ROUTINE %%s OWNER TO %1$s', p.oid::regprocedure)
                    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                    WHERE n.nspname = '%1$s' AND p.proowner <> '%1$s'::regrole
                LOOP
                    EXECUTE change;
                END LOOP;
            END
            $loupe$""";

    private SchemaAccount() {}

    /**
     * Returns SQL that creates the account, or sets its password if it exists.
     *
     * @param name name of the account: letters, digits and underscores only
     */
    static String statement(String name, String password) {
        return CREATE.formatted(name, literal(password));
    }
}
