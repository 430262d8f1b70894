package dev.loupe.imaging;

/**
 * One generated file and what it must become.
 *
 * @param format as docs/reference/images.md calls it
 * @param colour how colours are stored
 * @param bits of a sample
 * @param storage compression, order and layout
 * @param file encoded
 * @param expected pixels; null if the kind is refused
 * @param refusal what the message of the refusal names; null if the kind is decoded
 */
record ImageKind(String format, String colour, int bits, String storage, byte[] file, Pixels expected, String refusal) {
    static ImageKind decoded(String format, String colour, int bits, String storage, byte[] file, Pixels expected) {
        return new ImageKind(format, colour, bits, storage, file, expected, null);
    }

    static ImageKind refused(String format, String colour, int bits, String storage, byte[] file, String refusal) {
        return new ImageKind(format, colour, bits, storage, file, null, refusal);
    }

    @Override
    public String toString() {
        return "%s, %s, %d bits, %s".formatted(format, colour, bits, storage);
    }
}
