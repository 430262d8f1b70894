package dev.loupe.devstack;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Passwords of the servers.
 *
 * @param administrator password of PostgreSQL's administrator
 * @param storage S3's secret key
 * @param accounts PostgreSQL accounts that are made, and their passwords; each owns the schema of its own name
 */
public record Credentials(String administrator, String storage, Map<String, String> accounts) {
    /** Names of environment variables with a password begin with it, and end with the account's name. */
    static final String ACCOUNT_VARIABLE = "LOUPE_DEVSTACK_PASSWORD_";

    static final String SECRET_VARIABLE = "LOUPE_DEVSTACK_SECRET";
    static final String STORAGE_VARIABLE = "LOUPE_DEVSTACK_STORAGE_SECRET";

    private static final int SHORTEST = 12;

    /** Of tests: constants that are no secret. */
    public static final Credentials CONSTANT = new Credentials("loupe-local-secret", "loupe-local-secret", Map.of());

    public Credentials {
        accounts = Map.copyOf(accounts);
        check(SECRET_VARIABLE, administrator);
        check(STORAGE_VARIABLE, storage);
        accounts.forEach((account, password) -> {
            if (!account.matches("[a-z][a-z0-9_]{0,30}")) {
                throw new IllegalArgumentException(ACCOUNT_VARIABLE
                        + ": the account's name must be letters, digits and underscores, got '" + account + "'");
            }
            check(ACCOUNT_VARIABLE + account.toUpperCase(Locale.ROOT), password);
        });
    }

    private static void check(String variable, String password) {
        if (password.length() < SHORTEST) {
            throw new IllegalArgumentException("the environment variable " + variable + " must have at least "
                    + SHORTEST + " characters, got " + password.length());
        }
    }

    /** As the environment says; constants where it says nothing, and one secret for both where it names one. */
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

    /** Never a password. */
    @Override
    public String toString() {
        return "Credentials[accounts=" + accounts.keySet() + "]";
    }
}
