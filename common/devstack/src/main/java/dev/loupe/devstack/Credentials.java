package dev.loupe.devstack;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Passwords of the servers.
 *
 * @param administrator password of the PostgreSQL administrator
 * @param storage secret key of S3
 * @param accounts PostgreSQL accounts to create, and their passwords; each owns the schema with its own name
 */
public record Credentials(String administrator, String storage, Map<String, String> accounts) {
    /** Prefix of the environment variables with a password; the account's name follows. */
    static final String ACCOUNT_VARIABLE = "LOUPE_DEVSTACK_PASSWORD_";

    static final String SECRET_VARIABLE = "LOUPE_DEVSTACK_SECRET";
    static final String STORAGE_VARIABLE = "LOUPE_DEVSTACK_STORAGE_SECRET";

    private static final int MIN_LENGTH = 12;

    /** Credentials for tests: constants that are not secret. */
    public static final Credentials CONSTANT = new Credentials("loupe-local-secret", "loupe-local-secret", Map.of());

    public Credentials {
        accounts = Map.copyOf(accounts);
        check(SECRET_VARIABLE, administrator);
        check(STORAGE_VARIABLE, storage);
        accounts.forEach((account, password) -> {
            if (!account.matches("[a-z][a-z0-9_]{0,30}")) {
                throw new IllegalArgumentException(ACCOUNT_VARIABLE
                        + ": expected an account name of 1 to 31 letters, digits and underscores, got '" + account
                        + "'");
            }
            check(ACCOUNT_VARIABLE + account.toUpperCase(Locale.ROOT), password);
        });
    }

    private static void check(String variable, String password) {
        if (password.length() < MIN_LENGTH) {
            throw new IllegalArgumentException("the environment variable " + variable + " must have at least "
                    + MIN_LENGTH + " characters, got " + password.length());
        }
    }

    /** Reads the environment. Defaults: the constant for PostgreSQL, and the secret of PostgreSQL for S3. */
    static Credentials of(Map<String, String> environment) {
        Map<String, String> accounts = new TreeMap<>();
        environment.forEach((variable, password) -> {
            if (variable.startsWith(ACCOUNT_VARIABLE)) {
                accounts.put(variable.substring(ACCOUNT_VARIABLE.length()).toLowerCase(Locale.ROOT), password);
            }
        });
        String secret = environment.getOrDefault(SECRET_VARIABLE, CONSTANT.administrator());
        return new Credentials(secret, environment.getOrDefault(STORAGE_VARIABLE, secret), accounts);
    }

    boolean areConstant() {
        return administrator.equals(CONSTANT.administrator()) || storage.equals(CONSTANT.storage());
    }

    /** Never contains a password. */
    @Override
    public String toString() {
        return "Credentials[accounts=" + accounts.keySet() + "]";
    }
}
