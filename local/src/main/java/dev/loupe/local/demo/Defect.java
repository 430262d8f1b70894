package dev.loupe.local.demo;

import java.util.Locale;

/** Kinds of defects of a drawn part. */
enum Defect {
    /** A bright groove with a dark edge. */
    SCRATCH,
    /** A hollow: dark towards the light, bright away from it. */
    DENT,
    /** A dried drop, darkest at its rim. */
    STAIN,
    /** A dark hair that lies on the part and throws a shadow. */
    HAIR;

    /** Its folder in the drawn data. */
    String folder() {
        return name().toLowerCase(Locale.ROOT);
    }
}
