package dev.loupe.service.access;

import dev.loupe.service.error.ErrorCode;
import dev.loupe.service.error.Fields;
import dev.loupe.service.error.QuotedInput;
import dev.loupe.service.error.ServiceException;
import java.util.regex.Pattern;

/**
 * A member of a project. Refuses a name that no caller can have: {@code INVALID_REQUEST}.
 *
 * @param name name of the person or the group, as the claims of the OpenID Connect provider have it
 */
public record Member(MemberKind kind, String name, Role role) {
    /** As the audit log can store it. A colon would make it look like the name of an API token. */
    private static final Pattern PERSON = Pattern.compile("[A-Za-z0-9][\\x20-\\x39\\x3b-\\x7e]{0,99}");

    private static final int MAX_GROUP = 200;

    public Member {
        Fields.requirePresent("kind", kind);
        Fields.requirePresent("name", name);
        Fields.requirePresent("role", role);
        if (kind == MemberKind.PERSON && !isPerson(name)) {
            throw invalid("1 to 100 printable ASCII characters without ':', beginning with a letter or digit", name);
        }
        if (name.length() > MAX_GROUP || name.chars().anyMatch(Character::isISOControl)) {
            throw invalid("at most " + MAX_GROUP + " characters, none of them a control character", name);
        }
    }

    /** Whether a person can have this name. */
    static boolean isPerson(String name) {
        return PERSON.matcher(name).matches() && !name.equals(Authenticator.BOOTSTRAP);
    }

    private static ServiceException invalid(String expected, String name) {
        return new ServiceException(
                ErrorCode.INVALID_REQUEST, "name: expected " + expected + ", got " + QuotedInput.of(name));
    }
}
